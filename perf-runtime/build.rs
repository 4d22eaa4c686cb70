//! Hands facts of the build to the compiler, which snapshots then carry: compiler, profile and target. Only here are they known.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_ENABLED").is_none() {
        return;
    }
    for (fact, variable) in [("PERF_BUILD_PROFILE", "PROFILE"), ("PERF_BUILD_TARGET", "TARGET")] {
        if let Ok(value) = std::env::var(variable) {
            println!("cargo::rustc-env={fact}={value}");
        }
    }
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output();
    if let Some(version) = version.ok().filter(|output| output.status.success())
        && let Some(line) = String::from_utf8_lossy(&version.stdout).lines().next()
    {
        println!("cargo::rustc-env=PERF_BUILD_RUSTC={line}");
    }
}
