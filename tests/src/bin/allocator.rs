//! A global allocator whose functions are annotated.
#![allow(unsafe_code, reason = "a global allocator")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

use perf_runtime::profile;

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: passes everything on to the system's allocator.
#[profile]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller's.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[profile]
fn allocates(number: usize) {
    drop(vec![1_u8; number]);
}

fn main() {
    let _session = (std::env::args().nth(1).as_deref() == Some("session"))
        .then(|| perf_runtime::session().report(perf_runtime::Report::json().file("report.json")).start());
    let threads: Vec<_> = (0..4)
        .map(|_| {
            std::thread::spawn(|| {
                let before = ALLOCATIONS.load(Ordering::Relaxed);
                (1..=1000).for_each(allocates);
                assert!(ALLOCATIONS.load(Ordering::Relaxed) >= before + 1000);
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}
