//! `cargo perf-report annotate` on a package that is built afterwards: its tests pass as before, and its functions are in the report.
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use perf_report::{
    Snapshot, Style,
    command::{Outcome, Streams, run},
};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// Runs `annotate` with these arguments, which has to succeed.
fn annotate(arguments: &[&str]) -> String {
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let mut streams =
        Streams { input: &mut std::io::empty(), output: &mut output, errors: &mut errors, style: Style::plain() };
    let outcome = run([&["perfrec", "annotate"], arguments].concat(), &mut streams);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (output, errors) = (text(output), text(errors));
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""), "{output}");
    output
}

fn cargo(package: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let output = perf_tests::tool(env!("CARGO"))
        .args(arguments)
        .current_dir(package)
        .env("CARGO_TARGET_DIR", PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("annotate"))
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env_remove("PERF_ENABLED")
        .envs(variables.iter().copied())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The tests that passed, by name.
fn passed(package: &Path) -> Vec<String> {
    let output =
        cargo(package, &["test", "--quiet", "--offline", "--", "--format", "pretty"], &[("PERF_ENABLED", "0")]);
    let text = String::from_utf8(output.stdout).unwrap();
    let mut names: Vec<String> =
        text.lines().filter(|line| line.starts_with("test ") && line.contains(" ... ok")).map(str::to_owned).collect();
    names.sort();
    names
}

/// The package, in a folder of its own. The lock file of this workspace lets cargo do without a registry.
fn package() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let fixture = Path::new(HERE).join("fixtures/annotate");
    for file in ["src/lib.rs", "src/main.rs", "src/once.rs", "src/shapes.rs"] {
        let target = folder.path().join(file);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(fixture.join(file), target).unwrap();
    }
    fs::copy(fixture.join("manifest.toml"), folder.path().join("Cargo.toml")).unwrap();
    fs::copy(Path::new(HERE).join("../Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    folder
}

#[test]
fn an_annotated_package_builds_passes_its_tests_and_reports_its_functions() {
    let package = package();
    let (path, root) = (package.path(), package.path().to_str().unwrap());
    let runtime =
        format!("{{ path = \"{}\" }}", Path::new(HERE).join("../perf-runtime").canonicalize().unwrap().display());
    let sources = || {
        ["src/lib.rs", "src/main.rs", "src/once.rs", "src/shapes.rs", "Cargo.toml"]
            .map(|file| fs::read(path.join(file)).unwrap())
    };
    let before = (sources(), passed(path));
    assert!(before.1.len() >= 5, "{:?}", before.1);
    for timing in ["exact", "adaptive"] {
        let output = annotate(&[root, "--select", "all", "--lazy", "--timing", timing, "--dependency", &runtime]);
        assert!(timing == "adaptive" || output.contains("6  lazy statics became resources"), "{output}");
        assert_eq!(passed(path), before.1, "{timing}");
    }
    let report = path.join("run.json");
    cargo(path, &["run", "--quiet", "--offline"], &[("PERF_REPORT", &format!("json:{}", report.display()))]);
    let snapshot = Snapshot::from_json(&fs::read(&report).unwrap()).unwrap();
    for (name, calls) in [("main", 1), ("area", 4), ("total", 1), ("later", 1)] {
        let found = snapshot.functions.iter().find(|function| function.name.ends_with(&format!("::{name}")));
        assert_eq!(found.map(|function| function.calls), Some(calls), "{name}: {:?}", snapshot.functions);
    }
    let resources: Vec<&str> = snapshot.resources.iter().map(|resource| resource.name.as_str()).collect();
    let expected = [
        "COUNTS",
        "NAMES",
        "once::Canvas::surface::CACHE",
        "once::is_known::KNOWN",
        "once::table::TABLE",
        "once::word::CACHE",
    ];
    assert_eq!(resources, expected.map(|name| format!("annotated::{name}")));
    // The profile finds every function where it stands.
    let output = annotate(&[root, "--profile", report.to_str().unwrap(), "--dependency", &runtime]);
    let count = snapshot.functions.len() - resources.len();
    assert!(output.contains(&format!("{count} of {count} functions of the profile found")), "{output}");
    annotate(&[root, "--remove"]);
    assert!(sources() == before.0, "the sources are as they were");
}
