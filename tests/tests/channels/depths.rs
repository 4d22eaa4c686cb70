//! How many messages wait in a channel, as its ends have seen it.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};
use std::thread;
use std::time::{Duration, Instant};

use perf_report::{Depth, Style, View};
use perf_runtime::Named;
use perf_runtime::channels::{async_channel, crossbeam, flume, std as std_channels, tokio as tokio_channels};
use perf_tests::in_process::{always, row, snapshot};

/// Messages and waits that are stood for, the sum of the depths, the deepest, the capacity and the latest.
fn depth(row_name: &str) -> Option<(u64, u64, u64, Option<u64>, u64)> {
    let of = |depth: Depth| (depth.messages, depth.sum, depth.deepest, depth.capacity, depth.latest);
    row(&snapshot(), row_name).depth.map(of)
}

/// Polls once.
fn poll<F: Future>(future: F) -> bool {
    pin!(future).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

/// Messages: the first is looked at, the 65th for 64 and the 129th for 64.
const MESSAGES: u64 = 129;
const SENT: u64 = 1 + 64 * 65 + 64 * 129;
const RECEIVED: u64 = 128 + 64 * 64;

/// Sends and receives the messages of a channel, in this thread.
macro_rules! pass {
    ($ends:expr) => {{
        always();
        #[allow(unused_mut, reason = "some receivers are changed by receiving")]
        let (sender, mut receiver) = $ends;
        for number in 0..MESSAGES {
            sender.try_send(number).unwrap();
        }
        for number in 0..MESSAGES {
            assert_eq!(receiver.try_recv().unwrap(), number);
        }
    }};
}

#[test]
fn every_sixty_fourth_message_finds_how_many_wait() {
    pass!(crossbeam::unbounded().named("crossbeam depth"));
    pass!(flume::bounded(150).named("flume depth"));
    pass!(async_channel::unbounded().named("async-channel depth"));
    pass!(tokio_channels::mpsc::channel(200).named("tokio depth"));
    for (name, capacity) in [("crossbeam", None), ("flume", Some(150)), ("async-channel", None), ("tokio", Some(200))] {
        assert_eq!(depth(&format!("{name} depth (send)")), Some((MESSAGES, SENT, 129, capacity, 129)), "{name}");
        assert_eq!(depth(&format!("{name} depth (receive)")), Some((MESSAGES, RECEIVED, 128, capacity, 0)), "{name}");
    }
}

#[test]
fn channels_that_do_not_tell_have_no_depth() {
    always();
    let (sender, receiver) = std_channels::mpsc::channel().named("std depth");
    sender.send(1).unwrap();
    receiver.recv().unwrap();
    let (sender, mut receiver) = tokio_channels::mpsc::unbounded_channel().named("tokio unbounded depth");
    sender.send(1).unwrap();
    sender.send(1).unwrap();
    receiver.try_recv().unwrap();
    assert_eq!((depth("std depth (send)"), depth("std depth (receive)")), (None, None));
    assert_eq!(depth("tokio unbounded depth (send)"), None, "its sender has no count");
    assert_eq!(depth("tokio unbounded depth (receive)"), Some((1, 1, 1, None, 1)));
}

#[test]
fn whoever_waits_finds_it_full_or_empty() {
    always();
    let (sender, receiver) = crossbeam::bounded(4).named("full depth");
    (0..4).for_each(|number| sender.try_send(number).unwrap());
    thread::scope(|scope| {
        scope.spawn(|| sender.send(4).unwrap());
        let limit = Instant::now() + Duration::from_secs(30);
        // It has found the channel full, and there is no room before that is seen.
        while depth("full depth (send)").is_none_or(|depth| depth.2 < 4) {
            assert!(Instant::now() < limit, "nobody waits: {:?}", depth("full depth (send)"));
            thread::yield_now();
        }
        assert_eq!(receiver.iter().take(5).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    });
    let (messages, sum, deepest, capacity, latest) = depth("full depth (send)").unwrap();
    assert_eq!((messages, sum, deepest, capacity, latest), (2, 1 + 4, 4, Some(4), 4));
    drop(sender);
    assert!(receiver.recv().is_err(), "nobody sends any more");
    let snapshot = snapshot();
    let table = View::Table.render(&snapshot, &Style::plain().with_width(10_000));
    let is_row = |line: &str| line.starts_with("full depth (send)") && line.contains(" 4 of 4 ");
    assert!(table.lines().any(is_row), "{table}");
    let words = table.split_whitespace().collect::<Vec<_>>().join(" ");
    let note = words.split("Messages waited in channels: ").nth(1).unwrap();
    assert!(note.contains("full depth at most 4 of 4 ("), "{table}");
    assert!(snapshot.to_json().contains(r#""deepest":4,"capacity":4"#));
}

#[test]
fn futures_that_wait_find_it_full_or_empty() {
    always();
    let (sender, mut receiver) = tokio_channels::mpsc::channel(2).named("tokio waits");
    assert!(!poll(receiver.recv()), "there is none");
    assert!(poll(sender.send(1)) && poll(sender.send(2)));
    assert!(!poll(sender.send(3)), "there is no room");
    assert_eq!(depth("tokio waits (receive)"), Some((1, 0, 0, Some(2), 0)));
    assert_eq!(depth("tokio waits (send)"), Some((2, 1 + 2, 2, Some(2), 2)));
    let (sender, receiver) = flume::bounded(1).named("flume waits");
    assert!(!poll(receiver.recv_async()) && poll(sender.send_async(1)) && !poll(sender.send_async(2)));
    let (sender, receiver) = async_channel::bounded(1).named("async-channel waits");
    assert!(!poll(receiver.recv()) && poll(sender.send(1)) && !poll(sender.send(2)));
    for name in ["flume", "async-channel"] {
        assert_eq!(depth(&format!("{name} waits (send)")), Some((2, 2, 1, Some(1), 1)), "{name}");
        assert_eq!(depth(&format!("{name} waits (receive)")), Some((1, 0, 0, Some(1), 0)), "{name}");
    }
    let (sender, mut receiver) = tokio_channels::broadcast::channel(4).named("broadcast waits");
    assert!(!poll(receiver.recv()));
    assert_eq!((sender.send(1).unwrap(), sender.send(2).unwrap(), receiver.try_recv().unwrap()), (1, 1, 1));
    assert_eq!(depth("broadcast waits (send)"), Some((1, 1, 1, None, 1)));
    assert_eq!(depth("broadcast waits (receive)"), Some((2, 1, 1, None, 1)));
}

#[test]
fn what_is_seen_stands_for_all_messages_but_the_last_few_of_each_thread() {
    const THREADS: u64 = 4;
    const EACH: u64 = 1_000;
    always();
    let (sender, receiver) = crossbeam::unbounded().named("threads' depth");
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| (0..EACH).for_each(|number| sender.send(number).unwrap()));
        }
    });
    let (messages, sum, deepest, ..) = depth("threads' depth (send)").unwrap();
    assert!(messages <= THREADS * EACH && messages > THREADS * (EACH - 64), "{messages}");
    assert!(deepest <= THREADS * EACH && sum <= messages * deepest, "{sum} {deepest}");
    assert_eq!(receiver.try_iter().count() as u64, THREADS * EACH);
}

#[test]
fn room_that_a_sender_takes_with_it_is_looked_at_as_any() {
    always();
    let (sender, mut receiver) = tokio_channels::mpsc::channel(2).named("owned depth");
    assert!(poll(sender.clone().reserve_owned()), "there is room, which is given back");
    assert_eq!(depth("owned depth (send)"), Some((1, 1, 1, Some(2), 1)));
    (1..65).for_each(|_| drop(sender.clone().try_reserve_owned().unwrap().release()));
    assert_eq!(depth("owned depth (send)"), Some((65, 65, 1, Some(2), 1)), "every 64th");
    let first = sender.clone().try_reserve_owned().unwrap().send(1);
    drop(first.try_reserve_owned().unwrap().send(2));
    assert!(sender.clone().try_reserve_owned().is_err() && !poll(sender.clone().reserve_owned()), "it is full");
    assert_eq!(depth("owned depth (send)"), Some((66, 65 + 2, 2, Some(2), 2)), "when a wait begins");
    assert_eq!((receiver.try_recv(), receiver.try_recv()), (Ok(1), Ok(2)));
    receiver.close();
    assert!(sender.clone().try_reserve_owned().is_err() && poll(sender.reserve_owned()), "nobody receives");
    assert_eq!(depth("owned depth (send)"), Some((66, 65 + 2, 2, Some(2), 2)));
}

#[test]
fn calls_that_block_for_tokio_are_looked_at_when_they_wait_or_pass() {
    /// Waits until a row has been looked at so often. Who waits for the channel is let go in any case.
    fn is_looked_at(row: &str, times: u64) -> bool {
        let limit = Instant::now() + Duration::from_secs(30);
        while depth(row).is_none_or(|depth| depth.0 < times) && Instant::now() < limit {
            thread::yield_now();
        }
        Instant::now() < limit
    }
    always();
    let (sender, mut receiver) = tokio_channels::mpsc::channel(2).named("blocking depth");
    let (sends, receives) = ("blocking depth (send)", "blocking depth (receive)");
    (0..2).for_each(|number| sender.blocking_send(number).unwrap());
    assert_eq!(depth(sends), Some((2, 1 + 2, 2, Some(2), 2)));
    thread::scope(|scope| {
        scope.spawn(|| sender.blocking_send(2).unwrap());
        let is_seen = is_looked_at(sends, 3);
        assert_eq!(receiver.blocking_recv(), Some(0));
        assert!(is_seen, "the wait was not looked at when it began");
    });
    assert_eq!(depth(sends), Some((3, 1 + 2 + 2, 2, Some(2), 2)), "it found no room");
    assert_eq!(depth(receives).map(|depth| depth.0), Some(1));
    let mut all = Vec::new();
    assert_eq!(receiver.blocking_recv_many(&mut all, 9), 2);
    assert_eq!(depth(receives).map(|depth| (depth.0, depth.4)), Some((3, 0)), "two messages that left none behind");
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(receiver.blocking_recv_many(&mut all, 9), 1));
        let is_seen = is_looked_at(receives, 4);
        sender.blocking_send(3).unwrap();
        assert!(is_seen, "the wait was not looked at when it began");
    });
    let (sent, received) = (depth(sends), depth(receives));
    assert_eq!((sent.map(|depth| depth.0), received.map(|depth| (depth.0, depth.4))), (Some(4), Some((4, 0))));
    receiver.close();
    assert!(sender.blocking_send(4).is_err() && receiver.blocking_recv().is_none(), "neither waits, nothing passes");
    assert_eq!(receiver.blocking_recv_many(&mut all, 9), 0);
    assert_eq!((depth(sends), depth(receives)), (sent, received));

    let (sender, mut receiver) = tokio_channels::mpsc::unbounded_channel().named("blocking unbounded");
    (0..3).for_each(|number| sender.send(number).unwrap());
    assert_eq!((receiver.blocking_recv(), depth("blocking unbounded (receive)")), (Some(0), Some((1, 2, 2, None, 2))));
    drop(sender);
    assert_eq!((receiver.blocking_recv(), receiver.blocking_recv_many(&mut all, 9)), (Some(1), 1));
    assert!(receiver.blocking_recv().is_none() && receiver.blocking_recv_many(&mut all, 9) == 0);
    assert_eq!(depth("blocking unbounded (receive)"), Some((3, 2 + 1, 2, None, 0)));

    let (sender, mut receiver) = tokio_channels::broadcast::channel(4).named("blocking broadcast");
    (0..2).for_each(|number| drop(sender.send(number)));
    assert_eq!((receiver.blocking_recv(), depth("blocking broadcast (receive)")), (Ok(0), Some((1, 1, 1, None, 1))));
    drop(sender);
    assert!(receiver.blocking_recv().is_ok() && receiver.blocking_recv().is_err());
    assert_eq!(depth("blocking broadcast (receive)"), Some((2, 1, 1, None, 0)));
}
