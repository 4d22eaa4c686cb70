//! Allocations counted per thread: a block of counts for each thread that is alive, handed on when it ends, never freed.
#![allow(unsafe_code, reason = "this file's subject is memory that the allocator itself needs")]

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicPtr, AtomicU64, Ordering};

use crate::platform::threads::AtThreadEnd;

/// Bytes that a thread may come to hold, or give up, before the peak is looked at.
const GRAIN: i64 = 64 << 10;

/// One thread's counts. They only rise, also from one thread to the next. Zeros are a valid block.
#[repr(C, align(64))]
#[derive(Debug)]
pub(super) struct ThreadCounts {
    pub(super) allocations: AtomicU64,
    pub(super) allocated: AtomicU64,
    pub(super) frees: AtomicU64,
    pub(super) freed: AtomicU64,
    /// The bytes that the thread may hold, less those that it freed, until somebody looks at the peak.
    mark: AtomicI64,
    next: AtomicPtr<ThreadCounts>,
    in_use: AtomicBool,
}

thread_local! {
    /// The thread's block. No destructor, no initialisation: an allocator may ask at any time.
    static OWN: Cell<*const ThreadCounts> = const { Cell::new(ptr::null()) };
}

/// The newest block.
static NEWEST: AtomicPtr<ThreadCounts> = AtomicPtr::new(ptr::null_mut());

/// The calling thread's block.
#[inline(always)]
pub(super) fn own_counts() -> Option<&'static ThreadCounts> {
    // SAFETY: null, or a block, and these are never freed.
    unsafe { OWN.get().as_ref() }
}

/// Whether the allocator is the program's: it has been asked for memory.
#[inline]
pub(crate) fn is_installed() -> bool {
    !NEWEST.load(Ordering::Relaxed).is_null()
}

/// All blocks.
pub(super) fn all_counts() -> impl Iterator<Item = &'static ThreadCounts> {
    // SAFETY: as in `own_counts`; what is published was filled before.
    let block = |block: *const ThreadCounts| unsafe { block.as_ref() };
    std::iter::successors(block(NEWEST.load(Ordering::Acquire)), move |last| block(last.next.load(Ordering::Acquire)))
}

/// Gives the calling thread a block: one that an ended thread left, or a new one in zeroed memory. `None` if there is none.
pub(super) fn adopt_counts(memory: impl FnOnce() -> *mut u8) -> Option<&'static ThreadCounts> {
    let left = all_counts().find(|block| {
        !block.in_use.load(Ordering::Relaxed)
            && block.in_use.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed).is_ok()
    });
    let block = left.or_else(|| publish(memory().cast()))?;
    OWN.set(block);
    RELEASE.ask();
    Some(block)
}

fn publish(memory: *mut ThreadCounts) -> Option<&'static ThreadCounts> {
    // SAFETY: null, or zeroed memory of a block's layout, which zeros are valid for; nobody else has it, and it is never freed.
    let block: &'static ThreadCounts = unsafe { memory.as_ref() }?;
    block.in_use.store(true, Ordering::Relaxed);
    let mut newest = NEWEST.load(Ordering::Relaxed);
    loop {
        block.next.store(newest, Ordering::Relaxed);
        match NEWEST.compare_exchange_weak(newest, memory, Ordering::Release, Ordering::Relaxed) {
            Ok(_) => return Some(block),
            Err(current) => newest = current,
        }
    }
}

impl ThreadCounts {
    /// Counts an allocation. Says whether the peak is to be looked at.
    #[inline(always)]
    pub(super) fn allocated(&self, bytes: u64) -> bool {
        add(&self.allocations, 1);
        let allocated = add(&self.allocated, bytes);
        let held = allocated.wrapping_sub(self.freed.load(Ordering::Relaxed)) as i64;
        let over = held > self.mark.load(Ordering::Relaxed);
        if over {
            self.mark.store(held + GRAIN, Ordering::Relaxed);
        }
        over
    }

    /// Counts a deallocation.
    #[inline(always)]
    pub(super) fn freed(&self, bytes: u64) {
        add(&self.frees, 1);
        let freed = self.freed.load(Ordering::Relaxed).wrapping_add(bytes);
        // Whoever sees this sees the allocation too.
        self.freed.store(freed, Ordering::Release);
        let held = self.allocated.load(Ordering::Relaxed).wrapping_sub(freed) as i64;
        if held + 2 * GRAIN < self.mark.load(Ordering::Relaxed) {
            self.mark.store(held + GRAIN, Ordering::Relaxed);
        }
    }
}

/// Adds with a plain load and store: a block has one writer.
#[inline(always)]
fn add(sum: &AtomicU64, value: u64) -> u64 {
    let new = sum.load(Ordering::Relaxed).wrapping_add(value);
    sum.store(new, Ordering::Relaxed);
    new
}

/// Has threads leave their block when they end.
static RELEASE: AtThreadEnd = AtThreadEnd::new(release);

/// The thread ends. Allocations of its last destructors are counted in a block that they adopt anew.
extern "C" fn release(_value: *mut c_void) {
    let block = own_counts();
    OWN.set(ptr::null());
    if let Some(block) = block {
        block.in_use.store(false, Ordering::Release);
    }
}
