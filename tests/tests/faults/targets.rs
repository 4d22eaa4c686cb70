//! Other ways to build the same program: with the runtime in a Rust `dylib`, and against musl.

use std::fs;
use std::path::{Path, PathBuf};

use perf_tests::child::Program;
use perf_tests::figures::{calls, function, lost};

use crate::linking::{here, succeeded, target};

/// Writes a package that is its own workspace, with the versions that the fixtures are locked to.
fn package(folder: &Path, manifest: &str, source: (&str, &str)) {
    let (file, text) = source;
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("Cargo.toml"), format!("{manifest}\n[workspace]\n")).unwrap();
    fs::write(folder.join("src").join(file), text).unwrap();
    fs::copy(here("fixtures/Cargo.lock"), folder.join("Cargo.lock")).unwrap();
}

fn runtime() -> String {
    format!("perf-runtime = {{ path = {:?} }}", fs::canonicalize(here("../perf-runtime")).unwrap())
}

/// Builds a package, and returns its program.
fn build(folder: &Path, name: &str, arguments: &[&str], flags: &str) -> PathBuf {
    // Flags build everything anew, so it has a folder of its own.
    let built = target(name).join("target");
    let mut cargo = perf_tests::tool(env!("CARGO"));
    cargo.args(["build", "--quiet"]).args(arguments).current_dir(folder).env("CARGO_TARGET_DIR", &built);
    succeeded(cargo.env("RUSTFLAGS", flags).output().unwrap());
    let subfolder = arguments.iter().skip_while(|argument| **argument != "--target").nth(1);
    subfolder.map_or(built.clone(), |target| built.join(target)).join("debug").join(name)
}

/// Where the compiler keeps the standard library of a target, the host's if none is given.
fn standard_library(target: &[&str]) -> PathBuf {
    let mut rustc = perf_tests::tool(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let libraries = succeeded(rustc.args(["--print", "target-libdir"]).args(target).output().unwrap());
    PathBuf::from(libraries.trim())
}

#[test]
fn a_program_and_a_rust_dylib_share_one_recording() {
    let folder = target("dylib");
    let library = format!(
        "[package]\nname = \"shared\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"dylib\"]\n[dependencies]\n{}",
        runtime()
    );
    let functions = "pub use perf_runtime;\n\
        #[perf_runtime::profile]\n\
        pub fn in_library(n: u64) -> u64 { n + tiny_in_library(n) }\n\
        #[perf_runtime::profile(timing = adaptive)]\n\
        fn tiny_in_library(_: u64) -> u64 { 1 }\n";
    package(&folder.join("shared"), &library, ("lib.rs", functions));
    let program = "[package]\nname = \"dylib\"\nedition = \"2024\"\n[dependencies]\nshared = { path = \"../shared\" }";
    let calls_both = "use shared::perf_runtime;\n\
        #[perf_runtime::profile(crate = shared::perf_runtime)]\n\
        fn in_program(n: u64) -> u64 { tiny_in_program(shared::in_library(n)) }\n\
        #[perf_runtime::profile(timing = adaptive, crate = shared::perf_runtime)]\n\
        fn tiny_in_program(n: u64) -> u64 { n }\n\
        #[perf_runtime::profile(crate = shared::perf_runtime)]\n\
        async fn waits_in_program(n: u64) -> u64 { in_program(n) }\n\
        fn poll(future: impl Future<Output = u64>) -> u64 {\n\
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());\n\
            let std::task::Poll::Ready(n) = std::pin::pin!(future).poll(&mut context) else { panic!() };\n\
            n\n\
        }\n\
        fn main() {\n\
            let work = || { (0..1000).fold(0, |sum, n| sum + poll(waits_in_program(n))); };\n\
            std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(work))));\n\
        }\n";
    package(&folder.join("program"), program, ("main.rs", calls_both));
    let program = build(&folder.join("program"), "dylib", &[], "-C prefer-dynamic");
    let libraries = [program.with_file_name("deps"), standard_library(&[])];
    let program = Program::new(&program).env("LD_LIBRARY_PATH", std::env::join_paths(libraries).unwrap());
    let report = program.reporting().run().exited(0).silent().report();
    for name in ["waits_in_program", "in_program", "in_library", "tiny_in_program", "tiny_in_library"] {
        assert_eq!(calls(&report, name), 4000, "{name}");
    }
    assert_eq!(lost(&report), 0);
    let by_program = function(&report, "in_library").callers.iter().map(|edge| edge.caller.unwrap());
    let names: Vec<_> = by_program.map(|caller| report.functions[caller].name.as_str()).collect();
    assert_eq!(names, ["dylib::in_program"]);
    assert_eq!(report.process.threads, 4);
}

#[test]
fn against_musl_a_killed_process_leaves_every_call() {
    let musl = &format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    if !standard_library(&["--target", musl]).exists() {
        eprintln!("not tested: there is no standard library for {musl}");
        return;
    }
    let folder = target("musl");
    let manifest = format!("[package]\nname = \"musl\"\nedition = \"2024\"\n[dependencies]\n{}", runtime());
    let source = "#[perf_runtime::profile] fn work() {}\n\
        fn main() {\n\
            let work = || (0..1000).for_each(|_| work());\n\
            std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(work))));\n\
            if std::env::args().count() > 1 { std::process::abort() }\n\
        }\n";
    package(&folder, &manifest, ("main.rs", source));
    let program = build(&folder, "musl", &["--target", musl], "");
    let report = Program::new(&program).reporting().run().exited(0).silent().report();
    assert_eq!(calls(&report, "work"), 4000);
    let ended = Program::new(&program).arg("abort").recording().run();
    assert_eq!(calls(&ended.killed_by(libc::SIGABRT).recording(), "work"), 4000);
}
