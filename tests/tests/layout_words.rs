//! Every word of the recording's layout is written by the runtime and read by the report.
//!
//! A word that nobody writes is a figure of 0 that nobody measured; one that nobody reads is measured in vain. Both
//! compile, so the sources are searched for the names: `header::PID`, `slot_layout::SUM`, or a name that was imported. A
//! word that the runtime keeps for itself says in its documentation that only the writer uses it.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where the layout is declared.
const LAYOUT: &str = "perf-report/src/recording/layout";

struct Word {
    module: String,
    name: String,
    of_the_writer_alone: bool,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("a folder of sources").map(|entry| entry.expect("an entry").path());
    for path in entries {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        match path.is_dir() {
            true if name != "tests" => rust_files(&path, files),
            false if name.ends_with(".rs") && !name.contains("test") => files.push(path),
            _ => {}
        }
    }
}

/// The code below a folder, a text per file, without comments and without the unit tests at the end of files.
fn code(folder: &str) -> Vec<String> {
    let mut files = Vec::new();
    rust_files(&root().join(folder), &mut files);
    files.retain(|file| !file.starts_with(root().join(LAYOUT)));
    let text = |file: &PathBuf| {
        let text = fs::read_to_string(file).expect("a source");
        let text = text.split("mod tests {").next().unwrap_or_default();
        text.lines().map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n").collect()
    };
    files.iter().map(text).collect()
}

/// The words that a module declares, those of modules inside it included. Sizes are not words, and a word that is always 0
/// needs nobody.
fn words(path: &Path) -> Vec<Word> {
    const MARK: &str = "Only the writer uses it";
    const ZERO: &str = "/// Always 0";
    let file = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
    let text = fs::read_to_string(path).expect("a source");
    let whole = text.lines().take_while(|line| line.starts_with("//!")).any(|line| line.contains(MARK));
    let (mut module, mut marked, mut zero, mut words) = (file.clone(), false, false, Vec::new());
    for line in text.lines().take_while(|line| !line.contains("cfg(test)")) {
        let code = line.trim();
        if let Some(name) = code.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(" {")) {
            module = name.to_owned();
        } else if line == "}" {
            module.clone_from(&file);
        } else if code.starts_with("///") {
            marked |= code.contains(MARK);
            zero |= code.starts_with(ZERO);
        } else if let Some((name, _)) = code.strip_prefix("pub const ").and_then(|rest| rest.split_once(": usize")) {
            let is_function = name.starts_with("fn ");
            let is_size = ["LEN", "ENTRY", "EVENTS", "CHUNKS", "FIRST_CHUNK"].contains(&name)
                || name.ends_with("_LEN")
                || name.ends_with("_COUNT");
            if !is_function && !is_size && !zero {
                let name = name.to_owned();
                words.push(Word { module: module.clone(), name, of_the_writer_alone: whole || marked });
            }
            (marked, zero) = (false, false);
        } else if !code.starts_with('#') {
            (marked, zero) = (false, false);
        }
    }
    words
}

/// Where a name stands as a whole word, each time what stands before it.
fn occurrences<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(name)
        .map(move |(at, _)| (&text[..at], &text[at + name.len()..]))
        .filter(|(before, after)| !before.ends_with(is_part) && !after.starts_with(is_part))
        .map(|(before, _)| before)
}

fn is_part(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// How often a file uses a word: by its module's name, or by the name under which it was imported from it.
fn uses(text: &str, word: &Word) -> usize {
    let by_module = occurrences(text, &word.name).filter(|before| {
        let path = before.strip_suffix("::").unwrap_or_default();
        let module = path.rsplit(|letter| !is_part(letter)).next().unwrap_or_default();
        module == word.module || module == format!("{}_layout", word.module)
    });
    let imports = text.split(';').filter(|statement| statement.contains("use ") && statement.contains("layout"));
    let list = format!("{}::{{", word.module);
    let imported = imports.filter_map(|statement| statement.split(&list).nth(1)).find_map(|list| {
        let mut names = list.split('}').next().unwrap_or_default().split(',').map(str::trim);
        names.find_map(|name| match name.split_once(" as ") {
            Some((original, alias)) => (original == word.name).then_some(alias),
            None => (name == word.name).then_some(name),
        })
    });
    // The import itself is no use.
    let bare = imported.map_or(0, |name| occurrences(text, name).filter(|before| !before.ends_with("::")).count() - 1);
    by_module.count() + bare
}

#[test]
fn every_word_has_a_writer_and_a_reader() {
    let (writer, reader) = (code("perf-runtime/src"), code("perf-report/src"));
    let mut files = Vec::new();
    rust_files(&root().join(LAYOUT), &mut files);
    let (mut number, mut wrong) = (0, Vec::new());
    // These two hold no words: one joins the others, one is arithmetic.
    files.retain(|file| !file.ends_with("mod.rs") && !file.ends_with("buckets.rs"));
    for word in files.iter().flat_map(|file| words(file)) {
        let count = |files: &[String]| files.iter().map(|text| uses(text, &word)).sum::<usize>();
        let (written, read) = (count(&writer), count(&reader));
        let name = format!("{}::{}", word.module, word.name);
        number += 1;
        match (written, read) {
            (0, _) => wrong.push(format!("{name} has no writer")),
            (1, 0) => wrong.push(format!("{name} has no reader")),
            (_, 0) if !word.of_the_writer_alone => {
                wrong.push(format!("{name} has no reader in the report; say that only the writer uses it"));
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(number > 120, "only {number} words were found");
}
