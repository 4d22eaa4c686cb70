//! The facts that a snapshot carries: the build, the machine, and what `PERF_META` says.

use perf_tests::program;

#[test]
fn a_snapshot_says_what_was_built_and_where_it_ran() {
    let report = |meta: &str| program!("endings", "return").reporting().env("PERF_META", meta).run().report();
    let metadata = report("dataset=small, threads = 4").metadata;
    assert!(metadata.rustc.is_some_and(|rustc| rustc.starts_with("rustc 1.")));
    assert!(metadata.profile.is_some_and(|profile| ["debug", "release"].contains(&&*profile)));
    assert!(metadata.target.is_some_and(|target| target.starts_with(std::env::consts::ARCH)));
    assert!(!metadata.host.unwrap_or_default().contains(['\0', '\n']));
    #[cfg(target_arch = "x86_64")]
    assert!(metadata.cpu.is_some_and(|cpu| cpu.trim() == cpu && !cpu.is_empty()));
    let custom: Vec<_> = metadata.custom.into_iter().collect();
    assert_eq!(custom, [("dataset".into(), "small".into()), ("threads".into(), "4".into())]);
    // Fields that only the command adds.
    assert_eq!((metadata.commit, metadata.branch, metadata.ci_run), (None, None, None));
    assert!(report("").metadata.custom.is_empty());
}

#[test]
fn the_recording_of_an_aborted_process_says_it_too() {
    let ended = program!("endings", "abort").recording().env("PERF_META", "dataset=small").run();
    let facts = ended.recording().metadata;
    let reported = program!("endings", "return").reporting().env("PERF_META", "dataset=small").run().report().metadata;
    assert_eq!(facts, reported);
    assert_eq!(facts.custom["dataset"], "small");
}
