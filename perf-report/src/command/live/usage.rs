//! Memory, processor time and threads of the watched process, from `/proc`.
//!
//! The watcher reads two small files per refresh. A process of another user or machine, or on a system without `/proc`, has no
//! usage.

use std::{fs, time::Instant};

use super::find;

/// Memory and processor time of a process.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Usage {
    /// Resident memory in bytes.
    pub(crate) rss: u64,
    /// Processor time since the previous refresh, as a share of one core; `None` at the first one.
    pub(crate) cpu: Option<f64>,
    /// Threads, including those without annotated functions.
    pub(crate) threads: u64,
}

/// Reads the usage of one process.
#[derive(Debug)]
pub(crate) struct Meter {
    pid: u32,
    before: Option<(Instant, f64)>,
}

impl Meter {
    /// A meter for the process that has this recording open. A process with the same id may be another one on another machine.
    pub(crate) fn of(pid: u32, recording: find::FileId) -> Option<Meter> {
        let found = find::recordings(pid).ok()?;
        found.iter().any(|found| found.id == recording).then_some(Meter { pid, before: None })
    }

    /// The usage now; `None` after the process has ended.
    pub(crate) fn read(&mut self) -> Option<Usage> {
        let text = |file| fs::read_to_string(format!("/proc/{}/{file}", self.pid)).ok();
        let mut usage = parse_status(&text("status")?)?;
        if let Some(ticks) = parse_stat(&text("stat")?) {
            let now = (Instant::now(), ticks as f64 / ticks_per_second());
            if let Some(before) = self.before.replace(now) {
                let elapsed = now.0.duration_since(before.0).as_secs_f64();
                usage.cpu = (elapsed > 0.0).then(|| (now.1 - before.1).max(0.0) / elapsed);
            }
        }
        Some(usage)
    }
}

#[cfg(unix)]
fn ticks_per_second() -> f64 {
    rustix::param::clock_ticks_per_second() as f64
}

#[cfg(not(unix))]
fn ticks_per_second() -> f64 {
    100.0
}

/// Memory and threads from `status`.
fn parse_status(text: &str) -> Option<Usage> {
    let field = |name: &str| {
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        value.split_ascii_whitespace().next()?.parse::<u64>().ok()
    };
    // A process that has ended and was not waited for has no memory.
    Some(Usage { rss: field("VmRSS")?.saturating_mul(1024), cpu: None, threads: field("Threads")? })
}

/// Ticks in the program and in the system from `stat`. The name in it may contain anything, so reading begins behind it.
fn parse_stat(text: &str) -> Option<u64> {
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some(ticks()?.saturating_add(ticks()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_system_are_read() {
        let status = "Name:\tVmRSS: 7 kB\nVmPeak:\t  999 kB\nVmRSS:\t    2048 kB\nThreads:\t5\n";
        assert_eq!(parse_status(status), Some(Usage { rss: 2 << 20, cpu: None, threads: 5 }));
        assert_eq!(parse_status("Name:\tapp\nState:\tZ (zombie)\nThreads:\t1\n"), None);
        let stat = "42 (a) b (c) S 1 42 42 0 -1 4194560 11 0 0 0 70 30 0 0 20 0 1 0 99 1 1";
        assert_eq!(parse_stat(stat), Some(100));
        assert_eq!(parse_stat("42 (a"), None);
    }
}
