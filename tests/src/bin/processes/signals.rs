//! Signals in difficult places: process 1, whose default actions do nothing, and handlers that call ours.

use std::io::{Write, stdout};
use std::path::Path;
use std::process::exit;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::work_times;

pub(super) fn run(arguments: &[&str]) {
    match *arguments {
        ["terminated", ending] => terminated(ending),
        ["handler"] => handler(),
        _ => panic!("no scenario {arguments:?}"),
    }
}

/// Asks for its own end, and where that does nothing goes on.
fn terminated(ending: &str) {
    work_times(3);
    // SAFETY: kill reads no memory of ours.
    unsafe { libc::kill(libc::getpid(), libc::SIGTERM) };
    while !Path::new("report.json").exists() {
        thread::sleep(Duration::from_millis(1));
    }
    work_times(2);
    println!("lives on");
    stdout().flush().unwrap();
    match ending {
        "exit" => exit(7),
        _ => loop {
            thread::park();
        },
    }
}

static PREVIOUS: AtomicUsize = AtomicUsize::new(libc::SIG_DFL);

/// Says which flags our handler has, and whether `errno` is what it was when a handler has called ours.
fn handler() {
    extern "C" fn own(signal: libc::c_int) {
        let previous = PREVIOUS.load(Ordering::SeqCst);
        // SAFETY: what the system gave as a handler of one argument is one.
        unsafe { std::mem::transmute::<usize, extern "C" fn(libc::c_int)>(previous)(signal) };
    }
    work_times(3);
    // SAFETY: the pointers are to live values; a zeroed sigaction has an empty mask.
    let (flags, errno) = unsafe {
        let mut ours: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGTERM, std::ptr::null(), &raw mut ours);
        PREVIOUS.store(ours.sa_sigaction, Ordering::SeqCst);
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = own as *const () as usize;
        libc::sigaction(libc::SIGTERM, &raw const action, std::ptr::null_mut());
        *libc::__errno_location() = 77;
        libc::raise(libc::SIGTERM);
        (ours.sa_flags, *libc::__errno_location())
    };
    let has = |flag: libc::c_int| flags & flag != 0;
    println!("on its stack {}, restarts {}, errno {errno}", has(libc::SA_ONSTACK), has(libc::SA_RESTART));
}
