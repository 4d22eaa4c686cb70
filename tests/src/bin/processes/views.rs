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
        ["exits-at-exit"] => {
            let _session = session().report(Report::custom(|_| exit(9))).report(json()).start();
            work_times(3);
            exit(7);
        }
        ["drop-exits"] => {
            let _session = session().report(dropping(|| exit(9))).report(json()).start();
            work_times(3);
        }
        ["uses-a-resource"] => {
            let view = Report::custom(|_| format!("{}\n", NUMBER.get()));
            let _session = session().report(view.stdout()).report(json()).start();
            work_times(3);
            NUMBER.get();
        }
        ["drop-panics"] => {
            let _session = session().report(dropping(|| panic!("a drop's mistake"))).report(json()).start();
            work_times(3);
        }
        ["drop-hangs"] => {
            let hang = || loop {
                thread::park();
            };
            let _session = session().report(dropping(hang)).report(json()).start();
            work_times(3);
        }
        ["hook-re-enters"] => {
            RE_ENTERS.get();
            let _session = session().report(json()).start();
            RE_ENTERING.get();
            work_times(3);
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

/// A view that owns something whose drop does this.
fn dropping(drop: fn()) -> Report {
    struct Dropped(fn());
    impl Drop for Dropped {
        fn drop(&mut self) {
            (self.0)();
        }
    }
    let dropped = Dropped(drop);
    Report::custom(move |_| {
        let _ = &dropped;
        String::from("seen\n")
    })
}

#[lazy_resource]
static NUMBER: u32 = 42;

#[lazy_resource(on_shutdown = |_| { re_enter("at-exit.json") })]
static RE_ENTERS: u32 = 1;
#[lazy_resource(on_shutdown = |_| { re_enter("inner.json") })]
static RE_ENTERING: u32 = 1;

fn re_enter(report: &str) {
    let session = session().report(Report::json().file(report)).start();
    work();
    drop(session);
}

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
