//! The age of messages.

use std::thread;
use std::time::Duration;

use perf_report::{Kind, Timing};
use perf_runtime::channels::{Stamped, std::mpsc};
use perf_runtime::profile;

use crate::{enable, snapshot};

#[profile]
fn receive(messages: &mpsc::Receiver<Stamped<u32>>) -> Vec<u32> {
    messages.iter().map(Stamped::open).collect()
}

#[test]
fn messages_are_as_old_as_their_way_was_long() {
    enable();
    let (sender, messages) = mpsc::channel();
    for message in 0..3 {
        sender.send(Stamped::new("parcels", message)).unwrap();
    }
    assert_eq!(*Stamped::new("parcels", 4).get(), 4, "one that nobody opens");
    let pause = Duration::from_millis(20);
    thread::sleep(pause);
    sender.send(Stamped::new("parcels", 3)).unwrap();
    drop(sender);
    // In another thread than the one that made them.
    let received = thread::scope(|scope| scope.spawn(move || receive(&messages)).join().unwrap());
    assert_eq!(received, [0, 1, 2, 3]);
    let snapshot = snapshot();
    let row = snapshot.functions.iter().find(|row| row.name == "parcels (age)").expect("it has a row");
    assert_eq!((row.kind, row.timing, row.calls, row.timed_calls), (Kind::Age, Timing::Exact, 4, 4));
    assert!(row.quantile_ns(0.75) >= pause.as_nanos() as u64, "{row:?}");
    // It is nobody's time.
    assert_eq!((row.self_ns, row.waiting_ns, row.callers.len()), (0, 0, 0));
    let receiver = snapshot.functions.iter().find(|row| row.name.ends_with("stamps::receive")).expect("it was called");
    assert!(receiver.total_ns < row.total_ns, "they rested while nobody received");
}
