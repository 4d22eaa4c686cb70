//! The `perf-report` command.
fn main() {}
