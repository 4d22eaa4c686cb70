//! Threads that wait for each other's locks: they will for ever.

use crate::view::{
    text::{escape, list},
    units::duration,
    waits,
};
use crate::{Deadlock, DeadlockedThread, Function, Snapshot, State};

pub(super) fn note(snapshot: &Snapshot) -> Option<String> {
    let found = list(snapshot.deadlocks.iter().map(|deadlock| described(snapshot, deadlock)))?;
    let is_one_thread = snapshot.deadlocks.iter().all(|deadlock| deadlock.threads.len() == 1);
    let advice = if is_one_thread {
        "Release a lock before the same thread acquires it again."
    } else {
        "Have all threads acquire these locks in the same order."
    };
    Some(format!("Deadlock: {found}. {advice}"))
}

/// Who waits for which lock, and who holds it: `main waits for accounts in transfer (2.00 s), which worker holds; worker waits for …`.
pub(crate) fn described(snapshot: &Snapshot, deadlock: &Deadlock) -> String {
    let name = |index: usize| snapshot.functions.get(index).map_or("?".into(), |function| escape(&function.name));
    let next = deadlock.threads.iter().cycle().skip(1);
    let waits = |(thread, holder): (&DeadlockedThread, &DeadlockedThread)| {
        let function = thread.function.map_or(String::new(), |function| format!(" in {}", name(function)));
        let holder = if deadlock.threads.len() == 1 {
            "it holds itself".into()
        } else {
            format!("{} holds", escape(&holder.thread))
        };
        // A process that was killed is known up to the last call that began or ended in it, or to the monitor's last sample.
        let waited = match (snapshot.process.state, thread.waited_ns) {
            (State::Killed, 0) => String::new(),
            (State::Killed, ns) => format!(" (at least {})", duration(ns)),
            (_, ns) => format!(" ({})", duration(ns)),
        };
        format!(
            "{} waits for {}{function}{waited}, which {holder}",
            escape(&thread.thread),
            snapshot.functions.get(thread.lock).map_or("?".into(), |lock| lock_name(snapshot, lock)),
        )
    };
    deadlock.threads.iter().zip(next).map(waits).collect::<Vec<_>>().join("; ")
}

/// The name of a lock, with its place where other locks have the same name, as those have that nobody named.
fn lock_name(snapshot: &Snapshot, lock: &Function) -> String {
    let alike = snapshot.functions.iter().filter(|other| other.kind == lock.kind && other.name == lock.name).count();
    match waits::place(lock) {
        place if alike > 1 && !place.is_empty() => format!("{} ({place})", escape(&lock.name)),
        _ => escape(&lock.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Function, Kind};

    fn snapshot(deadlocks: Vec<Deadlock>) -> Snapshot {
        let lock = |name: &str| Function { kind: Kind::Lock, ..Function::new(name) };
        let functions = vec![lock("accounts"), lock("log\u{1b}"), Function::new("bank::transfer")];
        Snapshot { functions, deadlocks, ..Snapshot::empty() }
    }

    fn thread(name: &str, lock: usize, function: Option<usize>) -> DeadlockedThread {
        DeadlockedThread { function, ..DeadlockedThread::new(name, lock, 2_000_000_000) }
    }

    #[test]
    fn each_thread_is_named_with_the_next_one() {
        let deadlock = Deadlock::new(vec![thread("main", 0, Some(2)), thread("worker", 1, None)]);
        assert_eq!(
            note(&snapshot(vec![deadlock])).unwrap(),
            "Deadlock: main waits for accounts in bank::transfer (2.00 s), which worker holds; worker waits for log\\u{1b} (2.00 s), \
             which main holds. Have all threads acquire these locks in the same order."
        );
    }

    #[test]
    fn of_a_process_that_was_killed_the_time_is_known_from_below() {
        let just_now = DeadlockedThread::new("worker", 1, 0);
        let mut snapshot = snapshot(vec![Deadlock::new(vec![thread("main", 0, None), just_now])]);
        snapshot.process.state = State::Killed;
        let note = note(&snapshot).unwrap();
        assert!(
            note.contains("main waits for accounts (at least 2.00 s), which worker holds; worker waits for log"),
            "{note}"
        );
        assert!(note.contains("log\\u{1b}, which main holds"), "{note}");
    }

    #[test]
    fn locks_of_one_name_are_told_apart_by_their_places() {
        let mut snapshot = snapshot(vec![Deadlock::new(vec![thread("main", 0, None), thread("worker", 1, None)])]);
        for (lock, line) in snapshot.functions.iter_mut().zip([5, 6]) {
            (lock.name, lock.file, lock.line) = ("Mutex<u64>".into(), "src/main.rs".into(), line);
        }
        let note = note(&snapshot).unwrap();
        assert!(note.contains("main waits for Mutex<u64> (main.rs:5) (2.00 s), which worker holds"), "{note}");
        assert!(note.contains("worker waits for Mutex<u64> (main.rs:6) (2.00 s), which main holds"), "{note}");
    }

    #[test]
    fn a_thread_may_wait_for_itself() {
        let deadlock = Deadlock::new(vec![thread("main", 0, Some(2))]);
        assert_eq!(
            note(&snapshot(vec![deadlock])).unwrap(),
            "Deadlock: main waits for accounts in bank::transfer (2.00 s), which it holds itself. Release a lock before the same \
             thread acquires it again."
        );
        assert_eq!(note(&snapshot(Vec::new())), None);
    }
}
