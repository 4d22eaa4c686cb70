//! `perf_runtime::channels::async_channel`.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::thread;

use futures_core::stream::{FusedStream, Stream};
use perf_runtime::Named;
use perf_runtime::channels::async_channel::{
    Receiver, RecvError, SendError, TryRecvError, TrySendError, bounded, unbounded,
};

use crate::{enable, end, passed, until_waiting};

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn next<T>(receiver: Pin<&mut Receiver<T>>) -> Poll<Option<T>> {
    receiver.poll_next(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn only_futures_that_are_not_ready_at_once_are_waits() {
    enable();
    let (sender, receiver) = bounded(1).named("async channel");
    assert_eq!(poll(pin!(sender.send(1))), Poll::Ready(Ok(())));
    let mut waits = Box::pin(sender.send(2));
    assert!(poll(waits.as_mut()).is_pending());
    assert_eq!(poll(pin!(receiver.recv())), Poll::Ready(Ok(1)));
    assert_eq!(poll(waits.as_mut()), Poll::Ready(Ok(())));
    assert_eq!((receiver.len(), receiver.try_recv()), (1, Ok(2)));
    let mut given_up = Box::pin(receiver.recv());
    assert!(poll(given_up.as_mut()).is_pending());
    drop(given_up);
    assert_eq!(passed("async channel (send)"), (2, 1));
    assert_eq!(passed("async channel (receive)"), (3, 1));
    assert_eq!(end("async channel (receive)").futures.unwrap().cancelled, 1);
}

#[test]
fn threads_wait_too() {
    enable();
    let (sender, receiver) = bounded(1).named("async blocking");
    sender.send_blocking(1).unwrap();
    assert_eq!(sender.try_send(9), Err(TrySendError::Full(9)));
    thread::scope(|scope| {
        scope.spawn(|| sender.send_blocking(2).unwrap());
        until_waiting("async blocking (send)");
        assert_eq!((receiver.recv_blocking(), receiver.recv_blocking()), (Ok(1), Ok(2)));
        scope.spawn(|| {
            until_waiting("async blocking (receive)");
            sender.send_blocking(3).unwrap();
        });
        assert_eq!(receiver.recv_blocking(), Ok(3));
    });
    assert_eq!(passed("async blocking (send)"), (3, 1));
    assert_eq!(passed("async blocking (receive)").0, 3);
}

#[test]
fn a_receiver_is_a_stream() {
    enable();
    let (sender, receiver) = unbounded().named("async stream");
    let mut receiver = pin!(receiver);
    sender.try_send(1).unwrap();
    assert_eq!(next(receiver.as_mut()), Poll::Ready(Some(1)));
    assert!(next(receiver.as_mut()).is_pending());
    sender.try_send(2).unwrap();
    sender.try_send(3).unwrap();
    assert_eq!(next(receiver.as_mut()), Poll::Ready(Some(2)));
    assert_eq!(next(receiver.as_mut()), Poll::Ready(Some(3)));
    drop(sender);
    assert_eq!(next(receiver.as_mut()), Poll::Ready(None));
    assert!(receiver.is_terminated());
    assert_eq!(passed("async stream (receive)"), (3, 1));
}

#[test]
fn what_is_closed_says_so_as_the_original() {
    enable();
    let (sender, receiver) = bounded(1).named("async closed");
    assert_eq!((sender.force_send(1), sender.force_send(2)), (Ok(None), Ok(Some(1))));
    let (weak, weak_receiver) = (sender.downgrade(), receiver.downgrade());
    assert!(weak.upgrade().is_some_and(|other| other.same_channel(&sender)));
    assert!(weak_receiver.upgrade().is_some_and(|other| other.same_channel(&receiver)));
    assert!(sender.close() && receiver.is_closed());
    assert_eq!(sender.try_send(3), Err(TrySendError::Closed(3)));
    assert_eq!(
        (sender.send_blocking(3), poll(pin!(sender.send(4)))),
        (Err(SendError(3)), Poll::Ready(Err(SendError(4))))
    );
    assert_eq!((receiver.recv_blocking(), receiver.recv_blocking()), (Ok(2), Err(RecvError)));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    assert_eq!(poll(pin!(sender.closed())), Poll::Ready(()));
    drop((sender, receiver));
    assert!(weak.upgrade().is_none() && weak_receiver.upgrade().is_none());
    assert_eq!(passed("async closed (send)"), (2, 0));
}
