//! Channels of tokio: `mpsc`.
//!
//! Write `perf_runtime::channels::tokio::mpsc` where it says `tokio::sync::mpsc`. `broadcast`, `oneshot` and `watch` are those of tokio.

pub mod mpsc;
