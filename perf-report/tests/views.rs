//! The views as people see them: a golden file per view, then widths, colours, each note, and names that mean harm.

#[path = "support/snapshots.rs"]
mod snapshots;

use perf_report::{ClockSource, Function, InFlight, Kind, Snapshot, State, Style, Timing, View};
use snapshots::{eventful, function, ordinary};

fn at(width: usize) -> Style {
    Style::plain().with_width(width)
}

fn widest(text: &str) -> usize {
    text.lines().map(unicode_width::UnicodeWidthStr::width).max().unwrap_or(0)
}

#[test]
fn the_table() {
    insta::assert_snapshot!("table_120", View::Table.render(&ordinary(), &at(120)));
}

/// The titles of the columns that are shown.
fn columns(text: &str) -> Vec<String> {
    let head = text.lines().nth(2).unwrap();
    head.split("  ").filter(|title| !title.is_empty()).map(|title| title.trim().to_owned()).collect()
}

#[test]
fn the_least_important_columns_go_first_and_a_note_names_them() {
    let (narrow, wide) = (View::Table.render(&ordinary(), &at(80)), View::Table.render(&ordinary(), &at(200)));
    assert_eq!(columns(&narrow), ["function", "calls", "total", "self", "% self", "mean", "p99"]);
    assert!(
        narrow.contains("• Hidden to fit the width: % wall, min, p50, p90, p99.9, max, shape; the full"),
        "{narrow}"
    );
    let all =
        ["calls", "total", "% wall", "self", "% self", "mean", "min", "p50", "p90", "p99", "p99.9", "max", "shape"];
    assert_eq!(columns(&wide)[1..], all);
    assert!(!wide.contains("Hidden"), "{wide}");
    assert_eq!(wide, View::Table.render(&ordinary(), &Style::plain()));
}

#[test]
fn no_line_is_wider_than_a_narrow_terminal() {
    for width in (36..=130).chain([200]) {
        for view in [View::Table, View::Callers, View::Resources] {
            let text = view.render(&eventful(), &at(width));
            assert!(widest(&text) <= width, "{width}:\n{text}");
        }
    }
}

#[test]
fn the_table_with_every_note() {
    insta::assert_snapshot!("notes_100", View::Table.render(&eventful(), &at(100)));
}

/// The notes of the ordinary run after a change to it, but for the one on the cost of measuring, which is always there.
fn notes(change: impl FnOnce(&mut Snapshot)) -> Vec<String> {
    let mut snapshot = ordinary();
    change(&mut snapshot);
    let text = View::Table.render(&snapshot, &Style::plain());
    let notes = text.split("\n• ").skip(1).map(|note| note.trim_end().replace("\n  ", " "));
    notes.filter(|note| !note.starts_with("Measuring took")).collect()
}

#[test]
fn an_ordinary_run_has_no_note() {
    assert_eq!(notes(|_| {}), [""; 0]);
}

/// A change, and the note that follows from it.
type Case<T> = (fn(&mut T), &'static str);

#[test]
fn each_event_has_its_note() {
    let losses: [Case<perf_report::Losses>; 5] = [
        (
            |losses| losses.lost_calls = 1,
            "1 call was not recorded: made by signal handlers, by the allocator or by thread destructors while the recorder \
             was at work, or by threads for which the recording had no room.",
        ),
        (
            |losses| (losses.overflow_calls, losses.used_bytes, losses.capacity_bytes) = (1_200, 4 << 20, 4 << 20),
            "The recording was full (4.00 MiB of 4.00 MiB): 1,200 calls are missing from the table. Raise PERF_CAPACITY.",
        ),
        (
            |losses| losses.unbucketed_calls = 40,
            "The recording was full: 40 calls are counted, but missing from the percentiles.",
        ),
        (|losses| losses.unattributed_calls = 1, "The recording was full: the callers of 1 call are unknown."),
        (
            |losses| (losses.deep_calls, losses.stack_height, losses.deepest) = (98_976, 1_024, 100_000),
            "98,976 calls were nested more than 1,024 deep (up to 100,000). They are counted and timed, but their self time \
             is counted for the call at that depth.",
        ),
    ];
    for (change, note) in losses {
        assert_eq!(notes(|snapshot| change(&mut snapshot.losses)), [note]);
    }
    let functions: [Case<Function>; 5] = [
        (
            |function| function.over_range = 1,
            "1 call took longer than 4.8 h, which is the highest percentile; max is exact: wordcount::main 1.",
        ),
        (
            |function| function.abandoned = 1,
            "1 call never ended, because its guard was leaked or its stack abandoned: wordcount::main 1.",
        ),
        (|function| function.unwound = 2, "2 calls ended by a panic: wordcount::main 2."),
        (|function| function.self_sampled = true, "~ marks estimates by adaptive timing. Counts are exact."),
        (|function| function.calls = 0, "1 of 5 annotated functions never ran: wordcount::main."),
    ];
    for (change, note) in functions {
        assert_eq!(notes(|snapshot| change(&mut snapshot.functions[0])), [note]);
    }
    let processes: [Case<Snapshot>; 6] = [
        (
            |snapshot| snapshot.process.state = State::Killed,
            "The process was killed, aborted, or ended by _exit. Every call that had ended before is included.",
        ),
        (
            |snapshot| snapshot.process.unrecorded_ns = 1_250_000_000,
            "Recording began 1.25 s after the process started. Earlier calls are not included.",
        ),
        (
            |snapshot| {
                snapshot.losses.truncated_unix_ns = 1_700_000_000_000_000_000;
                snapshot.process.unrecorded_ns = 1_250_000_000;
            },
            "Another program truncated or overwrote the recording file 1.25 s after the process started. Calls before that \
             are lost.",
        ),
        (
            |snapshot| snapshot.in_flight = vec![InFlight::new(0, "main", 640_000), InFlight::new(1, "worker", 0)],
            "2 calls had not ended: wordcount::main for 640 µs in main, wordcount::index::Index::build since just now in \
             worker.",
        ),
        (
            |snapshot| snapshot.process.clock.source = ClockSource::Monotonic,
            "Calls were timed by the system's monotonic clock, because the processor's counter is unreliable here or \
             PERF_CLOCK asked for it; a call costs more with it.",
        ),
        (
            |snapshot| snapshot.losses.clock_anomalies = 1,
            "The clock went backwards 1 time; the calls concerned count as 0 ns.",
        ),
    ];
    for (change, note) in processes {
        assert_eq!(notes(change), [note]);
    }
}

#[test]
fn the_callers() {
    insta::assert_snapshot!("callers_100", View::Callers.render(&ordinary(), &at(100)));
}

#[test]
fn colours_only_add_escapes() {
    let colored = View::Table.render(&ordinary(), &Style::plain().with_width(120).with_color(true));
    insta::assert_snapshot!("table_color", colored.replace('\u{1b}', "ESC"));
    let mut plain = String::new();
    let mut parts = colored.split('\u{1b}');
    plain += parts.next().unwrap();
    parts.for_each(|part| plain += part.split_once('m').unwrap().1);
    assert_eq!(plain, View::Table.render(&ordinary(), &at(120)));
}

#[test]
fn nothing_ran() {
    let mut snapshot = ordinary();
    snapshot.functions = vec![Function::new("app::idle")];
    snapshot.overhead.measuring_ns = 0;
    insta::assert_snapshot!("nothing_ran", View::Table.render(&snapshot, &at(80)));
    assert!(View::Callers.render(&Snapshot::empty(), &at(80)).contains("No call of an annotated function"));
}

#[test]
fn harmful_names_are_data() {
    let mut snapshot = ordinary();
    snapshot.process.program = "evil\u{1b}]0;title\u{7}".into();
    for name in [
        "app::\u{1b}[2Jclear",
        "app::new\nline\r\ttab",
        "app::\u{202e}reversed\u{200b}",
        "app::数える::関数::とても長い名前のついた関数::呼び出し",
        "app::größe::e\u{301}\u{301}\u{301}::👩\u{200d}👩\u{200d}👧::run",
        &"x".repeat(10_000),
        "",
    ] {
        snapshot.functions.push(function(name, &[(1_000, 10)]));
        let named = snapshot.functions.len() - 1;
        let call = InFlight::new(named, name, 1);
        snapshot.in_flight.push(call);
    }
    for view in [View::Table, View::Callers] {
        for width in [40, 80, 120, 200] {
            let text = view.render(&snapshot, &at(width));
            assert!(!text.chars().any(|c| c != '\n' && c.is_control()), "{text:?}");
            assert!(widest(&text) <= width.max(60), "{width}: {text}");
        }
    }
    insta::assert_snapshot!("harmful_120", View::Table.render(&snapshot, &at(120)));
}

#[test]
fn names_that_two_functions_share_keep_both_rows() {
    let mut snapshot = ordinary();
    snapshot.functions = vec![function("app::run", &[(5, 1)]), function("app::run", &[(7, 1)])];
    assert_eq!(View::Table.render(&snapshot, &at(80)).matches("app::run").count(), 2);
}

#[test]
fn views_have_names() {
    for view in View::ALL {
        assert_eq!(view.name().parse(), Ok(view));
    }
    let error = "tabel".parse::<View>().unwrap_err();
    assert_eq!(error.to_string(), "there is no view \"tabel\"; the views are table, callers, resources, json");
}

/// A run with two locks and a channel: at one of each somebody waited.
fn waiting() -> Snapshot {
    let mut snapshot = ordinary();
    let row = |name: &str, kind, timing, line, calls, waits: &[(u64, u64)]| {
        let mut row = function(name, waits);
        (row.kind, row.timing, row.file, row.line) = (kind, timing, "src/store.rs".into(), line);
        row.calls = calls;
        row
    };
    let mut held = row("cache (held)", Kind::Hold, Timing::Adaptive, 12, 5_000, &[(400, 90), (9_000, 10)]);
    (held.self_ns, held.unwound) = (0, 1);
    let mut age = row("jobs (age)", Kind::Age, Timing::Exact, 0, 30, &[(7_000_000, 30)]);
    (age.self_ns, age.file) = (0, String::new());
    let main = snapshot.functions.iter().position(|function| function.name == "wordcount::main").unwrap();
    (snapshot.functions[main].waiting_ns, snapshot.functions[main].waiting_sampled) = (30_500_000, true);
    let waits = [
        row("cache", Kind::Lock, Timing::Waits, 12, 5_000, &[(2_000_000, 10), (300_000, 20)]),
        held,
        row("RwLock<Config>", Kind::Lock, Timing::Waits, 30, 77, &[]),
        row("jobs (receive)", Kind::Channel, Timing::Waits, 40, 900, &[(5_000_000, 1)]),
        age,
    ];
    snapshot.functions.extend(waits);
    snapshot
}

#[test]
fn locks_and_channels_have_a_table_of_their_own() {
    let text = View::Table.render(&waiting(), &at(150));
    insta::assert_snapshot!("waits_150", text);
    let functions = text.split("\n\n").nth(1).unwrap();
    assert!(
        functions.contains("cache  ")
            && !functions.contains("(held)")
            && !functions.contains("(age)")
            && !functions.contains("RwLock"),
        "{text}"
    );
    for width in (36..=200).step_by(7) {
        assert!(widest(&View::Table.render(&waiting(), &at(width))) <= width.max(36), "{width}");
    }
}
