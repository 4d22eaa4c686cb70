//! A session after a session goes on with the same recording.

use std::path::Path;

use perf_report::State;
use perf_runtime::{Report, Session, profile, session, snapshot};

#[profile]
fn work() {}

fn start(report: &str) -> Session {
    perf_tests::environment::is_cleared();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(report);
    session().report(Report::json().file(path)).signals(false).start()
}

#[test]
fn a_second_session_goes_on_with_the_recording_until_its_own_end() {
    let state = || snapshot().expect("there is a recording").process.state;
    let first = start("first-session.json");
    work();
    assert_eq!(state(), State::Running);
    first.finish();
    work();
    assert_eq!(state(), State::Closed);

    let second = start("second-session.json");
    work();
    assert_eq!(state(), State::Running);
    second.finish();
    let last = snapshot().expect("there is a recording");
    assert_eq!(last.process.state, State::Closed);
    let calls = last.functions.iter().find(|function| function.name.ends_with("::work")).map(|work| work.calls);
    assert_eq!(calls, Some(2), "of three calls one was between the sessions");
}
