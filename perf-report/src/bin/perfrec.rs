//! The command under its plain name, `perfrec`.

mod memory;
mod punctual;

fn main() -> std::process::ExitCode {
    memory::give_back_what_is_freed();
    perf_report::command::main_with(punctual::be_punctual)
}
