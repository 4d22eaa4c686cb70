//! Values of the variables that nobody means, or that nobody thought of: said in a line that names them, and the rest is done; or
//! taken as near as may be.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use perf_tests::child::Ended;
use perf_tests::figures::{calls, read};
use perf_tests::program;

/// A program that makes three calls and has its report written, with one variable set.
#[track_caller]
fn with(variable: &str, value: &str) -> Ended {
    let ended = program!("endings", "return").reporting().env(variable, value).run();
    ended.exited(7);
    assert_eq!(ended.stdout, "an unfinished line\n", "{variable}={value}");
    ended
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no recording files")]
fn wrong_values_are_named_and_the_report_is_written_all_the_same() {
    for (variable, value) in [
        ("PERF_CAPACITY", "-5"),
        ("PERF_CAPACITY", "64 megabytes"),
        ("PERF_CAPACITY", "99999999999999GiB"),
        ("PERF_CLOCK", "Monotonic"),
        ("PERF_CLOCK", "\u{1b}[31m"),
        ("PERF_MONITOR", "0s"),
        ("PERF_MONITOR", "10"),
        ("PERF_ENABLED", "no"),
        ("PERF_ENABLED", "2"),
        ("PERF_SIGNALS", "maybe"),
        ("PERF_SIGNALS", "OFF"),
        ("PERF_META", "=small"),
        ("PERF_STACKS", "often"),
        ("PERF_STACKS", "1001/s"),
        ("PERF_STACKS", "9.5"),
        ("PERF_SHUTDOWN_LIMIT", "-1s"),
        ("PERF_SHUTDOWN_LIMIT", "10"),
        ("PERF_SHUTDOWN_LIMIT", "99999999999999999999h"),
    ] {
        let ended = with(variable, value);
        // The value, or what is wrong with it.
        let shown = if value == "0s" { String::from("longer than 0") } else { format!("{value:?}") };
        ended.said_one_line(&[variable, &shown]);
        assert_eq!(calls(&ended.report(), "work"), 3, "{variable}={shown}");
        assert!(!ended.stderr.contains('\u{1b}'));
    }
}

#[test]
#[cfg_attr(perf_portable, ignore = "nothing runs before `main`")]
fn a_wrong_alert_among_right_ones_is_the_only_one_left_out() {
    let ended = with("PERF_ALERT", "threads > 0; rss >; threads > 1000000;;");
    ended.said_one_line(&["PERF_ALERT", "rss >"]);
    let rules: Vec<_> = ended.report().monitor.unwrap().alerts.into_iter().map(|alert| alert.rule).collect();
    assert_eq!(rules, ["threads > 0", "threads > 1000000"]);
}

#[test]
fn empty_values_ask_for_nothing() {
    for variable in [
        "PERF_RECORDING",
        "PERF_CAPACITY",
        "PERF_CLOCK",
        "PERF_MONITOR",
        "PERF_ALERT",
        "PERF_META",
        "PERF_STACKS",
        "PERF_SHUTDOWN_LIMIT",
    ] {
        let ended = with(variable, "");
        assert_eq!(calls(&ended.silent().report(), "work"), 3, "{variable}");
        assert_eq!(ended.files(), ["report.json"], "{variable}");
    }
    let ended = program!("endings", "return").env("PERF_REPORT", "").run();
    ended.exited(7).silent();
    assert_eq!(ended.files(), [""; 0]);
}

#[test]
fn a_list_of_no_reports_is_the_table() {
    for list in [",", " , "] {
        let ended = program!("endings", "return").env("PERF_REPORT", list).run();
        assert!(ended.exited(7).stderr.contains("endings::work"), "{list}: {}", ended.stderr);
    }
}

#[test]
fn a_capacity_beyond_what_there_is_is_taken_as_far_as_it_goes() {
    let capacity = |value: &str| with("PERF_CAPACITY", value).silent().report().losses.capacity_bytes;
    let least = capacity("1MiB");
    assert_eq!((capacity("0"), capacity("1")), (least, least));
    // Eight PiB of addresses: more than any processor has.
    let most = capacity("8388608GiB");
    assert!(least < most && most < 8 << 50, "{most}");
}

#[test]
fn a_file_of_that_capacity_cannot_be_had_and_memory_is_taken() {
    let program = program!("endings", "return").reporting().recording().env("PERF_CAPACITY", "8388608GiB");
    let ended = program.run();
    ended.exited(7).said_one_line(&["can't create the recording file app.perfrec", "memory instead"]);
    assert_eq!(calls(&ended.report(), "work"), 3);
    assert_eq!(ended.files(), ["report.json"]);
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no recording files")]
fn names_of_recordings_may_be_any_bytes() {
    let name = OsStr::from_bytes(b"\xff\xfe \n.perfrec");
    let program = program!("endings", "return").env("PERF_RECORDING", name);
    let ended = program.run();
    ended.exited(7);
    let file = std::fs::read_dir(ended.path("")).unwrap().next().unwrap().unwrap();
    assert_eq!(file.file_name(), name);
    assert_eq!(calls(&read(&file.path()), "work"), 3);
}

#[test]
#[cfg_attr(perf_portable, ignore = "such a name is refused there")]
fn names_of_reports_may_be_any_bytes() {
    let list = [&b"json:"[..], b"\xff\xfe \n-%p.json, json:report.json"].concat();
    let ended = program!("endings", "return").env("PERF_REPORT", OsStr::from_bytes(&list)).run();
    ended.exited(7).silent();
    let pid = ended.report().process.pid;
    let name = [&b"\xff\xfe \n-"[..], pid.to_string().as_bytes(), b".json"].concat();
    let text = std::fs::read(ended.path("").join(OsStr::from_bytes(&name))).unwrap();
    assert_eq!(calls(&perf_report::Snapshot::from_json(&text).unwrap(), "work"), 3);
    assert_eq!(ended.files().len(), 2);
}

#[test]
fn a_misspelt_variable_is_said_and_those_of_others_are_not() {
    let ended = program!("endings", "return").env("PERF_REPROT", "json:report.json").run();
    ended.exited(7).said_one_line(&["PERF_REPROT", "did you mean PERF_REPORT?"]);
    assert_eq!(ended.files(), [""; 0]);
    for others in ["PERF_PAGER", "PERF_CONFIG", "PERF_BUILDID_DIR", "PERF_TESTS_OF_SOMEBODY"] {
        with(others, "x").silent();
    }
    if cfg!(perf_portable) {
        return;
    }
    // Not once more by each child.
    let ended =
        program!("processes", "children", "worker").env("PERF_REPORT", "json:%p.json").env("PERF_ALERTS", "x").run();
    ended.exited(0).said_one_line(&["PERF_ALERTS", "did you mean PERF_ALERT?"]);
}

#[test]
fn all_words_for_off_are_off_and_those_for_on_are_on() {
    for (value, files) in [("0", 0), ("false", 0), ("off", 0), ("1", 1), ("true", 1), ("on", 1), ("", 1)] {
        let ended = with("PERF_ENABLED", value);
        ended.silent();
        assert_eq!(ended.files().len(), files, "PERF_ENABLED={value}");
    }
}

#[test]
fn wrong_alerts_are_said_once_whatever_sessions_and_children_there_are() {
    let sessions = program!("processes", "sessions", "one-after-the-other").reporting();
    let ended = sessions.env("PERF_ALERT", "failed(NOTHING) > 0; rss > lots").run();
    for said in ["alert failed(NOTHING) > 0 can't be raised", "PERF_ALERT: at byte"] {
        assert_eq!(ended.exited(0).stderr.matches(said).count(), 1, "{said}: {}", ended.stderr);
    }
    let children = program!("forks", "many-threads-and-environment").env("PERF_REPORT", "json:%p.json");
    children.env("PERF_ALERT", "rss > lots").run().exited(0).said_one_line(&["PERF_ALERT: at byte"]);
}
