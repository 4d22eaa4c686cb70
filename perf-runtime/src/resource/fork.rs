//! Forked children without exec.
//!
//! A child has one thread, that which forked, and its parent's memory. So before the fork all locks of the resources are
//! taken, that none is left behind by a thread that is not there, and given back in both. In the child, what is ready can be
//! used (whether a connection may be shared is for the program to know); an initialisation that another thread was about is
//! forgotten, so that it is begun anew; and the teardown is not for what the parent initialised, which will tear it down.

use std::any::Any;
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::platform::hooks;

use super::{graph, housekeeping, registry, sweeper, teardown};

thread_local! {
    static LOCKS: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// Has all this done at forks from now on. Where the system allows it that was asked for before `main`, when nobody could have a lock.
pub(crate) fn watch_forks() {
    static WATCHED: AtomicBool = AtomicBool::new(false);
    if !WATCHED.load(Ordering::Relaxed) && !WATCHED.swap(true, Ordering::Relaxed) {
        hooks::on_fork(before_fork, in_parent, in_child);
    }
}

extern "C" fn before_fork() {
    // In a program without resources there is nobody who takes these locks.
    if registry::all().next().is_none() {
        return;
    }
    // A name that another thread is about to make up would never be there in the child.
    registry::all().for_each(|resource| {
        resource.info().name_text();
    });
    let _ = LOCKS.try_with(|locks| {
        if let Ok(mut locks) = locks.try_borrow_mut() {
            // In the order in which they are taken elsewhere.
            locks.extend(registry::all().map(|resource| resource.lock_for_fork()));
            locks.push(graph::lock_for_fork());
            locks.extend(registry::all().map(|resource| resource.info().lock_for_fork()));
            locks.push(housekeeping::lock_for_fork());
            locks.push(sweeper::lock_for_fork());
        }
    });
}

extern "C" fn in_parent() {
    let _ = LOCKS.try_with(|locks| locks.try_borrow_mut().map(|mut locks| locks.clear()));
}

extern "C" fn in_child() {
    in_parent();
    graph::forget_other_threads();
    registry::all().for_each(|resource| resource.after_fork());
    housekeeping::after_fork();
    sweeper::after_fork();
    teardown::after_fork();
}
