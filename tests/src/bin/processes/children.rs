//! Children without exec: daemons, workers, and clones that the C library does not know of.

use std::process::exit;
use std::ptr;

use super::{late_work, work_times};

pub(super) fn run(arguments: &[&str]) {
    match *arguments {
        ["daemon"] => {
            work_times(2);
            // SAFETY: the program has one thread; it keeps its folder and its streams.
            assert_eq!(unsafe { libc::daemon(1, 1) }, 0);
            println!("{}", std::process::id());
            work_times(5);
        }
        ["worker"] => {
            work_times(3);
            // SAFETY: the child makes annotated calls and exits.
            child_and_parent(unsafe { libc::fork() });
        }
        ["idle-worker"] => {
            work_times(3);
            // SAFETY: the child exits.
            let pid = unsafe { libc::fork() };
            if pid == 0 {
                exit(4);
            }
            wait_for(pid);
            work_times(1);
        }
        ["clone"] => {
            work_times(3);
            // SAFETY: without flags that share anything this is a fork of which the C library learns nothing; the child makes
            // annotated calls and exits.
            let pid = unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) };
            child_and_parent(pid as libc::pid_t);
        }
        ["exec"] => {
            work_times(3);
            let error = std::os::unix::process::CommandExt::exec(&mut std::process::Command::new("true"));
            panic!("{error}");
        }
        _ => panic!("no scenario {arguments:?}"),
    }
}

/// The child makes five calls, the parent one more when it has ended.
fn child_and_parent(pid: libc::pid_t) {
    if pid == 0 {
        late_work();
        work_times(5);
        exit(4)
    }
    println!("{pid}");
    wait_for(pid);
    work_times(1);
}

fn wait_for(pid: libc::pid_t) {
    // SAFETY: the status may be null.
    unsafe { libc::waitpid(pid, ptr::null_mut(), 0) };
}
