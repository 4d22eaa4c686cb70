//! Names with control characters, escapes, quotes, newlines, 10,000 letters.

use perf_tests::program;

const HOSTILE: &str =
    "\u{1b}[31mred\u{1b}[0m \"quoted\" back\\slash\nnew line\ttab \u{7}bell \u{202e}reversed \u{9b}csi \0nul";

#[test]
#[cfg_attr(perf_portable, ignore = "there are no recording files")]
fn names_come_back_from_json_and_recordings_as_they_were() {
    let ended = program!("calls", "names").reporting().recording().run();
    for snapshot in [ended.exited(0).silent().report(), ended.recording()] {
        let find = |name: &str| snapshot.functions.iter().find(|function| function.name == name);
        assert_eq!(find(HOSTILE).map(|function| function.calls), Some(1));
        assert_eq!(find(&"0123456789".repeat(1000)).map(|function| function.calls), Some(1));
        assert_eq!(find("a block: <b>\"'&;\r\n").map(|function| function.calls), Some(1));
    }
}

#[test]
fn terminals_get_no_controls_and_no_line_too_wide() {
    let ended = program!("calls", "names").env("PERF_REPORT", "table,callers").env("COLUMNS", "80").run();
    let shown = &ended.exited(0).stderr;
    let acts = |letter: char| letter != '\n' && (letter.is_control() || letter == '\u{202e}');
    assert!(!shown.contains(acts), "{shown:?}");
    assert!(shown.contains(r"\u{1b}[31mred") || shown.contains("red"), "{shown}");
    let widest = shown.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{widest:?}: {shown}");
}

#[test]
fn names_of_files_do_not_act_on_the_terminal() {
    let ended = program!("calls", "nested").env("PERF_REPORT", "json:missing/\u{1b}[31m\n.json").run();
    ended.exited(0).said_one_line(&[r"missing/\u{1b}[31m\n.json"]);
    assert!(!ended.stderr.contains('\u{1b}'));
}
