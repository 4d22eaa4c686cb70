//! Programs that look at their threads, or must have one alone.

use std::fs;

use super::work_times;

pub(super) fn run(arguments: &[&str]) {
    match *arguments {
        ["alone"] => {
            // SAFETY: unshare takes flags. It refuses this one in a process that has more threads than one.
            let unshared = unsafe { libc::unshare(libc::CLONE_NEWUSER) } == 0;
            println!("unshared {unshared}");
            println!("before {:?}", names());
            work_times(1);
            println!("after {:?}", names());
        }
        ["within-a-handler"] => within_a_handler(),
        _ => panic!("no scenario {arguments:?}"),
    }
}

/// The names of the threads there are, but for the first. One that has just begun is called as the program, until it has a name.
fn names() -> Vec<String> {
    loop {
        let names = names_now();
        if !names.iter().any(|name| name == "processes") {
            return names;
        }
        std::thread::yield_now();
    }
}

fn names_now() -> Vec<String> {
    let first = std::process::id().to_string();
    let tasks = fs::read_dir("/proc/self/task").unwrap().map(|task| task.unwrap().path());
    let mut names: Vec<String> = tasks
        .filter(|task| task.file_name().is_none_or(|id| *id != *first))
        .filter_map(|task| Some(fs::read_to_string(task.join("comm")).ok()?.trim().to_owned()))
        .collect();
    names.sort();
    names
}

/// The first annotated call of all comes from a signal handler: not a place to make threads in.
fn within_a_handler() {
    extern "C" fn handler(_: libc::c_int) {
        work_times(1);
    }
    // SAFETY: the handler is a function of this program, and the pointers are to live values.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as *const () as usize;
        libc::sigaction(libc::SIGUSR1, &raw const action, std::ptr::null_mut());
        libc::raise(libc::SIGUSR1);
    }
    println!("in the handler {:?}", names());
    super::late_work();
    println!("after it {:?}", names());
}
