//! Channels of the standard library.
//!
//! Write `perf_runtime::channels::std::mpsc` where it says `std::sync::mpsc`.

pub mod mpsc;
