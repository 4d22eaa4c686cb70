//! HdrHistogram for Python.

use perf_report::Snapshot;

use crate::{
    export,
    invented::{hostile, named},
    output, place, ran, report,
};

/// Prints for each histogram of a log its tag, its calls, how many are in each bucket, and the durations at ranks of the sorted calls.
const SCRIPT: &str = r#"
import json, sys
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

log = HistogramLogReader(sys.argv[1], HdrHistogram(1, 2**44, 2))
while (one := log.get_next_interval_histogram()) is not None:
    calls = one.get_total_count()
    counts = [step.count_added_in_this_iter_step for step in one.get_recorded_iterator()]
    ranks = sorted({1, (calls + 1) // 2, calls - calls // 10, calls - calls // 100, calls - calls // 1000, calls})
    at = [[rank, one.get_value_at_percentile(100 * rank / calls)] for rank in ranks]
    print(json.dumps([one.get_tag(), calls, counts, at]))
"#;

/// A tag, the calls, the counts of the occupied buckets, and durations at ranks.
type Line = (String, u64, Vec<u64>, Vec<(u64, u64)>);

fn read(snapshot: &Snapshot) -> Vec<Line> {
    let (folder, _) = export("hlog", snapshot);
    let text = output(place("python/bin/python"), &["-c", SCRIPT, "exported"], &folder.path(""));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Checks that every quantile is ours, by the buckets and by the tool's own quantiles.
fn assert_told(snapshot: &Snapshot) -> Vec<String> {
    let lines = read(snapshot);
    assert_eq!(lines.len(), ran(snapshot).count());
    for ((_, calls, counts, at), function) in lines.iter().zip(ran(snapshot)) {
        assert_eq!(*calls, function.latency.count(), "{}", function.name);
        assert_eq!(*counts, function.latency.buckets().map(|bucket| bucket.1).collect::<Vec<_>>(), "{}", function.name);
        for &(rank, ns) in at {
            // The middle of a rank, so that no rounding of the quotient reaches the next one.
            let quantile = (rank as f64 - 0.5) / *calls as f64;
            assert_eq!(ns, function.latency.quantile(quantile), "{}, call {rank} of {calls}", function.name);
        }
    }
    lines.into_iter().map(|line| line.0).collect()
}

#[test]
fn it_tells_the_quantiles_of_a_program() {
    let snapshot = report("wordindex");
    let tags = assert_told(&snapshot);
    assert_eq!(tags, ran(&snapshot).map(|function| function.name.clone()).collect::<Vec<_>>());
}

#[test]
fn it_tells_the_quantiles_of_futures() {
    assert_told(&report("service"));
}

#[test]
fn it_is_not_misled_by_names() {
    let tags = assert_told(&named(&hostile()));
    assert!(tags.iter().any(|tag| tag == "<A%20as%20B<C%2C%20D>>::f"), "{tags:?}");
}
