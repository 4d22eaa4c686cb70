//! The process over time and the lives of the resources, in the page.

use perf_report::monitor::{Action, ActionKind, Alert, Metric, Monitor, Raised, Range, Series, Span, Unit};
use perf_report::{Dependency, Resource, ResourceState, Snapshot, Teardown, TeardownOutcome};
use serde_json::Value;

use crate::{Page, html, large, snapshots::ordinary};

const HOSTILE: &str = "</script><img src=x onerror='document.hacked = 1'>\u{202e}\"\u{1b}[31m";
const MIB: u64 = 1 << 20;

/// A monitor with every metric and so many spans, which raised its alerts this often.
fn monitor(spans: u64, raised: u64) -> Monitor {
    let length_ns = 12_000_000_000 / spans;
    let value = |metric: Metric, span: u64| {
        let mean = match metric.unit() {
            Unit::Bytes => (40 + span * 7 % 90) * MIB + span * 4_111,
            Unit::Ppm => span * 37_171 % 1_900_000,
            _ => span * 17 % 53 + 1,
        };
        // In the middle there is a while in which nothing could be read.
        (span * 9 / spans != 4).then_some(Range { min: mean - mean / 5, mean, max: mean + mean / 7, last: mean })
    };
    let action = |at_ns| {
        with!(Action::new(ActionKind::Evict, 0), {
            kind: ActionKind::Evict,
            at_ns,
            took_ns: Some(2_000_000),
            done: true,
            rss_before: Some(120 * MIB),
            rss_after: Some(60 * MIB),
            freed: Some(48 * MIB),
        })
    };
    let event = |number: u64| {
        with!(Raised::new(0, 0.0), {
            at_ns: number * 12_000_000_000 / raised,
            cleared_ns: (number + 1 < raised).then_some((number * 2 + 1) * 6_000_000_000 / raised),
            value: 101.0 * MIB as f64,
            worst: 129.0 * MIB as f64,
            actions: vec![action(number * 12_000_000_000 / raised + 1_000)],
            more_actions: 0,
        })
    };
    let alert = |rule: &str, raised: u64| {
        with!(Alert::new("", Unit::Bytes), {
            rule: rule.into(),
            unit: Unit::Bytes,
            raised,
            dropped: 0,
            events: (0..raised).map(event).collect(),
        })
    };
    with!(Monitor::new(0), {
        interval_ns: length_ns,
        samples: spans,
        sampling_ns: spans * 57_000,
        cores: 2,
        memory_bytes: 1 << 30,
        spans: (1..=spans).map(|span| Span::new(span * length_ns, length_ns, 1)).collect(),
        series: Metric::ALL
            .iter()
            .map(|&metric| Series::new(metric, (0..spans).map(|span| value(metric, span)).collect()))
            .collect(),
        alerts: vec![
            alert("rss > 100MiB for 1s clear 80MiB then evict", raised),
            alert(&format!("failed({HOSTILE}) > 1"), 1),
            alert("cpu > 150% clear 100%", 0),
        ],
    })
}

fn monitored() -> Snapshot {
    let mut snapshot = ordinary();
    snapshot.monitor = Some(monitor(120, 4));
    snapshot
}

#[test]
fn memory_and_cpu_are_drawn_with_their_alerts() {
    let page = Page::of(&monitored());
    assert_eq!(page.each("#charts h3", "e.textContent"), ["Memory", "CPU"]);
    assert_eq!(page.count("#charts .line[d^=M]"), 4, "resident and heap, total and system");
    assert_eq!(page.count("#charts .band"), 4);
    assert_eq!(page.count("#charts .cleared"), 3, "one was never cleared");
    assert_eq!(
        page.each("#charts .level-name", "e.textContent"),
        ["raised at 100 MiB", "cleared at 80 MiB", "raised at 150%", "cleared at 100%"]
    );
    assert_eq!(page.count("#charts .action"), 4);
    let axes = page.each("#charts text", "e.textContent");
    for label in ["0 B", "50 MiB", "0%", "100%", "2 s", "10 s"] {
        assert!(axes.iter().any(|text| text == label), "{label} in {axes:?}");
    }
    assert_eq!(
        page.each("#alerts .rule span", "e.textContent"),
        ["raised 4 times, not cleared", "raised once", "never raised"]
    );
    page.browser.click("#alerts summary");
    assert!(page.text("#alerts li").contains("evicted 48.0 MiB in 2.00 ms (memory 120 MiB → 60.0 MiB)"));
    page.browser.click("#more-charts summary");
    page.browser.picture("monitor-all");
    assert_eq!(page.count("#more-charts .line[d^=M]"), Metric::ALL.len() - 6, "all but those of the charts");
    assert_eq!(page.run("return /NaN|Infinity|undefined/.test(document.body.innerHTML.split('<script')[0])"), false);

    // The pointer shows one moment in both charts.
    page.run("const c = document.querySelector('#chart-cpu svg'), b = c.getBoundingClientRect(); c.dispatchEvent(new PointerEvent('pointermove', { clientX: b.left + b.width / 4, clientY: b.top + 50 }))");
    assert_eq!(page.count("#charts .cursor:not([hidden])"), 2);
    assert!(page.text("#moment").contains(" to "));
    for (scheme, width) in [("light", 1920), ("dark", 1280), ("light", 768), ("dark", 390)] {
        page.browser.prefer(scheme);
        page.browser.resize(width, 1000);
        page.run("document.querySelector('#monitor').scrollIntoView(); return 0");
        page.browser.picture(&format!("monitor-{scheme}-{width}"));
        assert_eq!(page.run("return document.documentElement.scrollWidth <= innerWidth"), true, "{width}");
    }
    page.end();
}

#[test]
fn lives_of_resources_are_drawn_as_trees_too() {
    let mut snapshot = monitored();
    snapshot.resources = ["app::CONFIG", "app::POOL", HOSTILE, "app::UNUSED"].map(Resource::new).into();
    let [config, pool, hostile, _] = &mut snapshot.resources[..] else { panic!("four") };
    for (number, resource) in [&mut *config, pool, hostile].into_iter().enumerate() {
        resource.state = ResourceState::Ready;
        resource.first_use_ns = Some(1_000_000_000 + 500_000_000 * number as u64);
        (resource.first_init_ns, resource.last_init_ns) = (300_000_000, 200_000_000);
        resource.initialisations = 1;
    }
    pool.dependencies = vec![Dependency::learnt(0)];
    pool.teardown = Some(Teardown::new(TeardownOutcome::Panicked, 5_000_000));
    hostile.dependencies = [0, 1].map(Dependency::declared).into();
    hostile.evictable = true;
    (hostile.evictions, hostile.freed, hostile.idle_ns) = (3, 48 * MIB, Some(2_000_000_000));
    (hostile.accesses, hostile.leases) = (Some(700), 2);
    let page = Page::of(&snapshot);
    assert_eq!(page.count("#lives tbody tr"), 4);
    assert_eq!((page.count("#lives .lane .init"), page.count("#lives .lane .there")), (3, 3));
    assert_eq!((page.count("#lives .lane .down"), page.count("#lives .lane .used")), (1, 1));
    assert!(page.count("#lives .lane .evicted") > 0, "evictions by the monitor are known by their moment");
    let text = page.text("#lives");
    for part in ["3 48.0 MiB", "700 2 out", "5.00 ms panicked", "declared"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    page.browser.click("[data-life=uses]");
    let names =
        page.each("#uses .use", "e.querySelector('.name').textContent + (e.querySelector('.soft')?.textContent ?? '')");
    assert_eq!(names.len(), 4);
    assert!(names[0].contains("<img") && names[1..] == ["app::CONFIG(declared)", "app::POOL(declared)", "app::CONFIG"]);
    assert_eq!(page.run("return document.hacked ?? null"), Value::Null);
    assert_eq!((page.count("script"), page.count("img, [onerror]")), (2, 0));
    assert!(!page.text("body").contains('\u{202e}'), "marks of direction are shown as escapes");
    for (scheme, width) in [("light", 1500), ("dark", 390)] {
        page.browser.prefer(scheme);
        page.browser.resize(width, 1000);
        page.run("document.querySelector('#resources').scrollIntoView(); return 0");
        page.browser.picture(&format!("resources-{scheme}-{width}"));
    }
    page.end();
}

#[test]
fn without_monitor_and_resources_there_are_no_empty_sections() {
    let page = Page::of(&ordinary());
    assert_eq!(page.each("#monitor, #resources, #jump", "e.hidden"), ["true"; 3]);
    page.end();
    let mut snapshot = ordinary();
    snapshot.monitor = Some(with!(monitor(1, 1), { spans: vec![], series: vec![], alerts: vec![] }));
    let page = Page::of(&snapshot);
    assert_eq!(page.each("#monitor", "e.hidden"), ["true"], "a monitor that took no sample");
    page.end();
}

#[test]
fn a_thousand_functions_and_a_full_timeline_fit_too() {
    let mut snapshot = large(1_000);
    snapshot.monitor = Some(monitor(256, 32));
    let size = html(&snapshot).len();
    println!("1,000 functions and 256 spans of all metrics: {size} bytes");
    assert!(size < 1_000_000, "{size} bytes");
}
