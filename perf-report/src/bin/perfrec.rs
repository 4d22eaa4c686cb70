//! The command under its plain name, `perfrec`.

mod memory;

fn main() -> std::process::ExitCode {
    memory::give_back_what_is_freed();
    perf_report::command::main()
}
