//! The state that a child starts in.
#![allow(unsafe_code, reason = "signals, masks and limits are set by system calls between fork and exec")]

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::environment::{GIVEN, is_for_tools, is_kept};

/// Limits that a child has, as far as the caller's hard limits allow: what most systems give an ordinary process. `None` is the
/// hard limit.
const LIMITS: [(Limit, Option<libc::rlim_t>); 8] = [
    // No process here leaves a dump of its memory behind when it aborts on purpose.
    (libc::RLIMIT_CORE, Some(0)),
    (libc::RLIMIT_NOFILE, Some(1024)),
    (libc::RLIMIT_STACK, Some(8 << 20)),
    (libc::RLIMIT_AS, None),
    (libc::RLIMIT_CPU, None),
    (libc::RLIMIT_DATA, None),
    (libc::RLIMIT_FSIZE, None),
    (libc::RLIMIT_NPROC, None),
];

#[cfg(all(target_os = "linux", target_env = "gnu"))]
type Limit = libc::__rlimit_resource_t;
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
type Limit = libc::c_int;

/// Lets this process open as many files as its hard limit allows, for a test that needs more than a careful caller gives it.
///
/// # Panics
/// If the limits cannot be read or set.
pub fn allow_open_files() {
    let mut files = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both take a limit that lives here.
    let done = unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut files) == 0 && {
            files.rlim_cur = files.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &raw const files) == 0
        }
    };
    assert!(done, "{}", io::Error::last_os_error());
}

/// A program that starts in a known state: with every signal at its default action and none blocked, an environment of a few
/// variables, a umask of 022, ordinary limits, and no descriptor but the standard streams.
///
/// A test may change it afterwards, and its changes hold.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    command.envs(std::env::vars_os().filter(|(variable, _)| is_kept(variable))).envs(GIVEN);
    settle(&mut command);
    command
}

/// A tool of the build (cargo, rustc) that starts in a known state, but with the caller's environment, in which it finds its
/// toolchain and its registries; without flags that would have it build something else.
pub fn tool(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    command.envs(std::env::vars_os().filter(|(variable, _)| is_for_tools(variable))).envs(GIVEN);
    settle(&mut command);
    command
}

fn settle(command: &mut Command) {
    // SAFETY: between fork and exec only system calls are made, on values of the stack.
    unsafe { command.pre_exec(in_child) };
}

fn in_child() -> io::Result<()> {
    default_actions();
    limit();
    // SAFETY: takes a number and cannot fail.
    unsafe { libc::umask(0o022) };
    close_others();
    Ok(())
}

/// Every signal at its default action, none blocked. Those that cannot be changed are as they should be anyway.
fn default_actions() {
    // SAFETY: the values are live and zeros are valid for them; an empty set and the default action read no other memory.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = libc::SIG_DFL;
        libc::sigemptyset(&raw mut action.sa_mask);
        for signal in 1..=64 {
            libc::sigaction(signal, &raw const action, std::ptr::null_mut());
        }
        libc::sigprocmask(libc::SIG_SETMASK, &raw const action.sa_mask, std::ptr::null_mut());
    }
}

fn limit() {
    for (what, most) in LIMITS {
        // SAFETY: the pointers are to a live value.
        unsafe {
            let mut limit: libc::rlimit = std::mem::zeroed();
            if libc::getrlimit(what, &raw mut limit) == 0 {
                limit.rlim_cur = most.map_or(limit.rlim_max, |most| most.min(limit.rlim_max));
                libc::setrlimit(what, &raw const limit);
            }
        }
    }
}

/// Has all descriptors above the standard streams closed by the exec: who starts the tests may have left some open.
fn close_others() {
    #[cfg(target_os = "linux")]
    // SAFETY: the call takes numbers. Where the system does not know it (before Linux 5.11), the descriptors stay open.
    unsafe {
        const CLOSE_AT_EXEC: libc::c_uint = 4;
        libc::syscall(libc::SYS_close_range, 3 as libc::c_uint, libc::c_uint::MAX, CLOSE_AT_EXEC);
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::process::Output;

    use super::*;

    /// The answer of a shell about itself, started by a caller in an unusual state.
    fn told(line: &str) -> String {
        let Output { status, stdout, stderr } = command("sh").arg("-c").arg(line).output().unwrap();
        assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }

    /// Signals of a mask of `/proc/self/status`.
    fn signals(field: &str) -> u64 {
        let told = told(&format!("sed -n 's/^{field}:[[:space:]]*//p' /proc/self/status"));
        u64::from_str_radix(told.trim(), 16).unwrap()
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn children_are_the_same_whatever_the_caller_is_like() {
        use std::os::fd::AsRawFd;

        let file = File::open("/dev/null").unwrap();
        // SAFETY: takes numbers; the mask and the actions are this test's own process's, whose only test this is.
        unsafe {
            libc::signal(libc::SIGHUP, libc::SIG_IGN);
            libc::signal(libc::SIGTERM, libc::SIG_IGN);
            libc::umask(0o077);
            libc::fcntl(file.as_raw_fd(), libc::F_SETFD, 0);
            let mut mask: libc::sigset_t = std::mem::zeroed();
            libc::sigaddset(&raw mut mask, libc::SIGTERM);
            libc::pthread_sigmask(libc::SIG_BLOCK, &raw const mask, std::ptr::null_mut());
            let files = libc::rlimit { rlim_cur: 64, rlim_max: 512 };
            libc::setrlimit(libc::RLIMIT_NOFILE, &raw const files);
            for (name, value) in [("PERF_REPORT", "table"), ("TZ", "Asia/Tokyo"), ("COLUMNS", "3")] {
                std::env::set_var(name, value);
            }
        }
        // Two are the C library's own, which lets nobody change them: 32 and 33.
        let of_the_library = 0b11 << 31;
        assert_eq!((signals("SigIgn") & !of_the_library, signals("SigBlk") & !of_the_library), (0, 0));
        assert_eq!(told("umask; ulimit -Sn; ulimit -Sc"), "0022\n512\n0\n");
        assert_eq!(told("echo $PERF_REPORT $COLUMNS $TZ"), "UTC\n");
        let descriptors = told("ls /proc/self/fd");
        // The last is the folder itself.
        assert_eq!(descriptors.lines().count(), 4, "{descriptors}");
    }
}
