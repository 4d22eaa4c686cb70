//! Reads how much memory the process uses, and judges whether that grows.

use std::fmt;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

/// Most growth that is not a leak: fragments of the heap, and stacks of threads that happen to be there.
const RSS_BOUND: u64 = 4 << 20;
const HEAP_BOUND: u64 = 512 << 10;

/// Over how long the least use is looked for: what comes and goes must not count.
const SPAN: Duration = Duration::from_secs(4);

#[derive(Clone, Copy)]
pub(crate) struct Usage {
    rss: u64,
    heap: u64,
}

impl Usage {
    /// The least use in the time before a moment.
    pub(crate) fn least_until(moment: Instant) -> Usage {
        thread::sleep(moment.saturating_duration_since(Instant::now() + SPAN));
        let mut least = Usage::now();
        while Instant::now() < moment {
            thread::sleep(Duration::from_millis(20));
            let now = Usage::now();
            least = Usage { rss: least.rss.min(now.rss), heap: least.heap.min(now.heap) };
        }
        least
    }

    fn now() -> Usage {
        let status = fs::read_to_string("/proc/self/status").expect("Linux");
        let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok());
        let snapshot = perf_runtime::snapshot().expect("it records");
        Usage { rss: rss.unwrap_or(0_u64) << 10, heap: snapshot.heap.map_or(0, |heap| heap.live_bytes) }
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "resident {} KiB, heap {} KiB", self.rss >> 10, self.heap >> 10)
    }
}

/// Names each figure that grew by more than its bound from the start, which is after the warm-up, to the end.
pub(crate) fn growth([start, _, end]: &[Usage; 3]) -> Vec<String> {
    let grown = |name: &str, from: u64, to: u64, bound: u64| {
        (to > from + bound).then(|| format!("{name} grew by {} KiB, over {} KiB", (to - from) >> 10, bound >> 10))
    };
    [grown("resident memory", start.rss, end.rss, RSS_BOUND), grown("the heap", start.heap, end.heap, HEAP_BOUND)]
        .into_iter()
        .flatten()
        .collect()
}
