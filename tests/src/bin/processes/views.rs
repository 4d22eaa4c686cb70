//! Views of the program's own that do what a view had better not, and hooks that keep the end waiting.

use std::process::exit;
use std::thread;

use perf_runtime::{Report, lazy_resource, session};

use super::{late_work, work, work_times};

pub(super) fn run(arguments: &[&str]) {
    let json = || Report::json().file("report.json");
    match *arguments {
        ["re-enters"] => {
            let view = Report::custom(|_| {
                drop(session().report(Report::json().file("inner.json")).start());
                work();
                format!("{}\n", perf_runtime::snapshot().is_some())
            });
            let _session = session().report(view.stdout()).report(json()).start();
            work_times(3);
        }
        ["exits"] => {
            let _session = session().report(Report::custom(|_| exit(9))).report(json()).start();
            work_times(3);
        }
        ["uses-a-resource"] => {
            let view = Report::custom(|_| format!("{}\n", NUMBER.get()));
            let _session = session().report(view.stdout()).report(json()).start();
            work_times(3);
            NUMBER.get();
        }
        ["hooks-hang", ending] => {
            hooks_that_hang();
            work_times(3);
            late_work();
            println!("ready");
            if ending == "exit" {
                exit(7);
            }
            loop {
                thread::park();
            }
        }
        _ => panic!("no scenario {arguments:?}"),
    }
}

#[lazy_resource]
static NUMBER: u32 = 42;

/// More hooks that hang than anybody wants to wait for one by one.
fn hooks_that_hang() {
    fn hang<T>(_: &T) {
        loop {
            thread::park();
        }
    }
    macro_rules! hanging {
        ($($name:ident)*) => {$(
            #[lazy_resource(on_shutdown = hang)]
            static $name: u32 = 1;
            $name.get();
        )*};
    }
    hanging!(A B C D E F G H I J K L M N O P Q R S T);
}
