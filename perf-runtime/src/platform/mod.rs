//! The ground: the operating system and the processor, where the standard library does not show enough of them.
//!
//! Everything else in this crate may ask here, and nothing here knows of anything else in this crate but the cell that `cut_file` has from
//! [`sync`](crate::sync). [`clock`] reads the
//! processor's counter, [`thread_word`] belongs to the calling thread, and [`wiped`] memory to the process and not to its children.
//! The rest is the operating system's, and is there twice, with the same names: `unix`, and `portable` by the standard library
//! alone. `time` has the system's clocks, `threads` the ends of threads, `hooks` the end of the process; `reserved` is memory, and
//! `cut_file` watches over what of it is a file's;
//! `files`, `kept_file`, `streams` and `signal_mask` make writing safe whatever state the program is in; `signals` are
//! taken and raised again; `privileges` and `limits` tell what the process may do, `punctual` has a thread wake in time, `usage` what it uses, `host` where it runs.
//!
//! The following must never happen: a hook that unwinds into the C library; a thread that keeps a signal mask that is not its own; a file
//! of the program's that is used because its descriptor once was ours.

pub(crate) mod clock;
#[cfg(any(not(unix), perf_portable))]
mod portable;
pub(crate) mod thread_word;
#[cfg(all(unix, not(perf_portable)))]
mod unix;
pub(crate) mod wiped;

#[cfg(any(not(unix), perf_portable))]
use portable as system;
#[cfg(all(unix, not(perf_portable)))]
use unix as system;

#[cfg(feature = "monitor")]
pub(crate) use system::usage;
pub(crate) use system::{
    cut_file, files, hooks, host, kept_file, limits, privileges, punctual, reserved, signal_mask, signals, streams,
    threads, time,
};

#[cfg(feature = "monitor")]
/// Time and memory that the process used so far, all threads together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) user_us: u64,
    pub(crate) system_us: u64,
    pub(crate) minor_faults: u64,
    pub(crate) major_faults: u64,
    /// Context switches because a thread waited.
    pub(crate) switches: u64,
    /// Context switches because another had its turn.
    pub(crate) preemptions: u64,
}
