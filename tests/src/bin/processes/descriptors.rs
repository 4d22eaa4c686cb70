//! Programs that close descriptors which they did not open, as daemons do, and open files of their own.

use std::fs::{self, File};
use std::io::{Write, stdin, stdout};
use std::path::Path;
use std::process::exit;
use std::thread;

use perf_runtime::{Report, session};

use super::{late_work, work_times};

pub(super) fn run(arguments: &[&str]) {
    match *arguments {
        ["all-closed", ending] => all_closed(ending),
        ["streams-closed"] => streams_closed(),
        ["all-in-use"] => {
            work_times(3);
            let _all: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
            exit(7)
        }
        ["folder-changed", path] => folder_changed(path),
        _ => panic!("no scenario {arguments:?}"),
    }
}

/// Closes whatever is open beside the streams, and fills the numbers with files of its own.
fn all_closed(ending: &str) {
    work_times(3);
    // SAFETY: nobody in this program uses a descriptor above the streams.
    unsafe { libc::close_range(3, libc::c_uint::MAX, 0) };
    let _own: Vec<File> = (0..6)
        .map(|number| {
            let mut file = File::create(format!("own-{number}")).unwrap();
            file.write_all(&vec![b'x'; 1_000_000]).unwrap();
            file
        })
        .collect();
    // Another thread and another function: the recording grows.
    thread::spawn(late_work).join().unwrap();
    late_work();
    work_times(1);
    println!("closed");
    stdout().flush().unwrap();
    let mut line = String::new();
    stdin().read_line(&mut line).unwrap();
    match ending {
        "exit" => exit(7),
        "fork" => {
            // SAFETY: the child does no more than exit.
            match unsafe { libc::fork() } {
                0 => exit(0),
                // SAFETY: the status may be null.
                pid => unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) },
            };
            exit(7)
        }
        _ => loop {
            thread::park();
        },
    }
}

/// Starts a session while the numbers of the standard streams are free, and says which descriptors that opened.
fn streams_closed() {
    // SAFETY: fcntl with F_GETFD only asks.
    let flags = |descriptor| unsafe { libc::fcntl(descriptor, libc::F_GETFD) };
    let open = || -> Vec<i32> { (0..1000).filter(|&descriptor| flags(descriptor) != -1).collect() };
    (0..3).for_each(|stream| {
        // SAFETY: the program does not use its streams from here on.
        unsafe { libc::close(stream) };
    });
    let before = open();
    let session = session().recording("app.perfrec").report(Report::json().file("report.json")).start();
    work_times(3);
    let ours: Vec<i32> = open().into_iter().filter(|descriptor| !before.contains(descriptor)).collect();
    let streams: Vec<&i32> = ours.iter().filter(|&&ours| ours < 3).collect();
    let inherited: Vec<&i32> = ours.iter().filter(|&&ours| flags(ours) & libc::FD_CLOEXEC == 0).collect();
    let text = format!("some {}, streams {streams:?}, inherited {inherited:?}\n", !ours.is_empty());
    drop(session);
    fs::write("descriptors", text).unwrap();
}

/// Goes to another folder, where relative paths mean other files.
fn folder_changed(path: &str) {
    let session = (path == "in-code").then(|| session().report(Report::json().file("report.json")).start());
    work_times(3);
    fs::create_dir("elsewhere").unwrap();
    std::env::set_current_dir(Path::new("elsewhere")).unwrap();
    drop(session);
    exit(7)
}
