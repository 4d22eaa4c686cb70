//! `--fail-on` and `--baseline`: only what is new fails, wherever its lines are.

use crate::support::Crates;

#[test]
fn only_findings_of_the_named_kinds_fail() {
    let crates = Crates::fixture();
    crates.put("run.json", crates.profile().to_json());
    for (line, status) in [
        ("", 0),
        ("--fail-on any", 1),
        ("--fail-on high", 1),
        ("--fail-on clippy::map_entry", 1),
        ("--fail-on perf::never_ran", 0),
        ("--profile @run.json --fail-on perf::never_ran", 1),
        ("--profile @run.json --fail-on 350ms", 1),
        ("--profile @run.json --fail-on 500ms", 0),
        ("--profile @run.json --fail-on 10%", 1),
        ("--profile @run.json --fail-on 90%,clippy::non_std_lazy_statics", 0),
    ] {
        let ended = crates.audit(&format!("--limit 1 {line}"));
        assert_eq!(ended.status, status, "{line}: {}", ended.errors);
        let says = ended.errors.contains("the audit; correct or allow them, or accept them by --baseline");
        assert_eq!(says, status == 1, "{line}: {}", ended.errors);
    }
}

#[test]
fn accepted_findings_stay_accepted_when_lines_move() {
    let crates = Crates::fixture();
    assert_eq!(crates.audit("--format json --output @accepted.json").status, 0);
    let line = "--baseline @accepted.json --fail-on any";
    let ended = crates.audit(line);
    assert_eq!((ended.status, ended.errors.as_str()), (0, ""));
    assert!(ended.output.starts_with("no findings\n"), "{}", ended.output);
    assert!(ended.output.contains("The baseline accepts "), "{}", ended.output);
    let before = "pub fn settings()";
    crates.replace("planted/src/own.rs", before, &format!("/// Three lines more.\n///\n/// Here.\n{before}"));
    crates.replace("planted/src/own.rs", "use regex::Regex;", "\n\nuse regex::Regex;\n");
    let ended = crates.audit(line);
    assert_eq!(ended.status, 0, "lines moved: {}", ended.output);
    let file = "planted/src/loops.rs";
    crates.replace(
        file,
        "pub fn third",
        "pub fn fourth(rows: &[u64]) -> Option<&u64> {\n    rows.iter().nth(4)\n}\n\npub fn third",
    );
    let ended = crates.audit(line);
    assert_eq!(ended.status, 1);
    assert_eq!(ended.errors, "error: 1 finding fails the audit; correct or allow them, or accept them by --baseline\n");
    assert!(ended.output.starts_with("1 finding: 1 medium\n"), "{}", ended.output);
}

#[test]
fn a_finding_like_an_accepted_one_is_new() {
    let crates = Crates::fixture();
    crates.audit("--format json --output @accepted.json");
    let call = "    rows.iter().nth(3) //~ clippy::iter_nth\n";
    crates.replace(
        "planted/src/loops.rs",
        call,
        &format!("    let _ = rows.iter().nth(3); //~ clippy::iter_nth\n{call}"),
    );
    let ended = crates.audit("--baseline @accepted.json --fail-on any");
    assert_eq!(ended.status, 1, "{}", ended.output);
}

#[test]
fn entries_that_are_found_no_more_are_counted() {
    let crates = Crates::fixture();
    crates.audit("--format json --output @accepted.json");
    crates.replace("planted/src/loops.rs", "rows.iter().nth(3)", "rows.get(3)");
    let ended = crates.audit("--baseline @accepted.json");
    assert!(
        ended.output.contains("1 entry of the baseline is found no more: write the baseline anew."),
        "{}",
        ended.output
    );
}

#[test]
fn annotating_makes_no_finding_a_new_one() {
    let crates = Crates::package("plain", "async fn idle() {}\nfn main() {\n    let _ = idle();\n}\n");
    let ended = crates.audit("--format json --output accepted.json");
    assert_eq!(ended.status, 0, "{}", ended.errors);
    assert!(crates.text("accepted.json").contains("clippy::unused_async"), "{}", crates.text("accepted.json"));
    // The attribute's crate is not here: one of the same name stands for it.
    crates.put(
        "runtime/Cargo.toml",
        "[package]\nname = \"perf-runtime\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\nproc-macro = true\n",
    );
    crates.put(
        "runtime/src/lib.rs",
        "#[proc_macro_attribute]\npub fn profile(_: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {\n    item\n}\n",
    );
    crates.replace(
        "Cargo.toml",
        "[workspace]\n",
        "[workspace]\n[dependencies]\nperf-runtime = { path = \"runtime\" }\n",
    );
    crates.replace("src/main.rs", "async fn", "#[::perf_runtime::profile] async fn");
    let ended = crates.audit("--baseline accepted.json --fail-on any");
    assert_eq!((ended.status, ended.errors.as_str()), (0, ""), "{}", ended.output);
}
