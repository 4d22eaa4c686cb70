//! The `perf-report` command.

fn main() -> std::process::ExitCode {
    perf_report::command::main()
}
