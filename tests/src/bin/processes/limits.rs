//! Programs under limits, of the system's or of their own making.

use std::hint::black_box;
use std::path::Path;
use std::process::exit;
use std::thread;
use std::time::Duration;

use super::work_times;

pub(super) fn run(arguments: &[&str]) {
    match *arguments {
        ["memory", mebibytes] => memory(mebibytes.parse().unwrap()),
        ["no-threads"] => {
            work_times(3);
            forbid(&[(libc::SYS_clone3, libc::ENOSYS), (libc::SYS_clone, libc::EAGAIN)]);
            exit(7)
        }
        ["no-kill"] => no_kill(),
        _ => panic!("no scenario {arguments:?}"),
    }
}

/// Needs so much memory.
fn memory(mebibytes: usize) {
    work_times(3);
    let memory = black_box(vec![1_u8; mebibytes << 20]);
    work_times(1);
    exit(if memory.iter().all(|&byte| byte == 1) { 7 } else { 1 })
}

/// Cannot be ended by a signal that is raised here again.
fn no_kill() {
    work_times(3);
    forbid(&[(libc::SYS_kill, libc::EPERM), (libc::SYS_tgkill, libc::EPERM), (libc::SYS_tkill, libc::EPERM)]);
    println!("ready");
    while !(Path::new("report.json").exists() && perf_runtime::is_enabled()) {
        thread::sleep(Duration::from_millis(1));
    }
    work_times(2);
    exit(7)
}

/// Has system calls fail from here on, in every thread.
fn forbid(calls: &[(libc::c_long, i32)]) {
    const NUMBER_OF_CALL: u32 = 0;
    let instruction = |code: u32, jt: u8, jf: u8, k: u32| libc::sock_filter { code: code as u16, jt, jf, k };
    let mut filter = vec![instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, NUMBER_OF_CALL)];
    for &(call, error) in calls {
        filter.push(instruction(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, call as u32));
        filter.push(instruction(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ERRNO | error as u32));
    }
    filter.push(instruction(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW));
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: the filter lives as long as the calls, which copy it.
    unsafe {
        assert_eq!(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        let done = libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            libc::SECCOMP_FILTER_FLAG_TSYNC,
            &raw const program,
        );
        assert_eq!(done, 0);
    }
}
