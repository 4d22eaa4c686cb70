//! The formats of whole stacks: `folded`, `pprof` and `speedscope`. Their encoders have tests of their own; these are about what
//! `export` gives them. `.ci/exports` reads them with the tools.

use perf_report::{Snapshot, command::Outcome};

use crate::{
    export,
    invented::{hostile, named_and_sampled, ordinary, sampled},
    programs::{Folder, function, process},
};

const FORMATS: [&str; 3] = ["folded", "pprof", "speedscope"];

const NOTE: &str = "has no place for numbers of calls, self and total times, percentiles, calls in flight\n";

fn versionless(text: &str) -> String {
    text.replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[test]
fn stacks_have_their_sampled_times() {
    let (text, errors) = export("folded", &sampled());
    insta::assert_snapshot!("folded", text);
    assert_eq!(errors, format!("note: the format folded {NOTE}"));
    let (text, errors) = export("speedscope", &sampled());
    insta::assert_snapshot!("speedscope", versionless(&text));
    assert_eq!(errors, format!("note: the format speedscope {NOTE}"));
}

#[test]
fn without_samples_there_is_a_way_to_get_some() {
    let folder = Folder::new();
    folder.put("run.json", ordinary().to_json());
    let mut unseen = sampled();
    let stacks = unseen.stacks.as_mut().unwrap();
    stacks.samples = 0;
    stacks.nodes.iter_mut().for_each(|node| (node.samples, node.ns) = (0, 0));
    folder.put("unseen.json", unseen.to_json());
    for format in FORMATS {
        for file in ["run.json", "unseen.json"] {
            let (outcome, output, errors) = folder.run(&format!("export --to {format} @{file} -o @out"));
            assert_eq!((outcome, output.as_str()), (Outcome::Failed, ""));
            assert!(errors.contains("PERF_STACKS=99/s") && errors.contains("flame"), "{errors}");
            assert!(!folder.path("out").exists());
        }
    }
}

#[test]
fn a_binary_format_is_not_written_where_nobody_asked_for_it() {
    let folder = Folder::new();
    folder.put("run.json", sampled().to_json());
    let (outcome, output, errors) = folder.run("export --to pprof @run.json");
    assert_eq!((outcome, output.as_str()), (Outcome::Failed, ""));
    assert_eq!(
        errors,
        "error: pprof is a binary format; name a file with -o FILE, or write -o - for standard output\n"
    );
    let (outcome, _, errors) = folder.run("export --to pprof @run.json -o @run.pb.gz");
    assert_eq!((outcome, errors), (Outcome::Complete, format!("note: the format pprof {NOTE}")));
    assert_eq!(std::fs::read(folder.path("run.pb.gz")).unwrap()[..2], [0x1f, 0x8b], "gzip");
}

#[test]
fn stacks_of_several_processes_add_up_and_who_has_none_is_named() {
    let folder = Folder::new();
    let mut other = sampled();
    other.process.pid += 1;
    other.process.started_unix_ns += 1;
    folder.put("one.json", sampled().to_json());
    folder.put("two.json", other.to_json());
    folder.put("none.json", process(1, vec![function("f", &[(10, 1)])]).to_json());
    let (outcome, output, errors) = folder.run("export --to folded @one.json @two.json @none.json");
    assert_eq!(outcome, Outcome::Partial);
    let warning = "warning: @none.json: no stacks were sampled there, so this process is not in the export\n";
    assert!(errors.starts_with(warning), "{errors}");
    let doubled = |snapshot: &Snapshot| {
        let (text, _) = export("folded", snapshot);
        let line = |line: &str| {
            let (stack, ns) = line.rsplit_once(' ').unwrap();
            format!("{stack} {}\n", 2 * ns.parse::<u64>().unwrap())
        };
        text.lines().map(line).collect::<String>()
    };
    assert_eq!(output, doubled(&sampled()));
}

#[test]
fn names_stay_names() {
    let names = hostile();
    let snapshot = named_and_sampled(&names);
    let (folded, _) = export("folded", &snapshot);
    let number = |line: &str| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap();
    // Namesakes are one stack here.
    let all = (1..=names.len() as u64).sum::<u64>() * 2_000_000;
    assert_eq!(folded.lines().map(number).sum::<u64>(), all, "{folded}");
    assert!(folded.lines().all(|line| !line.contains(';')), "{folded}");
    let (json, _) = export("speedscope", &snapshot);
    let file: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(file["profiles"][0]["endValue"], all);
    for text in [folded, json] {
        assert!(
            !text.trim_end().contains(['\r', '\0', '\u{1b}', '\u{202e}']) && text.contains("größe::数える"),
            "{text}"
        );
    }
}
