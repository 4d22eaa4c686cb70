//! Forks beside everything that the runtime does in other threads: they record, lease, evict, reload, tear down, wait, open sessions, take
//! snapshots.
//!
//! Not beside the start of a thread by the standard library, which holds a lock of its own then: a forked child would wait for it in its
//! own exit.

use std::pin::pin;
use std::process::exit;
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use perf_runtime::resource::resources;
use perf_runtime::{Report, lazy_resource, session};

use super::{late_work, work, work_times};

#[lazy_resource(evict(idle = "1ms", max_age = "5ms"), health = |_| true, weight = |values| values.len(), on_evict = |_| work())]
static INDEX: Vec<u64> = (0..*KEPT.get()).collect();
#[lazy_resource(on_shutdown = |_| work())]
static KEPT: u64 = 100;
#[lazy_resource(timeout = "1ms")]
static SLOW: u32 = async { std::future::pending().await };

pub(super) fn run(children: &str) {
    let loads: [fn(); 7] = [
        || work_times(100),
        || drop(INDEX.lease()),
        || drop(INDEX.reload()),
        || assert_ne!(INDEX.evict(), Some(0)),
        resources_torn_down,
        // An initialisation that waits, and is given up: the clock has something to do.
        || drop(pin!(SLOW.try_get()).poll(&mut Context::from_waker(Waker::noop()))),
        one_session,
    ];
    for load in loads {
        thread::spawn(move || {
            loop {
                load();
            }
        });
    }
    let children: u8 = children.parse().unwrap();
    for number in 0..children {
        // SAFETY: the child does no more than these tests are about, and exits.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            child(number);
        }
        println!("{}", status_of(pid));
    }
    exit(7)
}

fn resources_torn_down() {
    resources().shutdown();
    thread::sleep(Duration::from_millis(1));
}

fn one_session() {
    drop(session().report(Report::custom(|_| String::new())).start());
    drop(perf_runtime::snapshot());
}

/// Does all of it in the child, too.
fn child(number: u8) -> ! {
    late_work();
    assert_eq!(INDEX.lease().len(), 100);
    assert!(INDEX.reload().is_ok());
    one_session();
    let _session = session().report(Report::json().file("child.json")).start();
    work_times(5);
    exit(i32::from(number))
}

/// The exit status of a child; whatever else it ended by is larger than any.
fn status_of(pid: libc::pid_t) -> i32 {
    let mut status = 0;
    // SAFETY: the pointer is to a live integer.
    unsafe { libc::waitpid(pid, &raw mut status, 0) };
    if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { 1000 + status }
}
