//! The map server under pressure: the alerts it prints, and what its report says of them.

use perf_report::monitor::{ActionKind, Metric};

use crate::run::recorded;

const PROGRAM: &str = env!("CARGO_BIN_EXE_pressure");

const MAP: u64 = 16 << 20;

#[test]
fn evicts_maps_and_tells_of_every_alert() {
    let run = recorded(PROGRAM);
    run.assert_whole();
    for alert in ["heap > 40MiB clear 24MiB then evict, trim", "p99(request) > 2ms over 1s"] {
        assert!(run.stdout.contains(&format!("alert raised: {alert} (now ")), "{alert}:\n{}", run.stdout);
    }
    let requests = format!("{} requests\n", run.function("request").calls);
    assert!(run.stdout.ends_with(&requests), "{}", run.stdout);

    let monitor = run.snapshot.monitor.as_ref().expect("it was monitored");
    // Whether the second was raised depends on what else the machine does.
    let rules: Vec<_> = monitor.alerts.iter().map(|alert| alert.rule.as_str()).collect();
    assert_eq!(rules[1], "cpu > 70% for 100ms clear 50%");
    let memory = &monitor.alerts[0];
    let event = &memory.events[0];
    assert_eq!(event.actions[0].kind, ActionKind::Evict);
    assert!(event.actions[0].freed.is_some_and(|bytes| bytes >= MAP && bytes % MAP == 0), "{event:?}");
    assert!(event.cleared_ns.is_some());
    let heap = monitor.series.iter().find(|series| series.metric == Metric::Heap).expect("the allocator is installed");
    assert!(heap.highest().is_some_and(|bytes| bytes > 40 << 20));

    // Every load allocates its map at once; nothing else in the program comes near that.
    let load = run.function("Map::load");
    let allocations = load.allocations.expect("the allocator is installed");
    assert!(load.calls >= 5, "one map was loaded twice: {}", load.calls);
    assert_eq!((allocations.self_count, allocations.self_bytes), (load.calls, load.calls * MAP));
    assert!(run.snapshot.heap.expect("the allocator is installed").peak_bytes > 40 << 20);
}
