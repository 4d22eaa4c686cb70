//! Commands that start cargo: its `test`, `run` and `bench` start the measured programs, and cargo itself is not measured with Callgrind.
//!
//! Cargo starts what it built through a *runner*, if there is one. So Callgrind is made the runner, and counts the tests and not cargo,
//! nor the compiler. Nextest asks for the same runner.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use super::command_line::CommandLine;

/// Whether a command is cargo with a subcommand that runs what it built.
pub(super) fn starts_programs(command: &CommandLine) -> bool {
    let [program, arguments @ ..] = command.words() else { return false };
    let is_cargo = Path::new(program).file_stem().is_some_and(|name| name == "cargo");
    // A toolchain (`+nightly`) and options may stand in front.
    let runs = |word: &&String| matches!(word.as_str(), "test" | "t" | "run" | "r" | "bench" | "nextest" | "llvm-cov");
    is_cargo && arguments.iter().take_while(|word| *word != "--").find(runs).is_some()
}

/// The variables of the environment that tell cargo its runner: for this machine, and for the target that the command names.
pub(super) fn runner_variables(command: &CommandLine) -> Vec<String> {
    let words = command.words();
    let mut targets: Vec<String> = host().into_iter().collect();
    for (number, word) in words.iter().enumerate() {
        match word.strip_prefix("--target") {
            Some("") => targets.extend(words.get(number + 1).cloned()),
            Some(rest) => targets.extend(rest.strip_prefix('=').map(str::to_owned)),
            None => {}
        }
    }
    let name = |target: &String| format!("CARGO_TARGET_{}_RUNNER", target.to_uppercase().replace(['-', '.'], "_"));
    targets.iter().map(name).collect()
}

/// The target of this machine's compiler.
fn host() -> Option<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(text: &str) -> CommandLine {
        CommandLine::parse(text).unwrap()
    }

    #[test]
    fn cargo_is_known_by_what_it_starts() {
        for text in ["cargo test", "/usr/bin/cargo +nightly -q t --lib -- x", "cargo nextest run", "cargo --locked run"]
        {
            assert!(starts_programs(&command(text)), "{text}");
        }
        for text in ["cargo build", "./cargo-test test", "test", "cargo build -- test"] {
            assert!(!starts_programs(&command(text)), "{text}");
        }
    }

    #[test]
    fn the_runner_is_that_of_the_target() {
        let variables = runner_variables(&command("cargo test --target wasm32-wasip1"));
        assert_eq!(variables.last().map(String::as_str), Some("CARGO_TARGET_WASM32_WASIP1_RUNNER"));
        let variables = runner_variables(&command("cargo test --target=armv7-unknown-linux-gnueabihf --lib"));
        assert_eq!(variables.last().map(String::as_str), Some("CARGO_TARGET_ARMV7_UNKNOWN_LINUX_GNUEABIHF_RUNNER"));
    }
}
