//! The comparison as a program, with the system's allocator.

use std::process::ExitCode;

fn main() -> ExitCode {
    perf_overhead::main()
}
