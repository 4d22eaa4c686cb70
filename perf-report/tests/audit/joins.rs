//! Findings and functions of profiles that must be found in sources, however the files of a crate hang together.

use serde_json::Value;

use crate::{
    programs::{function, process},
    support::Crates,
};

/// A function with a finding of clippy's in its second line.
const MADE: &str = "pub fn made(all: &[u8]) -> String {\n    all.iter().map(|one| format!(\"{one}\")).collect()\n}\n";

const MAIN: &str = "#[path = \"odd/place.rs\"]\nmod elsewhere;\n#[cfg(any(test, unix))]\nmod both;\n\
                    macro_rules! pass { ($($item:item)*) => { $($item)* } }\npass! { mod passed; }\n\
                    #[path = \"far\"]\nmod near { pub mod deep; }\n\
                    fn main() {\n    for made in [elsewhere::inner::made, both::made, passed::made, near::deep::made] {\n        made(&[1]);\n    }\n}\n";

fn findings(crates: &Crates, line: &str) -> Vec<Value> {
    let ended = crates.audit(&format!("--format json {line}"));
    assert_eq!(ended.errors, "", "{}", ended.output);
    let document: Value = serde_json::from_str(&ended.output).unwrap();
    let found = document["findings"].as_array().unwrap().iter();
    found.filter(|finding| finding["check"] == "clippy::format_collect").cloned().collect()
}

#[test]
fn files_are_found_as_the_compiler_finds_them() {
    let crates = Crates::package("joins", MAIN);
    crates.put("src/odd/place.rs", "pub mod inner;\n");
    for file in ["src/odd/inner.rs", "src/both.rs", "src/passed.rs", "src/far/deep.rs"] {
        crates.put(file, MADE);
    }
    let found = findings(&crates, "");
    let mut items: Vec<&str> = found.iter().filter_map(|finding| finding["item"].as_str()).collect();
    items.sort_unstable();
    assert_eq!(
        items,
        ["joins::both::made", "joins::elsewhere::inner::made", "joins::near::deep::made", "joins::passed::made"]
    );
}

#[test]
fn methods_of_traits_and_instances_are_found_when_lines_move() {
    let of = |ty: &str| {
        format!(
            "impl Text for {ty} {{\n    fn text(&self) -> String {{\n        [self.0].iter().map(|one| format!(\"{{one}}\")).collect()\n    }}\n}}\n"
        )
    };
    let main = format!(
        "{}trait Text {{ fn text(&self) -> String; }}\nstruct A(u8);\nstruct B(u8);\n{}{}fn shown<T: std::fmt::Display>(one: T) -> String {{\n    \
         [one].iter().map(|one| format!(\"{{one}}\")).collect()\n}}\nfn main() {{\n    println!(\"{{}}{{}}{{}}\", A(1).text(), B(1).text(), shown(7));\n}}\n",
        "// New.\n".repeat(40),
        of("A"),
        of("B"),
    );
    let crates = Crates::package("joins", &main);
    let rows = [
        ("<joins::B as joins::Text>::text", 5, 9_000_000),
        ("<joins::A as joins::Text>::text", 10, 1_000_000),
        ("joins::shown<alloc::vec::Vec<i32>>", 14, 3_000_000),
    ];
    let measured = rows.map(|(name, line, ns)| {
        let mut function = function(name, &[(ns, 1)]);
        (function.module, function.file, function.line) = ("joins".into(), "src/main.rs".into(), line);
        function
    });
    crates.put("run.json", process(7, measured.into()).to_json());
    let found = findings(&crates, "--profile @run.json");
    let stake = |finding: &Value| (finding["place"]["line"].as_u64(), finding["stake"]["self_ns"].as_u64());
    let mut stakes: Vec<_> = found.iter().map(stake).collect();
    stakes.sort_unstable();
    let expected = [(46, 1_000_000), (51, 9_000_000), (55, 3_000_000)];
    assert_eq!(stakes, expected.map(|(line, ns)| (Some(line), Some(ns))));
}

#[test]
fn methods_of_one_name_keep_their_figures_when_lines_move() {
    let of = |ty: &str| {
        format!(
            "impl From<{ty}> for Text {{\n    fn from(all: {ty}) -> Self {{\n        Text([all].iter().map(|one| format!(\"{{one}}\")).collect())\n    }}\n}}\n"
        )
    };
    let main = format!(
        "{}struct Text(String);\n{}{}fn main() {{\n    println!(\"{{}}{{}}\", Text::from(1_u8).0, Text::from(1_u16).0);\n}}\n",
        "// New.\n".repeat(40),
        of("u8"),
        of("u16")
    );
    let crates = Crates::package("joins", &main);
    // As they were before the comments.
    let measured = [(3, 1_000_000), (8, 9_000_000)].map(|(line, ns)| {
        let mut function = function("joins::Text::from", &[(ns, 1)]);
        (function.module, function.file, function.line) = ("joins".into(), "src/main.rs".into(), line);
        function
    });
    crates.put("run.json", process(7, measured.into()).to_json());
    let found = findings(&crates, "--profile @run.json");
    let mut stakes: Vec<(u64, u64)> = found
        .iter()
        .map(|finding| {
            (finding["place"]["line"].as_u64().unwrap(), finding["stake"]["self_ns"].as_u64().unwrap_or_default())
        })
        .collect();
    stakes.sort_unstable();
    assert_eq!(stakes, [(44, 1_000_000), (49, 9_000_000)]);
}

#[test]
fn a_profile_of_another_program_is_not_joined_by_the_path_alone() {
    let crates = Crates::package("joins", MADE);
    crates.replace(
        "Cargo.toml",
        "\n[workspace]\n",
        "\n[lib]\nname = \"known\"\n\n[[bin]]\nname = \"other-name\"\npath = \"src/main.rs\"\n\n[workspace]\n",
    );
    crates.put("src/lib.rs", "pub mod common;\n");
    crates.put("src/common.rs", MADE);
    crates.put(
        "src/main.rs",
        format!("mod common;\n{MADE}fn main() {{\n    println!(\"{{}}{{}}\", made(&[1]), common::made(&[1]));\n}}\n"),
    );
    let of = |module: &str, file: &str, line| {
        let mut function = function(&format!("{module}::made"), &[(9_000_000, 1)]);
        (function.module, function.file, function.line) = (module.into(), file.into(), line);
        crates.put("run.json", process(7, vec![function]).to_json());
        let ended = crates.audit("--format json --profile @run.json");
        let document: Value = serde_json::from_str(&ended.output).unwrap();
        document["profile"]["functions"]["exact"].as_u64() == Some(1)
    };
    assert!(!of("eag", "src/main.rs", 2), "another program has such a file too");
    // The names of the targets count, and not that of the package. A file may be of several.
    assert!(of("other_name", "src/main.rs", 2));
    assert!(!of("known", "src/main.rs", 2));
    assert!(of("known::common", "src/common.rs", 1));
    assert!(of("other_name::common", "src/common.rs", 1));
}
