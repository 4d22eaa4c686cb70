//! The text that all example programs work on.
//!
//! The programs are in `src/bin/`, each with a head that says what it does and what its report shows. Run one with
//!
//! ```sh
//! PERF_REPORT=table cargo run --release -p perf-examples --bin wordindex
//! ```
//!
//! and the table follows the program's own output on standard error.

mod prose;

pub use prose::{Prose, words};
