//! Helpers of the whole-system tests: child processes in a known state, and the files that they leave behind.
//!
//! The programs of `src/bin` must not use this: it rids the process that it is linked into of the environment's wishes to perf,
//! and those are what most of the programs are started with.

pub mod child;
pub mod environment;
pub mod figures;
pub mod in_process;
pub mod panics;

pub use perf_test_support::{tool, wait};
