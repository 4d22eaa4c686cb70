//! Promises of the documentation that the compiler does not hold: summaries that can be read in a list, and tables that name what
//! there is.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Most letters of a summary.
const SUMMARY: usize = 80;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The Rust files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// A summary as it is read: without the targets of links and the marks of code.
fn shown(markdown: &str) -> String {
    let mut text = String::new();
    let mut rest = markdown;
    while let Some((before, after)) = rest.split_once("](") {
        text += before;
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    (text + rest).replace(['`', '[', ']'], "")
}

/// Whether a line of code begins an item that documentation lists: a variant and an entry of a macro's list do too.
fn is_listed(code: &str) -> bool {
    let is_member = code.starts_with(|letter: char| letter.is_ascii_uppercase()) && code.ends_with([',', '{', ')']);
    code.starts_with("pub ") || is_member
}

/// The summaries of a file that break the rule, with their lines.
fn wrong_summaries(text: &str) -> Vec<(usize, String)> {
    let mut wrong = Vec::new();
    let mut summary: Option<(usize, String, bool)> = None;
    for (number, line) in text.lines().map(str::trim).enumerate() {
        if let Some(doc) = line.strip_prefix("///") {
            let (_, text, ended) = summary.get_or_insert((number + 1, String::new(), false));
            *ended |= doc.trim().is_empty();
            if !*ended {
                *text += if text.is_empty() { "" } else { " " };
                *text += doc.trim();
            }
        } else if line.starts_with("#[") || line.ends_with(")]") {
            // An attribute stands between the documentation and its item.
        } else if let Some((number, text, _)) = summary.take()
            && is_listed(line)
            && !text.is_empty()
        {
            let shown = shown(&text);
            if shown.chars().count() > SUMMARY || !shown.ends_with(['.', ':', '?', '`']) {
                wrong.push((number, shown));
            }
        }
    }
    wrong
}

#[test]
fn summaries_are_one_plain_line() {
    let mut wrong = String::new();
    for folder in ["perf-runtime/src", "perf-report/src"] {
        // The contract with the expansions names an attribute per item; the command's are lines of its help.
        let files = sources(&root().join(folder)).into_iter();
        for path in files.filter(|path| {
            !path.ends_with("private.rs") && !path.components().any(|part| part.as_os_str() == "command")
        }) {
            for (line, summary) in wrong_summaries(&read(&path)) {
                let place = path.strip_prefix(root()).unwrap_or(&path).display();
                wrong += &format!("{place}:{line}: {} letters: {summary}\n", summary.chars().count());
            }
        }
    }
    for page in fs::read_dir(root().join("perf-runtime/docs")).unwrap().map(|entry| entry.unwrap().path()) {
        let text = read(&page);
        let summary = shown(text.split("\n\n").next().unwrap_or_default());
        if summary.chars().count() > SUMMARY || !summary.ends_with('.') {
            wrong += &format!("{}: {} letters: {summary}\n", page.display(), summary.chars().count());
        }
    }
    assert!(wrong.is_empty(), "a summary is a sentence of at most {SUMMARY} letters:\n{wrong}");
}

#[test]
fn a_summary_is_measured_as_it_is_read() {
    let long = "a".repeat(SUMMARY);
    assert_eq!(wrong_summaries(&format!("/// {long}.\npub fn long() {{}}")).len(), 1);
    assert_eq!(wrong_summaries(&format!("/// {long}\n/// second line.\n#[must_use]\npub fn long() {{}}")).len(), 1);
    assert_eq!(wrong_summaries("/// Without an end\npub fn short() {}").len(), 1);
    let linked = format!("/// Made by [`start`](crate::{long}).\n///\n/// {long} {long}\npub struct Linked;");
    assert!(wrong_summaries(&linked).is_empty());
    assert!(wrong_summaries(&format!("/// {long} {long}\nfn private() {{}}")).is_empty());
}

/// The variables in the rows of a page's table.
fn listed_variables(page: &str) -> BTreeSet<String> {
    let rows = page.lines().filter_map(|line| line.trim_start_matches("//! ").strip_prefix("| `"));
    rows.filter_map(|row| row.split(" | ").next())
        .flat_map(|cell| cell.split(['`', '=', ',', ' ']))
        .filter(|word| word.starts_with("PERF_"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn pages_list_the_variables_that_are_read() {
    let environment = read(&root().join("perf-runtime/src/session/environment.rs"));
    let (_, list) = environment.split_once("const VARIABLES").expect("a list of the variables");
    let (list, _) = list.split_once("];").expect("its end");
    let variables: BTreeSet<String> =
        list.split('"').filter(|word| word.starts_with("PERF_")).map(str::to_owned).collect();
    assert!(variables.len() > 5, "{variables:?}");
    for page in ["perf-runtime/src/lib.rs", "README.md"] {
        assert_eq!(listed_variables(&read(&root().join(page))), variables, "{page}");
    }
}

#[test]
fn the_front_page_lists_the_features_there_are() {
    let manifest = read(&root().join("perf-runtime/Cargo.toml"));
    let (_, features) = manifest.split_once("\n[features]\n").expect("features");
    let (features, _) = features.split_once("\n[").expect("their end");
    let names =
        features.lines().filter(|line| !line.starts_with([' ', '#', ']'])).filter_map(|line| line.split_once(" = "));
    let features: BTreeSet<&str> = names.map(|(name, _)| name).filter(|name| *name != "default").collect();
    let page = read(&root().join("perf-runtime/src/lib.rs"));
    let (_, section) = page.split_once("//! # Features\n").expect("a section on features");
    let (section, _) = section.split_once("//! # ").expect("a section behind it");
    let rows = section.lines().filter_map(|line| line.strip_prefix("//! | `"));
    assert_eq!(rows.filter_map(|row| row.split('`').next()).collect::<BTreeSet<_>>(), features);
}

#[test]
fn the_page_on_processes_names_tests_that_exist() {
    let tests: Vec<String> = sources(&root().join("tests/tests")).iter().map(|path| read(path)).collect();
    let page = read(&root().join("perf-runtime/docs/processes.md"));
    let comments = page.split("<!-- ").skip(1).filter_map(|rest| rest.split(" -->").next());
    let names: Vec<&str> =
        comments.flat_map(|comment| comment.split(", ")).filter_map(|name| Some(name.split_once("::")?.1)).collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(tests.iter().any(|text| text.contains(&format!("fn {name}()"))), "there is no test {name}");
    }
}
