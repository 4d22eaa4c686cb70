//! Alerts about lazy resources, and the lines of `log` and `tracing` that tell of them.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use perf_runtime::monitor::{AlertEvent, Monitor};
use perf_runtime::{lazy_resource, session};
use perf_tests::wait::{PATIENCE, until};

static FILE_IS_THERE: AtomicBool = AtomicBool::new(false);
static IS_WELL: AtomicBool = AtomicBool::new(false);

#[lazy_resource]
static FILE: io::Result<u32> =
    if FILE_IS_THERE.load(Ordering::Relaxed) { Ok(7) } else { Err(io::Error::from(io::ErrorKind::NotFound)) };

#[lazy_resource(health = |_| IS_WELL.load(Ordering::Relaxed))]
static SERVER: u32 = 1;

#[lazy_resource(evict(idle = "1h"))]
static CACHE: u32 = 2;

/// The lines that the logger and the subscriber got.
static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn keep(line: String) {
    LINES.lock().unwrap_or_else(PoisonError::into_inner).push(line);
}

struct Logger;

impl log::Log for Logger {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target() == "perf_runtime"
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            keep(format!("log {} {}", record.level(), record.args()));
        }
    }

    fn flush(&self) {}
}

/// Keeps the events of the runtime with all their fields.
struct Subscriber;

impl tracing::Subscriber for Subscriber {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "perf_runtime"
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        struct Fields(String);
        impl tracing::field::Visit for Fields {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                self.0 += &format!(" {field}={value:?}");
            }
        }
        let mut fields = Fields(format!("tracing {}", event.metadata().level()));
        event.record(&mut fields);
        keep(fields.0);
    }
}

/// The next event about a rule.
#[track_caller]
fn next(events: &Receiver<AlertEvent>, rule: &str) -> AlertEvent {
    loop {
        let event = events.recv_timeout(PATIENCE).expect("there will be one");
        if event.rule().starts_with(rule) {
            return event;
        }
    }
}

#[test]
fn alerts_about_resources_are_raised_and_cleared_and_told_to_every_target() {
    perf_tests::environment::is_cleared();
    log::set_logger(&Logger).expect("it is the first");
    log::set_max_level(log::LevelFilter::Trace);
    tracing::subscriber::set_global_default(Subscriber).expect("it is the first");

    let (sender, events) = channel();
    let mut monitor = Monitor::every(Duration::from_millis(5)).alerts_to(sender);
    let module = module_path!();
    for rule in ["failed({}::FILE)", "unhealthy({}::SERVER)", "idle({}::CACHE) > 40ms clear 20ms"] {
        monitor = monitor.alert(rule.replace("{}", module).parse().expect("it is a rule"));
    }
    let session = session().monitor(monitor).start();

    let failed = format!("failed({module}::FILE)");
    assert!(FILE.try_get().is_err());
    assert!(next(&events, &failed).is_raised());
    FILE_IS_THERE.store(true, Ordering::Relaxed);
    assert_eq!(FILE.try_get().ok(), Some(&7));
    assert!(!next(&events, &failed).is_raised());

    let unhealthy = format!("unhealthy({module}::SERVER)");
    let server = perf_runtime::resource::resources().find(&format!("{module}::SERVER")).expect("it is declared");
    assert_eq!((*SERVER.get(), server.is_healthy()), (1, Some(false)));
    assert!(next(&events, &unhealthy).is_raised());
    IS_WELL.store(true, Ordering::Relaxed);
    assert_eq!(server.is_healthy(), Some(true));
    assert!(!next(&events, &unhealthy).is_raised());

    let idle = format!("idle({module}::CACHE)");
    assert_eq!(*CACHE.lease(), 2);
    let raised = next(&events, &idle);
    assert!(raised.is_raised() && raised.value() > 4e7, "{raised:?}");
    // Again and again, since a single use may be long ago when the next sample is taken.
    let mut cleared = None;
    until("the alert is cleared", || {
        assert_eq!(*CACHE.lease(), 2);
        cleared = events.try_iter().find(|event| event.rule().starts_with(&idle));
        cleared.is_some()
    });
    let cleared = cleared.unwrap();
    assert!(!cleared.is_raised() && cleared.worst() >= raised.value(), "{cleared:?}");

    drop(session);
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    for rule in [&failed, &unhealthy, &idle] {
        let told = |start: &str| lines.iter().any(|line| line.starts_with(start) && line.contains(rule.as_str()));
        assert!(told("log WARN ") && told("log INFO "), "{rule}: {lines:#?}");
        assert!(told("tracing WARN ") && told("tracing INFO "), "{rule}: {lines:#?}");
    }
    let structured =
        lines.iter().any(|line| line.contains("rule=") && line.contains("worst=") && line.contains("number=1"));
    assert!(structured, "{lines:#?}");
}
