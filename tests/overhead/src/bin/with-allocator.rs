//! As the comparison itself, with the counting allocator installed: a program has one allocator, so these runs need one of their own.

use std::{alloc::System, process::ExitCode};

use perf_runtime::allocations::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator<System> = CountingAllocator::new(System);

fn main() -> ExitCode {
    perf_overhead::main()
}
