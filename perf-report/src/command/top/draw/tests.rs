//! Screens as a terminal shows them, at sizes from comfortable to hardly any; and that no size and no key is too much.

use std::{sync::Arc, time::Duration};

use proptest::prelude::*;
use ratatui::{Terminal, backend::TestBackend};

use super::*;
use crate::{
    Budget, Caller, Depth, Function, Futures, InFlight, Kind, Latency, Resource, ResourceState, Snapshot, State,
    command::{
        live::{Filter, Key, Past, ReadingWindow, Sort, Usage},
        top::state::KeyAction,
    },
    data::profile::{Looks, StackProfile, ThreadState, TreeBuilder, Weights},
    monitor::{Alert, ChannelSeries, Metric, Monitor, Raised, Range, Series, Span, Unit},
};

const SECOND: u64 = 1_000_000_000;
const MIB: u64 = 1 << 20;

fn function(name: &str, calls: &[(u64, u64)], caller: Option<usize>) -> Function {
    let mut latency = Latency::new();
    calls.iter().for_each(|&(ns, count)| latency.record(ns, count));
    let total_ns = calls.iter().map(|(ns, count)| ns * count).sum();
    let calls = latency.count();
    Function {
        calls,
        timed_calls: calls,
        sum_ns: total_ns,
        total_ns,
        self_ns: total_ns / 4 * 3,
        min_ns: 1,
        max_ns: 9_000_000,
        latency,
        file: "src/main.rs".into(),
        line: 12,
        callers: vec![Caller { caller, calls, total_ns }],
        ..Function::new(name)
    }
}

/// A service after so many seconds.
fn service(seconds: u64) -> Snapshot {
    let mut functions = vec![
        function("service::main", &[], None),
        function("service::handle", &[(400_000, 900 * seconds), (3_000_000, 90 * seconds)], Some(0)),
        function("service::storage::segment::SegmentReader<R>::lookup", &[(1_500, 40_000 * seconds)], Some(1)),
        function("service::tiny", &[(20, 1_000 * seconds)], Some(1)),
        function("service::start", &[(2_000_000, 1)], None),
        function("service::\u{1b}[31mred\nname\u{202e}", &[(10_000, 3 * seconds)], None),
        function("service::never", &[], None),
    ];
    functions[1].kind = Kind::Future;
    functions[1].futures = Some(Futures {
        started: 990 * seconds + 2,
        cancelled: 3,
        polls: 4_000 * seconds,
        busy_ns: seconds * SECOND / 5,
        ..Futures::default()
    });
    functions[1].budgets = vec![Budget { figure: "p99".into(), limit: 2_000_000 }];
    functions[3].timed_calls = 500 * seconds;
    functions[3].self_sampled = true;
    let call = |function, thread: &str, tid, depth, elapsed_ns| InFlight {
        function,
        thread: thread.into(),
        tid,
        depth,
        elapsed_ns,
    };
    let mut pool = Resource::new("service::POOL");
    pool.state = ResourceState::Ready;
    (pool.evictable, pool.accesses, pool.leases, pool.weight) = (true, Some(4_000 * seconds), 2, 12 * MIB);
    (pool.first_use_ns, pool.initialisations, pool.last_init_ns) = (Some(1), 2, 45_000_000);
    (pool.idle_ns, pool.evictions, pool.freed, pool.function) = (Some(3_000_000), 1, 9 * MIB, Some(4));
    let mut mirror = Resource::new("service::MIRROR");
    (mirror.state, mirror.failures, mirror.first_use_ns) = (ResourceState::Failed, 3, Some(1));
    let resources = vec![mirror, pool, Resource::new("service::UNUSED")];

    let spans = (1..=40).map(|n| Span { end_ns: n * SECOND, length_ns: SECOND, samples: 1 }).collect();
    let series = |metric, of: &dyn Fn(u64) -> u64| Series {
        metric,
        values: (0..40).map(of).map(|n| Some(Range { min: n, mean: n, max: n, last: n })).collect(),
    };
    let raised = Raised {
        at_ns: (seconds - 3) * SECOND,
        cleared_ns: None,
        value: 61e6,
        worst: 64e6,
        actions: Vec::new(),
        more_actions: 0,
    };
    let alert = Alert {
        rule: "rss > 50MiB".into(),
        unit: Unit::Bytes,
        impossible: None,
        raised: 1,
        dropped: 0,
        events: vec![raised],
    };
    let mut snapshot = Snapshot {
        functions,
        resources,
        in_flight: vec![
            call(0, "main", 10, 0, seconds * SECOND),
            call(1, "worker-1", 11, 0, 700_000),
            call(2, "worker-1", 11, 1, 1_200),
            call(1, "worker-2", 12, 0, 61_000_000),
        ],
        monitor: Some(Monitor {
            interval_ns: SECOND,
            samples: 40,
            sampling_ns: 40 * 57_000,
            cores: 2,
            memory_bytes: 1 << 30,
            spans,
            series: vec![
                series(Metric::Rss, &|n| (20 + n) * MIB),
                series(Metric::Cpu, &|n| n % 7 * 100_000),
                series(Metric::Threads, &|n| 3 + n / 20),
            ],
            channels: Vec::new(),
            alerts: vec![alert],
        }),
        ..Snapshot::empty()
    };
    snapshot.process.program = "service".into();
    snapshot.process.pid = 4242;
    snapshot.process.state = State::Running;
    snapshot.process.recorded_ns = seconds * SECOND;
    snapshot.process.threads = 3;
    snapshot.losses.used_bytes = 3 * MIB;
    snapshot.losses.capacity_bytes = 256 * MIB;
    snapshot.overhead.ns_per_timed_call = 17.6;
    snapshot
}

/// The moment after 40 seconds.
fn moment() -> Moment {
    let mut window = ReadingWindow::new(10 * SECOND, Arc::new(service(10)));
    window.push(Arc::new(service(39)));
    window.push(Arc::new(service(40)));
    let mut moment = Moment::of(&window);
    moment.usage = Some(Usage { rss: 59 * MIB, cpu: Some(0.62), threads: 4 });
    moment.took = Duration::from_micros(900);
    moment.past = (0..60_u32)
        .map(|n| {
            let rates = moment.activities.iter().map(|row| row.rate * f64::from(n % 10) / 10.0).collect();
            let p99 = moment.activities.iter().map(|row| row.p99.unwrap_or(0) * u64::from(n % 4)).collect();
            Arc::new(Past { rates, p99, usage: Some(Usage { cpu: Some(f64::from(n) / 60.0), ..moment.usage? }) }).into()
        })
        .collect::<Option<_>>()
        .unwrap();
    moment
}

fn chosen(pane: Pane) -> Chosen {
    let sort = Sort { key: Key::SelfTime, reversed: false };
    Chosen::new(pane, sort, Filter::default(), Duration::from_secs(1))
}

fn shown(moment: &Moment, chosen: &mut Chosen, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| {
            let lines = screen(moment, chosen, Paint { color: true }, width.into(), height.into());
            assert!(lines.len() <= usize::from(height));
            put(&lines, frame.area(), frame.buffer_mut());
        })
        .unwrap();
    // Without the quotes around the lines.
    let lines = terminal.backend().to_string();
    let lines = lines.lines().map(|line| line.trim_matches('"').trim_end());
    lines.collect::<Vec<_>>().join("\n")
}

/// Compares with a golden file among those of the other views.
macro_rules! golden {
    ($name:literal, $text:expr) => {
        insta::with_settings!({
            snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots"),
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, { insta::assert_snapshot!(concat!("top__", $name), $text) });
    };
}

#[test]
fn functions() {
    golden!("functions_160", shown(&moment(), &mut chosen(Pane::Functions), (160, 20)));
    golden!("functions_80", shown(&moment(), &mut chosen(Pane::Functions), (80, 24)));
    golden!("functions_40", shown(&moment(), &mut chosen(Pane::Functions), (40, 8)));
    golden!("functions_20", shown(&moment(), &mut chosen(Pane::Functions), (20, 5)));
}

#[test]
fn calls_in_flight() {
    golden!("calls_100", shown(&moment(), &mut chosen(Pane::Calls), (100, 14)));
}

#[test]
fn stacks_of_now_and_the_columns_that_come_from_them() {
    let mut moment = moment();
    let mut stacks = StackProfile::of_process(&moment.snapshot);
    stacks.looks = Looks { looks: 99, samples: 198, watched_ns: 1_000_000_000, ..Looks::default() };
    let mut tree = TreeBuilder::new(&mut stacks);
    let root = tree.root(None);
    let outer = tree.child(root, 0);
    let inner = tree.child(outer, 1);
    tree.add(inner, &Weights::of(ThreadState::Running, 600_000_000, 60));
    tree.add(outer, &Weights::of(ThreadState::Waiting, 1_300_000_000, 130));
    tree.add(root, &Weights::of(ThreadState::Waiting, 100_000_000, 8));
    moment.add_stacks(stacks);
    golden!("stacks_100", shown(&moment, &mut chosen(Pane::Stacks), (100, 16)));
    golden!("functions_states_160", shown(&moment, &mut chosen(Pane::Functions), (160, 14)));
}

#[test]
fn resources() {
    golden!("resources_120", shown(&moment(), &mut chosen(Pane::Resources), (120, 14)));
}

#[test]
fn process() {
    golden!("process_100", shown(&moment(), &mut chosen(Pane::Process), (100, 26)));
    let mut unmonitored = moment();
    Arc::make_mut(&mut unmonitored.snapshot).monitor = None;
    golden!("process_seen_80", shown(&unmonitored, &mut chosen(Pane::Process), (80, 24)));
}

#[test]
fn channels_stand_below_the_metrics_of_the_process() {
    let mut moment = moment();
    let snapshot = Arc::make_mut(&mut moment.snapshot);
    for (name, capacity) in [("jobs (send)", Some(64)), ("jobs (receive)", Some(64)), ("logs (receive)", None)] {
        let depth = Some(Depth { messages: 9, sum: 99, deepest: 64, capacity, latest: 5 });
        snapshot.functions.push(Function { kind: Kind::Channel, depth, ..function(name, &[], None) });
    }
    let monitor = snapshot.monitor.as_mut().unwrap();
    let spans = monitor.spans.len() as u64;
    let channel = |name: &str, depth: &dyn Fn(u64) -> u64| {
        let range = |n| Range { min: depth(n), mean: depth(n), max: depth(n), last: depth(n) };
        ChannelSeries::new(name.into(), (0..spans).map(|n| Some(range(n))).collect())
    };
    monitor.channels = vec![channel("calm", &|_| 0), channel("jobs", &|n| n % 65), channel("logs", &|n| 50 * n)];
    golden!("process_channels_100", shown(&moment, &mut chosen(Pane::Process), (100, 26)));
}

#[test]
fn one_function() {
    let mut chosen = chosen(Pane::Functions);
    chosen.detail = Some(1);
    golden!("detail_100", shown(&moment(), &mut chosen, (100, 40)));
}

#[test]
fn help_and_filter() {
    let mut with_help = chosen(Pane::Functions);
    with_help.help = true;
    golden!("help_80", shown(&moment(), &mut with_help, (80, 36)));
    let mut filtering = chosen(Pane::Functions);
    filtering.act(KeyAction::Filter, &moment());
    for letter in "tiny".chars() {
        filtering.act(KeyAction::Type(letter), &moment());
    }
    golden!("filter_80", shown(&moment(), &mut filtering, (80, 12)));
}

#[test]
fn the_end_and_what_is_wrong() {
    let mut killed = service(40);
    killed.process.state = State::Killed;
    killed.losses.overflow_calls = 12;
    let mut moment = Moment::of(&ReadingWindow::new(SECOND, Arc::new(killed)));
    moment.damages = vec!["byte 8: \u{1b}wrong".into(), "byte 9: wrong".into()];
    moment.problem = Some("the recording cannot be read: gone".into());
    golden!("killed_100", shown(&moment, &mut chosen(Pane::Functions), (100, 20)));
}

#[test]
fn text_has_all_rows_or_as_many_as_asked_for() {
    golden!("text_100", text(&moment(), &chosen(Pane::Functions), 100, None));
    let lines = |limit| text(&moment(), &chosen(Pane::Functions), 100, limit).lines().count();
    assert_eq!(lines(None) - lines(Some(2)), 4, "of six functions");
}

#[test]
fn nothing_reaches_the_terminal_as_a_control_sequence() {
    for pane in Pane::ALL {
        let text = text(&moment(), &chosen(pane), 400, None);
        assert!(text.chars().all(|letter| letter == '\n' || !letter.is_control()), "{text:?}");
    }
}

fn actions() -> impl Strategy<Value = KeyAction> {
    prop_oneof![
        Just(KeyAction::Help),
        Just(KeyAction::Enter),
        Just(KeyAction::Back),
        Just(KeyAction::Filter),
        Just(KeyAction::Erase),
        Just(KeyAction::First),
        Just(KeyAction::Last),
        Just(KeyAction::Reverse),
        (-3_isize..=3).prop_map(KeyAction::Move),
        (-2_isize..=2).prop_map(KeyAction::Page),
        (-2_isize..=2).prop_map(KeyAction::Sort),
        (-2_isize..=2).prop_map(KeyAction::Pane),
        any::<char>().prop_map(KeyAction::Type),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_size_and_no_key_is_too_much(steps in prop::collection::vec((0_u16..130, 0_u16..45, actions()), 1..30)) {
        let moments = [moment(), Moment::of(&ReadingWindow::new(0, Arc::new(Snapshot::empty())))];
        let mut chosen = chosen(Pane::Functions);
        for (number, (width, height, action)) in steps.into_iter().enumerate() {
            let moment = &moments[usize::from(number % 5 == 4)];
            chosen.act(action, moment);
            let lines = screen(moment, &mut chosen, Paint { color: true }, width.into(), height.into());
            prop_assert!(lines.len() <= usize::from(height));
            let area = Rect::new(0, 0, width, height);
            put(&lines, area, &mut Buffer::empty(area));
        }
    }
}
