//! The run of an async initialiser: a future that all who wait for it drive together.
//!
//! Whichever of them its executor polls next takes the run a step further. So it depends on none of them alone: one that is
//! polled once and then left alone holds nobody up, and one that is cancelled leaves the run to the others. When the last of them
//! has gone, the run is dropped.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use super::waiters::{self, Waiters};
use crate::sync::{StdMutex, StdMutexGuard};

/// A run.
pub(super) struct Run {
    /// Those to be woken when the run can go on.
    waiters: Arc<Waiters>,
    course: StdMutex<Course>,
}

struct Course {
    stage: Stage,
    /// Whether somebody came while another one polled.
    missed: bool,
}

enum Stage {
    Resting(Pin<Box<dyn Future<Output = ()> + Send>>),
    /// One of those who wait has the future.
    Polling,
    Ended,
}

impl Run {
    pub(super) fn new(future: impl Future<Output = ()> + Send + 'static) -> Arc<Run> {
        let course = Course { stage: Stage::Resting(Box::pin(future)), missed: false };
        Arc::new(Run { waiters: Arc::new(Waiters::new()), course: StdMutex::new(course) })
    }

    /// Drives the run, beside others who do, until it has ended.
    pub(super) fn drive(self: Arc<Self>) -> impl Future<Output = ()> + Send {
        Driver { id: waiters::next_id(), run: self }
    }

    fn lock(&self) -> StdMutexGuard<'_, Course> {
        self.course.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll(&self) -> Poll<()> {
        let mut course = self.lock();
        let mut future = match mem::replace(&mut course.stage, Stage::Polling) {
            Stage::Resting(future) => future,
            Stage::Polling => {
                course.missed = true;
                return Poll::Pending;
            }
            Stage::Ended => {
                course.stage = Stage::Ended;
                return Poll::Ready(());
            }
        };
        drop(course);
        let mut turn = Turn { run: self, next: Stage::Ended };
        let waker = Waker::from(Arc::clone(&self.waiters));
        let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
        if polled.is_pending() {
            turn.next = Stage::Resting(future);
        }
        polled
    }
}

/// Somebody's turn to poll. A poll that unwinds ends the run.
struct Turn<'r> {
    run: &'r Run,
    next: Stage,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let next = mem::replace(&mut self.next, Stage::Ended);
        let has_ended = matches!(next, Stage::Ended);
        let mut course = self.run.lock();
        course.stage = next;
        // They were woken in vain, perhaps, and the one whose turn this was may never be polled again.
        let missed = mem::take(&mut course.missed);
        drop(course);
        if has_ended || missed {
            self.run.waiters.wake_all();
        }
    }
}

struct Driver {
    id: u64,
    run: Arc<Run>,
}

impl Future for Driver {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // Before the look at the run, so that no wake-up is lost between the two.
        self.run.waiters.insert(self.id, context.waker());
        self.run.poll()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.run.waiters.remove(self.id);
    }
}

#[cfg(all(test, loom))]
mod loom_tests;
