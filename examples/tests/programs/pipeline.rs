//! The pipeline: what it prints, and what its report says of several threads.

use perf_report::Kind;

use crate::run::recorded;

const PROGRAM: &str = env!("CARGO_BIN_EXE_pipeline");

const OUTPUT: &str = "\
256 blocks, 4233509 bytes, checksum 7dee8142
compressed to less than half: true
";

#[test]
fn report_adds_up_the_threads() {
    let run = recorded(PROGRAM);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), (OUTPUT, ""));
    run.assert_whole();
    run.assert_calls(&[
        ("Prose::learn", 1),
        ("Prose::page", 256),
        ("compress", 256),
        ("decompress", 256),
        ("checksum", 512),
        ("Archive::add", 256),
        ("Archive::append", 256),
        // Each of the three receivers learns once that nothing follows.
        ("wait for a block", 2 * 256 + 3),
        ("wait for room", 2 * 256),
    ]);
    // The one that cuts, two that compress, and the main one, which collects.
    assert_eq!(run.snapshot.process.threads, 4);
}

#[test]
fn report_knows_the_callers_in_each_thread() {
    let run = recorded(PROGRAM);
    assert_eq!(run.calls_by(Some("compress"), "checksum"), 256);
    assert_eq!(run.calls_by(Some("Archive::add"), "checksum"), 256);
    assert_eq!(run.calls_by(Some("Archive::add"), "Archive::append"), 256);
    assert_eq!(run.calls_by(None, "compress"), 256);
}

#[test]
fn labelled_blocks_are_told_from_functions() {
    let run = recorded(PROGRAM);
    assert_eq!(run.function("wait for room").kind, Kind::Block);
    assert_eq!(run.function("compress").kind, Kind::Function);
}
