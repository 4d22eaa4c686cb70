//! Forked children without exec.
//!
//! A child has one thread, that which forked, and its parent's memory. So before the fork all locks of the resources are
//! taken, that none is left behind by a thread that is not there, and given back in both. In the child, what is ready can be
//! used (whether a connection may be shared is for the program to know); an initialisation that another thread was about is
//! forgotten, so that it is begun anew; and the teardown is not for what the parent initialised, which will tear it down.

use std::any::Any;
use std::cell::RefCell;
use std::sync::Once;

use crate::platform::hooks;

use super::{graph, housekeeping, registry};

thread_local! {
    static HELD: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// Has all this done at forks from now on.
pub(crate) fn watch() {
    static WATCHING: Once = Once::new();
    WATCHING.call_once(|| hooks::on_fork(before, in_parent, in_child));
}

extern "C" fn before() {
    let _ = HELD.try_with(|held| {
        if let Ok(mut held) = held.try_borrow_mut() {
            // In the order in which they are taken elsewhere.
            held.extend(registry::all().map(|resource| resource.hold()));
            held.push(graph::hold());
            held.extend(registry::all().map(|resource| resource.shared().hold()));
            held.push(housekeeping::hold());
        }
    });
}

extern "C" fn in_parent() {
    let _ = HELD.try_with(|held| held.try_borrow_mut().map(|mut held| held.clear()));
}

extern "C" fn in_child() {
    in_parent();
    graph::forget_other_threads();
    registry::all().for_each(|resource| resource.after_fork());
    housekeeping::after_fork();
}
