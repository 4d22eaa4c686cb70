//! Things that a process may do to itself and to its surroundings while it is measured: each scenario makes annotated calls, and goes
//! where a profiler is easily in the way.
#![allow(unsafe_code, reason = "descriptors, limits and processes are changed by system calls")]

mod beside;
mod children;
mod descriptors;
mod exits;
mod limits;
mod sessions;
mod signals;
mod threads;
mod views;

use perf_runtime::profile;

#[profile]
fn work() {}

/// A second function: its first call needs room in the recording.
#[profile]
fn late_work() {}

fn work_times(calls: usize) {
    for _ in 0..calls {
        work();
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["descriptors", ref rest @ ..] => descriptors::run(rest),
        ["forks-beside-everything", children] => beside::run(children),
        ["exits", ref rest @ ..] => exits::run(rest),
        ["limits", ref rest @ ..] => limits::run(rest),
        ["children", ref rest @ ..] => children::run(rest),
        ["sessions", ref rest @ ..] => sessions::run(rest),
        ["signals", ref rest @ ..] => signals::run(rest),
        ["threads", ref rest @ ..] => threads::run(rest),
        ["views", ref rest @ ..] => views::run(rest),
        _ => panic!("no scenario {arguments:?}"),
    }
}
