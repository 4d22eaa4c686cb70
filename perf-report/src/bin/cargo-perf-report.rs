//! The command as `cargo perf-report`.

mod memory;

fn main() -> std::process::ExitCode {
    memory::give_back_what_is_freed();
    perf_report::command::main()
}
