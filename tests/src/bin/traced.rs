//! Makes calls of every kind, for trace windows to hold. Its argument names the kind.

use std::future::Future;
use std::io::{BufRead, stdin};
use std::panic::catch_unwind;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use perf_runtime::{Report, TraceWindow, profile, session};

#[profile]
fn leaf(value: u64) -> u64 {
    std::hint::black_box(value) + 1
}

#[profile(timing = adaptive)]
fn tiny(value: u64) -> u64 {
    std::hint::black_box(value) ^ 5
}

#[profile]
fn branch(value: u64) -> u64 {
    tiny(leaf(value)) + leaf(value)
}

#[profile]
fn recursive(depth: u64) -> u64 {
    if depth == 0 { leaf(depth) } else { recursive(depth - 1) }
}

#[profile]
fn panics() {
    panic!("on purpose");
}

/// Not ready the first time.
struct Later(bool);

impl Future for Later {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

#[profile]
async fn waits() {
    Later(false).await;
    leaf(1);
}

fn poll_to_its_end(mut future: Pin<Box<dyn Future<Output = ()>>>) {
    while future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {}
}

/// A bit of everything, in two threads.
fn everything() {
    let work = || {
        for value in 0..100 {
            branch(value);
        }
        recursive(3);
        let _ = catch_unwind(panics);
        poll_to_its_end(Box::pin(waits()));
    };
    let other = thread::Builder::new().name("other".into()).spawn(work).unwrap();
    work();
    other.join().unwrap();
}

#[profile]
fn outer(work: impl FnOnce()) {
    work();
}

/// One of three parts is in the session. In a short window, it goes on until the file is there.
fn in_a_session(length: Duration) {
    leaf(1);
    let report = Report::custom(|_| String::new());
    let session =
        session().trace(TraceWindow::file("session.json").length(length).events(100_000)).report(report).start();
    outer(everything);
    while length < Duration::from_secs(1) && !Path::new("session.json").exists() {
        thread::sleep(Duration::from_millis(1));
    }
    println!("{}", Path::new("session.json").exists());
    drop(session);
    recursive(1);
}

fn main() {
    let argument = std::env::args().nth(1).unwrap_or_default();
    match argument.as_str() {
        "everything" => outer(everything),
        "session" => in_a_session(Duration::from_secs(600)),
        "short window" => in_a_session(Duration::from_millis(1)),
        "many calls" => drop((0..100_000).fold(0, |sum, value| leaf(sum ^ value))),
        "short threads" => (0..50).for_each(|value| drop(thread::spawn(move || leaf(value)).join())),
        "busy" => {
            for name in ["one", "two"] {
                let work = || {
                    loop {
                        branch(1);
                    }
                };
                drop(thread::Builder::new().name(name.into()).spawn(work).unwrap());
            }
            println!("ready");
            drop(stdin().lock().lines().next());
        }
        // One call for each line; lines are answered.
        _ => outer(|| {
            println!("ready");
            for line in stdin().lock().lines().map_while(Result::ok) {
                leaf(line.len() as u64);
                println!("{line}");
            }
        }),
    }
}
