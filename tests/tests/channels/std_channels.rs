//! `perf_runtime::channels::std`.

use std::sync::mpsc as original;
use std::thread;
use std::time::Duration;

use perf_report::Kind;
use perf_runtime::channels::std::mpsc::{
    RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError, channel, sync_channel,
};
use perf_runtime::{Named, profile};

use crate::{enable, end, passed, snapshot, until_waiting};

struct Job(#[expect(dead_code, reason = "only its type is of interest")] u32);

#[test]
fn ends_without_a_name_have_their_type_and_the_place_of_their_declaration() {
    enable();
    let (sender, receiver) = channel();
    let line = line!() - 1;
    for number in 0..3 {
        sender.send(Job(number)).unwrap();
    }
    assert_eq!(receiver.try_iter().count(), 3);
    assert_eq!((passed("channel<Job> (send)"), passed("channel<Job> (receive)")), ((3, 0), (3, 0)));
    let row = end("channel<Job> (send)");
    assert_eq!((row.file.as_str(), row.line, row.sum_ns), (file!(), line, 0));
}

#[profile(name = "produces")]
fn produce(sender: &perf_runtime::channels::std::mpsc::SyncSender<u32>) {
    for number in 0..2 {
        sender.send(number).unwrap();
    }
}

#[test]
fn a_full_channel_makes_senders_wait_and_nothing_else_does() {
    enable();
    let (sender, receiver) = sync_channel(1).named("full");
    thread::scope(|scope| {
        let producer = scope.spawn(|| produce(&sender));
        until_waiting("full (send)");
        assert!(matches!(sender.try_send(9), Err(TrySendError::Full(9))));
        assert_eq!((receiver.recv(), receiver.recv()), (Ok(0), Ok(1)));
        producer.join().unwrap();
    });
    assert_eq!(passed("full (send)"), (2, 1));
    assert_eq!(passed("full (receive)").0, 2);
    let snapshot = snapshot();
    let row = snapshot.functions.iter().find(|row| row.name == "full (send)").unwrap();
    let [caller] = &row.callers[..] else { panic!("{:?}", row.callers) };
    let producer = &snapshot.functions[caller.caller.unwrap()];
    assert_eq!((producer.name.as_str(), caller.calls, producer.waiting_ns), ("produces", 1, row.total_ns));
}

#[test]
fn a_receiver_waits_for_a_message_and_for_its_limit() {
    enable();
    let (sender, receiver) = channel().named("awaited");
    thread::scope(|scope| {
        scope.spawn(|| {
            until_waiting("awaited (receive)");
            sender.send("now").unwrap();
        });
        assert_eq!(receiver.recv(), Ok("now"));
    });
    assert_eq!(receiver.recv_timeout(Duration::ZERO), Err(RecvTimeoutError::Timeout));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    // The wait that ended without a message is a call too.
    assert_eq!((passed("awaited (send)"), passed("awaited (receive)")), ((1, 0), (2, 2)));
}

#[test]
fn a_rendezvous_needs_both() {
    enable();
    let (sender, receiver) = sync_channel(0).named("rendezvous");
    assert!(matches!(sender.try_send(1), Err(TrySendError::Full(1))));
    thread::scope(|scope| {
        scope.spawn(|| sender.send(1).unwrap());
        assert_eq!(receiver.recv(), Ok(1));
    });
    assert_eq!((passed("rendezvous (send)").0, passed("rendezvous (receive)").0), (1, 1));
}

#[test]
fn what_is_disconnected_says_so_as_the_original() {
    enable();
    let (sender, receiver) = channel().named("left");
    sender.send(1).unwrap();
    let other = sender.clone();
    drop((sender, other));
    // Messages that are there are still received.
    assert_eq!((receiver.recv(), receiver.recv()), (Ok(1), Err(RecvError)));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
    assert_eq!(receiver.recv_timeout(Duration::ZERO), Err(RecvTimeoutError::Disconnected));
    assert_eq!(receiver.into_iter().next(), None);
    let (sender, receiver) = sync_channel(1).named("left, bounded");
    drop(receiver);
    assert_eq!(sender.send(2), Err(SendError(2)));
    assert_eq!(sender.try_send(2), Err(TrySendError::Disconnected(2)));
    assert_eq!(passed("left (receive)").0, 1);
    assert!(snapshot().functions.iter().all(|row| row.name != "left, bounded (send)"), "nothing was sent");
}

#[test]
fn many_messages_are_counted_exactly_and_come_in_order() {
    enable();
    let (sender, receiver) = sync_channel(16).named("many");
    thread::scope(|scope| {
        for thread in 0..4_u32 {
            let sender = sender.clone();
            scope.spawn(move || (0..5_000_u32).for_each(|number| sender.send((thread, number)).unwrap()));
        }
        drop(sender);
        let mut next = [0; 4];
        for (thread, number) in &receiver {
            assert_eq!(number, next[thread as usize]);
            next[thread as usize] += 1;
        }
        assert_eq!(next, [5_000; 4]);
    });
    assert_eq!(passed("many (send)").0, 20_000);
    // The last wait ended because all senders had gone, if there was one.
    let (received, waits) = passed("many (receive)");
    assert!((20_000..=20_001).contains(&received) && waits <= received, "{received} {waits}");
}

#[test]
fn texts_for_debugging_are_those_of_the_originals() {
    let (ours, theirs) = (channel::<u8>(), original::channel::<u8>());
    assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
    fn is_send<T: Send>(_: T) {}
    is_send(ours);
    assert!(Kind::Channel.is_wait());
}
