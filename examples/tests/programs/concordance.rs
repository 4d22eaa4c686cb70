//! The concordance and its eager twin: the same answers; one makes its parts when they are needed, and tells of it.

use perf_report::{Resource, ResourceState, TeardownOutcome};

use crate::run::{recorded, run};

const ANSWERS: [&str; 7] =
    ["liveness: pong", "the: 3900", "whale: no such word", "harry: 60", "summer: 60", "nation: 300", "times: 180"];

#[test]
fn the_twins_answer_the_same() {
    for program in [env!("CARGO_BIN_EXE_concordance"), env!("CARGO_BIN_EXE_concordance_eager")] {
        let (stdout, _) = run(program, &[]);
        let answers: Vec<&str> = stdout.lines().filter(|line| ANSWERS.contains(line)).collect();
        assert_eq!(answers, ANSWERS, "{program}: {stdout}");
        assert!(stdout.contains("from the database: 240"), "{stdout}");
    }
}

#[test]
fn the_report_tells_the_life_of_each_part() {
    let run = recorded(env!("CARGO_BIN_EXE_concordance"));
    run.assert_whole();
    let resources = &run.snapshot.resources;
    let find = |name: &str| resources.iter().find(|resource| resource.name.ends_with(name)).unwrap();
    let uses = |resource: &Resource| -> Vec<&str> {
        let names = resource.dependencies.iter().map(|on| resources[on.resource].name.as_str());
        names.filter_map(|name| name.rsplit("::").next()).collect()
    };
    let [config, dictionary, pool, index] = ["CONFIG", "DICTIONARY", "POOL", "INDEX"].map(find);
    assert_eq!(uses(dictionary), ["CONFIG"]);
    assert!(uses(pool).contains(&"CONFIG") && uses(pool).contains(&"DICTIONARY"));
    assert_eq!(uses(index), ["POOL"]);
    for once in [config, dictionary, pool] {
        assert_eq!((once.initialisations, once.failures, once.accesses), (1, 0, None), "{}", once.name);
    }
    // Idle for 100 ms at least once, and oftener where the program had to wait for a processor.
    let is_up = index.state == ResourceState::ShutDown;
    assert!(index.evictions >= 1 && index.initialisations >= 2);
    assert_eq!(index.initialisations, index.evictions + u64::from(is_up));
    assert!(index.freed > 0 && index.accesses.is_some_and(|accesses| accesses >= 2));
    for done in [config, dictionary, pool, index].into_iter().filter(|resource| is_up || *resource != index) {
        assert_eq!(done.state, ResourceState::ShutDown);
        assert_eq!(done.teardown.unwrap().outcome, TeardownOutcome::Done, "{}", done.name);
    }
    let never = find("THESAURUS");
    assert_eq!((never.state, never.first_use_ns), (ResourceState::Declared, None));
    // Opening the database is nested under the resource that needed it.
    assert_eq!(run.calls_by(Some("POOL"), "open"), 1);
    assert_eq!(run.calls_by(Some("INDEX"), "build"), index.initialisations);
}
