//! `perf_runtime::channels::flume`.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use perf_runtime::Named;
use perf_runtime::channels::flume::{
    RecvError, RecvTimeoutError, Selector, SendError, SendTimeoutError, TryRecvError, TrySendError, bounded, unbounded,
};

use crate::{enable, end, passed, until_waiting};

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn both_ends_wait_and_know_how_many_messages_there_are() {
    enable();
    let (sender, receiver) = bounded(1).named("flume");
    sender.send(1).unwrap();
    assert_eq!((sender.len(), sender.is_full(), receiver.capacity()), (1, true, Some(1)));
    thread::scope(|scope| {
        scope.spawn(|| sender.send(2).unwrap());
        until_waiting("flume (send)");
        assert_eq!(sender.try_send(9), Err(TrySendError::Full(9)));
        assert_eq!(sender.send_timeout(9, Duration::ZERO), Err(SendTimeoutError::Timeout(9)));
        assert_eq!((receiver.recv(), receiver.recv()), (Ok(1), Ok(2)));
        scope.spawn(|| {
            until_waiting("flume (receive)");
            sender.send(3).unwrap();
        });
        assert_eq!(receiver.recv(), Ok(3));
    });
    assert_eq!(receiver.recv_deadline(Instant::now()), Err(RecvTimeoutError::Timeout));
    // Limits that passed are waits, and waits are calls.
    assert_eq!(passed("flume (send)"), (4, 2));
    assert_eq!(passed("flume (receive)").0, 4);
}

#[test]
fn only_futures_that_are_not_ready_at_once_are_waits() {
    enable();
    let (sender, receiver) = bounded(1).named("flume async");
    assert_eq!(poll(pin!(sender.send_async(1))), Poll::Ready(Ok(())));
    let mut waits = sender.clone().into_send_async(2);
    assert!(poll(Pin::new(&mut waits)).is_pending());
    assert_eq!(poll(pin!(receiver.recv_async())), Poll::Ready(Ok(1)));
    assert_eq!(poll(Pin::new(&mut waits)), Poll::Ready(Ok(())));
    assert_eq!(receiver.drain().collect::<Vec<_>>(), [2]);
    let mut given_up = receiver.clone().into_recv_async();
    assert!(poll(Pin::new(&mut given_up)).is_pending());
    drop(given_up);
    assert_eq!(passed("flume async (send)"), (2, 1));
    assert_eq!(passed("flume async (receive)"), (3, 1));
    assert_eq!(end("flume async (receive)").futures.unwrap().cancelled, 1);
}

#[test]
fn what_is_disconnected_says_so_as_the_original() {
    enable();
    let (sender, receiver) = unbounded().named("flume gone");
    sender.send(1).unwrap();
    assert_eq!(Selector::new().recv(&receiver, |message| message).wait(), Ok(1));
    let weak = sender.downgrade();
    assert!(weak.upgrade().is_some());
    drop(sender);
    assert!(weak.upgrade().is_none());
    assert_eq!((receiver.recv(), receiver.try_recv()), (Err(RecvError::Disconnected), Err(TryRecvError::Disconnected)));
    let (sender, receiver) = bounded(1);
    drop(receiver);
    assert_eq!((sender.send(2), sender.is_disconnected()), (Err(SendError(2)), true));
    assert_eq!(passed("flume gone (send)"), (1, 0));
}
