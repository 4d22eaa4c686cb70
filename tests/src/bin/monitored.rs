//! Processes that are monitored while something happens to them. The first argument says what; the tests are in
//! `tests/monitor_process.rs`. Nothing here depends on when a sample is taken: each waits until enough have been.

use std::collections::VecDeque;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use perf_runtime::monitor::{Alert, AlertEvent, Monitor};
use perf_runtime::{Session, lazy_resource, profile, session};
use perf_test_support::wait::{PATIENCE, until};

const MIB: usize = 1 << 20;

/// Time between two samples.
const INTERVAL: Duration = Duration::from_millis(5);

/// Status that the program ends with, to see that it is kept.
const STATUS: u8 = 7;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let argument = arguments.next().unwrap_or_default();
    match what.as_str() {
        "grow" => grow(&argument),
        "hang" => hang(&argument),
        "exits" => exits(&argument),
        "uses" => uses(),
        "twins" => [one_of_two, other_of_two].into_iter().for_each(|call| call()),
        "outgrow" => outgrow(&argument),
        "spin" => spin(&argument),
        "query" => query(&argument),
        "panic" => panicking(&argument),
        "slow" => slow(&argument),
        "stuck" => stuck(),
        "end" => end(),
        "fork" => fork(),
        "abort" => abort(&argument),
        "idle" => wait_for_samples(argument.parse().expect("a number of samples")),
        _ => panic!("nothing of the name {what:?} happens here"),
    }
    ExitCode::from(STATUS)
}

fn monitored(alerts: &[&str], monitor: Monitor) -> Session {
    let parse = |alert: &&str| alert.parse::<Alert>().unwrap_or_else(|error| panic!("{error}"));
    let monitor = alerts.iter().map(parse).fold(monitor, Monitor::alert);
    session().capacity(8 << 20).monitor(monitor).start()
}

/// Samples that the monitor has taken.
fn samples() -> u64 {
    let monitor = perf_runtime::snapshot().and_then(|snapshot| snapshot.monitor);
    monitor.map_or(0, |monitor| monitor.samples)
}

/// Waits until the monitor has taken so many samples more.
fn wait_for_samples(number: u64) {
    let before = samples();
    until("the monitor takes samples", || samples() >= before + number);
}

/// The next event, which an alert that is raised must be, or one that is cleared.
#[track_caller]
fn expect(events: &mpsc::Receiver<AlertEvent>, raised: bool) {
    let event = events.recv_timeout(PATIENCE).expect("there is an event");
    assert_eq!(event.is_raised(), raised, "{event}");
}

/// A cache that forgets its oldest entries when it is asked to.
static CACHE: Mutex<VecDeque<Vec<u8>>> = Mutex::new(VecDeque::new());

/// Adds entries, all together: nothing is evicted meanwhile.
fn cache(entries: usize, bytes: usize) {
    let mut cache = CACHE.lock().expect("nobody panics");
    (0..entries).for_each(|_| cache.push_back(vec![1; bytes]));
}

fn cached() -> usize {
    CACHE.lock().expect("nobody panics").iter().map(Vec::len).sum()
}

fn evict(bytes: u64) -> u64 {
    let mut freed = 0;
    while freed < bytes
        && let Some(entry) = CACHE.lock().expect("nobody panics").pop_front()
    {
        freed += entry.len() as u64;
    }
    freed
}

/// Grows at once by more than the alert's threshold, waits until it has evicted and is cleared, and grows a little.
fn grow(alert: &str) {
    let (sender, events) = mpsc::channel::<AlertEvent>();
    // More than asked for, so that there is room to grow again below the threshold.
    let evict = |bytes| evict(bytes + (24 << 20));
    let _session = monitored(&[alert], Monitor::every(INTERVAL).evict_with(evict).alerts_to(sender));
    cache(50, 4 * MIB);
    expect(&events, true);
    expect(&events, false);
    // Hovers between the two levels: no further alert.
    for _ in 0..5 {
        cache(1, 4 * MIB);
        wait_for_samples(1);
    }
}

/// Grows by more than its address space may hold, little by little; where an alert evicts, it waits for that.
fn outgrow(alert: &str) {
    let alerts: Vec<&str> = Some(alert).filter(|alert| !alert.is_empty()).into_iter().collect();
    let _session = monitored(&alerts, Monitor::every(INTERVAL).evict_with(evict));
    for _ in 0..60 {
        // More than glibc ever keeps in its heap: what is freed leaves the address space.
        cache(1, 40 * MIB);
        if !alerts.is_empty() {
            until("enough is evicted", || cached() < 800 * MIB);
        }
    }
}

/// Is busy until the alert comes, and then idle until it is cleared.
fn spin(alert: &str) {
    let (sender, events) = mpsc::channel::<AlertEvent>();
    let _session = monitored(&[alert], Monitor::every(20 * INTERVAL).alerts_to(sender));
    until("the alert is raised", || {
        (0..100_000).for_each(|n| {
            black_box(n);
        });
        events.try_recv().is_ok_and(|event| event.is_raised())
    });
    expect(&events, false);
}

#[profile(name = "query")]
fn timed_query(duration: Duration) {
    thread::sleep(duration);
}

#[profile(name = "twice")]
fn one_of_two() {}

#[profile(name = "twice")]
fn other_of_two() {}

/// Its use is not counted, and nothing tells whether it is well.
#[lazy_resource(name = "KEPT")]
static _KEPT: u32 = 1;

/// Code of the program's that the monitor calls ends the process.
fn exits(from: &str) {
    let monitor = Monitor::every(INTERVAL);
    let alert = "threads > 0 then evict, trim";
    let _session = match from {
        "callback" => monitored(&[alert], monitor.on_alert(|_| std::process::exit(9))),
        "evictor" => monitored(&[alert], monitor.evict_with(|_| std::process::exit(9))),
        "trimmer" => monitored(&[alert], monitor.trim_with(|| std::process::exit(9))),
        _ => panic!("nothing is called {from:?}"),
    };
    until("the process ends", || false);
}

/// Code of the program's that the monitor calls makes annotated calls, takes a snapshot, and opens a session.
fn uses() {
    let (sender, done) = mpsc::channel();
    let uses = move |_: &AlertEvent| {
        timed_query(Duration::ZERO);
        let calls = perf_runtime::snapshot().map_or(0, |snapshot| snapshot.functions.iter().map(|f| f.calls).sum());
        drop(perf_runtime::session().start());
        sender.send(calls).expect("somebody waits");
    };
    let _session = monitored(&["threads > 0"], Monitor::every(INTERVAL).on_alert(uses));
    let calls: u64 = done.recv_timeout(PATIENCE).expect("the callback comes to its end");
    assert!(calls > 0);
}

/// A query that hangs for good: the alert stays raised.
fn hang(alert: &str) {
    let (sender, events) = mpsc::channel::<AlertEvent>();
    let _session = monitored(&[alert], Monitor::every(INTERVAL).alerts_to(sender));
    (0..20).for_each(|_| timed_query(Duration::ZERO));
    thread::spawn(|| timed_query(Duration::MAX));
    expect(&events, true);
    // Longer than the window: no call has ended in it.
    let next = events.recv_timeout(Duration::from_millis(700));
    assert!(next.is_err(), "{next:?}");
}

/// Queries that become slow, and fast again.
fn query(alert: &str) {
    const SLOW: Duration = Duration::from_millis(100);
    let (sender, events) = mpsc::channel::<AlertEvent>();
    let _session = monitored(&[alert], Monitor::every(INTERVAL).alerts_to(sender));
    (0..20).for_each(|_| timed_query(Duration::ZERO));
    until("the alert is raised", || {
        timed_query(SLOW);
        events.try_recv().is_ok_and(|event| event.is_raised())
    });
    until("the alert is cleared", || {
        timed_query(Duration::ZERO);
        events.try_recv().is_ok_and(|event| !event.is_raised())
    });
}

/// One callback panics, the other must go on.
fn panicking(alert: &str) {
    let (sender, events) = mpsc::channel::<AlertEvent>();
    let fails = |_: &AlertEvent| panic!("on purpose");
    let alert = alert.parse::<Alert>().expect("it is right").call("failing", fails);
    let monitor = Monitor::every(INTERVAL).alert(alert).on_alert(fails).alerts_to(sender);
    let _session = session().monitor(monitor).start();
    for _ in 0..2 {
        // A thread that is there until the alert is raised.
        let (release, released) = mpsc::channel::<()>();
        let thread = thread::spawn(move || {
            let _ = released.recv();
        });
        expect(&events, true);
        drop(release);
        thread.join().expect("it only waits");
        expect(&events, false);
    }
}

/// A callback that takes as long as fifty samples do.
fn slow(alert: &str) {
    let (sender, done) = mpsc::channel();
    let monitor = Monitor::every(INTERVAL).on_alert(move |_| {
        wait_for_samples(50);
        let _ = sender.send(());
    });
    let _session = monitored(&[alert], monitor);
    done.recv_timeout(2 * PATIENCE).expect("the callback returns");
}

/// A callback that does not return.
fn stuck() {
    let (sender, begun) = mpsc::channel();
    let monitor = Monitor::every(INTERVAL).on_alert(move |_| {
        let _ = sender.send(());
        loop {
            thread::park();
        }
    });
    let _session = monitored(&["threads > 0"], monitor);
    begun.recv_timeout(PATIENCE).expect("the callback is called");
}

/// Ends its session, and goes on without the monitor's threads; and again.
fn end() {
    for _ in 0..3 {
        let session = monitored(&["threads > 0"], Monitor::every(INTERVAL));
        // A thread has its name when it has begun.
        until("the monitor's threads are there", || threads_of_the_monitor() == 2);
        drop(session);
        // The system takes a moment to bury a thread that has been joined.
        until("the monitor's threads have ended", || threads_of_the_monitor() == 0);
    }
}

fn threads_of_the_monitor() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux").flatten();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
    names.filter(|name| ["perf-monitor", "perf-alerts"].contains(&name.trim())).count()
}

/// Forks while it is monitored. The child is not, and ends in order.
#[allow(unsafe_code, reason = "there is no other way to fork")]
fn fork() {
    let (sender, events) = mpsc::channel::<AlertEvent>();
    let _session = monitored(&["threads > 0 then trim"], Monitor::every(INTERVAL).alerts_to(sender));
    expect(&events, true);
    // SAFETY: the child only reads a folder and exits, as this program's end does.
    let child = unsafe { libc::fork() };
    if child == 0 {
        assert_eq!(threads_of_the_monitor(), 0);
        std::process::exit(i32::from(STATUS));
    }
    let mut status = 0;
    // SAFETY: the pointer is to a live integer.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(libc::WEXITSTATUS(status), i32::from(STATUS));
    assert_eq!(threads_of_the_monitor(), 2);
}

/// Aborts with an alert raised.
fn abort(recording: &str) {
    let (sender, events) = mpsc::channel::<AlertEvent>();
    let alert = "threads > 0 then trim".parse::<Alert>().expect("it is right");
    let monitor = Monitor::every(INTERVAL).alert(alert).alerts_to(sender);
    let _session = session().recording(recording).monitor(monitor).start();
    expect(&events, true);
    wait_for_samples(5);
    std::process::abort();
}
