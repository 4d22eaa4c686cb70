//! The spans that the calling thread has entered, innermost last.
//!
//! A subscriber is told which span is left, and not which of its calls: a span may be entered in several threads at once, and twice in one.

use std::cell::RefCell;

use crate::call::in_place;
use crate::call::thread::ActiveCall;

#[derive(Debug)]
pub(super) struct Entered {
    pub(super) layer: u64,
    pub(super) span: u64,
    pub(super) call: ActiveCall,
}

thread_local! {
    static ENTERED: RefCell<Vec<Entered>> = const { RefCell::new(Vec::new()) };
}

/// The thread has entered a span. In destructors of thread-locals there may be no place to keep it: then its call ends with its caller's.
pub(super) fn push(entered: Entered) {
    let _ = ENTERED.try_with(|all| all.try_borrow_mut().map(|mut all| all.push(entered)));
}

/// The thread has left a span, when the processor's counter stood at `counter`.
pub(super) fn pop(layer: u64, span: u64, counter: u64) {
    let take = |all: &RefCell<Vec<Entered>>| {
        let mut all = all.try_borrow_mut().ok()?;
        // The innermost one, almost always.
        let place = all.iter().rposition(|one| one.span == span && one.layer == layer)?;
        Some(all.remove(place).call)
    };
    if let Ok(Some(call)) = ENTERED.try_with(take) {
        in_place::end_pending(call, counter);
    }
}
