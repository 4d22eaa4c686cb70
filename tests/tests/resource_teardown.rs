//! The end: order, hooks that panic or hang, and every way in which a process ends. Each case is a child process: this test
//! run again with the name of the case.

#![allow(unsafe_code, reason = "forks")]

use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use std::{env, thread};

use perf_runtime::resource::{ResourceState, resources};
use perf_runtime::{Report, lazy_resource};

const CASE: &str = "PERF_TEST_CASE";

fn log(text: &str) {
    println!("· {text}");
}

mod declared {
    use super::*;

    #[lazy_resource(name = "config", on_shutdown = |_| log("config"))]
    pub(super) static CONFIG: u32 = 1;
    #[lazy_resource(name = "pool", on_shutdown = |_| log("pool"))]
    pub(super) static POOL: u32 = *CONFIG.get() + 1;
    #[lazy_resource(name = "index", evict, on_shutdown = |_| log("index"), on_evict = |_| log("index evicted"))]
    pub(super) static INDEX: u32 = *POOL.get() + 1;
    #[lazy_resource(name = "panics", on_shutdown = |_| panic!("no end"))]
    pub(super) static PANICS: u32 = 1;
    #[lazy_resource(name = "hangs", on_shutdown = |_| thread::sleep(Duration::from_secs(600)))]
    pub(super) static HANGS: u32 = 1;
    #[lazy_resource(name = "late", evict, on_shutdown = |_| log("late"))]
    pub(super) static LATE: u32 = 1;
    #[lazy_resource(name = "uses late", on_shutdown = |_| log(&format!("uses late {}", *LATE.lease())))]
    pub(super) static USES_LATE: u32 = 1;
    #[lazy_resource(name = "never used", on_shutdown = |_| log("never used"))]
    pub(super) static _NEVER_USED: u32 = 1;
}
use declared::*;

fn session() -> perf_runtime::Session {
    perf_runtime::session().report(Report::custom(|_| String::from("reported\n")).stdout()).start()
}

/// Forks, has the child do something and exit, and waits for it.
fn in_forked_child(f: impl FnOnce()) {
    // SAFETY: the child does what this project promises to be possible in one, and exits.
    match unsafe { libc::fork() } {
        0 => {
            f();
            std::process::exit(0)
        }
        // SAFETY: the status may be null.
        child => unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) },
    };
}

/// What a child process does.
fn run(case: &str) {
    match case {
        "by session" => {
            let session = session();
            INDEX.warm().unwrap();
            drop(session);
            log("after the session");
            assert_eq!(POOL.state(), ResourceState::ShutDown);
            assert_eq!(*POOL.get(), 2, "what is kept can still be used");
            assert_eq!(*INDEX.lease(), 3, "what was evicted is made anew");
        }
        "at exit" => {
            INDEX.warm().unwrap();
            std::process::exit(7);
        }
        "by signal" => {
            let _session = session();
            INDEX.warm().unwrap();
            // SAFETY: raise takes a number.
            unsafe { libc::raise(libc::SIGTERM) };
            thread::sleep(Duration::from_secs(60));
        }
        "renewed dependency" => {
            // `late` is made anew after its dependent, whose turn is first all the same.
            #[lazy_resource(name = "dependent", on_shutdown = |_| log("dependent"))]
            static DEPENDENT: u32 = *LATE.lease();
            DEPENDENT.warm().unwrap();
            LATE.reload().map(drop).unwrap();
            resources().shutdown();
        }
        "declared dependency" => {
            #[lazy_resource(name = "dependent", depends(LATE), on_shutdown = |_| log("dependent"))]
            static DEPENDENT: u32 = 0;
            DEPENDENT.warm().unwrap();
            LATE.warm().unwrap();
            resources().shutdown();
        }
        "panic" => {
            CONFIG.warm().unwrap();
            PANICS.warm().unwrap();
            POOL.warm().unwrap();
            resources().shutdown();
        }
        "hang" => {
            CONFIG.warm().unwrap();
            HANGS.warm().unwrap();
            POOL.warm().unwrap();
            resources().set_teardown_limit(Duration::from_millis(50));
            resources().shutdown();
        }
        "hook uses another" => {
            LATE.warm().unwrap();
            USES_LATE.warm().unwrap();
            LATE.evict();
            resources().shutdown();
            assert_eq!(LATE.state(), ResourceState::ShutDown, "what a hook made had its turn too");
        }
        "hook asks for a teardown" => {
            #[lazy_resource(name = "asks", on_shutdown = |_| { resources().shutdown(); log("asks") })]
            static ASKS: u32 = 0;
            ASKS.warm().unwrap();
            resources().shutdown();
        }
        "twice" => {
            CONFIG.warm().unwrap();
            resources().shutdown();
            resources().shutdown();
        }
        "leased" => {
            let lease = INDEX.lease();
            resources().shutdown();
            log(&format!("lease {}", *lease));
            drop(lease);
            log("lease ended");
        }
        "fork" => {
            INDEX.warm().unwrap();
            in_forked_child(|| {
                assert_eq!((*POOL.get(), *INDEX.lease()), (2, 3), "what is ready can be used");
                LATE.warm().unwrap();
            });
            log("child ended");
        }
        "fork while another thread initialises" => {
            static BEGUN: std::sync::Barrier = std::sync::Barrier::new(2);
            static PARENT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
            #[lazy_resource(name = "slow")]
            static SLOW: u32 = {
                if PARENT.load(std::sync::atomic::Ordering::Relaxed) == std::process::id() {
                    BEGUN.wait();
                    thread::sleep(Duration::from_millis(100));
                }
                9
            };
            PARENT.store(std::process::id(), std::sync::atomic::Ordering::Relaxed);
            let initialising = thread::spawn(|| *SLOW.get());
            BEGUN.wait();
            in_forked_child(|| log(&format!("in the child {}", *SLOW.get())));
            log(&format!("in the parent {}", initialising.join().unwrap()));
        }
        "thread-local destructor" => {
            struct AtEnd;
            impl Drop for AtEnd {
                fn drop(&mut self) {
                    log(&format!("made in a destructor: {}", *POOL.get() + *INDEX.lease()));
                }
            }
            thread_local!(static AT_END: AtEnd = const { AtEnd });
            thread::spawn(|| AT_END.with(|_| ())).join().unwrap();
            resources().shutdown();
        }
        other => panic!("no case {other}"),
    }
}

#[test]
fn child() {
    if let Ok(case) = env::var(CASE) {
        run(&case);
    }
}

fn child_output(case: &str) -> Output {
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .env(CASE, case)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    // One that hangs is a failed test, not a test that hangs.
    let group = -child.id().cast_signed();
    let (done, waiting) = mpsc::channel::<()>();
    let watch = thread::spawn(move || {
        if waiting.recv_timeout(Duration::from_secs(60)) == Err(RecvTimeoutError::Timeout) {
            // SAFETY: kill takes numbers.
            unsafe { libc::kill(group, libc::SIGKILL) };
        }
    });
    let output = child.wait_with_output().unwrap();
    drop(done);
    watch.join().unwrap();
    output
}

/// The lines that a child logged, and its standard error.
fn logged(output: &Output) -> (Vec<String>, String) {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let lines = stdout.lines().filter_map(|line| line.split_once("· ")).map(|line| line.1.to_owned()).collect();
    (lines, String::from_utf8_lossy(&output.stderr).into_owned())
}

fn check(case: &str, expected: &[&str]) -> Output {
    let output = child_output(case);
    let (lines, stderr) = logged(&output);
    assert_eq!(lines, expected, "{case}\n{stderr}");
    output
}

const IN_ORDER: [&str; 4] = ["index", "index evicted", "pool", "config"];

#[test]
fn a_session_ends_with_the_teardown_before_its_reports() {
    let output = child_output("by session");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let (lines, stderr) = logged(&output);
    assert!(output.status.success(), "{stderr}");
    // What the session's teardown did is not done again; what was made anew has its turn at the exit.
    let expected = [&IN_ORDER[..], &["after the session", "index", "index evicted"]].concat();
    assert_eq!(lines, expected);
    assert!(stdout.find("· config").unwrap() < stdout.find("reported").unwrap(), "{stdout}");
}

#[test]
fn an_exit_is_an_end() {
    assert_eq!(check("at exit", &IN_ORDER).status.code(), Some(7));
}

#[test]
fn a_signal_is_an_end() {
    use std::os::unix::process::ExitStatusExt;
    assert_eq!(check("by signal", &IN_ORDER).status.signal(), Some(libc::SIGTERM));
}

#[test]
fn dependents_come_first_also_when_the_dependency_is_younger() {
    check("renewed dependency", &["dependent", "late"]);
    check("declared dependency", &["dependent", "late"]);
}

#[test]
fn a_panicking_hook_is_named_and_does_not_stop_the_others() {
    let output = check("panic", &["pool", "config"]);
    assert!(logged(&output).1.contains("perf: on_shutdown of panics panicked: no end\n"));
}

#[test]
fn a_hanging_hook_is_given_up_and_named() {
    let output = check("hang", &["pool", "config"]);
    assert!(logged(&output).1.contains("perf: the teardown of hangs is not done after 50ms; going on without it\n"));
}

#[test]
fn a_hook_may_use_other_resources() {
    check("hook uses another", &["uses late 1", "late"]);
    check("hook asks for a teardown", &["asks"]);
}

#[test]
fn a_teardown_happens_once() {
    check("twice", &["config"]);
}

#[test]
fn leases_outlive_the_teardown() {
    check("leased", &["index", "pool", "config", "lease 3", "index evicted", "lease ended"]);
}

#[test]
fn a_forked_child_tears_down_its_own_alone() {
    check("fork", &["late", "child ended", "index", "index evicted", "pool", "config"]);
}

#[test]
fn a_forked_child_begins_anew_what_another_thread_was_initialising() {
    check("fork while another thread initialises", &["in the child 9", "in the parent 9"]);
}

#[test]
fn thread_local_destructors_may_use_and_make_resources() {
    check("thread-local destructor", &["made in a destructor: 5", "index", "index evicted", "pool", "config"]);
}
