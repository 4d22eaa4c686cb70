//! Everything that `annotate` wrote goes, and nothing else.

use perf_report::command::Outcome;

use crate::{annotated, contents, names, package, programs::Folder, text};

const SOURCE: &str = "pub fn wait() { std::thread::sleep(Default::default()) }\r\n\
                      \tpub(crate) fn read() -> usize { std::fs::read(\"é\").unwrap().len() } // ü #[::perf_runtime::profile] \n\
                      #[perf_runtime::profile]\npub fn by_hand() {}\n\
                      pub const TEXT: &str = \"#[::perf_runtime::profile] \";";

fn one() -> Folder {
    let folder = Folder::new();
    package(&folder, "one", &[("src/lib.rs", SOURCE)]);
    folder
}

#[test]
fn what_was_written_goes_byte_for_byte() {
    let folder = one();
    let before = contents(&folder.path("one"));
    annotated(&folder, "@one");
    assert_eq!(names(&text(&folder, "one/src/lib.rs")), ["wait", "read"]);
    assert_ne!(contents(&folder.path("one")), before);
    let output = annotated(&folder, "@one --remove");
    assert_eq!(output, "2 attributes taken out of 1 file, the dependency out of 1 manifest\n");
    assert_eq!(contents(&folder.path("one")), before);
    let output = annotated(&folder, "@one --remove");
    assert_eq!(output, "0 attributes taken out of 0 files, the dependency out of 0 manifests\n");
}

#[test]
fn edits_in_between_stay_also_where_the_source_no_longer_parses() {
    let folder = one();
    annotated(&folder, "@one");
    let edited = text(&folder, "one/src/lib.rs")
        .replace("profile] pub fn wait", "profile]\nfn waits_longer")
        .replace("const TEXT", "const = TEXT (")
        + "\n    #[::perf_runtime::profile]\n    fn formatted() {}\n#[::perf_runtime::profile(name = \"mine\")] fn changed() {}\n";
    folder.put("one/src/lib.rs", &edited);
    annotated(&folder, "@one --remove");
    let expected = SOURCE.replace("pub fn wait", "fn waits_longer").replace("const TEXT", "const = TEXT (")
        + "\n    fn formatted() {}\n#[::perf_runtime::profile(name = \"mine\")] fn changed() {}\n";
    assert_eq!(text(&folder, "one/src/lib.rs"), expected);
}

#[test]
fn the_dry_run_of_a_removal_is_a_diff_too() {
    let folder = one();
    annotated(&folder, "@one");
    let before = contents(&folder.path("one"));
    let (outcome, diff, errors) = folder.run("annotate --remove --dry-run @one");
    assert_eq!(outcome, Outcome::Complete);
    assert!(
        diff.contains("\n-#[::perf_runtime::profile] pub fn wait()") && diff.contains("\n+pub fn wait()"),
        "{diff}"
    );
    assert!(diff.contains("--- a/Cargo.toml\n+++ b/Cargo.toml\n"), "{diff}");
    assert_eq!(errors, "2 attributes would be taken out of 1 file, the dependency out of 1 manifest\n");
    assert_eq!(contents(&folder.path("one")), before);
}

#[test]
fn the_dependency_stays_while_another_file_needs_it() {
    let folder = Folder::new();
    let wait = "pub fn wait() { std::thread::sleep(Default::default()) }\n";
    package(&folder, "two", &[("src/lib.rs", &format!("mod a;\n{wait}")), ("src/a.rs", wait)]);
    let before = contents(&folder.path("two"));
    annotated(&folder, "@two");
    annotated(&folder, "@two/src/a.rs --remove");
    assert_eq!(text(&folder, "two/src/a.rs"), wait);
    assert!(text(&folder, "two/Cargo.toml").contains("perf-runtime"));
    annotated(&folder, "@two/src/lib.rs --remove");
    assert_eq!(contents(&folder.path("two")), before);
}

#[test]
fn a_file_in_which_a_mark_is_lost_stays_and_is_named() {
    let folder = Folder::new();
    let lib = "mod once;\n".to_owned() + SOURCE;
    let once = "static A: OnceLock<u8> = OnceLock::new();\npub fn a() -> &'static u8 {\n    A.get_or_init(|| load(1))\n}\n\
                static B: OnceLock<u8> = OnceLock::new();\npub fn b() -> &'static u8 {\n    B.get_or_init(|| load(2))\n}\n";
    package(&folder, "one", &[("src/lib.rs", &lib), ("src/once.rs", once)]);
    annotated(&folder, "@one --lazy");
    let whole = text(&folder, "one/src/once.rs");
    for (lost, message) in [
        (
            "/*+perf*/",
            "/*perf+*/ has lost its /*+perf*/, and the file stays as it is; write /*+perf*/ behind the code that \
             `annotate --lazy` put in here, and run the command again",
        ),
        (
            "/*perf+*/",
            "/*+perf*/ has lost its /*perf+*/, and the file stays as it is; write /*perf+*/ before the code that \
             `annotate --lazy` put in here, and run the command again",
        ),
    ] {
        let torn = whole.replacen(lost, "", 1);
        folder.put("one/src/once.rs", &torn);
        let (outcome, output, errors) = folder.run("annotate --remove @one");
        assert_eq!((outcome, errors), (Outcome::Partial, format!("warning: @one/src/once.rs:3: {message}\n")));
        // The others are done; what the file needs stays.
        assert!(output.ends_with("the dependency out of 0 manifests\n"), "{output}");
        assert_eq!((text(&folder, "one/src/once.rs"), text(&folder, "one/src/lib.rs")), (torn, lib.clone()));
        assert!(text(&folder, "one/Cargo.toml").contains("perf-runtime"));
    }
    folder.put("one/src/once.rs", whole);
    annotated(&folder, "--remove @one");
    assert_eq!(text(&folder, "one/src/once.rs"), once);
    assert!(!text(&folder, "one/Cargo.toml").contains("perf-runtime"));
}
