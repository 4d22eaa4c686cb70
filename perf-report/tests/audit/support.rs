//! Copies of the fixture, profiles of it, and the command run on them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use perf_report::{Allocations, Caller, Function, Kind, Snapshot};

use crate::programs::{function, process};

/// A folder with crates, that no other test writes to, and one that they are built in.
///
/// In a common one cargo takes copies of a workspace for one workspace, and gives the findings of one copy for another.
pub(crate) struct Crates(tempfile::TempDir, tempfile::TempDir);

/// How the command ended.
pub(crate) struct Ended {
    pub(crate) status: i32,
    pub(crate) output: String,
    pub(crate) errors: String,
}

impl Crates {
    /// A copy of the fixture.
    pub(crate) fn fixture() -> Crates {
        let crates = Crates(tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit/fixture"), crates.0.path());
        crates
    }

    /// One package with one source file.
    pub(crate) fn package(name: &str, main: &str) -> Crates {
        let crates = Crates(tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let manifest =
            format!("[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n");
        crates.put("Cargo.toml", manifest);
        crates.put("src/main.rs", main);
        crates
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Changes a text in a file, in which it stands.
    pub(crate) fn replace(&self, name: &str, from: &str, to: &str) {
        let text = self.text(name);
        assert!(text.contains(from), "{name} has no {from:?}");
        self.put(name, text.replace(from, to));
    }

    /// Runs `audit` here; `@` in the arguments is this folder, as it is in what comes back.
    pub(crate) fn audit(&self, line: &str) -> Ended {
        self.audit_with(line, |_| {})
    }

    pub(crate) fn audit_with(&self, line: &str, change: impl FnOnce(&mut std::process::Command)) -> Ended {
        let folder = format!("{}/", self.0.path().canonicalize().unwrap().display());
        let mut command = perf_test_support::tool(env!("CARGO_BIN_EXE_perfrec"));
        command
            .arg("audit")
            .args(line.split_whitespace().map(|word| word.replace('@', &folder)))
            .current_dir(self.0.path())
            .env("CARGO_TARGET_DIR", self.1.path())
            .env("CARGO_NET_OFFLINE", "true");
        change(&mut command);
        let Output { status, stdout, stderr } = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap().replace(&folder, "@");
        Ended { status: status.code().unwrap(), output: text(stdout), errors: text(stderr) }
    }

    /// The findings of an audit: check, file, line.
    pub(crate) fn found(&self, line: &str) -> Vec<(String, String, u64)> {
        let ended = self.audit(&format!("--format json {line}"));
        assert_eq!(ended.errors, "", "{}", ended.output);
        let document: serde_json::Value = serde_json::from_str(&ended.output).unwrap();
        let found = document["findings"].as_array().unwrap().iter().map(|finding| {
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            (text(&finding["check"]), text(&finding["place"]["file"]), finding["place"]["line"].as_u64().unwrap())
        });
        found.collect()
    }

    /// A function of the profile: the one of this name in a file, which did these calls.
    pub(crate) fn measured(&self, file: &str, name: &str, calls: &[(u64, u64)]) -> Function {
        let text = self.text(file);
        let line = text.lines().position(|line| line.contains(&format!("fn {name}("))).unwrap() + 1;
        let (krate, module) = file.split_once("/src/").unwrap_or(("", file));
        let module = format!("{krate}::{}", module.trim_end_matches(".rs"));
        let mut function = function(&format!("{module}::{name}"), calls);
        function.module = module;
        function.file = file.to_owned();
        function.line = line as u32;
        function
    }

    /// A run of the fixture: what is hot in `own`, and what did not run.
    pub(crate) fn profile(&self) -> Snapshot {
        let of = |file: &str| {
            let measured = |name, calls| self.measured(file, name, calls);
            let mut functions = vec![
                measured("total", &[(300_000_000, 1)]),
                measured("slugs", &[(100_000_000, 2)]),
                measured("is_slug", &[(50_000, 8_000)]),
                measured("insert", &[(90_000_000, 1)]),
                measured("write_rows", &[(40_000_000, 1)]),
                measured("lengths", &[(1_000_000, 1)]),
                measured("clones", &[(1_000_000, 1)]),
            ];
            for function in &mut functions {
                function.allocations = Some(Allocations::default());
            }
            functions[1].allocations = Some(counted(200_000, 4_000_000));
            functions[5].allocations = Some(counted(2_000, 40_000));
            let size = if file.starts_with("planted") { 4_000 } else { 40 };
            functions[6].allocations = Some(counted(2_000, 2_000 * size));
            functions
        };
        let mut functions = of("planted/src/own.rs");
        functions.push(self.measured("planted/src/own.rs", "idle", &[]));
        functions.extend(of("spared/src/own.rs"));
        functions.push(self.measured("spared/src/own.rs", "busy", &[(10, 1)]));
        functions.push(self.measured("spared/src/own.rs", "weigh", &[(10, 1)]));
        for (krate, held_ns) in [("planted", 12_000_000), ("spared", 1_000)] {
            let store = self.measured(&format!("{krate}/src/own.rs"), "store", &[(11_000_000, 5)]);
            functions.push(store);
            let caller = functions.len() - 1;
            let mut used = |name: &str, kind, ns| {
                let mut wait = function(&format!("{krate}::{name}"), &[(ns, 5)]);
                wait.kind = kind;
                wait.callers = vec![Caller::new(Some(caller), 5, 5 * ns)];
                functions.push(wait);
            };
            used("NAMES", Kind::Lock, 2_000_000);
            used("NAMES (held)", Kind::Hold, held_ns);
            used("INSERT INTO rows VALUES (?)", Kind::Query, 10_000_000);
        }
        process(7, functions)
    }
}

/// Allocations of a function itself.
pub(crate) fn counted(count: u64, bytes: u64) -> Allocations {
    let mut allocations = Allocations::default();
    (allocations.count, allocations.bytes) = (count, bytes);
    (allocations.self_count, allocations.self_bytes) = (count, bytes);
    allocations
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            if entry.file_name() != "target" {
                copy(&entry.path(), &to);
            }
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}
