//! The parts of the ground that are the operating system's, by the standard library alone.
//!
//! For systems that are not Unix; and with `--cfg perf_portable` everywhere, so that the tests run it where they are run.
//!
//! | part | here |
//! |---|---|
//! | clock | [`std::time::Instant`]; the processor's counter is not trusted, because nothing tells whether it may be |
//! | recording | in memory from the system's allocator; no file |
//! | threads | their end is noticed by a `thread_local!`; calls in destructors of others that run later are counted all the same |
//! | exit | `atexit` of the C library, which the standard library links on Windows too; where there is none, sessions alone report |
//! | signals, forks, privileges, limits | none |
//! | usage of the process | not told |

pub(crate) mod cut_file;
pub(crate) mod files;
pub(crate) mod hooks;
pub(crate) mod host;
pub(crate) mod kept_file;
pub(crate) mod limits;
pub(crate) mod privileges;
pub(crate) mod punctual;
pub(crate) mod reserved;
pub(crate) mod signal_mask;
pub(crate) mod signals;
pub(crate) mod streams;
pub(crate) mod threads;
pub(crate) mod time;
#[cfg(feature = "monitor")]
pub(crate) mod usage;
