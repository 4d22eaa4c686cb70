//! Faults: real processes go wrong in every way that the design names, and what they leave is looked at.
//!
//! | fault | tests |
//! |---|---|
//! | panic in a profiled function | `calls::a_panic_passes_untouched_and_is_counted`, `endings::a_panic_that_ends_the_program_keeps_its_status` |
//! | code of the program's that perf calls ends the process | `exits` |
//! | a view that panics, hangs, exits, or uses the runtime; hooks that hang | `views` |
//! | `process::exit`, SIGTERM, SIGINT | `endings`, `views::a_second_signal_during_the_reports_ends_the_process_at_once` |
//! | abort, SIGKILL | `killed`, `destinations::an_older_report_stays_whole_when_the_new_one_does_not_fit` |
//! | `panic = "abort"` | `linking::where_a_panic_aborts_the_recording_is_complete` |
//! | fork, daemon, clone, exec | `forks`, `daemons` |
//! | process 1 of a container; a signal that is survived | `signals` |
//! | descriptors that are closed, taken over, or all in use | `descriptors` |
//! | rights of somebody else than the user | `privileges` |
//! | links at names of ours; other folders; several processes with one name | `new_files` |
//! | limits of memory and of threads | `limits` |
//! | a program that must have one thread | `own_threads` |
//! | sessions one after the other, within each other, beside threads | `sessions` |
//! | threads alive at exit, 10,000 short threads | `threads` |
//! | call from a thread-local destructor | `threads::calls_from_destructors_are_counted` |
//! | call after shutdown | `calls::calls_after_the_session_do_nothing` |
//! | call from a signal handler, or from the global allocator | `interruptions` |
//! | recursion 100,000 deep | `calls::recursion_100_000_deep_is_counted_exactly` |
//! | future dropped half-way; moved between threads between polls | `calls::futures_are_one_record_wherever_they_are_polled_and_dropped`, `calls::a_future_awaited_while_a_panic_passes_is_not_unwound` |
//! | `mem::forget` of a guard, a stack that is left | `calls::the_calls_of_leaked_guards_stay_in_flight_and_others_are_right` and the two below it |
//! | a call before the session opens | `calls::calls_before_the_session_are_not_recorded_and_the_report_says_since_when` |
//! | clock going backwards | the model in `perf-runtime/src/recording/tests/model.rs`, whose clock does |
//! | counter not invariant | `switches::by_the_systems_clock_counts_are_as_exact_and_the_report_says_so`, `interruptions` |
//! | duration over the range | `perf-runtime/src/recording/tests/quantiles.rs` |
//! | unwritable path, full disk, closed stream, read-only folder | `destinations`, `recordings::a_missing_folder` |
//! | names with control characters and the like | `names` |
//! | two processes with one recording file, a foreign file there | `recordings` |
//! | damaged or foreign file given to the command | `recordings::damaged_recordings_of_real_programs_are_an_error_or_a_partial_snapshot`, `perf-report/tests/command.rs`, `perf-report/tests/recordings.rs` |
//! | two versions of the runtime in one binary; a plugin by `dlopen` | `linking` |
//! | what is linked, and measuring built out | `linking` |
//! | the runtime in a Rust `dylib`; musl | `targets` |
//! | wrong wishes in the environment | `wishes`, `switches`, `views::a_wrong_time_limit_is_said` |
//!
//! With `--cfg perf_portable` what needs Unix is left out: modules that are all about forks, signals, descriptors, recording files
//! or the system's limits here, and single tests by an `ignore` that says why.
#![cfg(target_os = "linux")]

mod calls;
#[cfg(not(perf_portable))]
mod daemons;
#[cfg(not(perf_portable))]
mod descriptors;
mod destinations;
mod endings;
mod exits;
#[cfg(not(perf_portable))]
mod forks;
mod interruptions;
#[cfg(not(perf_portable))]
mod killed;
#[cfg(not(perf_portable))]
mod limits;
mod linking;
mod names;
mod new_files;
mod own_threads;
#[cfg(not(perf_portable))]
mod privileges;
#[cfg(not(perf_portable))]
mod recordings;
mod sessions;
#[cfg(not(perf_portable))]
mod signals;
mod switches;
mod targets;
mod threads;
mod views;
mod wishes;
