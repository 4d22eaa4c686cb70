//! Instructions and cycles of a run, as the processor counts them, where there are counters and the system lets this process ask for
//! them.
//!
//! The counters are this thread's, and handed on to the processes that it starts: they begin to count when such a process executes
//! its program, and its counts are added to them when it ends. So this process itself is never counted.

use std::io;

/// The names of the counts.
pub(super) const HARDWARE: [&str; 2] = ["hardware instructions", "cycles"];

#[cfg(target_os = "linux")]
pub(super) use linux::Counters;

#[cfg(not(target_os = "linux"))]
pub(super) use elsewhere::Counters;

/// Why there is no count, for people.
pub(super) fn reason(error: &io::Error) -> String {
    let paranoid = || std::fs::read_to_string("/proc/sys/kernel/perf_event_paranoid").unwrap_or_default();
    match error.kind() {
        io::ErrorKind::NotFound => "this machine has no hardware counters (virtual machines often have none)".into(),
        io::ErrorKind::PermissionDenied => format!(
            "the system does not allow it; /proc/sys/kernel/perf_event_paranoid must be 2 or less and is {}, and containers may forbid \
             the system call perf_event_open",
            paranoid().trim()
        ),
        io::ErrorKind::Unsupported => "only Linux has them".into(),
        _ => error.to_string(),
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io;

    use perf_event::{
        Builder, Counter,
        events::{Event, Hardware},
    };

    /// Counters of the processes that this thread starts.
    pub(in super::super) struct Counters(Vec<Counter>);

    impl Counters {
        /// Opens the counters of the processor.
        pub(in super::super) fn open() -> io::Result<Counters> {
            Ok(Counters(vec![counter(Hardware::INSTRUCTIONS)?, counter(Hardware::CPU_CYCLES)?]))
        }

        /// Reads the counts of the processes that have ended. `None` if another user of the counters had them for a part of the time, so
        /// that they counted only the rest.
        pub(in super::super) fn read(&mut self) -> io::Result<Option<[u64; 2]>> {
            let mut counts = [0; 2];
            for (count, counter) in counts.iter_mut().zip(&mut self.0) {
                let Some(all) = whole(counter)? else { return Ok(None) };
                *count = all;
            }
            Ok(Some(counts))
        }
    }

    /// A count, if it is that of the whole time.
    fn whole(counter: &mut Counter) -> io::Result<Option<u64>> {
        let read = counter.read_full()?;
        Ok((read.time_running() == read.time_enabled()).then(|| read.count()))
    }

    /// A counter of code outside the kernel.
    fn counter<E: Event>(event: E) -> io::Result<Counter> {
        Builder::new(event).inherit(true).enable_on_exec(true).exclude_kernel(true).exclude_hv(true).build()
    }

    #[cfg(test)]
    mod tests {
        use std::process::Command;

        use perf_event::events::Software;

        use super::*;

        #[test]
        fn only_started_processes_are_counted() {
            // A counter of the kernel's, which machines without hardware counters have too.
            match counter(Software::TASK_CLOCK) {
                Ok(mut counter) => {
                    let spun: u64 = (0..100_000).map(std::hint::black_box).sum();
                    assert_eq!((whole(&mut counter).unwrap(), spun), (Some(0), 4_999_950_000), "this thread");
                    let status = Command::new("sh").args(["-c", "sh -c true"]).status().unwrap();
                    assert!(status.success() && whole(&mut counter).unwrap() > Some(0));
                }
                Err(error) => assert!(!super::super::reason(&error).is_empty()),
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use std::io;

    /// There are no counters here.
    pub(in super::super) enum Counters {}

    impl Counters {
        pub(in super::super) fn open() -> io::Result<Counters> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(in super::super) fn read(&mut self) -> io::Result<Option<[u64; 2]>> {
            match *self {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_says_why() {
        let reason = |kind: io::ErrorKind| reason(&kind.into());
        assert!(reason(io::ErrorKind::NotFound).contains("virtual machines"));
        assert!(reason(io::ErrorKind::PermissionDenied).contains("perf_event_paranoid must be 2 or less"));
        assert!(reason(io::ErrorKind::Unsupported).contains("Linux"));
    }
}
