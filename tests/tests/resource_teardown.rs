//! The end: order, hooks that panic or hang, and every way in which a process ends. The processes are those of
//! `src/bin/teardown.rs`.

use perf_tests::child::Ended;
use perf_tests::program;

/// Runs a scenario, whose teardown must be told in these lines.
#[track_caller]
fn tells(scenario: &str, lines: &[&str]) -> Ended {
    let ended = program!("teardown", scenario).run();
    assert_eq!(ended.stdout.lines().collect::<Vec<_>>(), lines, "{scenario}: {}", ended.stderr);
    ended
}

/// Runs a scenario that ends in order and says nothing else.
#[track_caller]
fn tells_in_order(scenario: &str, lines: &[&str]) {
    tells(scenario, lines).exited(0).silent();
}

const IN_ORDER: [&str; 4] = ["index", "index evicted", "pool", "config"];

#[test]
fn a_session_ends_with_the_teardown_before_its_reports() {
    // The exit does not repeat the session's teardown; resources that were made anew have their turn at the exit.
    let lines = [&IN_ORDER[..], &["reported", "after the session", "index", "index evicted"]].concat();
    tells_in_order("by-session", &lines);
}

#[test]
fn an_exit_is_an_end() {
    tells("at-exit", &IN_ORDER).exited(7).silent();
}

#[test]
fn a_signal_is_an_end() {
    let lines = [&IN_ORDER[..], &["reported"]].concat();
    tells("by-signal", &lines).killed_by(libc::SIGTERM).silent();
}

#[test]
fn dependents_come_first_also_when_the_dependency_is_younger() {
    tells_in_order("renewed-dependency", &["dependent", "late"]);
    tells_in_order("declared-dependency", &["dependent", "late"]);
}

#[test]
fn a_panicking_hook_is_named_and_does_not_stop_the_others() {
    tells("panic", &["pool", "config"]).exited(0).said(&["on_shutdown of panics panicked: no end"]);
}

#[test]
fn a_hanging_hook_is_given_up_and_named() {
    let ended = tells("hang", &["pool", "config"]);
    ended.exited(0).said_one_line(&["the teardown of hangs exceeded 3s and is left behind"]);
}

#[test]
fn a_hook_that_hangs_at_a_signal_leaves_time_for_the_others() {
    let ended = tells("hang-by-signal", &["pool", "config", "reported"]);
    ended.killed_by(libc::SIGTERM).said_one_line(&["the teardown of hangs exceeded", "and is left behind"]);
}

#[test]
fn a_hook_may_use_other_resources() {
    tells_in_order("hook-uses-another", &["uses late 1", "late"]);
    tells_in_order("hook-asks-for-a-teardown", &["asks"]);
}

#[test]
fn a_teardown_happens_once() {
    tells_in_order("twice", &["config"]);
}

#[test]
fn leases_outlive_the_teardown() {
    tells_in_order("leased", &["index", "pool", "config", "lease 3", "index evicted", "lease ended"]);
}

#[test]
fn a_forked_child_tears_down_its_own_alone() {
    tells_in_order("fork", &["late", "child ended", "index", "index evicted", "pool", "config"]);
}

#[test]
fn a_forked_child_begins_anew_what_another_thread_was_initialising() {
    tells_in_order("fork-while-another-thread-initialises", &["in the child 9", "in the parent 9"]);
}

#[test]
fn thread_local_destructors_may_use_and_make_resources() {
    let lines = ["made in a destructor: 5", "index", "index evicted", "pool", "config"];
    tells_in_order("thread-local-destructor", &lines);
}
