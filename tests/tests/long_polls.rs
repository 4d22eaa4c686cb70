//! The longest poll of a future and its size are told, and named where they harm others.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use perf_report::{Style, View};
use perf_runtime::{Report, profile, session};
use perf_tests::figures::function;

/// Works in its second poll, and keeps its argument until then.
#[profile]
async fn parses(bytes: [u8; 24 << 10], work: Duration) -> u8 {
    tokio::task::yield_now().await;
    let begun = Instant::now();
    while begun.elapsed() < work {
        std::hint::spin_loop();
    }
    bytes[7]
}

#[test]
fn the_longest_poll_and_the_size_are_told() {
    perf_tests::environment::is_cleared();
    let session = session().signals(false).report(Report::custom(|_| String::new())).start();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let work = Duration::from_millis(20);
    assert_eq!(runtime.block_on(parses([3; 24 << 10], work)), 3);
    // A future that unwinds in a poll has that poll as well; one that is never polled has no figure.
    drop(parses([0; 24 << 10], work));
    let mut quick = pin!(parses([3; 24 << 10], Duration::ZERO));
    assert!(quick.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());

    let snapshot = session.snapshot().expect("a session is open");
    let row = function(&snapshot, "parses");
    let futures = row.futures.expect("it is a future");
    assert_eq!((futures.started, futures.polls), (2, 3));
    assert!((20_000_000..=futures.busy_ns).contains(&futures.longest_poll_ns), "{futures:?}");
    // The compiler may keep an argument twice.
    assert!((24 << 10..64 << 10).contains(&futures.bytes), "{futures:?}");
    let table = View::Table.render(&snapshot, &Style::plain()).replace("\n  ", " ");
    for note in [
        "some futures held their thread for long: long_polls::parses ",
        "Large futures are dear to move: long_polls::parses ",
    ] {
        assert!(table.contains(note), "{table}");
    }
}
