//! `broadcast`, `oneshot` and `watch` of `perf_runtime::channels::tokio`.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use perf_runtime::Named;
use perf_runtime::channels::tokio::{broadcast, mpsc, oneshot, watch};
use perf_tests::panics::panics_here;

use crate::{enable, end, passed};

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_broadcast_is_sent_once_and_received_by_each() {
    enable();
    let (sender, mut one) = broadcast::channel(2).named("broadcast");
    let mut other = sender.subscribe();
    assert_eq!((sender.send(1).unwrap(), sender.receiver_count()), (2, 2));
    assert_eq!((poll(pin!(one.recv())), other.try_recv()), (Poll::Ready(Ok(1)), Ok(1)));
    {
        let mut received = Box::pin(one.recv());
        assert!(poll(received.as_mut()).is_pending());
        (2..5).for_each(|message| drop(sender.send(message)));
        assert_eq!(poll(received.as_mut()), Poll::Ready(Err(broadcast::error::RecvError::Lagged(1))));
    }
    assert_eq!(other.try_recv(), Err(broadcast::error::TryRecvError::Lagged(1)));
    assert_eq!((one.blocking_recv(), one.len()), (Ok(3), 1));
    let weak = sender.downgrade();
    assert!(weak.upgrade().is_some_and(|again| again.same_channel(&sender)));
    drop(sender);
    assert!(weak.upgrade().is_none() && one.is_closed());
    assert_eq!(passed("broadcast (send)"), (4, 0));
    // Three messages, of which one blocked, and the wait that found that messages were lost.
    assert_eq!(passed("broadcast (receive)"), (4, 2));
    struct NoText;
    let (sender, _receiver) = broadcast::channel::<std::sync::Arc<NoText>>(1);
    assert!(format!("{sender:?}").contains("broadcast::Sender"), "it needs no text of its messages");
}

#[test]
fn one_message_is_waited_for_or_there() {
    enable();
    let make = || oneshot::channel().named("once");
    let (sender, mut receiver) = make();
    assert!(poll(Pin::new(&mut receiver)).is_pending());
    sender.send(1).unwrap();
    assert_eq!(poll(Pin::new(&mut receiver)), Poll::Ready(Ok(1)));
    let (sender, receiver) = make();
    sender.send(2).unwrap();
    assert_eq!(poll(pin!(receiver)), Poll::Ready(Ok(2)));
    let (sender, mut receiver) = make();
    assert_eq!(receiver.try_recv(), Err(oneshot::error::TryRecvError::Empty));
    assert!(poll(Pin::new(&mut receiver)).is_pending());
    drop(receiver);
    assert_eq!((sender.is_closed(), sender.send(3)), (true, Err(3)));
    let (sender, receiver) = make();
    sender.send(4).unwrap();
    assert_eq!(receiver.blocking_recv(), Ok(4));
    assert_eq!(passed("once (send)"), (3, 0));
    assert_eq!(passed("once (receive)"), (4, 3));
    assert_eq!(end("once (receive)").futures.unwrap().cancelled, 1);
}

#[test]
fn a_message_that_is_taken_after_a_poll_ends_the_wait() {
    enable();
    let make = || oneshot::channel().named("taken");
    for sends in [true, false] {
        let (sender, mut receiver) = make();
        assert!(poll(Pin::new(&mut receiver)).is_pending());
        assert_eq!(receiver.try_recv(), Err(oneshot::error::TryRecvError::Empty));
        if sends {
            sender.send(1).unwrap();
        } else {
            drop(sender);
        }
        assert_eq!(receiver.try_recv().is_ok(), sends);
    }
    // Both waits have ended, by a message and without one; the message is not counted beside its wait.
    assert_eq!((passed("taken (send)"), passed("taken (receive)")), ((1, 0), (2, 2)));
    assert_eq!(end("taken (receive)").futures.unwrap().cancelled, 0);
}

#[test]
fn blocking_ones_panic_where_they_are_called() {
    enable();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let within = |block: &mut dyn FnMut()| runtime.block_on(async { block() });
    let (sender, mut receiver) = mpsc::channel(1);
    panics_here("mpsc::Sender::blocking_send", || within(&mut || sender.blocking_send(1).unwrap()));
    panics_here("mpsc::Receiver::blocking_recv", || within(&mut || _ = receiver.blocking_recv()));
    let mut all = Vec::new();
    panics_here("mpsc::Receiver::blocking_recv_many", || within(&mut || _ = receiver.blocking_recv_many(&mut all, 2)));
    let (_sender, mut receiver) = mpsc::unbounded_channel::<u8>();
    panics_here("mpsc::UnboundedReceiver::blocking_recv", || within(&mut || _ = receiver.blocking_recv()));
    let mut all = Vec::new();
    panics_here("mpsc::UnboundedReceiver::blocking_recv_many", || {
        within(&mut || _ = receiver.blocking_recv_many(&mut all, 2));
    });
    // The original's names its own place.
    let (_sender, mut receiver) = broadcast::channel::<u8>(1);
    let panicked = catch_unwind(AssertUnwindSafe(|| within(&mut || _ = receiver.blocking_recv())));
    assert!(panicked.is_err());
    let (_sender, receiver) = oneshot::channel::<u8>();
    let mut receiver = Some(receiver);
    panics_here("oneshot::Receiver::blocking_recv", || {
        within(&mut || _ = receiver.take().unwrap().blocking_recv());
    });
}

#[test]
fn a_watched_value_is_set_and_its_changes_are_waited_for() {
    enable();
    let (sender, mut receiver) = watch::channel(0).named("watched");
    assert!(poll(pin!(receiver.changed())).is_pending());
    sender.send(1).unwrap();
    assert!(matches!(poll(pin!(receiver.changed())), Poll::Ready(Ok(()))));
    sender.send_modify(|value| *value += 1);
    assert!(!sender.send_if_modified(|_| false));
    assert_eq!((sender.send_replace(5), *receiver.borrow(), *sender.borrow()), (2, 5, 5));
    assert!(poll(pin!(receiver.wait_for(|value| *value == 5))).is_ready());
    let mut other = sender.subscribe();
    other.mark_changed();
    assert_eq!((other.has_changed().unwrap(), *other.borrow_and_update()), (true, 5));
    assert!(receiver.same_channel(&other));
    drop(sender);
    assert!(matches!(poll(pin!(other.changed())), Poll::Ready(Err(_))));
    assert_eq!(passed("watched (send)"), (3, 0));
    // A change and a value that were there, and the wait that was given up.
    assert_eq!(passed("watched (receive)"), (3, 1));
}
