//! The activity of another process's threads, from the system's files about them.
//!
//! `stat` has the state of a thread, and costs about 2.4 µs to read; `schedstat` says how long it has run and how often it was given a
//! processor, and costs a third of that. A thread that waited at the look before and was not given a processor since waits
//! still. So only threads that did something are looked up further, and many that wait cost little. `wchan` costs no more than
//! `schedstat` and names the kernel's function in which a thread waits, where the system lets us know: who has one waits. Only of
//! those that have none is `stat` read.
//!
//! `stat` does not tell running from waiting for a processor. `schedstat` does for spans of time: what a thread that could run
//! did is divided as its time was in the last 20 ms or more.

use std::{collections::HashMap, fs::File, io, path::PathBuf};

use crate::data::profile::{ThreadState, Weights};

/// The most threads whose files are kept open.
const MOST_OPEN: usize = 200;

/// How long a thread is on processors or waits for one before its share is computed anew.
const SPAN_NS: u64 = 20_000_000;

/// The activity of a thread at a look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Activity {
    /// It could run; the share of such time in which it did.
    Runs(f64),
    Waits,
    /// There is no such thread any more.
    Gone,
    /// The system does not tell.
    Unknown,
}

impl Activity {
    /// A look's time, divided among the states.
    pub(super) fn weights(self, ns: u64) -> Weights {
        match self {
            Activity::Waits => Weights::of(ThreadState::Waiting, ns, 1),
            Activity::Unknown | Activity::Gone => Weights::of(ThreadState::Unknown, ns, 1),
            Activity::Runs(share) => {
                let running = ((ns as f64 * share) as u64).min(ns);
                let samples = u64::from(share >= 0.5);
                let mut weights = Weights::of(ThreadState::Running, running, samples);
                weights.add(&Weights::of(ThreadState::Runnable, ns - running, 1 - samples));
                weights
            }
        }
    }
}

/// The figures in `schedstat`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Schedule {
    /// Time on a processor.
    ran_ns: u64,
    /// Time in which it waited for one.
    queued_ns: u64,
    /// How often it was given one.
    times: u64,
}

/// The longest answer of a file about a thread.
const LONGEST: usize = 512;

/// The answer of a file about a thread.
#[derive(Debug)]
struct Answer {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Answer {
    const NONE: Answer = Answer { bytes: [0; LONGEST], len: 0 };

    fn get(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// A file about a thread, kept open.
#[derive(Debug, Default)]
struct KeptFile(Option<File>);

impl KeptFile {
    /// Reads the file from its beginning.
    fn read(&mut self, path: impl FnOnce() -> PathBuf, keep: bool, answer: &mut Answer) -> io::Result<()> {
        answer.len = 0;
        let file = match &self.0 {
            Some(file) => file,
            None => &*self.0.insert(File::open(path())?),
        };
        answer.len = read_start(file, &mut answer.bytes)?;
        if !keep {
            self.0 = None;
        }
        Ok(())
    }
}

#[cfg(unix)]
fn read_start(file: &File, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, 0)
}

#[cfg(not(unix))]
fn read_start(mut file: &File, buffer: &mut [u8]) -> io::Result<usize> {
    io::Read::read(&mut file, buffer)
}

/// A thread as it was at the last look.
#[derive(Debug)]
struct Known {
    /// Whether its files are kept open.
    keep: bool,
    schedstat: KeptFile,
    stat: KeptFile,
    wchan: KeptFile,
    last: Option<Schedule>,
    /// The latest answer of `schedstat`, and its look.
    fresh: Option<(u64, Schedule)>,
    could_run: bool,
    /// Where the span began in which its share is computed.
    span: Schedule,
    share: f64,
    seen: u64,
}

/// The threads of a process.
#[derive(Debug)]
pub(super) struct ThreadStates {
    /// Its folder of threads; `None` if it is not on this machine or the system has no such files.
    folder: Option<PathBuf>,
    threads: HashMap<u64, Known>,
    text: Answer,
    /// The answer of `wchan` on the latest thread.
    place: Answer,
    look: u64,
}

impl ThreadStates {
    /// Of a process; `None` for one whose threads cannot be looked up.
    pub(super) fn of(pid: Option<u32>) -> ThreadStates {
        let folder = pid.map(|pid| PathBuf::from(format!("/proc/{pid}/task")));
        let folder = folder.filter(|folder| folder.join("../schedstat").exists() && folder.exists());
        ThreadStates { folder, threads: HashMap::new(), text: Answer::NONE, place: Answer::NONE, look: 0 }
    }

    /// Whether the system tells states at all.
    pub(super) fn are_known(&self) -> bool {
        self.folder.is_some()
    }

    /// Begins a look; forgets threads that were not looked at for long.
    pub(super) fn begin_look(&mut self) {
        const LONG: u64 = 1_000;
        self.look += 1;
        if self.look.is_multiple_of(LONG) {
            self.threads.retain(|_, known| known.seen + LONG > self.look);
        }
    }

    /// Whether a thread waited at the look before and has not run since: it waits still, and its stack is the same.
    ///
    /// Who is not given a processor executes nothing; that it was given one, `schedstat` counts.
    pub(super) fn rests(&mut self, tid: u64) -> bool {
        let (Some(folder), Some(known)) = (&self.folder, self.threads.get_mut(&tid)) else { return false };
        if known.could_run
            || known.schedstat.read(|| folder.join(format!("{tid}/schedstat")), known.keep, &mut self.text).is_err()
        {
            return false;
        }
        let schedule = parse_schedstat(self.text.get());
        known.fresh = schedule.map(|schedule| (self.look, schedule));
        let rests = known.last.is_some() && schedule == known.last;
        if rests {
            known.seen = self.look;
        }
        rests
    }

    /// The activity of a thread now.
    pub(super) fn activity(&mut self, tid: u64) -> Activity {
        let Some(folder) = &self.folder else { return Activity::Unknown };
        let keep = self.threads.len() < MOST_OPEN;
        let known = self.threads.entry(tid).or_insert_with(|| Known {
            keep,
            schedstat: KeptFile::default(),
            stat: KeptFile::default(),
            wchan: KeptFile::default(),
            last: None,
            fresh: None,
            could_run: false,
            span: Schedule::default(),
            share: 1.0,
            seen: 0,
        });
        known.seen = self.look;
        let keep = known.keep;
        self.place.len = 0;
        let path = |name: &str| folder.join(format!("{tid}/{name}"));
        let schedule = match known.fresh.take().filter(|(look, _)| *look == self.look) {
            Some((_, schedule)) => Some(schedule),
            None => match known.schedstat.read(|| path("schedstat"), keep, &mut self.text) {
                Ok(()) => parse_schedstat(self.text.get()),
                Err(error) => return self.failed(tid, &error),
            },
        };
        let Some(schedule) = schedule else { return Activity::Unknown };
        if known.last.replace(schedule) != Some(schedule) {
            let has_place =
                known.wchan.read(|| path("wchan"), keep, &mut self.place).is_ok() && names_place(self.place.get());
            if !has_place && let Err(error) = known.stat.read(|| path("stat"), keep, &mut self.text) {
                return self.failed(tid, &error);
            }
            known.could_run = match parse_state(self.text.get()) {
                _ if has_place => false,
                Some(b'R') => true,
                Some(b'X' | b'Z' | b'x') => return self.failed(tid, &io::ErrorKind::NotFound.into()),
                Some(_) => false,
                None => return Activity::Unknown,
            };
        }
        known.share_of(schedule);
        if known.could_run { Activity::Runs(known.share) } else { Activity::Waits }
    }

    /// Where in the kernel the thread waits whose activity was asked about last, as far as the system tells.
    pub(super) fn place(&mut self, tid: u64) -> Option<String> {
        if self.place.len == 0 {
            let (folder, known) = (self.folder.as_ref()?, self.threads.get_mut(&tid)?);
            known.wchan.read(|| folder.join(format!("{tid}/wchan")), known.keep, &mut self.place).ok()?;
        }
        names_place(self.place.get()).then(|| String::from_utf8_lossy(without_end(self.place.get())).into_owned())
    }

    fn failed(&mut self, tid: u64, error: &io::Error) -> Activity {
        self.threads.remove(&tid);
        // A thread that ended while its file was open: no such process.
        const NO_SUCH_PROCESS: i32 = 3;
        let is_gone = error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(NO_SUCH_PROCESS);
        if is_gone { Activity::Gone } else { Activity::Unknown }
    }
}

impl Known {
    fn share_of(&mut self, now: Schedule) {
        if self.span == Schedule::default() {
            self.span = now;
        }
        let ran = now.ran_ns.saturating_sub(self.span.ran_ns);
        let queued = now.queued_ns.saturating_sub(self.span.queued_ns);
        if ran + queued >= SPAN_NS {
            self.share = ran as f64 / (ran + queued) as f64;
            self.span = now;
        }
    }
}

/// Whether `wchan` says where a thread waits: `0` stands for a thread that does not, or of which the system does not tell.
fn names_place(wchan: &[u8]) -> bool {
    !matches!(without_end(wchan), b"" | b"0")
}

fn without_end(text: &[u8]) -> &[u8] {
    let len = text.iter().rposition(|byte| !matches!(byte, b'\0' | b'\n')).map_or(0, |last| last + 1);
    &text[..len]
}

fn parse_schedstat(text: &[u8]) -> Option<Schedule> {
    let mut words = text.split(|byte| byte.is_ascii_whitespace());
    let mut number = || {
        let digits = words.next().filter(|word| !word.is_empty())?;
        digits.iter().try_fold(0_u64, |number, byte| {
            let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
            number.checked_mul(10)?.checked_add(u64::from(digit))
        })
    };
    Some(Schedule { ran_ns: number()?, queued_ns: number()?, times: number()? })
}

/// The letter of the state in `stat`. The name before it may contain anything, so reading begins behind it.
fn parse_state(text: &[u8]) -> Option<u8> {
    let behind = text.iter().rposition(|&byte| byte == b')')?;
    text.get(behind + 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_system_are_read() {
        let schedule = Schedule { ran_ns: 12, queued_ns: 34, times: 5 };
        assert_eq!(parse_schedstat(b"12 34 5\n"), Some(schedule));
        assert_eq!((parse_schedstat(b""), parse_schedstat(b"12 x 5")), (None, None));
        assert_eq!(parse_state(b"42 (a) R b) S 1 42 42 0"), Some(b'S'));
        assert_eq!(parse_state(b"42 (a"), None);
        assert!(names_place(b"futex_do_wait") && names_place(b"futex_do_wait\n\0"));
        assert!(!names_place(b"0") && !names_place(b"0\n") && !names_place(b"\0") && !names_place(b""));
    }

    #[test]
    fn time_of_a_thread_that_could_run_is_divided() {
        let ns = |weights: Weights| weights.ns;
        assert_eq!(ns(Activity::Runs(0.75).weights(1_000)), [750, 250, 0, 0]);
        assert_eq!(Activity::Runs(0.25).weights(1_000).samples, [0, 1, 0, 0]);
        assert_eq!(ns(Activity::Waits.weights(7)), [0, 0, 7, 0]);
        assert_eq!(ns(Activity::Unknown.weights(7)), [0, 0, 0, 7]);
        assert_eq!(ns(Activity::Runs(2.0).weights(7)), [7, 0, 0, 0]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_that_waits_is_told_from_one_that_ended() {
        use std::sync::mpsc;
        let (send, receive) = mpsc::channel::<()>();
        let (tid, told) = mpsc::channel();
        let waiting = std::thread::spawn(move || {
            let link = std::fs::read_link("/proc/thread-self").unwrap();
            tid.send(link.file_name().unwrap().to_str().unwrap().parse::<u64>().unwrap()).unwrap();
            receive.recv().unwrap_err();
        });
        let tid = told.recv().unwrap();
        let mut states = ThreadStates::of(Some(std::process::id()));
        assert!(states.are_known());
        assert!(!states.rests(tid), "nobody has looked at it");
        let mut has_rested = false;
        let mut until = |wanted: Activity| {
            let begun = std::time::Instant::now();
            loop {
                has_rested |= states.rests(tid);
                states.begin_look();
                if states.activity(tid) == wanted && (has_rested || wanted == Activity::Gone) {
                    return states.place(tid);
                }
                assert!(begun.elapsed().as_secs() < 60, "never {wanted:?}");
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        };
        until(Activity::Waits);
        drop(send);
        waiting.join().unwrap();
        assert_eq!(until(Activity::Gone), None);
        assert!(!states.rests(tid), "it is gone");
    }

    #[test]
    fn of_no_process_nothing_is_known() {
        let mut states = ThreadStates::of(None);
        assert_eq!((states.are_known(), states.activity(1), states.place(1)), (false, Activity::Unknown, None));
    }
}
