//! Processes that are monitored while something happens to them. The first argument says what; the tests are in
//! `tests/monitor_process.rs`.

use std::collections::VecDeque;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use perf_runtime::monitor::{Alert, AlertEvent, Monitor};
use perf_runtime::{Session, profile, session};

const MIB: usize = 1 << 20;

/// Time between two samples.
const INTERVAL: Duration = Duration::from_millis(5);

/// More than any of the events here should take to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// Status that the program ends with, to see that it is kept.
const STATUS: u8 = 7;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let argument = arguments.next().unwrap_or_default();
    match what.as_str() {
        "grow" => grow(&argument),
        "outgrow" => outgrow(&argument),
        "spin" => spin(&argument),
        "query" => query(&argument),
        "panic" => panicking(&argument),
        "slow" => slow(&argument),
        "stuck" => stuck(),
        "end" => end(),
        "fork" => fork(),
        "abort" => abort(&argument),
        "idle" => thread::sleep(Duration::from_millis(200)),
        _ => panic!("nothing of the name {what:?} happens here"),
    }
    ExitCode::from(STATUS)
}

fn monitored(alerts: &[&str], monitor: Monitor) -> Session {
    let parse = |alert: &&str| alert.parse::<Alert>().unwrap_or_else(|error| panic!("{error}"));
    let monitor = alerts.iter().map(parse).fold(monitor, Monitor::alert);
    session().capacity(8 << 20).monitor(monitor).start()
}

/// A cache that forgets its oldest entries when it is asked to.
static CACHE: Mutex<VecDeque<Vec<u8>>> = Mutex::new(VecDeque::new());

fn cache(bytes: usize) {
    CACHE.lock().expect("nobody panics").push_back(vec![1; bytes]);
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

/// Grows until the alert comes, which evicts; and ends when it is cleared.
fn grow(alert: &str) {
    let (sender, events) = mpsc::channel::<AlertEvent>();
    // A little more than asked for, so that what comes meanwhile does not keep the alert from being cleared.
    let evict = |bytes| evict(bytes + (24 << 20));
    let _session = monitored(&[alert], Monitor::every(INTERVAL).evict_with(evict).alerts_to(sender));
    let began = Instant::now();
    while !events.try_recv().is_ok_and(|event| event.is_raised()) {
        assert!(began.elapsed() < PATIENCE, "no alert");
        cache(4 * MIB);
        thread::sleep(INTERVAL);
    }
    let cleared = events.recv_timeout(PATIENCE).expect("the alert is cleared");
    assert!(!cleared.is_raised(), "{cleared}");
    // Hovers between the two levels: no further alert.
    for _ in 0..5 {
        cache(4 * MIB);
        thread::sleep(INTERVAL);
    }
}

/// Grows by more than its address space may hold, little by little.
fn outgrow(alert: &str) {
    let alerts: Vec<&str> = Some(alert).filter(|alert| !alert.is_empty()).into_iter().collect();
    let _session = monitored(&alerts, Monitor::every(INTERVAL).evict_with(evict));
    for _ in 0..60 {
        // More than glibc ever keeps in its heap: what is freed leaves the address space.
        cache(40 * MIB);
        thread::sleep(5 * INTERVAL);
    }
}

/// Is busy until the alert comes, and then idle until it is cleared.
fn spin(alert: &str) {
    let (sender, events) = mpsc::channel::<AlertEvent>();
    let _session = monitored(&[alert], Monitor::every(4 * INTERVAL).alerts_to(sender));
    let began = Instant::now();
    while !events.try_recv().is_ok_and(|event| event.is_raised()) {
        assert!(began.elapsed() < PATIENCE, "no alert");
        (0..100_000).for_each(|n| {
            black_box(n);
        });
    }
    events.recv_timeout(PATIENCE).expect("the alert is cleared");
}

#[profile(name = "query")]
fn timed_query(duration: Duration) {
    thread::sleep(duration);
}

/// Queries that become slow, and fast again.
fn query(alert: &str) {
    let (sender, events) = mpsc::channel::<AlertEvent>();
    let _session = monitored(&[alert], Monitor::every(INTERVAL).alerts_to(sender));
    let mut duration = Duration::from_millis(1);
    let began = Instant::now();
    for number in 0.. {
        assert!(began.elapsed() < PATIENCE, "no alert");
        if number == 20 {
            duration = Duration::from_millis(30);
        }
        timed_query(duration);
        match events.try_recv() {
            Ok(event) if event.is_raised() => duration = Duration::from_millis(1),
            Ok(_) => return,
            Err(_) => {}
        }
    }
}

/// One callback panics, the other must go on.
fn panicking(alert: &str) {
    let (sender, events) = mpsc::channel::<AlertEvent>();
    let fails = |_: &AlertEvent| panic!("on purpose");
    let alert = alert.parse::<Alert>().expect("it is right").call("failing", fails);
    let monitor = Monitor::every(INTERVAL).alert(alert).on_alert(fails).alerts_to(sender);
    let _session = session().monitor(monitor).start();
    for _ in 0..2 {
        thread::spawn(|| thread::sleep(20 * INTERVAL)).join().expect("it only sleeps");
        assert!(events.recv_timeout(PATIENCE).expect("raised").is_raised());
        assert!(!events.recv_timeout(PATIENCE).expect("cleared").is_raised());
    }
}

/// A callback that takes as long as a hundred samples.
fn slow(alert: &str) {
    let (sender, done) = mpsc::channel();
    let monitor = Monitor::every(INTERVAL).on_alert(move |_| {
        thread::sleep(100 * INTERVAL);
        let _ = sender.send(());
    });
    let _session = monitored(&[alert], monitor);
    done.recv_timeout(PATIENCE).expect("the callback returns");
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
        thread::sleep(3 * INTERVAL);
        assert_eq!(threads_of_the_monitor(), 2);
        drop(session);
        let began = Instant::now();
        // The system takes a moment to bury a thread that has been joined.
        while threads_of_the_monitor() > 0 {
            assert!(began.elapsed() < PATIENCE, "the monitor's threads are still there");
            thread::yield_now();
        }
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
    let _session = monitored(&["threads > 0 then trim"], Monitor::every(INTERVAL));
    thread::sleep(3 * INTERVAL);
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
    events.recv_timeout(PATIENCE).expect("raised");
    thread::sleep(10 * INTERVAL);
    std::process::abort();
}
