//! `--lazy`: statics become resources where their uses allow it, and it is said where they don't.

use crate::{annotated, contents, package, programs::Folder, text};

const LIB: &str = r#"use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

/// Words.
pub(crate) static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| load("words"));
static TABLE: std::sync::LazyLock<HashMap<u8, Vec<u8>>> = std::sync::LazyLock::new(move || {
    HashMap::new()
});
static ASKED: LazyLock<HashMap<u8, u8>> = LazyLock::new(|| HashMap::new());
static GIVEN: LazyLock<u8> = LazyLock::new(|| 1);
static NAMED: LazyLock<Vec<String>> = LazyLock::new(Vec::new);
static FILLED: OnceLock<u8> = OnceLock::new();
static TRIED: LazyLock<Result<u8, String>> = LazyLock::new(|| Ok(1));
static NOTED: LazyLock<u8> = LazyLock::new(/* why */ || 1);
pub static SHARED: LazyLock<u8> = LazyLock::new(|| 1);

fn uses() -> usize {
    static INNER: LazyLock<u8> = LazyLock::new(|| 3);
    let _ = (ASKED.get(&1), *INNER, &*crate::WORDS, TABLE[&1].len());
    LazyLock::force(&GIVEN);
    WORDS.len()
}

lazy_static::lazy_static! {
    /// Paths.
    pub(crate) static ref PATHS: Vec<String> = load("paths");
    static ref LINKS: Vec<String> = load("links");
}

fn more() -> bool { PATHS.is_empty() && LINKS.is_empty() }
"#;

fn lazies() -> Folder {
    let folder = Folder::new();
    package(&folder, "one", &[("src/lib.rs", LIB)]);
    folder
}

#[test]
fn statics_become_resources_by_insertions_alone() {
    let folder = lazies();
    let before = contents(&folder.path("one"));
    annotated(&folder, "@one --lazy --filter one::*");
    let lib = text(&folder, "one/src/lib.rs");
    for line in [
        "#[::perf_runtime::lazy_resource] pub(crate) static WORDS: /*perf: LazyLock< :perf*/Vec<String>/*perf: > :perf*/ = \
         /*perf: LazyLock::new(||  :perf*/load(\"words\")/*perf: ) :perf*/;\n",
        "/*perf: std::sync::LazyLock::new(move ||  :perf*/{\n    HashMap::new()\n}/*perf: ) :perf*/;\n",
        "    #[::perf_runtime::lazy_resource] static INNER: ",
        "\n/*perf: lazy_static::lazy_static! { :perf*/\n    /// Paths.\n    #[::perf_runtime::lazy_resource] pub(crate) static \
         /*perf: ref :perf*/ PATHS: Vec<String> = load(\"paths\");\n",
        "\n/*perf: } :perf*/\n",
    ] {
        assert!(lib.contains(line), "{line}: {lib}");
    }
    assert_eq!(lib.lines().count(), LIB.lines().count());
    annotated(&folder, "@one --remove");
    assert!(contents(&folder.path("one")) == before, "the sources are as they were");
}

#[test]
fn what_has_to_stay_is_named_with_its_reason() {
    let folder = lazies();
    let output = annotated(&folder, "@one --lazy");
    assert!(output.contains("     5  lazy statics became resources\n"), "{output}");
    for (line, name, reason) in [
        (9, "ASKED", "@one/src/lib.rs:19 calls `get()`, which a resource has too"),
        (10, "GIVEN", "@one/src/lib.rs:20 uses it otherwise than by `*`, a method or an index"),
        (11, "NAMED", "its initialiser is no closure; write `LazyLock::new(|| …)`"),
        (12, "FILLED", "its users fill it; write `#[lazy_resource]` on a function that returns the value"),
        (13, "TRIED", "its type is a Result, and a resource of a Result is used by `try_get()`"),
        (14, "NOTED", "a comment stands between its type and its initialiser; move it above the static"),
        (15, "SHARED", "it is public, and other crates may use it"),
    ] {
        let line = format!("  @one/src/lib.rs:{line}: one::{name} stays as it is: {reason}\n");
        assert!(output.contains(&line), "{line}: {output}");
    }
    // Another run without the option leaves the resources and their dependency where they are.
    let before = contents(&folder.path("one"));
    annotated(&folder, "@one");
    assert!(contents(&folder.path("one")) == before);
}

#[test]
fn a_static_that_has_to_stay_keeps_the_others_of_its_macro() {
    let folder = lazies();
    folder.put("one/src/lib.rs", LIB.replace("LINKS.is_empty()", "LINKS.get(0).is_none()"));
    let output = annotated(&folder, "@one --lazy");
    assert!(output.contains("     3  lazy statics became resources\n"), "{output}");
    assert!(
        output.contains("one::PATHS stays as it is: another static of a lazy_static! in this file has to stay\n"),
        "{output}"
    );
    assert!(text(&folder, "one/src/lib.rs").contains("\nlazy_static::lazy_static! {\n"));
}
