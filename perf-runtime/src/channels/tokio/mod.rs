//! Channels of tokio: `mpsc`, `broadcast`, `oneshot`, `watch`.
//!
//! Write `perf_runtime::channels::tokio::mpsc` where it says `tokio::sync::mpsc`, and so for the others.

pub mod broadcast;
mod ends;
pub mod mpsc;
pub mod oneshot;
pub mod watch;
