//! Shows which functions of a program take its time: every call timed, in production too.
//!
//! Annotate functions with [`#[profile]`](macro@profile). At the end of the program, or at any moment before, a report shows for
//! each of them how often it ran, how long it took with and without the functions that it called, the percentiles of its
//! latency, and its callers. Counts and sums are exact; percentiles are within 1 %. A recorded call costs two clock reads, and
//! memory does not grow with the number of calls. With a recording file, even a killed process loses nothing.
//!
//! # Annotate, run, read
//!
//! ```toml
//! [dependencies]
//! perf-runtime = "0.1"
//! ```
//!
//! ```
//! use std::collections::HashMap;
//!
//! use perf_runtime::profile;
//!
//! struct Index(HashMap<String, Vec<usize>>);
//!
//! #[profile] // every method of the block
//! impl Index {
//!     fn add(&mut self, number: usize, line: &str) {
//!         for word in line.split_whitespace() {
//!             self.0.entry(word.to_owned()).or_default().push(number);
//!         }
//!     }
//!
//!     fn find(&self, word: &str) -> usize {
//!         self.0.get(word).map_or(0, Vec::len)
//!     }
//! }
//!
//! #[profile]
//! fn index(text: &str) -> Index {
//!     let mut index = Index(HashMap::new());
//!     for (number, line) in text.lines().enumerate() {
//!         index.add(number, line);
//!     }
//!     index
//! }
//!
//! fn main() {
//!     let index = index(&"to be or not to be, that is the question\n".repeat(2_000));
//!     for word in ["be", "question", "answer"] {
//!         println!("{word}: {}", index.find(word));
//!     }
//! }
//! ```
//!
//! Nothing else is needed in the code. The environment asks for a report, here a table on standard error:
//!
//! ```text
//! $ PERF_REPORT=table cargo run --release
//! app · pid 9064 · 1.41 ms recorded · 1 thread
//!
//! function          calls   total  % wall     self  % self    mean     p50      p99      max
//! ──────────────────────────────────────────────────────────────────────────────────────────
//! app::Index::add   2,000  933 µs   65.9%   933 µs   94.5%  466 ns  351 ns  2.85 µs  47.1 µs
//! app::index            1  986 µs   69.7%  53.5 µs    5.4%  986 µs  986 µs   986 µs   986 µs
//! app::Index::find      3  320 ns   <0.1%   320 ns   <0.1%  106 ns   90 ns   150 ns   150 ns
//!
//! • Hidden to fit the width: min, p90, p99.9, shape; the full table is 127 characters wide.
//! • Measuring cost about 19.1 ns per timed call: 38.3 µs in total, 2.7% of the recorded time.
//! ```
//!
//! *Total* is the time in a function and everything that it called; *self* is the time in the function alone, so the first row is
//! where an improvement pays. The reports are written once, however the program ends: by return, by `process::exit`, or by
//! `SIGTERM`, `SIGINT` or `SIGHUP`. While nobody asks for a report, an annotated call costs one load and one branch.
//!
//! Parts of functions are timed by [`profile_block!`] and [`profile_future!`]. For functions of a few nanoseconds there is
//! [adaptive timing](macro@profile#timing).
//!
//! # Keep, watch, compare
//!
//! The command `cargo perf-report` (`cargo install perf-report --features command`) reads snapshots and recordings:
//!
//! ```sh
//! PERF_REPORT=json:run.json ./app           # a snapshot at the end
//! cargo perf-report show run.json --tree    # or as a table, rows, a page in HTML
//!
//! PERF_RECORDING=app.perfrec ./app &        # a recording, complete at every moment
//! cargo perf-report top app.perfrec         # rates, recent percentiles, calls in flight
//!
//! cargo perf-report diff before/ after/     # a verdict per function, for people and CI
//! ```
//!
//! It is not the `perf report` of Linux, which shows samples of any program. The [manual of the command] explains each subcommand.
//!
//! # In code
//!
//! A [session](session()) records a part of the program, and writes its reports when its guard is dropped:
//!
//! ```
//! use perf_runtime::{Report, profile};
//!
//! #[profile]
//! fn parse(text: &str) -> usize {
//!     text.split_whitespace().count()
//! }
//!
//! # let folder = std::env::temp_dir().join(format!("perf-front-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder).unwrap();
//! # std::env::set_current_dir(&folder).unwrap();
//! let session = perf_runtime::session()
//!     .report(Report::table())
//!     .report(Report::json().file("run.json"))
//!     .start();
//! parse("to be or not to be");
//!
//! let snapshot = session.snapshot().expect("the session records");
//! let mut functions = snapshot.functions.iter();
//! let parse = functions.find(|function| function.name.ends_with("::parse")).unwrap();
//! assert_eq!(parse.calls, 1);
//! println!("99 % of the calls took at most {} ns", parse.quantile_ns(0.99));
//! drop(session); // or when `main` returns
//! # assert!(folder.join("run.json").exists());
//! # std::fs::remove_dir_all(folder).unwrap();
//! ```
//!
//! [`snapshot()`] returns the figures of the process at any moment, [`enable()`] records without a session, and [`report`] has the
//! types of the figures. [`Report::custom`] takes a view of your own.
//!
//! # Lazy resources
//!
//! [`#[lazy_resource]`](macro@lazy_resource) declares an expensive value where it belongs. The value is created on its first use,
//! then managed and reported until shutdown:
//!
//! ```
//! use perf_runtime::lazy_resource;
//! # struct Config { database: String }
//! # impl Config { fn read() -> Config { Config { database: String::new() } } }
//! # struct Pool;
//! # impl Pool { fn open(_: &str) -> Result<Pool, std::io::Error> { Ok(Pool) } fn close(&self) {} }
//!
//! #[lazy_resource]
//! static CONFIG: Config = Config::read(); // CONFIG.get(), or just CONFIG.database
//!
//! #[lazy_resource(retry(times = 3, backoff = "100ms"), on_shutdown = Pool::close)]
//! static POOL: Result<Pool, std::io::Error> = Pool::open(&CONFIG.database); // POOL.try_get()?
//!
//! #[lazy_resource(evict(idle = "30s"), weight = |index| index.capacity())]
//! static INDEX: Vec<u8> = vec![0; 1 << 20]; // INDEX.lease()
//!
//! # fn main() -> Result<(), perf_runtime::resource::ResourceError> {
//! let pool: &'static Pool = POOL.try_get()?;
//! assert_eq!(INDEX.lease().len(), 1 << 20);
//! # let _ = pool;
//! # Ok(())
//! # }
//! ```
//!
//! A failed initialiser returns an error, and the next access retries; a cycle of dependencies is an error that names every
//! resource on it. The module [`resource`] has the types, and compares them with `LazyLock` and its like.
//!
//! # Monitor and allocations
//!
//! With the feature `monitor`, a thread samples the process, keeps a timeline for the reports, and raises alerts:
//!
//! ```sh
//! PERF_MONITOR=1s PERF_ALERT='rss > 500MiB for 3s clear 450MiB then evict' ./app
//! ```
//!
//! The module [`monitor`] explains what can be watched and done. With the feature `allocations`, the reports also show how many
//! bytes each function allocated, if the program installs the [`CountingAllocator`](allocations::CountingAllocator).
//!
//! # Environment variables
//!
//! The variables are read once, when the process starts.
//!
//! | variable | effect |
//! |---|---|
//! | `PERF_REPORT` | writes reports when the process ends: `table`, `callers`, `resources`, `json`, separated by commas. Each goes to standard error, with `:FILE` to a file, with `:-` to standard output |
//! | `PERF_RECORDING` | keeps the recording in this file, which can be read while the process runs and after it was killed |
//! | `PERF_CAPACITY` | limits the size of the recording; `256MiB` by default, at least `1MiB`, less under a finite limit on memory. Only the part in use takes memory |
//! | `PERF_SIGNALS` | `0` leaves all signals alone |
//! | `PERF_ENABLED` | `0` disables all recording, even sessions started in code |
//! | `PERF_SHUTDOWN_LIMIT` | limits the time of the end of the process: teardown, last snapshot and reports; `10s` by default |
//! | `PERF_STACKS` | samples the stacks of annotated calls, for example `99/s`; at most `1000/s`, `0` for none |
//! | `PERF_TRACE` | writes begin and end of each call for some time to a file: `trace.json,window=2s`; see [`guide::trace`] |
//! | `PERF_META` | adds facts of your own to the snapshot, for comparisons: `dataset=small,threads=4` |
//! | `PERF_MONITOR` | samples the process at this interval, for example `1s`; needs the feature `monitor` |
//! | `PERF_ALERT` | adds [alerts](monitor#alerts), separated by `;`; needs the feature `monitor` |
//! | `PERF_TIMING` | `adaptive` counts every call and times a sample of short ones in the whole program, whatever the attributes say; `exact` times every call |
//! | `PERF_DEADLOCKS` | `1` has each thread note which locks it holds, so that deadlocks of the feature `sync`'s locks are named |
//! | `PERF_CLOCK` | `monotonic` reads the clock of the system even where the counter of the processor can be trusted |
//!
//! In file names, `%p` stands for the process id. Durations and sizes are a number and a unit: `250ms`, `1.5s`, `1min`; `64MiB`,
//! `1GB`. For a wrong value, one line on standard error says what to write instead, and the default applies. A process with more
//! rights than its user (set-user-ID, file capabilities) ignores all of them.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `enabled` | yes | measuring. Without it, each attribute expands to the unmodified item, and this crate depends on nothing but its attributes |
//! | `resources` | yes | `#[lazy_resource]` and the module [`resource`]; implies `enabled` |
//! | `allocations` | no | the [`CountingAllocator`](allocations::CountingAllocator); implies `enabled` |
//! | `monitor` | no | the module [`monitor`]; implies `enabled`. The metric `heap` also needs `allocations` |
//! | `log` | no | alerts as records of the crate `log`; implies `monitor` |
//! | `tracing` | no | alerts as events of the crate `tracing`; implies `monitor` |
//! | `sync` | no | the module [`locks`]: locks of the standard library that report who waits for them |
//! | `sync-parking-lot` | no | locks of parking_lot; implies `sync` |
//! | `sync-tokio` | no | locks of tokio; implies `sync` |
//! | `channel` | no | the module [`channels`]: channels of the standard library that report who waits for them |
//! | `channel-crossbeam` | no | channels of crossbeam; implies `channel` |
//! | `channel-async-channel` | no | channels of async-channel; implies `channel` |
//! | `channel-flume` | no | channels of flume; implies `channel` |
//! | `channel-tokio` | no | channels of tokio; implies `channel` |
//! | `tasks` | no | the module [`tasks`]: single polls of futures, their time alone, and the way from the wake of a task to its next poll |
//! | `tasks-tokio` | no | [`tasks::watch`]: workers and queues of tokio's runtimes, which the monitor samples; implies `tasks` |
//! | `tracing-layer` | no | the module [`tracing`](mod@tracing): spans as rows |
//! | `io` | no | the module [`io`]: files and streams, bytes and latency |
//! | `io-tokio` | no | the same for the traits of `tokio`; implies `io` |
//! | `io-futures` | no | the same for the traits of `futures`; implies `io` |
//! | `http` | no | the module [`http`]: requests of servers that are `tower` services, and requests to other services |
//! | `http-axum` | no | the routes of `axum`; implies `http` |
//! | `http-reqwest` | no | the requests of `reqwest`, by `reqwest-middleware`; implies `http` |
//! | `sql` | no | the module [`sql`]: queries, and waits for connections |
//! | `sql-diesel` | no | the queries of `diesel`; implies `sql` |
//! | `sql-sqlx` | no | the queries of `sqlx`; implies `sql` |
//! | `sql-r2d2` | no | the waits for connections of `r2d2`; implies `sql` |
//! | `waits` | no | the trait [`Named`], which locks and channels share; implied where it is needed |
//! | `names` | no | nothing by itself: a part that others share |
//! | `depths` | no | likewise |
//! | `transfers` | no | likewise |
//!
//! Those from `sync` on do not imply `enabled`: a program names them once, and measures where `enabled` is.
//!
//! Without `enabled`, every name but `#[lazy_resource]` and [`resource`] still exists: sessions record nothing, [`snapshot()`] returns
//! `None`, the allocator passes everything on. So a program compiles both ways without a change, for example with a feature of its own:
//!
//! ```toml
//! [features]
//! profiling = ["perf-runtime/enabled", "perf-runtime/monitor"]
//!
//! [dependencies]
//! perf-runtime = { version = "0.1", default-features = false }
//! ```
//!
//! A published library depends on this crate without default features, and leaves the rest to the program:
//! see [`guide::libraries`].
//!
//! # Debug builds
//!
//! In a debug build, Cargo compiles this crate without optimisation too, and an annotated call costs many times as much. Annotated
//! programs and their tests run faster if `Cargo.toml` says:
//!
//! ```toml
//! [profile.dev.package.perf-runtime]
//! opt-level = 3
//! ```
//!
//! # Guides
//!
//! | page | subject |
//! |---|---|
//! | [`#[profile]`](macro@profile) | the attribute: options, kinds of functions, limits |
//! | [`#[lazy_resource]`](macro@lazy_resource) | the attribute: kinds of resources, options, errors, shutdown |
//! | [`resource`] | many resources at once, tests, a comparison, when not to use it |
//! | [`tasks`] | futures and tasks: polls, wakes, time alone, those that nobody awaits |
//! | [`tracing`](mod@tracing) | spans of the crate `tracing` as rows |
//! | [`io`] | files and streams: bytes, sizes, latency |
//! | [`http`] | requests of servers, by route, and requests to other services |
//! | [`sql`] | queries by statement, and waits for connections |
//! | [`monitor`] | alerts: grammar, metrics, actions, cost |
//! | [`locks`] | locks that report who waits for them, how long they are held, and what that costs |
//! | [`channels`] | channels that report who waits to send and to receive, and what that costs |
//! | [`guide::libraries`] | how a published library depends on this crate |
//! | [`guide::trace`] | each call of some time with its begin and end; labels of slow calls |
//! | [`guide::processes`] | sessions, ends, signals, forks, daemons, containers, files, threads |
//! | [`guide::platforms`] | the features that each operating system has |
//! | [manual of the command] | `show`, `top`, `merge`, `check`, `diff`, `bench`, `trace` |
//! | [benchmarks] | what a call costs, here and with other profilers, and the command that measures it |
//!
//! [manual of the command]: https://docs.rs/perf-report/latest/perf_report/guide/index.html
//! [benchmarks]: https://github.com/perf-rs/perf/tree/main/tests/overhead
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

// The floors of the house, from the ground up: each knows those above it in this list, and none below.
#[cfg(feature = "enabled")]
mod platform;

#[cfg(feature = "enabled")]
mod sync;

#[cfg(feature = "allocations")]
pub mod allocations;

#[cfg(feature = "enabled")]
mod recording;

#[cfg(feature = "enabled")]
mod process;

#[cfg(feature = "enabled")]
mod call;

#[cfg(feature = "waits")]
mod named;

#[cfg(all(feature = "enabled", feature = "sync"))]
pub mod locks;

#[cfg(all(feature = "enabled", feature = "channel"))]
pub mod channels;

#[cfg(feature = "resources")]
pub mod resource;
#[cfg(all(feature = "enabled", feature = "sql"))]
pub mod sql;

#[cfg(feature = "monitor")]
pub mod monitor;

#[cfg(all(feature = "enabled", feature = "http"))]
pub mod http;

#[cfg(all(feature = "enabled", feature = "io"))]
pub mod io;

#[cfg(all(feature = "enabled", feature = "tasks"))]
pub mod tasks;
#[cfg(all(feature = "enabled", feature = "tracing-layer"))]
pub mod tracing;

#[cfg(feature = "enabled")]
mod session;

#[cfg(feature = "enabled")]
mod macros;
#[cfg(not(feature = "enabled"))]
mod off;

#[cfg(any(doc, doctest))]
pub mod guide;

#[cfg(feature = "enabled")]
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

#[cfg(feature = "waits")]
pub use named::Named;
#[cfg(not(feature = "enabled"))]
#[doc(hidden)]
pub use off::__private;
#[cfg(all(not(feature = "enabled"), feature = "channel"))]
pub use off::channels;
#[cfg(all(not(feature = "enabled"), feature = "http"))]
pub use off::http;
#[cfg(all(not(feature = "enabled"), feature = "io"))]
pub use off::io;
#[cfg(all(not(feature = "enabled"), feature = "sync"))]
pub use off::locks;
#[cfg(all(not(feature = "enabled"), feature = "sql"))]
pub use off::sql;
#[cfg(all(not(feature = "enabled"), feature = "tasks"))]
pub use off::tasks;
#[cfg(all(not(feature = "enabled"), feature = "tracing-layer"))]
pub use off::tracing;
#[cfg(not(feature = "enabled"))]
pub use off::{
    Report, Session, SessionBuilder, TraceWindow, allocations, disable, enable, is_enabled, monitor, report, session,
    snapshot,
};
#[doc = include_str!("../docs/lazy_resource.md")]
pub use perf_macros::lazy_resource;
#[doc = include_str!("../docs/profile.md")]
pub use perf_macros::profile;
#[cfg(feature = "enabled")]
#[doc(inline)]
pub use perf_report as report;
#[cfg(feature = "enabled")]
pub use process::report::Report;
#[cfg(feature = "enabled")]
pub use process::snapshot::snapshot;
#[cfg(feature = "enabled")]
pub use session::{Session, SessionBuilder, TraceWindow, disable, enable, is_enabled, session};
