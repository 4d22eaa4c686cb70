//! A program that names everything of the runtime that is there whether or not it measures. `tests/tests/parity.rs` compiles and
//! runs it both ways: it must not need a single change.
//!
//! What stands in [`measured`] exists on one side only, and is to move out of there.

use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::task::{Context, Waker};

use perf_runtime::{Report, Session, SessionBuilder, disable, enable, is_enabled, profile, profile_block, profile_future, session};

#[profile]
fn plain(number: u32) -> u32 {
    number + 1
}

#[profile(name = "another name", timing = adaptive, budget(p99 = "2ms"))]
fn with_options() {}

#[profile(by_type)]
fn by_type<T: Default>() -> T {
    T::default()
}

struct Store;

#[profile]
impl Store {
    async fn fetch(&self) -> u32 {
        1
    }

    #[profile(skip)]
    fn skipped(&self) {}
}

#[profile(future)]
fn returns_a_future() -> impl Future<Output = u32> {
    std::future::ready(2)
}

fn blocks() -> Option<u32> {
    let sum = profile_block!("a block", { Some(plain(1))? });
    Some(sum)
}

fn poll(future: impl Future) {
    assert!(pin!(future).poll(&mut Context::from_waker(Waker::noop())).is_ready());
}

fn reports() -> [Report; 6] {
    let file = Path::new("table.txt");
    [
        Report::table(),
        Report::table().file(file),
        Report::callers().file("callers.txt"),
        Report::resources().file(String::from("resources.txt")),
        Report::json().file("report.json"),
        Report::json().stdout(),
    ]
}

fn start() -> Session {
    let builder: SessionBuilder = session();
    let builder = builder.recording("app.perfrec").capacity(8 << 20).signals(false);
    reports().into_iter().fold(builder, SessionBuilder::report).start()
}

fn main() {
    let session = start();
    assert_eq!(is_enabled(), cfg!(feature = "measured"));
    assert_eq!((plain(1), blocks(), by_type::<u8>()), (2, Some(2), 0));
    with_options();
    Store.skipped();
    poll(Store.fetch());
    poll(returns_a_future());
    poll(profile_future!("a future", async { plain(1) }));
    assert!(!format!("{session:?} {:?}", reports()).is_empty());
    #[cfg(feature = "measured")]
    measured::more(&session);
    session.finish();
    enable();
    disable();
    assert!(!is_enabled());
}

#[cfg(feature = "measured")]
mod measured {
    use perf_runtime::report::Snapshot;
    use perf_runtime::{Report, Session, snapshot};

    pub(crate) fn more(session: &Session) {
        let calls = |snapshot: Snapshot| snapshot.functions.iter().map(|function| function.calls).sum::<u64>();
        assert!(session.snapshot().map(calls) > Some(5));
        assert_eq!(snapshot().map(calls), session.snapshot().map(calls));
        let _ = Report::custom(|snapshot| snapshot.functions.len().to_string());
    }
}
