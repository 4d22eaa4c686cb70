//! The monitor's record: read from a recording, through JSON and back, and as lines below the table.

#[macro_use]
#[path = "support/with.rs"]
mod with;

mod support;

use perf_report::monitor::{Action, ActionKind, Alert, Metric, Monitor, Raised, Range, Series, Span, Unit};
use perf_report::recording::{Now, layout, read};
use perf_report::{Heap, Snapshot, Style, View};

const SECOND: u64 = 1_000_000_000;
const MIB: u64 = 1 << 20;

#[test]
fn a_recording_is_read_as_it_was_written() {
    let reading = read(&support::some_of_everything().words, Now::LastTick).unwrap();
    assert!(reading.is_sound(), "{:?}", reading.damages);
    let monitor = reading.snapshot.monitor.unwrap();
    assert_eq!((monitor.interval_ns, monitor.samples, monitor.cores), (1_000_000, 3, 2));
    assert_eq!(monitor.spans[2], Span::new(3_000_000, 1_000_000, 1));
    let rss = &monitor.series[0];
    let all = |bytes| Some(Range { min: bytes, mean: bytes, max: bytes, last: bytes });
    assert_eq!((rss.metric, &rss.values[..]), (Metric::ALL[0], &[None, all(2 * MIB), all(3 * MIB)][..]));
    let [jobs] = &monitor.channels[..] else { panic!("one channel") };
    assert_eq!((jobs.name.as_str(), jobs.highest(), jobs.values.len()), ("jobs of workers", Some(3 << 20), 3));
    let [alert] = &monitor.alerts[..] else { panic!("one alert") };
    assert_eq!(
        (alert.rule.as_str(), alert.unit, alert.raised, alert.dropped),
        ("rss > 5MiB then evict", Unit::Bytes, 2, 1)
    );
    let cleared: Vec<_> = alert.events.iter().map(|event| event.cleared_ns).collect();
    assert_eq!(cleared, [Some(1_800_000), None]);
    let action = &alert.events[1].actions[0];
    assert_eq!((action.kind, action.took_ns, action.done), (ActionKind::Evict, Some(7_000), true));
    assert_eq!((action.rss_before, action.rss_after, action.freed), (Some(6 * MIB), Some(3 * MIB), Some(3 * MIB)));
}

#[test]
fn a_timeline_that_contradicts_itself_is_left_out_and_the_rest_is_read() {
    let mut words = support::some_of_everything().words;
    let block = words[layout::header::MONITOR] as usize;
    words[block + layout::monitor::ACTIVE] = 7 << 32 | 1;
    let reading = read(&words, Now::LastTick).unwrap();
    assert!(reading.damages[0].to_string().contains("the timeline has no area 7"), "{:?}", reading.damages);
    let monitor = reading.snapshot.monitor.unwrap();
    assert_eq!((monitor.series.len(), monitor.alerts.len()), (0, 1));
}

#[test]
fn a_channel_that_is_there_twice_is_kept_once() {
    use layout::monitor::{CHANNEL_LIST, CHANNEL_NAME, CHANNEL_NEXT};
    let mut writer = support::some_of_everything();
    let more = writer.block(CHANNEL_NAME);
    let block = writer.words[layout::header::MONITOR] as usize;
    writer.words[more + CHANNEL_NEXT] = writer.words[block + CHANNEL_LIST];
    writer.words[block + CHANNEL_LIST] = more as u64;
    let reading = read(&writer.words, Now::LastTick).unwrap();
    assert!(reading.damages[0].to_string().contains("or it was there before"), "{:?}", reading.damages);
    assert_eq!(reading.snapshot.monitor.unwrap().channels.len(), 1);
}

/// A minute of a process that grows, is busy for a while, and evicts.
fn monitored() -> Snapshot {
    let spans = (1..=120).map(|half| Span::new(half * SECOND / 2, SECOND / 2, 1));
    let series = |metric, value: &dyn Fn(u64) -> Option<u64>| {
        let values = (0..120).map(|half| value(half).map(|n| Range { min: n, mean: n, max: n, last: n }));
        Series::new(metric, values.collect())
    };
    let memory = series(Metric::Rss, &|half| Some((20 + if half < 90 { half * 6 } else { 40 }) * MIB));
    let cpu = series(Metric::Cpu, &|half| if (50..55).contains(&half) { None } else { Some(half / 10 % 3 * 480_000) });
    let evicted = with!(Action::new(ActionKind::Evict, 0), {
        kind: ActionKind::Evict,
        at_ns: 45 * SECOND,
        took_ns: Some(12_345_678),
        done: true,
        rss_before: Some(554 * MIB),
        rss_after: Some(60 * MIB),
        freed: Some(490 * MIB),
    });
    let failed = with!(evicted.clone(), { kind: ActionKind::Snapshot, done: false, freed: None });
    let raised = |at: u64, cleared: Option<u64>, actions: Vec<Action>| {
        with!(Raised::new(0, 0.0), {
            at_ns: at * SECOND,
            cleared_ns: cleared.map(|cleared| cleared * SECOND),
            value: 501.0 * MIB as f64,
            worst: 554.0 * MIB as f64,
            actions,
            more_actions: 0,
        })
    };
    let alert = |rule: &str, raised, dropped, events| with!(Alert::new("", Unit::Bytes), { rule: rule.into(), unit: Unit::Bytes, raised, dropped, events });
    with!(Snapshot::empty(), {
        monitor: Some(with!(Monitor::new(0), {
            interval_ns: SECOND / 2,
            samples: 120,
            sampling_ns: 120 * 23_400,
            cores: 2,
            memory_bytes: 1 << 30,
            spans: spans.collect(),
            series: vec![memory, cpu],
            alerts: vec![
                alert("rss > 500MiB then evict, snapshot x", 1, 0, vec![raised(41, Some(46), vec![evicted, failed])]),
                alert(
                    "rss > 50%",
                    9,
                    2,
                    (0..5).map(|n| raised(n * 10, (n < 4).then_some(n * 10 + 1), vec![])).collect(),
                ),
                alert("heap > 1\u{1b}[2JGiB", 0, 0, vec![]),
            ],
        })),
        heap: Some(with!(Heap::default(), { live_bytes: 1, peak_bytes: 2, allocations: 3, allocated_bytes: 4, frees: 5 })),
    })
}

#[test]
#[cfg(feature = "files")]
fn json_keeps_all_of_it() {
    let snapshot = monitored();
    assert_eq!(Snapshot::from_json(snapshot.to_json().as_bytes()).unwrap(), snapshot);
    let without = Snapshot::empty().to_json();
    assert!(!without.contains("monitor") && !without.contains("heap"), "nothing is added to what was not monitored");
}

#[test]
fn the_table_has_a_line_of_bars_and_the_alerts() {
    insta::assert_snapshot!("plain", View::Table.render(&monitored(), &Style::plain()));
    insta::assert_snapshot!("narrow", View::Table.render(&monitored(), &Style::plain().with_width(60)));
}

#[test]
fn odd_timelines_are_drawn_too() {
    let mut snapshot = monitored();
    let monitor = snapshot.monitor.as_mut().unwrap();
    monitor.spans = vec![Span::new(0, u64::MAX, 0), Span::new(u64::MAX, 0, 0)];
    let colored = Style::plain().with_color(true);
    for style in [colored, colored.with_width(0), colored.with_width(1), colored.with_width(200)] {
        let text = View::Table.render(&snapshot, &style);
        assert!(text.contains("memory"), "{text}");
    }
}
