//! The system's figures of this process.

use std::{fs, time::Duration};

use rustix::time::{ClockId, clock_gettime};

/// Processor time of all threads so far, those that have ended included.
pub fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanoseconds)
}

/// Resident memory in KiB, without the pages of the program's own file, of which more or fewer are mapped by chance; 0 where
/// the system does not tell.
pub fn resident_kib() -> u64 {
    let Ok(status) = fs::read_to_string("/proc/self/status") else { return 0 };
    let kib = |line: &str| {
        let rest = ["RssAnon:", "RssShmem:"].iter().find_map(|name| line.strip_prefix(name))?;
        rest.split_whitespace().next()?.parse::<u64>().ok()
    };
    status.lines().filter_map(kib).sum()
}

/// Whether the processor is one of Intel's.
pub fn is_on_intel() -> bool {
    fs::read_to_string("/proc/cpuinfo").is_ok_and(|text| text.contains("GenuineIntel"))
}
