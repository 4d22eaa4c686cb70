//! Sources in which an attribute too many or too few breaks the build.

use perf_report::command::Outcome;

use crate::{annotated, contents, names, package, programs::Folder, text};

const WAIT: &str = "pub fn wait() { std::thread::sleep(Default::default()) }\n";

#[test]
fn resources_of_people_are_theirs() {
    let source = "#[lazy_resource]\npub fn a() -> u8 { std::fs::read(\"x\").unwrap()[0] }\n\
                  #[::perf_runtime::lazy_resource] fn b() -> u8 { std::fs::read(\"x\").unwrap()[0] }\n";
    let folder = Folder::new();
    package(&folder, "one", &[("src/lib.rs", &format!("{source}{WAIT}"))]);
    let output = annotated(&folder, "@one --verbose");
    assert!(text(&folder, "one/src/lib.rs").starts_with(source), "{output}");
    assert!(output.contains("src/lib.rs:2: one::a: a resource: its initialiser is timed already"), "{output}");
}

#[test]
fn a_file_of_two_packages_is_written_once() {
    let folder = Folder::new();
    let lib = "#[path = \"../../shared.rs\"]\nmod shared;\n";
    package(&folder, "one", &[("src/lib.rs", lib)]);
    package(&folder, "two", &[("src/lib.rs", lib)]);
    folder.put("shared.rs", WAIT);
    folder.put("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\n");
    let manifest = folder.path("Cargo.toml").display().to_string();
    let before = contents(&folder.path(""));
    annotated(&folder, &format!("--manifest-path {manifest}"));
    assert_eq!(names(&text(&folder, "shared.rs")), ["wait"]);
    for name in ["one", "two"] {
        assert!(text(&folder, &format!("{name}/Cargo.toml")).contains("perf-runtime"), "{name}");
    }
    let (outcome, diff, _) = folder.run(&format!("annotate --dry-run --timing adaptive --manifest-path {manifest}"));
    assert_eq!((outcome, diff.matches("+++ b/shared.rs\n").count()), (Outcome::Complete, 1), "{diff}");
    // Both depend on the runtime as long as it is annotated.
    annotated(&folder, &format!("--manifest-path {manifest} --remove"));
    assert!(contents(&folder.path("")) == before);
}

#[test]
fn the_dependency_stays_while_files_outside_of_the_path_need_it() {
    let folder = Folder::new();
    package(
        &folder,
        "one",
        &[("src/lib.rs", &format!("mod small;\n{WAIT}")), ("src/small.rs", "fn two() -> u8 { 2 }\n")],
    );
    annotated(&folder, "@one");
    annotated(&folder, "@one/src/small.rs");
    assert!(text(&folder, "one/Cargo.toml").contains("perf-runtime"));
    annotated(&folder, "@one --select all --filter none::*");
    assert!(text(&folder, "one/Cargo.toml").contains("perf-runtime"));
}

#[test]
fn files_that_a_build_script_has_too_are_left_alone() {
    let folder = Folder::new();
    let build = "#[path = \"src/shared.rs\"]\nmod shared;\ninclude!(\"src/options.rs\");\n\
                 mod made { include!(concat!(env!(\"OUT_DIR\"), \"/made.rs\")); }\nfn main() {}\n";
    package(
        &folder,
        "one",
        &[
            ("src/lib.rs", &format!("mod shared;\nmod options;\n{WAIT}")),
            ("src/shared.rs", WAIT),
            ("src/options.rs", WAIT),
            ("build.rs", build),
        ],
    );
    let output = annotated(&folder, "@one --verbose");
    assert_eq!(text(&folder, "one/src/shared.rs"), WAIT, "{output}");
    assert_eq!(text(&folder, "one/src/options.rs"), WAIT, "{output}");
    assert!(output.starts_with("one 1.2.3: 1 of 1 function annotated, in 1 file\n"), "{output}");
    assert!(
        output.contains("src/options.rs: the build script has it too, and no dependency on the runtime\n"),
        "{output}"
    );
}

#[test]
fn attributes_in_macros_were_written_by_people() {
    let folder = Folder::new();
    let source = "#[macro_export]\nmacro_rules! timed { ($name:ident) => { #[::perf_runtime::profile] fn $name() { \"}\"; } }; }\n\
                  macro_rules! other ( () => ( #[::perf_runtime::profile] fn b() {} ) );\n";
    package(&folder, "one", &[("src/lib.rs", &format!("{source}{WAIT}"))]);
    annotated(&folder, "@one");
    annotated(&folder, "@one --remove");
    assert_eq!(text(&folder, "one/src/lib.rs"), format!("{source}{WAIT}"));
    // Where the macro has no end, the attributes behind it are taken for ours.
    folder.put("one/src/lib.rs", "macro_rules! broken { (\n#[::perf_runtime::profile] fn a() {}\n");
    annotated(&folder, "@one --remove");
    assert_eq!(text(&folder, "one/src/lib.rs"), "macro_rules! broken { (\nfn a() {}\n");
}
