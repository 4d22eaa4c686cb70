//! Where commands write what they make: to a file, or to standard output.
#![cfg(all(feature = "command", unix))]

mod programs;

use std::{fs, path::Path};

use perf_report::command::Outcome;
use programs::{Folder, function, process};

#[test]
fn a_dash_is_standard_output_and_a_full_disk_is_said() {
    let folder = Folder::new();
    folder.put("run.json", process(1, vec![function("app::main", &[(100, 1)])]).to_json());
    folder.put("a.folded", "app::main;app::parse 3\n");
    for line in ["merge @run.json", "export --to callgrind @run.json", "flame @a.folded"] {
        let (outcome, plain, _) = folder.run(line);
        assert!(outcome == Outcome::Complete && !plain.is_empty(), "{line}");
        assert_eq!(folder.run(&format!("{line} -o -")).1, plain, "{line}");
        assert!(!Path::new("-").exists(), "{line}");
        if fs::metadata("/dev/full").is_ok() {
            let (outcome, output, errors) = folder.run(&format!("{line} -o /dev/full"));
            assert_eq!((outcome, output.as_str()), (Outcome::Failed, ""), "{line}");
            assert!(errors.contains("error: /dev/full: cannot be written: "), "{line}: {errors}");
        }
    }
}
