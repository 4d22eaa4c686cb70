//! Messages that carry a stamp, across times in which nothing is recorded.

use std::thread;
use std::time::Duration;

use perf_runtime::channels::Stamped;

#[test]
fn an_age_is_of_a_message_that_was_made_and_opened_while_recording_was_on() {
    perf_tests::environment::is_cleared();
    let pause = Duration::from_millis(5);
    let stamped = || Stamped::new("parcels", 0);
    let before = stamped();
    perf_runtime::enable();
    let (during, opened_early) = (stamped(), stamped());
    perf_runtime::disable();
    let between = stamped();
    opened_early.open();
    thread::sleep(pause);
    perf_runtime::enable();
    [before, during, between].into_iter().for_each(|message| _ = message.open());
    let snapshot = perf_runtime::snapshot().expect("it was enabled");
    let row = snapshot.functions.iter().find(|row| row.name == "parcels (age)").expect("one has an age");
    assert_eq!((row.calls, row.latency.count()), (1, 1), "one was made and opened in time");
    // Its way was as long as that, though nobody recorded for a while.
    assert!(row.min_ns >= pause.as_nanos() as u64 && row.max_ns <= snapshot.process.recorded_ns, "{row:?}");
}
