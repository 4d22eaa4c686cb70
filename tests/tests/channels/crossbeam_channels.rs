//! `perf_runtime::channels::crossbeam`.

use std::thread;
use std::time::{Duration, Instant};

use perf_runtime::Named;
use perf_runtime::channels::crossbeam::{
    RecvError, RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError, bounded, select, unbounded,
};

use crate::{enable, passed, until_waiting};

#[test]
fn both_ends_wait_and_know_how_many_messages_there_are() {
    enable();
    let (sender, receiver) = bounded(1).named("beam");
    sender.send(1).unwrap();
    assert_eq!((sender.len(), sender.is_full(), receiver.capacity()), (1, true, Some(1)));
    assert!(sender.same_channel(&sender.clone()) && receiver.same_channel(&receiver.clone()));
    thread::scope(|scope| {
        scope.spawn(|| sender.send(2).unwrap());
        until_waiting("beam (send)");
        assert_eq!(sender.try_send(9), Err(TrySendError::Full(9)));
        assert_eq!(sender.send_timeout(9, Duration::ZERO), Err(SendTimeoutError::Timeout(9)));
        assert_eq!(sender.send_deadline(9, Instant::now()), Err(SendTimeoutError::Timeout(9)));
        assert_eq!((receiver.recv(), receiver.recv()), (Ok(1), Ok(2)));
        scope.spawn(|| {
            until_waiting("beam (receive)");
            sender.send(3).unwrap();
        });
        assert_eq!(receiver.recv(), Ok(3));
    });
    assert_eq!(receiver.recv_timeout(Duration::ZERO), Err(RecvTimeoutError::Timeout));
    assert_eq!(receiver.recv_deadline(Instant::now()), Err(RecvTimeoutError::Timeout));
    // Limits that passed are waits, and waits are calls.
    assert_eq!(passed("beam (send)"), (5, 3));
    assert_eq!(passed("beam (receive)").0, 5);
}

#[test]
fn a_selection_takes_them_and_is_not_seen() {
    enable();
    let (sender, receiver) = unbounded().named("selected");
    sender.send(5).unwrap();
    let received = select! {
        recv(receiver) -> message => message,
        default => Err(RecvError),
    };
    assert_eq!(received, Ok(5));
    sender.send(6).unwrap();
    assert_eq!(receiver.iter().next(), Some(6));
    assert_eq!((passed("selected (send)").0, passed("selected (receive)").0), (2, 1));
}

#[test]
fn what_is_disconnected_says_so_as_the_original() {
    enable();
    let (sender, receiver) = unbounded().named("gone");
    sender.send(1).unwrap();
    drop(sender);
    assert_eq!((receiver.recv(), receiver.recv()), (Ok(1), Err(RecvError)));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
    assert_eq!(receiver.recv_timeout(Duration::ZERO), Err(RecvTimeoutError::Disconnected));
    let (sender, receiver) = bounded(1);
    drop(receiver);
    assert_eq!(sender.send(2), Err(SendError(2)));
    assert_eq!(sender.send_timeout(2, Duration::ZERO), Err(SendTimeoutError::Disconnected(2)));
}
