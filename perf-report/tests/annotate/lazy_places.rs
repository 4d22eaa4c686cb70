//! `--lazy` at places where a block in place of a call would mean something else, or nothing.

use crate::{annotated_and_back, package, programs::Folder, text};

/// Annotates a source with `--lazy`; gives it, and the reasons for statics that stay.
fn lazy(source: &str) -> (String, Vec<String>) {
    let folder = Folder::new();
    package(&folder, "one", &[("src/lib.rs", source)]);
    let output = annotated_and_back(&folder, "one", "--lazy");
    let reason = |line: &str| line.split_once(" stays as it is: ").map(|(_, reason)| reason.to_owned());
    (text(&folder, "one/src/lib.rs"), output.lines().filter_map(reason).collect())
}

/// Requires that the static `A` of a source stays, for a reason that contains this.
fn stays(source: &str, part: &str) {
    let (after, reasons) = lazy(source);
    assert!(reasons.iter().any(|reason| reason.contains(part)), "{source}: {reasons:?}");
    assert!(!after.contains("lazy_resource"), "{after}");
}

/// Requires that all statics of a source become resources.
fn goes(source: &str) {
    let (after, reasons) = lazy(source);
    assert!(reasons.is_empty() && after.contains("lazy_resource"), "{source}: {reasons:?}: {after}");
}

const A: &str = "static A: OnceLock<u8> = OnceLock::new();\n";

#[test]
fn an_attribute_of_a_call_would_be_one_of_its_pieces() {
    for body in [
        "#[cfg(unix)] A.get_or_init(|| 1);",
        "#[cfg(unix)] A.get_or_init(|| 1) + 1;",
        "#[cfg(unix)] // c\n #[allow(x)] A.get_or_init(|| 1).pow(2);",
        "#[cfg(unix)] A.get_or_init(|| 1)[0];",
        "let x = #[rustfmt::skip] A.get_or_init(|| 1);",
        "match 1 { _ => #[allow(x)] A.get_or_init(|| 1) }",
        "f(1, #[cfg(unix)] A.get_or_init(|| 1))",
    ] {
        stays(&format!("{A}fn g() {{ {body} }}\n"), "makes it behind an attribute");
    }
    for body in [
        "#[cfg(unix)] let x = A.get_or_init(|| 1);",
        "#[cfg(unix)] { A.get_or_init(|| 1); }",
        "match 1 { #[cfg(unix)] _ => A.get_or_init(|| 1), _ => &2 };",
        "#[cfg(unix)] f(A.get_or_init(|| 1));",
    ] {
        goes(&format!("{A}fn g() {{ {body} }}\n"));
    }
}

#[test]
fn statics_that_cfg_tells_apart_stay_where_one_place_makes_both() {
    let twins = "#[cfg(unix)] static A: OnceLock<u8> = OnceLock::new();\n#[cfg(not(unix))] static A: OnceLock<u16> = OnceLock::new();\n";
    let reason = "@one/src/lib.rs:3 makes another static of its name too; `cfg` tells them apart";
    stays(&format!("{twins}fn g() {{ A.get_or_init(|| 1); }}\n"), reason);
    stays(&format!("fn g() {{\n{}A.get_or_init(|| 1); }}\n", twins.replacen('\n', " ", 1)), reason);
    // One of a function that may not be there: then it is the module's that the place makes.
    let inner = twins.lines().next().unwrap();
    let reason_inside = reason.replace(":3", ":2");
    stays(&format!("{A}fn g() {{ {inner} A.get_or_init(|| 1); }}\n"), &reason_inside);
    // A cell, and a static that is made where it stands: the place is one of both.
    let mixed = twins.replace("OnceLock<u16> = OnceLock::new()", "LazyLock<OnceLock<u8>> = LazyLock::new(|| c())");
    let (after, reasons) = lazy(&format!("{mixed}fn g() {{ A.get_or_init(|| 1); }}\n"));
    assert!(reasons == [reason] && after.contains("\nfn g() { A.get_or_init(|| 1); }\n"), "{reasons:?}: {after}");
    // Statics that are made where they stand have no place in common.
    let twins = twins.replace("OnceLock::new()", "LazyLock::new(|| 1)").replace("OnceLock", "LazyLock");
    goes(&format!("{twins}fn g() {{ A.pow(2); }}\n"));
    // Nor have those of other modules.
    goes(
        "mod a { static A: LazyLock<u8> = LazyLock::new(|| 1); }\nmod b { static B: OnceLock<u8> = OnceLock::new(); fn g() { B.get_or_init(|| 1); } }\n",
    );
}

#[test]
fn a_comment_at_a_slash_would_reach_to_the_end_of_the_line() {
    let reason = "a `/` stands directly before it; put a space between them";
    stays(&format!("{A}fn g() -> u8 {{ 4 /A.get_or_init(|| 1) }}\n"), reason);
    for before in ["4 / ", "4 *", "4 * /* c */"] {
        goes(&format!("{A}fn g() -> u8 {{ {before}A.get_or_init(|| 1) }}\n"));
    }
}

#[test]
fn a_block_directly_before_else_does_not_parse() {
    let reason = "makes it directly before `else`; bind it by another `let` first";
    stays(&format!("{A}fn g() {{ let &1 = A.get_or_init(|| 1) else {{ return }}; }}\n"), reason);
    stays(&format!("{A}fn g() {{ let 1 = *A.get_or_init(|| 1) else {{ return }}; }}\n"), reason);
    goes(&format!("{A}fn g() {{ let Some(1) = A.get_or_init(|| 1).checked() else {{ return }}; }}\n"));
    goes(&format!("{A}fn g() {{ let 1 = f(A.get_or_init(|| 1)) else {{ return }}; }}\n"));
}

#[test]
fn cells_that_are_awaited_stay() {
    let reason = "awaits it, and a resource made in place is ready at once";
    stays(&format!("{A}async fn g() {{ A.get_or_init(load).await; }}\n"), reason);
    stays(&format!("{A}async fn g() {{ (A.get_or_init(|| load(1))).await; }}\n"), reason);
    let reason = "its type is of an async crate, and who uses it awaits it";
    for (import, ty) in [
        ("", "tokio::sync::OnceCell"),
        ("", "::async_lock::OnceCell"),
        ("use tokio::sync::{self, OnceCell};", "OnceCell"),
        ("use tokio::sync;", "sync::OnceCell"),
        ("use async_once_cell::Lazy;", "Lazy"),
    ] {
        let source =
            format!("{import}\nstatic A: {ty}<u8> = {ty}::new();\nfn g() {{ let x = A.get_or_init(load); }}\n");
        stays(&source, reason);
    }
    goes(
        "use once_cell::sync::OnceCell;\nstatic A: OnceCell<u8> = OnceCell::new();\nfn g() { A.get_or_init(load); }\n",
    );
}

#[test]
fn names_in_capitals_may_be_variables() {
    let reason = "makes it from `N` of the function around it";
    for (parameter, body) in [
        ("N: u8", ""),
        ("(N, _): (u8, u8)", ""),
        ("n: u8", "let N = n;"),
        ("n: u8", "for N in 0..n {}"),
        ("n: u8", "if let Some(N @ 1..) = n {}"),
        ("n: u8", "match n { mut N => {} }"),
        ("n: u8", "match n { 1 if f(|N| N) => {} }"),
    ] {
        stays(&format!("{A}fn g({parameter}) {{ {body} A.get_or_init(|| h(N)); }}\n"), reason);
    }
    for body in ["match n { N => {} }", "if let N = n {}", "while let Some(N) = n {}", "let N = n else { return };"] {
        goes(&format!("{A}fn g(n: u8) {{ {body} A.get_or_init(|| h(N)); }}\n"));
    }
}
