//! The views as people see them, against golden files: widths, colours, every note, names that mean harm.

#[path = "support/snapshots.rs"]
mod snapshots;

use perf_report::{Function, InFlight, Snapshot, Style, View};
use snapshots::{eventful, function, ordinary};

fn at(width: usize) -> Style {
    Style::plain().with_width(width)
}

fn widest(text: &str) -> usize {
    text.lines().map(unicode_width::UnicodeWidthStr::width).max().unwrap_or(0)
}

#[test]
fn table_at_usual_widths() {
    for width in [80, 120, 200] {
        let text = View::Table.render(&ordinary(), &at(width));
        assert!(widest(&text) <= width, "{text}");
        insta::assert_snapshot!(format!("table_{width}"), text);
    }
}

#[test]
fn no_line_is_wider_than_a_narrow_terminal() {
    for width in 36..=80 {
        for view in [View::Table, View::Callers, View::Resources] {
            let text = view.render(&eventful(), &at(width));
            assert!(widest(&text) <= width, "{width}:\n{text}");
        }
    }
}

#[test]
fn table_with_every_note() {
    insta::assert_snapshot!("notes_100", View::Table.render(&eventful(), &at(100)));
    insta::assert_snapshot!("notes_plain", View::Table.render(&eventful(), &Style::plain()));
}

#[test]
fn callers_at_usual_widths() {
    for width in [60, 100] {
        let text = View::Callers.render(&ordinary(), &at(width));
        assert!(widest(&text) <= width, "{text}");
        insta::assert_snapshot!(format!("callers_{width}"), text);
    }
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
