//! `--lazy`: statics become resources where their uses allow it, and it is said where they don't.

use perf_report::command::Outcome;

use crate::{annotated, annotated_and_back, contents, package, programs::Folder, text};

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
    annotated_and_back(&folder, "one", "--lazy --filter one::*");
    let lib = text(&folder, "one/src/lib.rs");
    for line in [
        "#[::perf_runtime::lazy_resource] pub(crate) static WORDS: /*perf: LazyLock< :perf*/Vec<String>/*perf: > :perf*/ = \
         /*perf: LazyLock::new(||  :perf*//*perf+*/{ const _: fn(&LazyLock<()>) = |_| (); /*+perf*/load(\"words\")\
         /*perf+*/ }/*+perf*//*perf: ) :perf*/;\n",
        "/*perf: std::sync::LazyLock::new(move ||  :perf*/{\n    HashMap::new()\n}/*perf: ) :perf*/;\n",
        "    #[::perf_runtime::lazy_resource] static INNER: ",
        "\nlazy_static::lazy_static! {/*perf+*/} /*+perf*/\n    /// Paths.\n    #[::perf_runtime::lazy_resource] pub(crate) static \
         /*perf: ref :perf*/ PATHS: Vec<String> = load(\"paths\");\n",
        "\n/*perf: } :perf*/\n",
    ] {
        assert!(lib.contains(line), "{line}: {lib}");
    }
    assert_eq!(lib.lines().count(), LIB.lines().count());
}

#[test]
fn what_has_to_stay_is_named_with_its_reason() {
    let folder = lazies();
    let output = annotated_and_back(&folder, "one", "--lazy");
    assert!(output.contains("     5  lazy statics became resources\n"), "{output}");
    for (line, name, reason) in [
        (9, "ASKED", "@one/src/lib.rs:19 calls `get()`, which a resource has too"),
        (10, "GIVEN", "@one/src/lib.rs:20 uses it otherwise than by `*`, a method or an index"),
        (11, "NAMED", "its initialiser is no closure; write `LazyLock::new(|| …)`"),
        (12, "FILLED", "nothing makes its value"),
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
fn a_package_may_have_statics_and_no_function() {
    let folder = Folder::new();
    package(&folder, "one", &[("src/lib.rs", "static A: LazyLock<Vec<u8>> = LazyLock::new(Vec::new);\n")]);
    let output = annotated_and_back(&folder, "one", "--lazy");
    assert!(output.contains("one::A stays as it is: its initialiser is no closure"), "{output}");
    folder.put("one/src/lib.rs", "static A: LazyLock<Vec<u8>> = LazyLock::new(|| c());\n");
    let output = annotated_and_back(&folder, "one", "--lazy");
    assert!(output.contains("     1  lazy statics became resources\n"), "{output}");
    // Without the option they are nothing that could be annotated.
    folder.put("one/src/lib.rs", "static A: LazyLock<Vec<u8>> = LazyLock::new(|| c());\n");
    let (outcome, _, errors) = folder.run("annotate @one");
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.starts_with("error: there is no function below these paths;"), "{errors}");
}

#[test]
fn a_static_that_has_to_stay_keeps_the_others_of_its_macro() {
    let folder = lazies();
    folder.put("one/src/lib.rs", LIB.replace("LINKS.is_empty()", "LINKS.get(0).is_none()"));
    let output = annotated_and_back(&folder, "one", "--lazy");
    assert!(output.contains("     3  lazy statics became resources\n"), "{output}");
    assert!(
        output.contains("one::PATHS stays as it is: another static of a lazy_static! in this file has to stay\n"),
        "{output}"
    );
    assert!(text(&folder, "one/src/lib.rs").contains("\nlazy_static::lazy_static! {\n"));
}

/// Statics of `OnceLock`: those that become resources are in the first function.
const ONCE: &str = r#"use std::sync::OnceLock;
#[allow(dead_code)]
/// Made in one place; http://example.org.
static TABLE: OnceLock<Vec<
    String>> = OnceLock::new();
pub fn turned(n: usize) -> bool {
    static RE: OnceLock<Regex> = OnceLock::new();
    let other = { static RE: once_cell::sync::OnceCell<Regex> = once_cell::sync::OnceCell::new(); RE.get_or_init(regex) };
    TABLE.get_or_init(|| load("words"));
    RE.get_or_init(move || { let m = 1; Regex::new(m).unwrap() }).is_match(other, n)
}
static TWICE: OnceLock<u8> = OnceLock::new();
static ASKED: OnceLock<u8> = OnceLock::new();
static ALIEN: OnceLock<u8> = OnceLock::new();
static TESTED: OnceLock<u8> = OnceLock::new();
static MOVED: OnceLock<u8> = OnceLock::new();
static OUTER: OnceLock<u8> = OnceLock::new();
static INNER: OnceLock<u8> = OnceLock::new();
static MACRO: OnceLock<u8> = OnceLock::new();
static TRIED: OnceLock<Result<u8, u8>> = OnceLock::new();
static GIVEN: OnceLock<u8> = OnceLock::from(1);
fn stays<T: Default, const N: usize>(x: u8, f: fn() -> u8) -> u8 {
    TWICE.get_or_init(|| 1) + TWICE.get_or_init(|| 1);
    ASKED.get_or_init(|| 1) + ASKED.get().unwrap();
    TESTED.get_or_init(|| 1);
    OUTER.get_or_init(|| *INNER.get_or_init(|| 1));
    assert_eq!(MACRO.get_or_init(|| 1), 1);
    static LOCAL: OnceLock<u8> = OnceLock::new();
    LOCAL.get_or_init(|| x + 1);
    static SHOWN: OnceLock<String> = OnceLock::new();
    SHOWN.get_or_init(|| format!("{x}"));
    static GENERIC: OnceLock<usize> = OnceLock::new();
    GENERIC.get_or_init(|| N);
    static PASSED: OnceLock<u8> = OnceLock::new();
    PASSED.get_or_init(f);
    static UNSAFE: OnceLock<u8> = OnceLock::new();
    // SAFETY: `raw` asks for nothing.
    unsafe { UNSAFE.get_or_init(|| raw()) };
    static FIRST: OnceLock<u8> = OnceLock::new();
    FIRST.get_or_init(|| 1) + 1
}
mod alien { fn f() { super::ALIEN.get_or_init(|| 1); } use super::MOVED as M; }
#[cfg(test)]
mod tests;
"#;

#[test]
fn a_static_that_one_place_makes_becomes_a_resource_there() {
    let folder = Folder::new();
    let test = "fn f() { assert_eq!(super::TESTED.get(), None) }\n";
    package(&folder, "one", &[("src/lib.rs", ONCE), ("src/tests.rs", test)]);
    let output = annotated_and_back(&folder, "one", "--lazy");
    assert!(output.contains("     3  lazy statics became resources\n"), "{output}");
    let lib = text(&folder, "one/src/lib.rs");
    for part in [
        "/*perf: #[allow(dead_code)]\n/// Made in one place; http://example.org.\nstatic TABLE: OnceLock<Vec<\n    String>> = \
         OnceLock::new(); :perf*/\n",
        "    /*perf: TABLE.get_or_init(||  :perf*//*perf+*/{ const _: fn(&OnceLock<()>) = |_| (); \
         #[::perf_runtime::lazy_resource] static TABLE: Vec< String> = /*+perf*/load(\"words\")/*perf+*/; TABLE.get() }\
         /*+perf*//*perf: ) :perf*/;\n",
        "static RE: Regex = /*+perf*/regex/*perf+*/(); RE.get() }/*+perf*//*perf: ) :perf*/ };\n",
        "static RE: Regex = /*+perf*/{ let m = 1; Regex::new(m).unwrap() }/*perf+*/; RE.get() }/*+perf*/\
         /*perf: ) :perf*/.is_match(other, n)\n",
    ] {
        assert!(lib.contains(part), "{part}: {lib}");
    }
    assert_eq!(lib.lines().count(), ONCE.lines().count());
    for (line, name, reason) in [
        (12, "TWICE", "@one/src/lib.rs:23 makes it too"),
        (13, "ASKED", "@one/src/lib.rs:24 uses it otherwise than by `get_or_init` in its own module"),
        (14, "ALIEN", "@one/src/lib.rs:42 makes it in another module than its own"),
        (15, "TESTED", "@one/src/tests.rs:1 uses it otherwise than by `get_or_init` in its own module"),
        (16, "MOVED", "@one/src/lib.rs:42 imports it"),
        (17, "OUTER", "@one/src/lib.rs:26 makes it within another, or another within it"),
        (18, "INNER", "@one/src/lib.rs:26 makes it within another, or another within it"),
        (19, "MACRO", "@one/src/lib.rs:27 uses it otherwise than by `get_or_init` in its own module"),
        (20, "TRIED", "its type is a Result, and a resource of a Result is used by `try_get()`"),
        (21, "GIVEN", "it has a value from the beginning"),
        (28, "stays::LOCAL", "@one/src/lib.rs:29 makes it from `x` of the function around it"),
        (30, "stays::SHOWN", "@one/src/lib.rs:31 makes it from `x` of the function around it"),
        (32, "stays::GENERIC", "@one/src/lib.rs:33 makes it from `N` of the function around it"),
        (34, "stays::PASSED", "@one/src/lib.rs:35 makes it from `f` of the function around it"),
        (36, "stays::UNSAFE", "@one/src/lib.rs:38 makes it in unsafe code, and the initialiser of a resource is safe"),
        (39, "stays::FIRST", "@one/src/lib.rs:40 begins a statement with it; bind it by `let` first"),
    ] {
        let line = format!("  @one/src/lib.rs:{line}: one::{name} stays as it is: {reason}\n");
        assert!(output.contains(&line), "{line}: {output}");
    }
    // Edits of the initialiser stay, and a second run finds the resources.
    let again = annotated(&folder, "@one --lazy");
    assert!(!again.contains("became resources"), "{again}");
    folder.put("one/src/lib.rs", lib.replace("load(\"words\")", "load(\"others\")"));
    annotated(&folder, "@one --remove");
    assert_eq!(text(&folder, "one/src/lib.rs"), ONCE.replace("load(\"words\")", "load(\"others\")"));
}

#[test]
fn a_formatter_in_between_changes_only_white_space() {
    let folder = Folder::new();
    package(&folder, "one", &[("src/lib.rs", LIB), ("src/once.rs", ONCE)]);
    folder.put("one/src/lib.rs", format!("{LIB}mod once;\n"));
    annotated(&folder, "@one --lazy");
    for name in ["one/src/lib.rs", "one/src/once.rs"] {
        let mut formatted = text(&folder, name);
        for (mark, moved) in [
            ("_resource] ", "_resource]\n    "),
            ("::profile] ", "::profile]\n"),
            ("/*perf: ", "\n        /*perf: "),
            (" :perf*/", " :perf*/\n"),
            ("/*perf+*/", "\n/*perf+*/\n    "),
            ("/*+perf*/", "\n  /*+perf*/\n"),
        ] {
            formatted = formatted.replace(mark, moved);
        }
        assert!(syn::parse_file(&formatted).is_ok(), "{formatted}");
        folder.put(name, formatted);
    }
    annotated(&folder, "@one --remove");
    let words = |text: &str| text.split_whitespace().collect::<String>();
    for (name, source) in [("one/src/lib.rs", format!("{LIB}mod once;\n")), ("one/src/once.rs", ONCE.to_owned())] {
        let removed = text(&folder, name);
        assert!(syn::parse_file(&removed).is_ok(), "{removed}");
        assert_eq!(words(&removed), words(&source));
    }
}

#[test]
fn uses_that_are_not_annotated_hinder_too() {
    for (line, reason) in [
        ("use crate::WORDS as W;", "imports it as `W`"),
        ("fn f() { println!(\"{WORDS:?}\") }", "shows it in a format string"),
        ("fn f() -> impl Sized + use<> { g(&crate::WORDS) }", "uses it otherwise than by `*`, a method or an index"),
    ] {
        let folder = Folder::new();
        let lib =
            "static WORDS: LazyLock<u8> = LazyLock::new(|| 1);\n#[cfg(test)]\nmod unit;\nfn f() { WORDS.pow(2); }\n";
        package(&folder, "one", &[("src/lib.rs", lib), ("src/unit.rs", line)]);
        let output = annotated(&folder, "@one --lazy");
        assert!(output.contains(&format!("@one/src/unit.rs:1 {reason}\n")), "{line}: {output}");
        // Nor does it matter which part of the package is annotated.
        let output = annotated(&folder, "@one/src/lib.rs --lazy");
        assert!(output.contains(&format!("@one/src/unit.rs:1 {reason}\n")), "{line}: {output}");
    }
}

#[test]
fn statics_of_one_name_in_several_functions_are_told_apart() {
    let folder = Folder::new();
    let lib = "fn a() { static RE: LazyLock<u8> = LazyLock::new(|| 1); RE.pow(2); }\n\
               fn b() { static RE: LazyLock<u8> = LazyLock::new(|| 1); f(&RE); }\n";
    package(&folder, "one", &[("src/lib.rs", lib)]);
    let output = annotated_and_back(&folder, "one", "--lazy");
    assert!(output.contains("     1  lazy statics became resources\n"), "{output}");
    assert!(
        output.contains("one/src/lib.rs:2: one::b::RE stays as it is: @one/src/lib.rs:2 uses it otherwise"),
        "{output}"
    );
}
