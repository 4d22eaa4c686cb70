//! The resources in reports: of a process that ended, and of one that was killed. The process is `src/bin/lives.rs`.

use perf_report::{Resource, ResourceState, Snapshot, State};
use perf_tests::program;

fn find<'a>(snapshot: &'a Snapshot, name: &str) -> &'a Resource {
    snapshot.resources.iter().find(|resource| resource.name == name).unwrap()
}

/// The uses of a resource: names, whether each was declared, and whether it was learnt.
fn uses<'a>(snapshot: &'a Snapshot, name: &str) -> Vec<(&'a str, bool, bool)> {
    let on = find(snapshot, name).dependencies.iter();
    let mut on: Vec<_> = on.map(|on| (snapshot.resources[on.resource].name.as_str(), on.declared, on.learnt)).collect();
    on.sort_unstable();
    on
}

fn check(snapshot: &Snapshot) {
    let [config, pool, index, never] = ["config", "pool", "index", "never"].map(|name| find(snapshot, name));
    assert_eq!((config.initialisations, config.accesses), (1, None));
    assert_eq!((pool.initialisations, pool.failures), (1, 1));
    assert_eq!((index.initialisations, index.evictions, index.freed), (2, 1, 1_000));
    assert_eq!((never.state, never.first_use_ns, never.initialisations), (ResourceState::Declared, None, 0));
    assert_eq!(uses(snapshot, "pool"), [("config", false, true)]);
    assert_eq!(uses(snapshot, "index"), [("config", false, true), ("pool", false, true)]);
    assert_eq!(uses(snapshot, "never"), [("index", true, false)]);
    assert!(config.order < pool.order && pool.order < index.order);
    assert!(config.first_init_ns >= 5_000_000);

    // The initialiser is a function of the report: its self time is without the profiled functions that it called.
    let initialiser = &snapshot.functions[config.function.unwrap()];
    assert_eq!((initialiser.name.as_str(), initialiser.calls), ("config", 1));
    assert!(initialiser.total_ns >= 5_000_000 && initialiser.self_ns <= initialiser.total_ns - 5_000_000);
    let parse = snapshot.functions.iter().find(|function| function.name.ends_with("::parse")).unwrap();
    assert_eq!(parse.callers[0].caller, config.function);
    assert_eq!(snapshot.functions[pool.function.unwrap()].calls, 2, "each attempt is a call");
}

#[test]
fn a_report_tells_the_lives_of_resources() {
    let snapshot = program!("lives").reporting().run().exited(0).silent().report();
    check(&snapshot);
    let [config, index] = ["config", "index"].map(|name| find(&snapshot, name));
    assert_eq!((config.state, index.state), (ResourceState::ShutDown, ResourceState::ShutDown));
    // Seven, and the one after the eviction; each was given at an access.
    assert!(index.accesses.is_some_and(|accesses| accesses >= 8), "{index:?}");
    assert_eq!(index.leases, 0);
}

#[test]
fn a_killed_process_still_tells() {
    let running = program!("lives", "hang").recording().start();
    running.wait_for("ready");
    running.kill(libc::SIGKILL);
    let snapshot = running.end().killed_by(libc::SIGKILL).recording();
    assert_eq!(snapshot.process.state, State::Killed);
    check(&snapshot);
    let [config, index, hung] = ["config", "index", "hung"].map(|name| find(&snapshot, name));
    assert_eq!((config.state, index.weight), (ResourceState::Ready, 1_000));
    assert!(index.idle_ns.is_some());
    assert_eq!((hung.state, hung.initialisations), (ResourceState::Initialising, 0));
}
