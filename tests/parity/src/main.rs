//! A program that names everything of the runtime that is there whether or not it measures. `tests/tests/parity.rs` compiles and
//! runs it both ways: it must not need a single change.

mod figures;
mod monitored;
mod waits;
mod wrapped;

use std::alloc::System;
use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use perf_runtime::allocations::CountingAllocator;
use perf_runtime::{
    Report, Session, SessionBuilder, TraceWindow, disable, enable, is_enabled, profile, profile_block, profile_future,
    session, snapshot,
};

#[global_allocator]
static ALLOCATOR: CountingAllocator<System> = CountingAllocator::new(System);

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

fn reports() -> [Report; 7] {
    let file = Path::new("table.txt");
    [
        Report::table(),
        Report::table().file(file),
        Report::callers().file("callers.txt"),
        Report::resources().file(String::from("resources.txt")),
        Report::json().file("report.json"),
        Report::json().stdout(),
        Report::custom(figures::text).file("figures.txt"),
    ]
}

fn start() -> Session {
    let builder: SessionBuilder = session();
    let builder = builder.recording("app.perfrec").capacity(8 << 20).signals(false).monitor(monitored::monitor());
    let builder = builder.trace(TraceWindow::file("trace.json").length(Duration::from_secs(60)).events(10_000));
    reports().into_iter().fold(builder, SessionBuilder::report).start()
}

fn main() {
    let session = start();
    assert_eq!(is_enabled(), cfg!(feature = "measured"));
    assert_eq!((plain(1), blocks(), by_type::<u8>()), (2, Some(2), 0));
    with_options();
    Store.skipped();
    waits::use_all();
    poll(Store.fetch());
    poll(returns_a_future());
    poll(profile_future!("a future", async { plain(1) }));
    wrapped::use_all();
    assert!(!format!("{session:?} {:?} {ALLOCATOR:?}", reports()).is_empty());
    let calls = session.snapshot().map(|snapshot| figures::calls(&snapshot));
    assert_eq!(calls.is_some_and(|calls| calls > 5), cfg!(feature = "measured"));
    assert_eq!(snapshot().map(|snapshot| figures::calls(&snapshot)), calls);
    session.finish();
    enable();
    disable();
    assert!(!is_enabled());
}
