//! The pages with and without their cache: how often files are read, and what is said of the log.

use perf_report::{Kind, Snapshot, Style, View};

use crate::run::{Run, recorded_with};

const PROGRAM: &str = env!("CARGO_BIN_EXE_page_cache");

const PAGES: u64 = 40;
const REQUESTS: u64 = 4_000;

/// Calls and bytes of a row.
fn transfer(run: &Run, name: &str) -> (u64, u64) {
    let row = run.function(name);
    assert_eq!(row.kind, Kind::Io);
    (row.calls, row.transfer.expect("it is one of a file").bytes)
}

fn life_of_the_cache(snapshot: &Snapshot) -> (u64, u64, u64) {
    let cache = snapshot.resources.iter().find(|resource| resource.name.ends_with("CACHE")).expect("it is declared");
    (cache.initialisations, cache.evictions, cache.freed)
}

#[test]
fn the_cache_reads_each_file_once_until_it_is_evicted() {
    let (cached, direct) = (recorded_with(PROGRAM, &[]), recorded_with(PROGRAM, &["direct"]));
    assert_eq!(cached.stdout, direct.stdout, "both serve the same");
    cached.assert_whole();
    direct.assert_whole();
    let served: u64 = direct.stdout.split(' ').nth(2).and_then(|bytes| bytes.parse().ok()).expect("it says how many");
    assert_eq!(transfer(&direct, "page files: read"), (REQUESTS, served));
    let (reads, bytes) = transfer(&cached, "page files: read");
    // Each page is asked for a hundred times, and was read twice.
    assert_eq!((reads, bytes * (REQUESTS / PAGES / 2)), (2 * PAGES, served));
    assert_eq!(cached.calls_by(Some("read_page"), "page files: read"), 2 * PAGES);
    assert_eq!(life_of_the_cache(&cached.snapshot), (2, 1, 512 << 10));
    assert_eq!(life_of_the_cache(&direct.snapshot), (0, 0, 0));
}

#[test]
fn a_buffer_makes_the_writes_of_the_log_few() {
    let (small, buffered) = (recorded_with(PROGRAM, &[]), recorded_with(PROGRAM, &["buffered"]));
    let ((calls, bytes), (fewer, same)) =
        (transfer(&small, "request log: write"), transfer(&buffered, "request log: write"));
    assert_eq!((calls, bytes), (REQUESTS, same));
    assert!(fewer <= bytes / 8_000 + 1, "{fewer} writes of {bytes} bytes");
    let text = View::Table.render(&buffered.snapshot, &Style::default());
    assert!(text.contains("Bytes moved:") && !text.contains("in small pieces"), "{text}");
}

#[test]
fn a_wrong_argument_is_refused() {
    let ended = perf_tests::child::Program::new(PROGRAM).arg("cached").run();
    assert!(ended.stderr.contains("write direct, buffered, both or none"), "{}", ended.stderr);
}
