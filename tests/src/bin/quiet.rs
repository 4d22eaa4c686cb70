//! Makes annotated calls, writes nothing, and ends with status 7.
#![allow(unsafe_code, reason = "a signal's action is set by a system call")]

use std::process::ExitCode;

use perf_runtime::profile;

#[profile]
fn work() {}

fn main() -> ExitCode {
    let scenario = std::env::args().nth(1);
    if scenario.as_deref() == Some("sigpipe") {
        // SAFETY: the default action is a valid one.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    }
    for _ in 0..3 {
        work();
    }
    if scenario.as_deref() == Some("threads") {
        // All at once, so that each needs a part of the recording for itself.
        let barrier = std::sync::Barrier::new(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        work();
                    }
                    barrier.wait();
                });
            }
        });
    }
    ExitCode::from(7)
}
