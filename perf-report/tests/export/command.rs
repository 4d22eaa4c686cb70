//! The command: files, what is said, the exit status.

use perf_report::{Snapshot, command::Outcome};

use crate::{
    invented::ordinary,
    programs::{Folder, function, process},
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
