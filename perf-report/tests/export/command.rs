//! The command: files, what is said, the exit status.

use perf_report::{
    Snapshot,
    command::Outcome,
    recording::{Now, read},
};

use crate::{
    invented::ordinary,
    programs::{Folder, function, process},
    support,
};

#[test]
fn refusals_say_what_is_wrong_and_what_to_do() {
    let folder = Folder::new();
    folder.put("run.json", ordinary().to_json());
    folder.put("idle.json", Snapshot::empty().to_json());
    let mut said = String::new();
    for line in [
        "export @run.json",
        "export --to callgrynd @run.json",
        "export --to callgrind @missing.json",
        "export --to callgrind @idle.json",
        "export --to hlog @idle.json",
    ] {
        let (outcome, output, errors) = folder.run(line);
        assert_eq!((outcome, output.as_str()), (Outcome::Failed, ""), "{line}");
        said += &format!("$ {line}\n{errors}\n");
    }
    insta::assert_snapshot!("export_refusals", said);
    let (outcome, _, errors) = folder.run("export --to hlog @run.json -o @missing/run.hlog");
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.starts_with("error: @missing/run.hlog: cannot be written: "), "{errors}");
}

#[test]
fn several_files_are_added_up_as_merge_does() {
    let folder = Folder::new();
    folder.put("runs/one.json", process(1, vec![function("f", &[(10, 3)])]).to_json());
    folder.put("runs/two.json", process(2, vec![function("f", &[(20, 4)])]).to_json());
    folder.put("torn.json", "{");
    let (_, sum, _) = folder.run("merge @runs/one.json @runs/two.json");
    folder.put("sum.json", sum);
    for format in ["callgrind", "hlog"] {
        let of_sum = folder.run(&format!("export --to {format} @sum.json"));
        assert_eq!(of_sum.0, Outcome::Complete);
        assert_eq!(folder.run(&format!("export --to {format} @runs/one.json @runs/two.json")), of_sum);
        assert_eq!(folder.run(&format!("export --to {format} @runs")), of_sum);
        let (outcome, output, errors) = folder.run(&format!("export --to {format} @runs @torn.json"));
        assert_eq!((outcome, &output), (Outcome::Partial, &of_sum.1));
        assert!(errors.starts_with("error: @torn.json: "), "{errors}");
    }
}

#[test]
fn a_recording_is_exported_as_its_snapshot_is() {
    let folder = Folder::new();
    let recording = support::some_of_everything();
    folder.put("app.perfrec", recording.bytes());
    folder.put("app.json", read(&recording.words, Now::LastTick).unwrap().snapshot.to_json());
    for (format, missing) in [
        ("callgrind", "percentiles, marks of estimated times, calls in flight, the process over time"),
        ("hlog", "self and total times, callers, marks of estimated times, calls in flight, the process over time"),
    ] {
        let of_snapshot = folder.run(&format!("export --to {format} @app.json"));
        assert_eq!(of_snapshot.0, Outcome::Complete);
        assert_eq!(of_snapshot.2, format!("note: the format {format} has no place for {missing}\n"));
        assert_eq!(folder.run(&format!("export --to {format} @app.perfrec")), of_snapshot);
        let bytes = recording.bytes();
        folder.put("cut.perfrec", &bytes[..bytes.len() - 8_000]);
        let (outcome, output, errors) = folder.run(&format!("export --to {format} @cut.perfrec"));
        assert_eq!(outcome, Outcome::Partial);
        assert!(output.contains("app::main") && errors.starts_with("warning: @cut.perfrec: damaged: "), "{errors}");
    }
}

#[test]
fn a_file_gets_what_standard_output_would() {
    let folder = Folder::new();
    folder.put("run.json", ordinary().to_json());
    let (_, text, _) = folder.run("export --to callgrind @run.json");
    let (outcome, output, errors) = folder.run("export --to callgrind @run.json -o @out.callgrind");
    assert_eq!((outcome, output.as_str()), (Outcome::Complete, ""));
    assert!(errors.starts_with("note: "), "{errors}");
    assert_eq!(std::fs::read_to_string(folder.path("out.callgrind")).unwrap(), text);
    assert_eq!(folder.run("export --to callgrind @run.json -o -").1, text);
}
