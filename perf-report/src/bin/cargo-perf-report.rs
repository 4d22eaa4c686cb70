//! The command as `cargo perf-report`.

fn main() -> std::process::ExitCode {
    perf_report::command::main()
}
