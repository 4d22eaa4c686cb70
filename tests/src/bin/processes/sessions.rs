//! Sessions one after the other, within each other, and beside the environment.

use perf_runtime::{Report, Session, session};

use super::{late_work, work_times};

pub(super) fn run(arguments: &[&str]) {
    match *arguments {
        ["one-after-the-other"] => {
            for calls in 1..=3 {
                let session = start(&format!("session-{calls}.json"));
                work_times(calls);
                drop(session);
                // Between two sessions.
                work_times(10);
            }
        }
        ["snapshots"] => {
            drop(one_call(start("first.json")));
            let second = one_call(start("second.json"));
            work_times(1);
            println!("session {}", calls(second.snapshot()));
            let inner = start("inner.json");
            println!("inner {}", calls(inner.snapshot()));
            println!("process {}", calls(perf_runtime::snapshot()));
        }
        ["open-at-exit"] => {
            work_times(10);
            std::mem::forget(one_call(start("session.json")));
            late_work();
        }
        ["recording-twice"] => {
            drop(one_call(session().recording("first.perfrec").report(Report::json().file("first.json")).start()));
            drop(one_call(session().recording("second.perfrec").report(Report::json().file("second.json")).start()));
        }
        _ => panic!("no scenario {arguments:?}"),
    }
}

fn start(report: &str) -> Session {
    session().report(Report::json().file(report)).start()
}

fn one_call(session: Session) -> Session {
    work_times(1);
    session
}

fn calls(snapshot: Option<perf_runtime::report::Snapshot>) -> u64 {
    let snapshot = snapshot.expect("a session is open");
    snapshot.functions.iter().find(|function| function.name.ends_with("::work")).map_or(0, |function| function.calls)
}
