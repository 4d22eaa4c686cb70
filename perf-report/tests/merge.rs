//! Merging: what the sum holds, and the command.
#![cfg(feature = "command")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

#[macro_use]
#[path = "support/with.rs"]
mod with;

mod programs;
mod support;

use perf_report::{
    Budget, Caller, Dependency, Futures, InFlight, Kind, Merge, Resource, ResourceState, Snapshot, State, Timing,
    command::Outcome,
    recording::{Now, read},
};
use programs::{Folder, function, process};
use proptest::{prelude::*, test_runner::RngSeed};

fn merged(snapshots: impl IntoIterator<Item = Snapshot>) -> Snapshot {
    let mut merge = Merge::new();
    for snapshot in snapshots {
        merge.add(format!("host{}", snapshot.process.pid), snapshot);
    }
    merge.finish()
}

#[test]
fn functions_are_found_by_name_and_their_callers_follow() {
    let caller = |caller, calls, total_ns| Caller::new(caller, calls, total_ns);
    let mut one = process(1, vec![function("app::main", &[(100, 1)]), function("app::parse", &[(10, 3)])]);
    one.functions[1].callers = vec![caller(Some(0), 2, 20), caller(None, 1, 10)];
    let mut two = process(
        2,
        vec![function("app::new", &[]), function("app::parse", &[(40, 5)]), function("app::main", &[(300, 1)])],
    );
    two.functions[1].callers = vec![caller(Some(2), 4, 160), caller(Some(0), 1, 40)];
    two.functions[1].line = 99;
    two.functions[1].file = "/elsewhere/src/main.rs".into();
    two.in_flight = vec![
        with!(InFlight::new(2, "main", 5), { function: 2, thread: "main".into(), tid: 7, depth: 0, elapsed_ns: 5 }),
    ];
    let sum = merged([one, two]);

    let names: Vec<&str> = sum.functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["app::main", "app::parse", "app::new"]);
    let parse = &sum.functions[1];
    assert_eq!((parse.calls, parse.sum_ns, parse.min_ns, parse.max_ns), (8, 230, 10, 40));
    assert_eq!(parse.callers, [caller(Some(0), 6, 180), caller(Some(2), 1, 40), caller(None, 1, 10)]);
    assert_eq!(sum.in_flight[0].function, 0);
    assert_eq!(sum.functions[2].min_ns, 0);
    assert_eq!((sum.process.threads, sum.process.recorded_ns), (4, 4_000_000_000));
    let labels: Vec<_> = sum.sources.iter().map(|source| (source.label.as_str(), source.process.pid)).collect();
    assert_eq!(labels, [("host1", 1), ("host2", 2)]);
}

#[test]
fn locks_were_noted_if_they_were_in_every_process() {
    let noted = |noted: [bool; 3]| {
        let processes = (1..).zip(noted).map(|(pid, noted)| {
            let mut process = process(pid, Vec::new());
            process.process.locks_noted = noted;
            process
        });
        merged(processes).process.locks_noted
    };
    assert_eq!([[true; 3], [true, false, true], [false, true, true]].map(noted), [true, false, false]);
}

#[test]
fn namesakes_of_another_kind_or_module_stay_apart() {
    let mut one =
        process(1, vec![function("step", &[(1, 1)]), function("step", &[(2, 1)]), function("step", &[(3, 1)])]);
    one.functions[1].kind = Kind::Block;
    one.functions[2].module = "app::other".into();
    let mut two = one.clone();
    two.functions.reverse();
    let sum = merged([one, two]);
    assert_eq!(sum.functions.iter().map(|function| function.sum_ns).collect::<Vec<_>>(), [2, 4, 6]);
}

#[test]
fn the_worst_state_the_strictest_budget_and_the_weighted_costs_are_kept() {
    let with = |pid, state, limit, cost, calls| {
        let mut snapshot = process(pid, vec![function("f", &[(10, calls)])]);
        snapshot.process.state = state;
        snapshot.functions[0].budgets = vec![Budget::new("p99", limit)];
        snapshot.overhead.ns_per_timed_call = cost;
        snapshot
    };
    let mut adaptive = with(3, State::Closed, 90, 10.0, 0);
    adaptive.functions[0].timing = Timing::Adaptive;
    adaptive.functions[0].futures = Some(with!(Futures::default(), { started: 1, cancelled: 2, polls: 3, busy_ns: 4 }));
    adaptive.process.program = "worker".into();
    let sum = merged([with(1, State::Closed, 80, 20.0, 3), with(2, State::Killed, 70, 40.0, 1), adaptive]);
    assert_eq!(sum.process.state, State::Killed);
    assert_eq!(sum.process.program, "several programs");
    assert_eq!(sum.functions[0].budgets, [Budget::new("p99", 70)]);
    assert_eq!(sum.overhead.ns_per_timed_call, 25.0);
    assert_eq!(sum.functions[0].timing, Timing::Adaptive);
    assert_eq!(sum.functions[0].futures.unwrap().polls, 3);
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn the_sum_is_as_if_one_process_had_done_it_all(
        runs in prop::collection::vec(prop::collection::vec((0_usize..4, 0_u64..1 << 40, 1_u64..1000), 0..20), 1..6)
    ) {
        let of = |calls: &[(usize, u64, u64)]| {
            let of = |which| calls.iter().filter(|call| call.0 == which).map(|call| (call.1, call.2)).collect::<Vec<_>>();
            process(1, (0..4).map(|which| function(&format!("f{which}"), &of(which))).collect())
        };
        let sum = merged(runs.iter().map(|run| of(run)));
        prop_assert_eq!(&sum.functions, &of(&runs.concat()).functions);
        let twice = merged([merged(runs.iter().map(|run| of(run))), sum.clone()]);
        prop_assert_eq!(twice.sources.len(), 2 * runs.len());
        prop_assert_eq!(twice.functions[0].calls, 2 * sum.functions[0].calls);
    }
}

fn folder() -> Folder {
    let folder = Folder::new();
    folder.put("web1/a.json", process(1, vec![function("f", &[(10, 1)])]).to_json());
    folder.put("web1/b.json", process(2, vec![function("f", &[(20, 1)])]).to_json());
    folder.put("c.json", process(3, vec![function("f", &[(30, 1)])]).to_json());
    folder.put("app.perfrec", support::some_of_everything().bytes());
    folder
}

#[test]
fn files_directories_and_recordings_keep_their_labels() {
    let folder = folder();
    folder.put("web2/a.json", process(4, vec![function("f", &[(10, 1)])]).to_json());
    folder.put("web2/b.json", process(5, vec![function("f", &[(20, 1)])]).to_json());
    let (outcome, output, errors) = folder.run("merge @web1 host3=@c.json fleet=@web2 @app.perfrec");
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""));
    let sum = Snapshot::from_json(output.as_bytes()).unwrap();
    let labels: Vec<_> = sum.sources.iter().map(|source| source.label.as_str()).collect();
    assert_eq!(labels, ["@web1/a.json", "@web1/b.json", "host3", "fleet/a.json", "fleet/b.json", "@app.perfrec"]);
    assert_eq!(sum.functions[0].calls, 5);
    let recorded = read(&support::some_of_everything().words, Now::LastTick).unwrap().snapshot;
    let calls = |snapshot: &Snapshot| snapshot.functions.iter().map(|function| function.calls).sum::<u64>();
    assert_eq!(calls(&sum), 5 + calls(&recorded));
    assert_eq!(sum.sources[5].process, recorded.process);
}

#[test]
fn a_process_counts_once_whatever_its_files() {
    let folder = Folder::new();
    let recorded = read(&support::some_of_everything().words, Now::LastTick).unwrap().snapshot;
    folder.put("runs/app.perfrec", support::some_of_everything().bytes());
    folder.put("runs/app.json", recorded.to_json());
    folder.put("copy.json", recorded.to_json());
    folder.put("other.json", process(3, vec![]).to_json());
    let calls = |snapshot: &Snapshot| snapshot.functions.iter().map(|function| function.calls).sum::<u64>();
    let merge = |line: &str| {
        let (outcome, output, errors) = folder.run(line);
        assert_eq!(outcome, Outcome::Complete, "{line}: {errors}");
        let sum = Snapshot::from_json(output.as_bytes()).unwrap();
        assert_eq!(calls(&sum), calls(&recorded), "{line}");
        (sum.sources[0].label.clone(), errors)
    };
    let left_out = |file: &str, counting: &str| {
        format!("warning: {file}: left out, because {counting} is about the same process\n")
    };
    let of_recording = ("@runs/app.perfrec".to_owned(), left_out("@runs/app.json", "@runs/app.perfrec"));
    assert_eq!(merge("merge @runs"), of_recording);
    assert_eq!(merge("merge @runs/app.json @runs/app.perfrec"), of_recording, "the recording knows more");
    assert_eq!(merge("merge @copy.json @runs/app.json").1, left_out("@runs/app.json", "@copy.json"));

    folder.run("merge @runs @other.json -o @sum.json");
    let (_, errors) = merge("merge @sum.json @copy.json");
    assert_eq!(errors, left_out("@copy.json", "@sum.json"), "a sum knows its processes");
    let (outcome, output, errors) = folder.run("merge @copy.json @sum.json");
    assert_eq!((outcome, output.as_str()), (Outcome::Failed, ""));
    assert!(errors.starts_with("error: @sum.json and @copy.json have 1 of 2 processes in common"), "{errors}");
}

#[cfg(unix)]
#[test]
fn a_link_beside_the_sum_is_not_followed_and_a_device_is_written_to() {
    let folder = folder();
    let link = |name: String| std::os::unix::fs::symlink(folder.path("precious"), folder.path(&name)).unwrap();
    folder.put("precious", "untouched");
    link(format!("sum.json.{}.tmp", std::process::id()));
    assert_eq!(folder.run("merge @c.json -o @sum.json").0, Outcome::Complete);
    assert_eq!(std::fs::read_to_string(folder.path("precious")).unwrap(), "untouched");
    let mode =
        |name: &str| std::os::unix::fs::PermissionsExt::mode(&folder.path(name).metadata().unwrap().permissions());
    assert_eq!(mode("sum.json"), mode("c.json"), "as any new file");
    assert_eq!(folder.run("merge @c.json -o /dev/null").0, Outcome::Complete);
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn a_sum_goes_to_a_file_and_is_shown_as_one() {
    let folder = folder();
    assert_eq!(folder.run("merge @web1 @c.json -o @sum.json"), (Outcome::Complete, String::new(), String::new()));
    let (_, table, _) = folder.run("show @sum.json");
    assert!(table.starts_with("app · 3 processes · 6.00 s recorded · 6 threads\n"), "{table}");
    let (outcome, _, errors) = folder.run("merge @c.json -o @none/sum.json");
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.starts_with("error: @none/sum.json: cannot be written: "), "{errors}");
}

#[test]
fn unreadable_files_are_named_and_the_rest_is_added() {
    let folder = folder();
    folder.put("torn.json", &process(4, vec![]).to_json().as_bytes()[..50]);
    folder.put("newer.json", r#"{"schema":2}"#);
    folder.put("empty/readme.txt", "");
    let (outcome, output, errors) = folder.run("merge @torn.json @newer.json @empty @no.json @c.json");
    assert_eq!(outcome, Outcome::Partial);
    assert_eq!(Snapshot::from_json(output.as_bytes()).unwrap().sources.len(), 1);
    insta::assert_snapshot!("merge_refusals", errors);
    assert_eq!(folder.run("merge @torn.json").0, Outcome::Failed);
}

#[test]
fn resources_are_found_by_name_and_what_they_use_follows() {
    let resource = |name: &str, function, uses: &[usize]| {
        with!(Resource::new(name), {
            function: Some(function),
            initialisations: 1,
            first_init_ns: 10 + function as u64,
            first_use_ns: Some(100 - function as u64),
            state: ResourceState::Ready,
            dependencies: uses.iter().map(|&resource| Dependency::declared(resource)).collect(),
        })
    };
    let mut one = process(1, vec![function("config", &[]), function("pool", &[])]);
    one.resources = vec![resource("config", 0, &[]), resource("pool", 1, &[0])];
    let mut two = process(2, vec![function("pool", &[]), function("config", &[])]);
    two.resources = vec![resource("pool", 0, &[1]), resource("config", 1, &[])];
    two.resources[0].state = ResourceState::Failed;
    let sum = merged([one, two]);
    let [config, pool] = &sum.resources[..] else { panic!("{:?}", sum.resources) };
    assert_eq!((pool.function, pool.state, pool.initialisations), (Some(1), ResourceState::Failed, 2));
    assert_eq!(pool.dependencies, [Dependency::declared(0)]);
    assert_eq!((config.first_init_ns, config.first_use_ns, config.state), (11, Some(99), ResourceState::Ready));
    assert_eq!(Snapshot::from_json(sum.to_json().as_bytes()).unwrap(), sum);
}
