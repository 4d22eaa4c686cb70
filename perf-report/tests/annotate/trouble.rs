//! Bad input: what is wrong, where, and what to write instead. Files that cannot be annotated stay as they were.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
};

use perf_report::command::Outcome;

use crate::{contents, package, programs::Folder, text};

const WAIT: &str = "pub fn wait() { std::thread::sleep(Default::default()) }\n";

#[test]
fn files_that_cannot_be_read_as_rust_are_named_and_the_others_annotated() {
    let folder = Folder::new();
    let lib = format!("mod broken;\nmod bytes;\nmod missing;\n#[cfg(windows)]\nmod windows;\n{WAIT}");
    package(&folder, "one", &[("src/lib.rs", &lib), ("src/broken.rs", "fn a() {}\n  fn b( {}\n")]);
    folder.put("one/src/bytes.rs", b"// \n// \xff\n");
    let (outcome, output, errors) = folder.run("annotate @one");
    assert_eq!(outcome, Outcome::Partial, "{output}");
    assert!(output.starts_with("one 1.2.3: 1 of 1 function annotated, in 1 file\n"), "{output}");
    let mut lines: Vec<&str> = errors.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines.len(), 3, "{errors}");
    assert!(lines[0].starts_with("warning: src/broken.rs:2:") && lines[0].contains("cannot be parsed"), "{errors}");
    assert_eq!(lines[1], "warning: src/bytes.rs:2:1: is not UTF-8");
    assert_eq!(lines[2], "warning: src/lib.rs: mod missing; has no file, and is not followed");
    assert_eq!(text(&folder, "one/src/broken.rs"), "fn a() {}\n  fn b( {}\n");
}

#[test]
fn read_only_sources_are_refused_before_anything_is_written() {
    let folder = Folder::new();
    package(&folder, "one", &[("src/lib.rs", &format!("mod a;\n{WAIT}")), ("src/a.rs", WAIT)]);
    fs::set_permissions(folder.path("one/src/a.rs"), fs::Permissions::from_mode(0o444)).unwrap();
    let before = contents(&folder.path("one"));
    let (outcome, output, errors) = folder.run("annotate @one");
    assert_eq!((outcome, output.as_str()), (Outcome::Failed, ""));
    assert_eq!(
        errors,
        "error: @one/src/a.rs: is read-only; make it writable (chmod u+w), or annotate a copy of the package\n"
    );
    assert_eq!(contents(&folder.path("one")), before);
}

#[test]
fn links_out_of_the_workspace_and_what_builds_write_are_left_alone() {
    let folder = Folder::new();
    folder.put("outside.rs", WAIT);
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| folder.path("one/target").into());
    fs::create_dir_all(&target).unwrap();
    let builds = tempfile::tempdir_in(target).unwrap();
    let made = builds.path().canonicalize().unwrap().join("made.rs");
    fs::write(&made, WAIT).unwrap();
    let lib = format!("mod linked;\n#[path = {made:?}]\nmod made;\nmod inside;\n{WAIT}");
    package(&folder, "one", &[("src/lib.rs", &lib), ("src/real.rs", WAIT)]);
    symlink(folder.path("outside.rs"), folder.path("one/src/linked.rs")).unwrap();
    symlink(folder.path("one/src/real.rs"), folder.path("one/src/inside.rs")).unwrap();
    let (outcome, output, errors) = folder.run("annotate @one --verbose");
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""), "{output}");
    assert!(output.contains("src/linked.rs: leads out of the workspace, to @outside.rs\n"), "{output}");
    assert!(output.contains("made.rs: lies in the target folder, where builds write\n"), "{output}");
    assert_eq!(text(&folder, "outside.rs"), WAIT);
    assert!(text(&folder, "one/src/real.rs").starts_with("#[::perf_runtime::profile] pub fn wait"));
    assert!(fs::symlink_metadata(folder.path("one/src/inside.rs")).unwrap().is_symlink());
}

#[test]
fn macros_of_the_compiler_and_the_runtime_are_left_alone() {
    let folder = Folder::new();
    package(&folder, "derive", &[("src/lib.rs", WAIT)]);
    let manifest = text(&folder, "derive/Cargo.toml") + "[lib]\nproc-macro = true\n";
    folder.put("derive/Cargo.toml", manifest);
    let (outcome, output, _) = folder.run("annotate @derive --verbose");
    assert_eq!(outcome, Outcome::Complete);
    assert!(output.contains("src/lib.rs: procedural macros: they run in the compiler\n"), "{output}");
    package(&folder, "perf-runtime", &[("src/lib.rs", WAIT)]);
    let (outcome, _, errors) = folder.run("annotate @perf-runtime");
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.contains("no package of the workspace lies below these paths"), "{errors}");
}

#[test]
fn wrong_arguments_get_a_message() {
    let folder = Folder::new();
    package(&folder, "one", &[("src/lib.rs", WAIT)]);
    folder.put("inline/Cargo.toml", "dependencies = { }\npackage = { name = \"inline\", version = \"0.1.0\" }\n");
    folder.put("inline/src/lib.rs", WAIT);
    folder.put("invalid/Cargo.toml", "[package\n");
    for (line, part) in [
        ("annotate @missing", "error: @missing: cannot be read: "),
        ("annotate @one --dependency 0.1", "write a version in quotes, '\"0.1\"', or a table"),
        ("annotate @one --filter a[", "is not a pattern"),
        ("annotate @one --filter two::*", "the filter does not match the one function below these paths"),
        ("annotate @one --profile @one/Cargo.toml", "error: @one/Cargo.toml: "),
        ("annotate @one --remove --select all", "cannot be used with"),
        ("annotate @inline", "below a header `[dependencies]`"),
        ("annotate @invalid", "error: @invalid: cargo metadata says: "),
        ("annotate @one/src/other", "cannot be read"),
    ] {
        let (outcome, output, errors) = folder.run(line);
        assert_eq!((outcome, output.as_str()), (Outcome::Failed, ""), "{line}: {errors}");
        assert!(errors.contains(part), "{line}: {errors}");
    }
}

#[test]
fn a_file_that_changed_after_the_dry_run_is_annotated_as_it_is_now() {
    let folder = Folder::new();
    package(&folder, "one", &[("src/lib.rs", WAIT)]);
    let (outcome, diff, errors) = folder.run("annotate @one --dry-run");
    assert_eq!(outcome, Outcome::Complete, "{errors}");
    assert!(diff.contains("+#[::perf_runtime::profile] pub fn wait()"), "{diff}");
    let edited = format!("// edited since\n{}", WAIT.replace("wait", "rest"));
    folder.put("one/src/lib.rs", &edited);
    let (outcome, _, errors) = folder.run("annotate @one");
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""));
    let expected = edited.replace("pub fn", "#[::perf_runtime::profile] pub fn");
    assert_eq!(text(&folder, "one/src/lib.rs"), expected);
}
