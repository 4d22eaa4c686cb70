//! `perf_runtime::channels::tokio`.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use perf_runtime::Named;
use perf_runtime::channels::tokio::mpsc::error::{SendTimeoutError, TryRecvError, TrySendError};
use perf_runtime::channels::tokio::mpsc::{Receiver, Sender, UnboundedSender, channel, unbounded_channel};

use crate::{enable, end, passed};

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn only_what_is_not_ready_at_once_is_a_wait() {
    enable();
    let (sender, mut receiver) = channel(1).named("async");
    assert_eq!(poll(pin!(sender.send(1))), Poll::Ready(Ok(())));
    let mut waits = Box::pin(sender.send(2));
    assert!(poll(waits.as_mut()).is_pending());
    assert_eq!((receiver.len(), sender.capacity()), (1, 0));
    assert!(matches!(sender.try_send(9), Err(TrySendError::Full(9))));
    assert_eq!(poll(pin!(receiver.recv())), Poll::Ready(Some(1)));
    assert_eq!(poll(waits.as_mut()), Poll::Ready(Ok(())));
    drop(waits);
    assert_eq!(receiver.try_recv(), Ok(2));
    {
        let mut received = Box::pin(receiver.recv());
        assert!(poll(received.as_mut()).is_pending());
        // Given up, as `select!` does.
    }
    {
        let mut received = Box::pin(receiver.recv());
        assert!(poll(received.as_mut()).is_pending());
        sender.try_send(3).unwrap();
        assert_eq!(poll(received.as_mut()), Poll::Ready(Some(3)));
    }
    assert_eq!(passed("async (send)"), (3, 1));
    // Three messages, and the wait that was given up.
    assert_eq!(passed("async (receive)"), (4, 2));
    let futures = end("async (receive)").futures.unwrap();
    assert_eq!((futures.started, futures.cancelled), (2, 1));
}

#[test]
fn room_that_is_taken_counts_as_sent() {
    enable();
    let (sender, mut receiver) = channel(3).named("reserved");
    let Poll::Ready(Ok(permit)) = poll(pin!(sender.reserve())) else { panic!("there is room") };
    permit.send(1);
    let Poll::Ready(Ok(permit)) = poll(pin!(sender.reserve_owned())) else { panic!("there is room") };
    let sender = permit.send(2);
    sender.try_reserve().unwrap().send(3);
    assert!(sender.clone().try_reserve_owned().is_err());
    let mut buffer = Vec::new();
    assert_eq!(poll(pin!(receiver.recv_many(&mut buffer, 2))), Poll::Ready(2));
    assert_eq!(receiver.poll_recv(&mut Context::from_waker(Waker::noop())), Poll::Ready(Some(3)));
    assert_eq!((buffer, passed("reserved (send)"), passed("reserved (receive)")), (vec![1, 2], (3, 0), (3, 0)));
    let weak = sender.downgrade();
    assert!(weak.upgrade().is_some_and(|again| again.same_channel(&sender)));
    drop(sender);
    assert!(weak.upgrade().is_none());
    assert_eq!(poll(pin!(receiver.recv())), Poll::Ready(None));
}

#[test]
fn channels_without_a_bound_and_those_that_block() {
    enable();
    let (sender, mut receiver) = unbounded_channel().named("unbounded");
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    assert_eq!((receiver.blocking_recv(), receiver.try_recv()), (Some(1), Ok(2)));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    receiver.close();
    assert!(sender.is_closed() && sender.send(3).is_err());
    assert_eq!((passed("unbounded (send)"), passed("unbounded (receive)")), ((2, 0), (2, 1)));
    let (sender, receiver) = channel(1);
    sender.blocking_send(1).unwrap();
    drop(receiver);
    assert!(sender.blocking_send(2).is_err());
    fn is_send<T: Send>(_: T) {}
    is_send(sender.send(1));
}

#[test]
fn a_message_that_is_sent_with_a_limit_is_recorded() {
    enable();
    let (sender, mut receiver) = channel(1).named("with a limit");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let long = Duration::from_secs(60);
        assert_eq!(sender.send_timeout(1, long).await, Ok(()));
        assert_eq!(passed("with a limit (send)"), (1, 0));
        assert_eq!(sender.send_timeout(2, Duration::from_millis(1)).await, Err(SendTimeoutError::Timeout(2)));
        assert_eq!(passed("with a limit (send)"), (2, 1));
        let mut waits = Box::pin(sender.send_timeout(3, long));
        assert!(poll(waits.as_mut()).is_pending());
        assert_eq!(receiver.recv().await, Some(1));
        assert_eq!(waits.await, Ok(()));
        assert_eq!(passed("with a limit (send)"), (3, 2));
        drop(receiver);
        assert_eq!(sender.send_timeout(4, long).await, Err(SendTimeoutError::Closed(4)));
    });
}

#[test]
fn permits_know_their_channel() {
    let (sender, _receiver) = channel::<u8>(2);
    let (other, _other_receiver) = channel::<u8>(1);
    let [one, two] = [0; 2].map(|_| sender.clone().try_reserve_owned().unwrap());
    assert!(one.same_channel(&two) && one.same_channel_as_sender(&sender));
    assert!(!one.same_channel_as_sender(&other) && !one.same_channel(&other.try_reserve_owned().unwrap()));
}

#[test]
fn ends_become_the_originals() {
    enable();
    let (sender, receiver) = channel(1).named("handed on");
    let mut original = tokio::sync::mpsc::Receiver::from(receiver);
    sender.try_send(1).unwrap();
    assert_eq!((original.try_recv(), passed("handed on (send)")), (Ok(1), (1, 0)));
    let original = tokio::sync::mpsc::Sender::from(sender);
    assert!(original.try_send(2).is_ok() && passed("handed on (send)") == (1, 0));
    let (sender, receiver) = unbounded_channel();
    let mut original = tokio::sync::mpsc::UnboundedReceiver::from(receiver);
    tokio::sync::mpsc::UnboundedSender::from(sender).send(1).unwrap();
    assert_eq!(original.try_recv(), Ok(1));
}

#[test]
fn methods_that_look_can_be_handed_on() {
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..2).map(|_| channel::<u8>(3)).unzip();
    assert!(!senders.iter().any(Sender::is_closed) && receivers.iter().all(Receiver::is_empty));
    assert_eq!(senders.iter().map(Sender::capacity).sum::<usize>(), 6);
    assert!(!Sender::same_channel(&senders[0], &senders[1]));
    drop(receivers);
    assert!(senders.iter().all(Sender::is_closed));
    let (sender, receiver) = unbounded_channel::<u8>();
    assert!(!UnboundedSender::is_closed(&sender));
    drop(receiver);
    assert!(UnboundedSender::is_closed(&sender));
}
