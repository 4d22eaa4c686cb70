//! The command under its plain name, `perfrec`.

fn main() -> std::process::ExitCode {
    perf_report::command::main()
}
