//! Others can write to the recording file of a running program: overwrite its words, cut it, make it longer again. That spoils the
//! figures, and nothing else: the program prints what it prints, and ends as it ends.
#![cfg(target_os = "linux")]

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use perf_report::recording::layout::{WORD_BYTES, header};
use perf_report::{State, Style, View};
use perf_tests::child::{Program, Running};
use perf_tests::figures::{calls, function};
use perf_tests::program;

/// Batches that a program makes of each kind of overwriting.
const BATCHES: usize = 3;

/// Numbers without order, the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// Words of the file that are in use, if it says so.
fn words_in_use(file: &File) -> u64 {
    let mut used = [0; WORD_BYTES];
    file.read_exact_at(&mut used, (header::USED * WORD_BYTES) as u64).unwrap();
    u64::from_ne_bytes(used)
}

fn put(file: &File, word: u64, value: u64) {
    file.write_all_at(&value.to_ne_bytes(), word * WORD_BYTES as u64).unwrap();
}

/// A kind of overwriting, and what it puts into a word where another value stood.
type Overwriting = (&'static str, fn(&mut Random, u64) -> u64);

const OVERWRITINGS: [Overwriting; 6] = [
    ("anything", |random, _| random.next()),
    ("large offsets", |random, _| 1 << (20 + random.below(43))),
    ("offsets that lie inside", |random, _| random.below(1 << 18) & !7),
    ("zeros", |_, _| 0),
    ("ones", |_, _| u64::MAX),
    ("a bit", |random, there| there ^ 1 << random.below(64)),
];

/// Overwrites words all over the file until it is told to stop.
fn overwrite(path: &Path, value: fn(&mut Random, u64) -> u64, seed: u64, stop: &AtomicBool) {
    let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    // More than are in use may be soon; and the word itself is overwritten.
    let used = words_in_use(&file).clamp(1 << 14, 1 << 18);
    let mut random = Random(seed);
    while !stop.load(Ordering::Relaxed) {
        // The first words are the header's, which all depends on.
        let end = if random.below(4) == 0 { header::LEN as u64 } else { used };
        let word = random.below(end);
        let mut there = [0; WORD_BYTES];
        let _ = file.read_exact_at(&mut there, word * WORD_BYTES as u64);
        put(&file, word, value(&mut random, u64::from_ne_bytes(there)));
    }
}

/// Has a program make a batch of calls, and returns what it says.
fn batch(running: &mut Running) -> String {
    running.say("go on");
    running.line()
}

fn asking_for_all(program: Program) -> Program {
    program.recording().reporting().env("PERF_MONITOR", "5ms").env("PERF_ALERT", "p99(work) > 1ns over 1s; rss > 1KiB")
}

#[test]
fn a_program_whose_recording_is_overwritten_goes_on_as_if_nothing_were() {
    let mut running = asking_for_all(program!("overwritten", "batches")).start();
    running.wait_for("ready");
    let path = running.folder().join("app.perfrec");
    let undisturbed = batch(&mut running);
    for (seed, (kind, value)) in (1..).zip(OVERWRITINGS) {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| overwrite(&path, value, seed, &stop));
            for _ in 0..BATCHES {
                // Two threads write and read there at once; the batch is as long as it is.
                assert_eq!(batch(&mut running), undisturbed, "{kind}");
            }
            stop.store(true, Ordering::Relaxed);
        });
    }
    let ended = running.end();
    ended.exited(7);
    let lines = 1 + OVERWRITINGS.len() * BATCHES;
    assert_eq!(ended.stdout, format!("ready\n{}", format!("{undisturbed}\n").repeat(lines)));
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
}

#[test]
fn what_a_reader_finds_in_an_overwritten_recording_is_an_error_or_some_of_it() {
    let mut running = program!("overwritten", "batches").recording().start();
    running.wait_for("ready");
    let path = running.folder().join("app.perfrec");
    batch(&mut running);
    for (seed, (_, value)) in (1..).zip(OVERWRITINGS) {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| overwrite(&path, value, seed, &stop));
            for _ in 0..20 {
                let _ = perf_report::recording::Recording::open(&path).and_then(|mut recording| recording.read());
            }
            stop.store(true, Ordering::Relaxed);
        });
    }
    running.end().exited(7);
}

/// Ways to cut a file of a length of which so much is in use, that lose something.
type Cut = (&'static str, fn(&File, u64, u64));

const CUTS: [Cut; 4] = [
    ("to nothing", |file, _, _| file.set_len(0).unwrap()),
    ("to a half", |file, _, used| file.set_len(used / 2 / 4096 * 4096).unwrap()),
    ("and made longer again", |file, len, _| {
        file.set_len(0).unwrap();
        file.set_len(len / 2).unwrap();
    }),
    ("and filled with something else", |file, _, _| {
        file.set_len(0).unwrap();
        file.write_all_at(b"something else, and not a recording", 0).unwrap();
    }),
];

#[test]
fn a_program_whose_recording_is_truncated_goes_on_and_says_so() {
    for (kind, cut) in CUTS {
        let mut running =
            program!("overwritten", "calls").recording().env("PERF_REPORT", "json:report.json,table").start();
        running.wait_for("ready");
        for _ in 0..10 {
            batch(&mut running);
        }
        let file = OpenOptions::new().write(true).read(true).open(running.folder().join("app.perfrec")).unwrap();
        let (len, used) = (file.metadata().unwrap().len(), words_in_use(&file) * WORD_BYTES as u64);
        cut(&file, len, used);
        // If it is a call that finds the file gone, and not the thread that looks after resources, it is lost with it.
        for _ in 0..6 {
            assert_eq!(batch(&mut running), "128", "{kind}");
        }
        let ended = running.end();
        ended.exited(7);
        ended.said(&["truncated or overwrote the recording file", "app.perfrec", "rename or delete"]);
        let report = ended.report();
        // Where zeros stand, nothing tells of the loss before the figures are looked at: unless somebody looked in between.
        let recorded = if kind == "and made longer again" { 0..=6 } else { 5..=6 };
        assert!(recorded.contains(&calls(&report, "work")), "{kind}: {} calls", calls(&report, "work"));
        assert_eq!(report.process.state, State::Closed);
        assert_eq!(function(&report, "m29").calls, 0, "functions that never ran are there too");
        assert!(report.losses.truncated_unix_ns >= report.process.started_unix_ns - 60_000_000_000, "{kind}");
        let table = View::Table.render(&report, &Style::default());
        assert!(table.contains("truncated or overwrote the recording file"), "{table}");
    }
}

#[test]
fn a_recording_that_is_truncated_among_many_threads_is_survived() {
    for _ in 0..3 {
        let mut running = asking_for_all(program!("overwritten", "batches")).start();
        running.wait_for("ready");
        let path = running.folder().join("app.perfrec");
        let undisturbed = batch(&mut running);
        running.say("go on");
        OpenOptions::new().write(true).open(path).unwrap().set_len(0).unwrap();
        assert_eq!(running.line(), undisturbed);
        assert_eq!(batch(&mut running), undisturbed);
        let ended = running.end();
        ended.exited(7).said(&["truncated or overwrote the recording file"]);
        assert!(ended.report().losses.truncated_unix_ns > 0);
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    }
}

#[test]
fn a_recording_that_is_renamed_or_deleted_loses_nothing() {
    for delete in [false, true] {
        let mut running = program!("overwritten", "calls").recording().reporting().start();
        running.wait_for("ready");
        batch(&mut running);
        let (path, moved) = (running.folder().join("app.perfrec"), running.folder().join("moved.perfrec"));
        if delete {
            std::fs::remove_file(path).unwrap()
        } else {
            std::fs::rename(path, moved).unwrap()
        }
        batch(&mut running);
        let ended = running.end();
        ended.exited(7).silent();
        assert_eq!(calls(&ended.report(), "work"), 2);
        assert_eq!(ended.files().len(), if delete { 1 } else { 2 });
    }
}

#[test]
fn a_handler_of_the_programs_own_has_its_signals() {
    for (line, status, said) in
        [("raise", 9, "ready\nhandled\n"), ("cut", 9, "ready\nhandled\n"), ("call", 7, "ready\n128\n")]
    {
        let mut running = program!("overwritten", "handler").start();
        running.wait_for("ready");
        running.say(line);
        let ended = running.end();
        assert_eq!((ended.status.code(), ended.stdout.as_str()), (Some(status), said), "{line}: {}", ended.stderr);
    }
    // Also for what is its own while ours is cut.
    let mut running = program!("overwritten", "handler").start();
    running.wait_for("ready");
    File::options().write(true).open(running.folder().join("app.perfrec")).unwrap().set_len(0).unwrap();
    running.say("call");
    assert_eq!(running.line(), "128");
    running.say("cut");
    let ended = running.end();
    assert_eq!((ended.status.code(), ended.stdout.as_str()), (Some(9), "ready\n128\nhandled\n"), "{}", ended.stderr);
}

#[test]
fn memory_that_is_locked_is_what_is_used() {
    let resident = |program: Program| {
        let ended = program.run();
        ended.exited(7);
        let said = ended.stdout.trim().to_owned();
        if said.starts_with("refused") {
            eprintln!("not tested, as this system locks no memory: {said}");
            return None;
        }
        Some(said.parse::<u64>().unwrap())
    };
    let locked = || program!("overwritten", "locked");
    let Some(off) = resident(locked().env("PERF_ENABLED", "0")) else { return };
    for program in [locked().reporting(), locked().recording()] {
        let on = resident(program).unwrap();
        // Of 256 MiB reserved. A debug build of this program alone takes some of them.
        assert!(on < off + 10 * 1024, "{on} KiB resident, {off} KiB without measuring");
    }
}

#[test]
fn what_is_reserved_counts_towards_no_limit_on_data() {
    // As where the system sets memory aside for all that may be written.
    let program = program!("overwritten", "calls").reporting().env("PERF_CAPACITY", "256MiB");
    let ended = program.through_shell("ulimit -d 50000; exec \"$0\" \"$@\"").run();
    assert_eq!(ended.exited(7).report().losses.capacity_bytes, 256 << 20);
}
