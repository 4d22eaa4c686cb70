//! `flame` on files: sampled stacks in recordings and snapshots, folded stacks, damages, and options that contradict each other.
#![cfg(feature = "command")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod programs;
mod support;

use perf_report::{StackNode, Stacks, command::Outcome, recording::layout::stacks};
use programs::{Folder, function, process};
use support::{Writer, some_of_everything};

const MS: u64 = 2_000_000;

/// A recording of a process that sampled itself; where its nodes lie.
fn recording() -> (Writer, usize) {
    let mut writer = some_of_everything();
    let (_, nodes) = writer.stacks(100, &[[0, 0, 10, 10 * MS], [0, 1, 30, 30 * MS], [1, 2, 60, 60 * MS]]);
    (writer, nodes)
}

#[test]
fn stacks_that_a_process_sampled_of_itself_are_shown() {
    let folder = Folder::new();
    folder.put("a.perfrec", recording().0.bytes());
    let (outcome, output, errors) = folder.run("flame @a.perfrec");
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""));
    let rows: Vec<Vec<&str>> = output.lines().skip(5).take(3).map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["app::main", "90.0", "ms", "90.0%", "30.0", "ms"], "{output}");
    assert_eq!(rows[1], ["└─", "app::parse", "60.0", "ms", "60.0%", "60.0", "ms"], "{output}");
    assert_eq!(rows[2], ["[no", "annotated", "call]", "10.0", "ms", "10.0%", "10.0", "ms"], "{output}");
    assert!(output.contains("sampled these stacks itself (PERF_STACKS)"), "{output}");
    let (_, output, _) = folder.run("flame @a.perfrec --format folded");
    assert_eq!(output, "[no annotated call] 10000000\napp::main 30000000\napp::main;app::parse 60000000\n");
}

#[test]
fn a_damaged_recording_shows_the_rest_and_says_so() {
    let folder = Folder::new();
    let (mut writer, nodes) = recording();
    writer.words[nodes + 2 * stacks::node::LEN + stacks::node::PARENT] = 77;
    folder.put("a.perfrec", writer.bytes());
    let (outcome, output, errors) = folder.run("flame @a.perfrec --format folded");
    assert_eq!(outcome, Outcome::Partial);
    assert!(errors.contains("@a.perfrec: damaged: ") && errors.contains("within stack 77"), "{errors}");
    assert!(output.contains("app::main 30000000"), "{output}");
    for len in [0, 5, 100, 2_000] {
        folder.put("cut.perfrec", &recording().0.bytes()[..len]);
        let (outcome, output, errors) = folder.run("flame @cut.perfrec");
        assert_eq!((outcome, output.as_str()), (Outcome::Failed, ""), "{len}: {errors}");
        assert!(errors.contains("error: @cut.perfrec: "), "{errors}");
    }
}

#[test]
fn a_snapshot_with_stacks_and_folded_stacks_are_read_too() {
    let folder = Folder::new();
    let mut snapshot = process(7, vec![function("app::a", &[(5, 5)]), function("app::b;c 7", &[(5, 5)])]);
    folder.put("without.json", snapshot.to_json());
    let mut sampled = Stacks::default();
    sampled.nodes =
        vec![StackNode::new(None, None), StackNode::new(Some(0), Some(0)), StackNode::new(Some(1), Some(1))];
    (sampled.nodes[2].ns, sampled.nodes[2].samples, sampled.samples) = (500, 5, 5);
    snapshot.stacks = Some(sampled);
    folder.put("with.json", snapshot.to_json());
    let (outcome, output, _) = folder.run("flame @with.json --format folded");
    assert_eq!((outcome, output.as_str()), (Outcome::Complete, "app::a;app::b:c\u{a0}7 500\n"));
    folder.put("a.folded", output);
    let (outcome, output, errors) = folder.run("flame @a.folded --against @with.json");
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""));
    assert!(output.contains("before: app, pid 7"), "{output}");
    assert!(output.ends_with("\nNo share differs by 0.2 points or more.\n"), "the names are the same: {output}");
    for function in &mut snapshot.functions {
        function.line += 3;
        function.file = format!("/elsewhere/{}", function.file);
    }
    folder.put("moved.json", snapshot.to_json());
    let (_, output, _) = folder.run("flame @moved.json --against @with.json");
    assert!(output.ends_with("\nNo share differs by 0.2 points or more.\n"), "lines move: {output}");
    let (outcome, _, errors) = folder.run("flame @without.json");
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.contains("sampled no stacks of itself; start it with PERF_STACKS=99/s"), "{errors}");
}

#[cfg(unix)]
#[test]
fn processes_that_record_beside_the_one_that_is_shown_are_counted() {
    let folder = Folder::new();
    folder.put("a.perfrec", recording().0.bytes());
    let file = folder.path("a.perfrec").display().to_string();
    // In the way of three processes at once, of which two found the file taken.
    let script = format!(
        "cp '{file}' \"$PERF_RECORDING\"\ncp '{file}' \"$PERF_RECORDING.2\"\ncp '{file}' \"$PERF_RECORDING.3\"\necho no >\"$PERF_RECORDING.txt\"\n"
    );
    folder.put("three.sh", script);
    let (_, _, errors) = folder.run("flame -- sh @three.sh");
    assert!(errors.contains("2 other processes recorded at the same time and are not shown"), "{errors}");
    folder.put("one.sh", format!("cp '{file}' \"$PERF_RECORDING\"\n"));
    let (_, _, errors) = folder.run("flame -- sh @one.sh");
    assert!(!errors.contains("other process"), "{errors}");
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let folder = Folder::new();
    folder.put("a.folded", "a;b 5\n");
    for (line, said) in [
        ("flame", "required"),
        ("flame @a.folded -- ls", "cannot be used with"),
        ("flame @a.folded --running --waiting", "cannot be used with"),
        ("flame @a.folded --rate 0", "--rate"),
        ("flame @a.folded --for 1", "--for"),
        ("flame @a.folded --against @a.folded --format svg", "a difference is shown as a page or as text"),
        ("flame @a.folded --against @a.folded --threads", "remove --threads"),
        ("flame --format svg -- ls", "write the stacks to a file with -o FILE"),
        ("flame @a.folded -o @none/b.svg", "@none/b.svg: cannot be written: "),
        ("flame @a.folded --against @none", "@none: cannot be read: "),
    ] {
        let (outcome, output, errors) = folder.run(line);
        assert_eq!((outcome, output.as_str()), (Outcome::Failed, ""), "{line}: {errors}");
        assert!(errors.contains(said), "{line}: {errors}");
    }
}
