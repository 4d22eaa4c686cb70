//! Futures and tasks: those that nobody awaits, single polls, company, and the way from a wake to the poll that it asked for.
//!
//! Wakers and executors are made by hand where an order matters; time is told apart by counts and handshakes, or by parts that take a known time
//! at least.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod alone;
mod by_tokio;
mod never_polled;
mod polls;
mod wakes;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use perf_report::{Function, Snapshot};

/// A waker that counts.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Woken {
    fn new() -> (Arc<Woken>, Waker) {
        let woken = Arc::new(Woken::default());
        (Arc::clone(&woken), Waker::from(woken))
    }

    fn times(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// Polls, and says whether it is ready.
fn poll<F: Future + ?Sized>(future: Pin<&mut F>, waker: &Waker) -> bool {
    future.poll(&mut Context::from_waker(waker)).is_ready()
}

/// Is ready at the poll of that number, from 1.
fn ready_at(number: usize) -> impl Future<Output = ()> {
    let mut polls = 0;
    std::future::poll_fn(move |_| {
        polls += 1;
        if polls == number { Poll::Ready(()) } else { Poll::Pending }
    })
}

/// The row of that name, if it has any calls.
fn found<'a>(snapshot: &'a Snapshot, name: &str) -> Option<&'a Function> {
    snapshot.functions.iter().find(|row| row.name.ends_with(name) && row.calls > 0)
}
