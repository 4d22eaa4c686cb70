//! The monitor sees how many messages wait in channels, over time, and alerts are about it.

use std::sync::mpsc;
use std::time::Duration;

use perf_report::monitor::ChannelSeries;
use perf_report::{Snapshot, Style, View};
use perf_runtime::channels::{crossbeam, flume};
use perf_runtime::monitor::{Alert, AlertState, Monitor, Watched};
use perf_runtime::{Named, Report, session};
use perf_tests::wait::PATIENCE;

fn channel<'a>(snapshot: &'a Snapshot, name: &str) -> &'a ChannelSeries {
    let channels = &snapshot.monitor.as_ref().expect("it is monitored").channels;
    channels.iter().find(|channel| channel.name == name).unwrap_or_else(|| panic!("no {name} in {channels:?}"))
}

#[test]
fn depths_are_a_line_of_the_timeline_and_raise_alerts() {
    perf_tests::environment::is_cleared();
    let (told, events) = mpsc::channel();
    let alert = Alert::above(Watched::depth("jobs"), 20);
    assert_eq!(alert.to_string(), "depth(jobs) > 20");
    assert_eq!("depth(jobs) > 20".parse::<Alert>().unwrap().to_string(), alert.to_string());
    let monitor = Monitor::every(Duration::from_millis(5)).alert(alert).alerts_to(told);
    let session = session().signals(false).report(Report::custom(|_| String::new())).monitor(monitor).start();

    let (sender, receiver) = crossbeam::unbounded().named("jobs");
    let (other_sender, _other) = flume::bounded(4).named("pipe");
    other_sender.send(1).unwrap();
    // The 129th message is looked at: 129 wait, and nobody receives until that was seen.
    (0..129).for_each(|number| sender.send(number).unwrap());
    let raised = events.recv_timeout(PATIENCE).expect("129 wait");
    assert_eq!((raised.state(), raised.value()), (AlertState::Raised, 129.0));
    // The last one is looked at again, as it is the 129th that is received: none is left.
    assert_eq!(receiver.try_iter().count(), 129);
    let cleared = events.recv_timeout(PATIENCE).expect("none waits any more");
    assert!(matches!(cleared.state(), AlertState::Cleared { .. }) && cleared.value() == 0.0, "{cleared:?}");

    let snapshot = session.snapshot().expect("a session is open");
    let jobs = channel(&snapshot, "jobs");
    assert_eq!((jobs.highest(), jobs.last()), (Some(129), Some(0)));
    let monitor = snapshot.monitor.as_ref().unwrap();
    assert_eq!(jobs.values.len(), monitor.spans.len(), "a value per span");
    assert_eq!(channel(&snapshot, "pipe").last(), Some(1), "as was seen last");
    let table = View::Table.render(&snapshot, &Style::plain());
    let line = table.lines().find(|line| line.starts_with("jobs ") && line.contains("highest 129, mean ")).is_some();
    assert!(line, "{table}");
    let json = Snapshot::from_json(snapshot.to_json().as_bytes()).unwrap();
    assert_eq!(json.monitor, snapshot.monitor);
}
