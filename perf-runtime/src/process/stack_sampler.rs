//! The thread that samples stacks, `perf-stacks`: it looks at the calls in flight in all threads at intervals.
//!
//! It is there while somebody wants samples, and starts with the first recorded call or with a session. Its looks come at fixed
//! times, each moved by a random part of the interval, so that they do not fall in step with what the program does at intervals. It
//! takes no lock and no memory but the recording's.

use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{message, state};
use crate::platform::threads::{self, Job};
use crate::platform::{clock, punctual};
use crate::recording::StackTree;

/// Most looks in a second.
const MOST: u32 = 1_000;

/// How long the thread sleeps at least while nothing is recorded.
const IDLE: Duration = Duration::from_millis(100);

/// Time between two looks that somebody wants, in ns; 0 if nobody does.
static PERIOD_NS: AtomicU64 = AtomicU64::new(0);

/// The same as the environment wants it.
static PREPARED_NS: AtomicU64 = AtomicU64::new(0);

/// Whether the thread is there.
static IS_RUNNING: AtomicBool = AtomicBool::new(false);

/// How often to sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StackRate {
    per_second: u32,
}

impl StackRate {
    pub(crate) const OFF: StackRate = StackRate { per_second: 0 };

    /// So many times a second, or as often as is possible.
    pub(crate) fn per_second(times: u32) -> StackRate {
        StackRate { per_second: times.min(MOST) }
    }

    pub(crate) fn is_on(self) -> bool {
        self.per_second > 0
    }

    fn period_ns(self) -> u64 {
        1_000_000_000_u64.checked_div(self.per_second.into()).unwrap_or(0)
    }
}

/// A text that is no rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InvalidRate(String);

impl fmt::Display for InvalidRate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:?} is not a number of samples per second; write for example 99/s, at most {MOST}/s, or 0 for none",
            self.0
        )
    }
}

impl Error for InvalidRate {}

impl FromStr for StackRate {
    type Err = InvalidRate;

    /// `99/s` or `99`; 0 for none.
    fn from_str(text: &str) -> Result<StackRate, InvalidRate> {
        let number = text.trim();
        let number = number.strip_suffix("/s").map_or(number, str::trim_end);
        let times = number.parse().ok().filter(|&times| times <= MOST);
        times.map(StackRate::per_second).ok_or_else(|| InvalidRate(text.to_owned()))
    }
}

/// Leaves it to [`start_prepared`] to start sampling at a rate.
pub(crate) fn prepare(rate: StackRate) {
    PREPARED_NS.store(rate.period_ns(), Ordering::Relaxed);
}

/// Starts sampling as prepared. May run in any call.
pub(crate) fn start_prepared() {
    let period_ns = PREPARED_NS.load(Ordering::Relaxed);
    if period_ns > 0 {
        start_at(period_ns);
    }
}

/// Starts sampling at a rate, in place of the one before.
pub(crate) fn start(rate: StackRate) {
    start_at(rate.period_ns());
}

/// Ends sampling.
pub(crate) fn stop() {
    start_at(0);
}

/// In a forked child, where the thread is not.
pub(crate) fn forget() {
    PREPARED_NS.store(0, Ordering::Relaxed);
    PERIOD_NS.store(0, Ordering::Relaxed);
    IS_RUNNING.store(false, Ordering::Relaxed);
}

fn start_at(period_ns: u64) {
    static SAMPLES: Job = Job { name: c"perf-stacks", work: sample_while_wanted };
    PERIOD_NS.store(period_ns, Ordering::SeqCst);
    if period_ns == 0 || IS_RUNNING.swap(true, Ordering::SeqCst) {
        return;
    }
    if let Err(error) = threads::start(&SAMPLES) {
        IS_RUNNING.store(false, Ordering::SeqCst);
        message::say(format_args!("stacks are not sampled: can't start a thread: {error}"));
    }
}

/// The thread.
fn sample_while_wanted() {
    // Or it would look when the work that woke at the same time is done, and see too little of it.
    punctual::be_punctual();
    let mut sampler = Sampler { tree: None, last_tick: None, random: clock::now() | 1 };
    let mut schedule: Option<Schedule> = None;
    loop {
        let period = Duration::from_nanos(PERIOD_NS.load(Ordering::SeqCst));
        if period.is_zero() {
            IS_RUNNING.store(false, Ordering::SeqCst);
            // Somebody who came in between has started no other thread.
            if PERIOD_NS.load(Ordering::SeqCst) == 0 || IS_RUNNING.swap(true, Ordering::SeqCst) {
                return;
            }
            continue;
        }
        let is_recording = sampler.look(period);
        let now = Instant::now();
        let schedule = match &mut schedule {
            Some(schedule) if schedule.period == period => schedule,
            other => other.insert(Schedule { period, due: now }),
        };
        let pause = schedule.next(now, sampler.random());
        thread::sleep(if is_recording { pause } else { pause.max(IDLE) });
    }
}

/// When to look.
#[derive(Debug)]
struct Schedule {
    period: Duration,
    /// When the look before was due, if it had not been moved.
    due: Instant,
}

impl Schedule {
    /// How long to wait until the next look. It is moved by up to a quarter of the period either way.
    fn next(&mut self, now: Instant, random: u64) -> Duration {
        self.due += self.period;
        if self.due < now {
            // It comes too late for this one, and what was missed is not made up for.
            self.due = now + self.period;
        }
        // Up to a half.
        let moved = self.period.mul_f64((random >> 11) as f64 / (1_u64 << 54) as f64);
        (self.due + moved).saturating_duration_since(now + self.period / 4)
    }
}

/// The state that the thread keeps from one look to the next.
struct Sampler {
    tree: Option<StackTree<'static>>,
    /// The clock at the look before, if everything was recorded since.
    last_tick: Option<u64>,
    random: u64,
}

impl Sampler {
    /// Looks at all threads. `false` if nothing is recorded.
    fn look(&mut self, period: Duration) -> bool {
        let recording = state::recording().filter(|recording| state::is_on() && recording.was_cut().is_none());
        let Some(recording) = recording else {
            self.last_tick = None;
            return false;
        };
        let period_ns = period.as_nanos() as u64;
        if !self.tree.as_ref().is_some_and(|tree| tree.is_of(recording, period_ns)) {
            self.tree = StackTree::of(recording, period_ns);
            self.last_tick = None;
        }
        let Some(tree) = &mut self.tree else {
            if recording.was_cut().is_none() {
                message::say(format_args!("stacks are not sampled: the recording has no room for them"));
                PERIOD_NS.store(0, Ordering::SeqCst);
            }
            return false;
        };
        let now = clock::now();
        // The first look has nothing to be compared with. It only tells from when on time is known.
        if let Some(last) = self.last_tick.replace(now) {
            tree.look(now.saturating_sub(last));
        }
        true
    }

    fn random(&mut self) -> u64 {
        // Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn rates_are_numbers_per_second() {
        for (text, rate) in [("99/s", 99), ("99", 99), (" 7 /s ", 7), ("0", 0), ("0/s", 0), ("1000/s", 1_000)] {
            assert_eq!(text.parse(), Ok(StackRate::per_second(rate)), "{text:?}");
        }
        for text in ["", "-1", "1001", "9.5", "99/min", "99 Hz", "on", "4294967296"] {
            let error = text.parse::<StackRate>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("{text:?} is not a number")), "{error}");
        }
        assert_eq!(StackRate::per_second(5_000).period_ns(), 1_000_000);
        assert_eq!(StackRate::OFF.period_ns(), 0);
    }

    #[test]
    fn looks_keep_to_their_times_and_are_moved_by_a_quarter_either_way() {
        let (start, period) = (Instant::now(), Duration::from_millis(8));
        let mut schedule = Schedule { period, due: start };
        let (mut now, mut random) = (start, Sampler { tree: None, last_tick: None, random: 7 });
        let (mut earliest, mut latest) = (Duration::MAX, Duration::ZERO);
        for number in 1..=1_000_u32 {
            now += schedule.next(now, random.random());
            let moved = (now + period / 4).saturating_duration_since(start + period * number);
            assert!(moved <= period / 2, "look {number} is moved by {moved:?}");
            earliest = earliest.min(moved);
            latest = latest.max(moved);
        }
        assert!(earliest < period / 20 && latest > period / 2 - period / 20, "{earliest:?} to {latest:?}");
        // A look that comes too late starts the schedule anew.
        now += period * 10;
        assert_eq!(schedule.next(now, 0), period - period / 4);
    }
}
