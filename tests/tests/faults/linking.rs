//! Linking: `panic = "abort"`, plugins, two versions of the runtime, and the crates that the runtime brings with it.

use std::io::{self, Read};
use std::os::fd::{FromRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::{fs, ptr, thread};

use perf_report::{Snapshot, State};

use perf_tests::child::Ended;
use perf_tests::child::Program;
use perf_tests::figures::{calls, function};

pub(crate) fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub(crate) fn target(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn cargo(folder: &Path, target: &Path, arguments: &[&str]) -> Output {
    let mut cargo = perf_tests::tool(env!("CARGO"));
    cargo.args(arguments).current_dir(folder).env("CARGO_TARGET_DIR", target).output().unwrap()
}

#[track_caller]
pub(crate) fn succeeded(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Builds a package of the fixtures, and returns the folder of what was built.
fn build(package: &str, arguments: &[&str]) -> PathBuf {
    let all = [&["build", "--quiet", "--locked", "--package", package], arguments].concat();
    succeeded(cargo(&here("fixtures"), &target("fixtures"), &all));
    target("fixtures").join("debug")
}

#[test]
fn where_a_panic_aborts_the_recording_is_complete() {
    let folder = build("aborts", &["--profile", "aborts"]).with_file_name("aborts");
    let ended = Program::new(folder.join("aborts")).recording().reporting().run();
    let recording = ended.killed_by(libc::SIGABRT).recording();
    assert_eq!(calls(&recording, "work"), 1000);
    assert_eq!((calls(&recording, "panics"), recording.in_flight.len()), (0, 1));
    assert_eq!(recording.process.state, State::Killed);
    assert_eq!(ended.files(), ["app.perfrec"]);
}

/// A terminal of some width: the program's side of it, and ours.
#[allow(unsafe_code, reason = "the standard library opens no terminals")]
fn terminal(columns: u16) -> (OwnedFd, fs::File) {
    let size = libc::winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    let (mut ours, mut theirs) = (-1, -1);
    // SAFETY: both descriptors and the size outlive the call, which takes no name and no settings.
    let opened =
        unsafe { libc::openpty(&raw mut ours, &raw mut theirs, ptr::null_mut(), ptr::null(), &raw const size) };
    assert_eq!(opened, 0, "{}", io::Error::last_os_error());
    // SAFETY: they were opened just now, and nobody else has them.
    unsafe { (OwnedFd::from_raw_fd(theirs), fs::File::from_raw_fd(ours)) }
}

/// Only a program outside the workspace shows it: here the tests' own needs bring the feature `command` along, whose crates know
/// how wide a terminal is.
#[test]
fn a_report_to_a_terminal_is_as_wide_as_that_without_the_command() {
    let program = build("renamed", &[]).join("renamed");
    for columns in [80, 120] {
        let (theirs, mut ours) = terminal(columns);
        let shown = thread::spawn(move || {
            let mut shown = Vec::new();
            // It ends with an error, once nobody has the other side any more.
            let _ = ours.read_to_end(&mut shown);
            String::from_utf8(shown).unwrap()
        });
        let ended = Program::new(&program).env("PERF_REPORT", "table").env("NO_COLOR", "1").stderr(theirs).run();
        ended.exited(0);
        let shown = shown.join().unwrap();
        let widest = shown.lines().map(|line| line.trim_end().chars().count()).max();
        assert!(shown.contains("renamed::renamed"), "{shown}");
        assert!(shown.contains("Hidden to fit the width"), "{shown}");
        assert!(
            widest.is_some_and(|widest| widest <= usize::from(columns)),
            "{widest:?} in {columns} columns: {shown}"
        );
    }
}

/// As `-C prefer-dynamic` builds them, and inlined as where debug assertions are off: what is inlined into the program finds the runtime's
/// variables in the library.
#[test]
fn a_shared_library_and_its_program_have_one_recording() {
    let all =
        ["build", "--quiet", "--locked", "--package", "sharing", "--config", "profile.dev.debug-assertions=false"];
    let mut cargo = perf_tests::tool(env!("CARGO"));
    cargo.args(all).current_dir(here("fixtures")).env("CARGO_TARGET_DIR", target("shared"));
    succeeded(cargo.env("RUSTFLAGS", "-C prefer-dynamic").output().unwrap());
    let of_rust = succeeded(perf_tests::tool("rustc").args(["--print", "target-libdir"]).output().unwrap());
    let folder = target("shared").join("debug");
    let libraries = format!("{}:{}", folder.display(), of_rust.trim());
    let ended = Program::new(folder.join("sharing")).env("LD_LIBRARY_PATH", libraries).reporting().run();
    ended.exited(0).silent();
    let report = ended.report();
    for name in ["timed", "counted", "in_library", "generic"] {
        assert_eq!(calls(&report, name), 1000, "{name}");
    }
    assert!(function(&report, "generic").is_sampled(), "{report:?}");
}

/// Runs the host with the plugin.
fn host(ask: impl FnOnce(Program) -> Program, session: &str, end: &str) -> Ended {
    let folder = build("host", &[]);
    build("plugin", &[]);
    let plugin = folder.join("libplugin.so");
    ask(Program::new(folder.join("host")).arg(plugin).arg(session).arg(end)).run()
}

/// The snapshots among the lines of standard output.
fn printed(ended: &Ended) -> Vec<Snapshot> {
    let lines = ended.stdout.lines().filter(|line| line.starts_with('{'));
    lines.map(|line| Snapshot::from_json(line.as_bytes()).unwrap()).collect()
}

#[test]
fn a_plugin_and_its_host_each_report_in_full() {
    for signals in ["0", "1"] {
        let ask = |program: Program| program.env("PERF_REPORT", "json:-").env("PERF_SIGNALS", signals);
        let ended = host(ask, "no session", "return");
        ended.exited(0).silent();
        let snapshots = printed(&ended);
        let of = |name: &str| -> Vec<u64> {
            let having = snapshots.iter().filter(|snapshot| snapshot.functions.iter().any(|f| f.name.ends_with(name)));
            having.map(|snapshot| calls(snapshot, name)).collect()
        };
        assert_eq!(of("in_host"), [4], "{ended:?}");
        assert_eq!(of("in_plugin"), [20], "{ended:?}");
        // Its threads and hooks are in it.
        assert!(ended.stdout.starts_with("round 0: still loaded\nround 1: still loaded\n"), "{}", ended.stdout);
    }
}

#[test]
fn a_plugin_and_its_host_each_leave_their_recording() {
    let ended = host(|program| program.recording(), "no session", "signal");
    ended.killed_by(libc::SIGTERM).said(&["records to app."]);
    assert_eq!(calls(&ended.recording(), "in_host"), 4);
    let others: Vec<_> = ended.files().into_iter().filter(|name| name != "app.perfrec").collect();
    let of_plugin = others.iter().map(|name| calls(&perf_tests::figures::read(&ended.path(name)), "in_plugin"));
    assert_eq!(of_plugin.sum::<u64>(), 20, "{ended:?}");
}

#[test]
fn a_plugin_with_a_session_reports_on_a_signal_after_it_was_closed() {
    let ended = host(|program| program, "session", "signal");
    ended.killed_by(libc::SIGTERM).silent();
    assert_eq!(calls(&ended.snapshot("plugin.json"), "in_plugin"), 20);
}

#[test]
fn a_plugin_with_a_resource_and_no_session_stays_until_its_teardown() {
    let ended = host(|program| program, "resource", "return");
    ended.exited(0).silent();
    assert_eq!(ended.stdout, "round 0: still loaded\nround 1: still loaded\ntorn down\n");
}

/// The hooks for forks are there from the start, and go with it.
#[test]
fn a_plugin_that_nobody_asks_is_unloaded_and_forks_go_on() {
    let ended = host(|program| program, "no session", "return");
    ended.exited(0).silent();
    assert_eq!(ended.stdout, "round 0: unloaded\nround 1: unloaded\n");
}

#[test]
fn two_versions_of_the_runtime_each_report_in_full() {
    let folder = target("two-runtimes");
    let _ = fs::remove_dir_all(&folder);
    let second = folder.join("second");
    for part in ["perf-macros", "perf-report", "perf-runtime"] {
        copy(&here("..").join(part), &second.join(part));
    }
    // The same sources, as another version would be.
    let manifest = fs::read_to_string(here("../Cargo.toml")).unwrap();
    let (head, rest) = manifest.split_once("members = [").unwrap();
    let (_, rest) = rest.split_once("]\n").unwrap();
    let manifest = format!("{head}members = [\"perf-macros\", \"perf-report\", \"perf-runtime\"]\n{rest}");
    assert!(manifest.contains("\"0.1.0\"") && manifest.contains("\"=0.1.0\""));
    fs::write(second.join("Cargo.toml"), manifest.replace("0.1.0\"", "0.2.0\"")).unwrap();
    let first = fs::canonicalize(here("../perf-runtime")).unwrap();
    let app = folder.join("app");
    fs::create_dir_all(app.join("src")).unwrap();
    fs::write(
        app.join("Cargo.toml"),
        format!(
            "[package]\nname = \"two-runtimes\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
             perf-runtime = {{ path = {first:?} }}\n\
             second = {{ package = \"perf-runtime\", path = \"../second/perf-runtime\" }}\n"
        ),
    )
    .unwrap();
    fs::copy(here("fixtures/Cargo.lock"), app.join("Cargo.lock")).unwrap();
    fs::write(
        app.join("src/main.rs"),
        "#[perf_runtime::profile] fn of_first() { of_second() }\n\
         #[second::profile(crate = ::second)] fn of_second() {}\n\
         fn main() { std::thread::scope(|s| (0..4).for_each(|_| drop(s.spawn(|| (0..1000).for_each(|_| of_first()))))) }\n",
    )
    .unwrap();
    succeeded(cargo(&app, &target("fixtures"), &["build", "--quiet"]));
    let program = Program::new(target("fixtures").join("debug/two-runtimes"));
    let ended = program.env("PERF_REPORT", "json:-").recording().run();
    ended.exited(0).said_one_line(&["another process records to"]);
    let snapshots = printed(&ended);
    assert_eq!(snapshots.len(), 2, "{ended:?}");
    for name in ["of_first", "of_second"] {
        let own = snapshots.iter().find(|snapshot| snapshot.functions.iter().any(|f| f.name.ends_with(name))).unwrap();
        assert_eq!((calls(own, name), own.functions.len()), (4000, 1));
        assert_eq!(function(own, name).callers.len(), 1, "the other runtime's calls are not annotated ones");
    }
    assert_eq!(ended.files().len(), 2, "two recordings: {:?}", ended.files());
}

/// Copies a package: its manifest, sources and what they include.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
        }
    }
}

#[test]
fn linking_the_runtime_breaks_no_type_inference() {
    succeeded(cargo(&here("fixtures"), &target("fixtures"), &["run", "--quiet", "--locked", "--package", "inference"]));
    // A crate that hotpath links would break it.
    let arguments = ["check", "--quiet", "--locked", "--package", "inference", "--features", "control"];
    let output = cargo(&here("fixtures"), &target("fixtures"), &arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && errors.contains("E0283"), "{errors}");
}

/// The packages of a tree of dependencies.
fn tree(arguments: &[&str]) -> Vec<String> {
    let command = ["tree", "--locked", "--package", "perf-runtime", "--edges", "normal", "--prefix", "none"];
    let tree = succeeded(cargo(&here(".."), &target("fixtures"), &[&command, arguments].concat()));
    let mut names: Vec<String> =
        tree.lines().filter_map(|line| line.split_whitespace().next()).map(String::from).collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn the_default_tree_is_small_and_without_serde_json() {
    let names = tree(&[]);
    assert!(names.iter().any(|name| name == "inventory"), "{names:?}");
    assert!(!names.iter().any(|name| ["serde_json", "clap"].contains(&name.as_str())), "{names:?}");
}

#[test]
fn without_the_feature_nothing_is_linked_but_the_attributes() {
    assert_eq!(tree(&["--no-default-features", "--depth", "1"]), ["perf-macros", "perf-runtime"]);
}

#[test]
fn without_the_feature_nothing_is_done() {
    let ended = Program::new(build("off", &[]).join("off")).reporting().recording().run();
    ended.exited(0).silent();
    assert_eq!((ended.stdout.as_str(), ended.files()), ("", Vec::new()));
}
