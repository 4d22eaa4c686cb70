//! What the reports tell of resources: in this process, and of one that was killed.

use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, thread};

use perf_report::recording::Recording;
use perf_report::{Resource, ResourceState, Snapshot, State};
use perf_runtime::{lazy_resource, profile};

const FILE: &str = "PERF_TEST_RECORDING";

#[profile]
fn parse() {
    thread::sleep(Duration::from_millis(5));
}

#[lazy_resource(name = "config")]
static CONFIG: u32 = {
    parse();
    1
};

#[lazy_resource(name = "pool", retry(times = 1))]
static POOL: Result<u32, String> = {
    static TRIED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    if TRIED.swap(true, std::sync::atomic::Ordering::Relaxed) { Ok(*CONFIG + 1) } else { Err("not yet".into()) }
};

#[lazy_resource(name = "index", evict(idle = "1h"), weight = |words| words.capacity())]
static INDEX: Vec<u8> = {
    // Ready before, and noticed all the same.
    let _ = *CONFIG;
    Vec::with_capacity(1_000 + *POOL.try_get().unwrap() as usize - 2)
};

#[lazy_resource(name = "never", depends(INDEX))]
static NEVER: u32 = 0;

#[lazy_resource(name = "hung")]
static HUNG: u32 = {
    thread::sleep(Duration::from_secs(600));
    0
};

fn use_them() {
    CONFIG.warm().unwrap();
    let leases: Vec<_> = (0..7).map(|_| INDEX.lease()).collect();
    assert_eq!(leases[0].len(), 0);
    INDEX.evict();
    drop(leases);
    INDEX.lease();
}

fn find<'a>(snapshot: &'a Snapshot, name: &str) -> &'a Resource {
    snapshot.resources.iter().find(|resource| resource.name == name).unwrap()
}

fn check(snapshot: &Snapshot) {
    let [config, pool, index, never] = ["config", "pool", "index", "never"].map(|name| find(snapshot, name));
    let uses = |resource: &Resource| -> Vec<(String, bool, bool)> {
        let mut names: Vec<_> = (resource.dependencies.iter())
            .map(|on| (snapshot.resources[on.resource].name.clone(), on.declared, on.learnt))
            .collect();
        names.sort();
        names
    };
    assert_eq!((config.state, config.initialisations, config.accesses), (ResourceState::Ready, 1, None));
    assert_eq!((pool.initialisations, pool.failures), (1, 1));
    assert_eq!((index.initialisations, index.evictions, index.weight, index.freed), (2, 1, 1_000, 1_000));
    assert_eq!((never.state, never.first_use_ns, never.initialisations), (ResourceState::Declared, None, 0));
    assert_eq!(uses(pool), [("config".into(), false, true)]);
    assert_eq!(uses(index), [("config".into(), false, true), ("pool".into(), false, true)]);
    assert_eq!(uses(never), [("index".into(), true, false)]);
    assert!(config.order < pool.order && pool.order < index.order);
    assert!(config.first_init_ns >= 5_000_000);

    // The initialiser is a function of the report: its self time is without the profiled functions that it called.
    let initialiser = &snapshot.functions[config.function.unwrap()];
    assert_eq!((initialiser.name.as_str(), initialiser.calls), ("config", 1));
    assert!(initialiser.total_ns >= 5_000_000 && initialiser.self_ns < initialiser.total_ns - 5_000_000);
    let parse = snapshot.functions.iter().find(|function| function.name.ends_with("::parse")).unwrap();
    assert_eq!(parse.callers[0].caller, config.function);
    assert_eq!(snapshot.functions[pool.function.unwrap()].calls, 2, "each attempt is a call");
}

#[test]
fn a_snapshot_tells_the_lives_of_resources() {
    if env::var_os(FILE).is_some() {
        return;
    }
    let session = perf_runtime::session().report(perf_runtime::Report::custom(|_| String::new())).start();
    use_them();
    let snapshot = session.snapshot().unwrap();
    check(&snapshot);
    // Seven, and the one after the eviction; each was given at an access.
    assert_eq!(find(&snapshot, "index").accesses, Some(8));
    assert_eq!(find(&snapshot, "index").leases, 0);
    assert!(find(&snapshot, "index").idle_ns.is_some());
}

#[test]
fn a_killed_process_still_tells() {
    if env::var_os(FILE).is_some() {
        use_them();
        thread::spawn(|| *HUNG.get());
        while HUNG.state() != perf_runtime::resource::ResourceState::Initialising {
            thread::yield_now();
        }
        println!("ready");
        thread::sleep(Duration::from_secs(600));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.perfrec");
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "a_killed_process_still_tells", "--nocapture"])
        .env(FILE, "yes")
        .env("PERF_RECORDING", &file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::lines(stdout).find(|line| line.as_ref().unwrap().contains("ready")).unwrap().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let reading = Recording::open(&file).unwrap().read().unwrap();
    assert!(reading.is_sound(), "{:?}", reading.damages);
    assert_eq!(reading.snapshot.process.state, State::Killed);
    check(&reading.snapshot);
    let hung = find(&reading.snapshot, "hung");
    assert_eq!((hung.state, hung.initialisations), (ResourceState::Initialising, 0));
}
