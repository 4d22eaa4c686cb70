//! Futures that harm others of their executor: those that hold its thread for long, and those that are dear to move. And those that never
//! ran.

use super::list;
use crate::view::{
    text::escape,
    units::{bytes, count, duration},
};
use crate::{Function, Futures, Kind, Snapshot};

/// A poll from which on others wait for the thread long enough to be noticed: a frame of a video.
const LONG_POLL_NS: u64 = 10_000_000;

/// The size from which on `tokio` puts a task into a box of its own, in release builds.
const LARGE_BYTES: u64 = 16 << 10;

pub(super) fn long_polls(snapshot: &Snapshot) -> Option<String> {
    let list = worst(snapshot, |futures| futures.longest_poll_ns, LONG_POLL_NS, duration)?;
    Some(format!(
        "In one poll, some futures held their thread for long: {list}. Nothing else could run there: work that takes long belongs in a \
         thread for blocking work, or between awaits."
    ))
}

pub(super) fn large(snapshot: &Snapshot) -> Option<String> {
    let list = worst(snapshot, |futures| futures.bytes, LARGE_BYTES, bytes)?;
    Some(format!(
        "Large futures are dear to move: {list} each. Large values that they hold over an await can be boxed, or dropped before."
    ))
}

pub(super) fn never_polled(snapshot: &Snapshot) -> Option<String> {
    let never = |function: &Function| futures_of(function, |futures| futures.never_polled);
    let mut found: Vec<&Function> = snapshot.functions.iter().filter(|function| never(function) > 0).collect();
    found.sort_by_key(|function| std::cmp::Reverse(never(function)));
    let list = list(found.iter().map(|function| {
        let made = never(function).saturating_add(futures_of(function, |futures| futures.started));
        format!("{} {} of {}", escape(&function.name), count(never(function)), count(made))
    }))?;
    Some(format!(
        "Never awaited: {list}. These futures were dropped before their first poll, so their code did not run: an `.await` is missing, or \
         whoever had them was given up first."
    ))
}

fn futures_of(function: &Function, figure: impl Fn(&Futures) -> u64) -> u64 {
    function.futures.as_ref().map_or(0, figure)
}

/// The futures of which a figure reaches a limit, the worst first. Spans have no thread to give back.
fn worst(snapshot: &Snapshot, figure: fn(&Futures) -> u64, limit: u64, text: impl Fn(u64) -> String) -> Option<String> {
    let of = |function: &Function| futures_of(function, figure);
    let futures = snapshot.functions.iter().filter(|function| function.kind == Kind::Future);
    let mut found: Vec<&Function> = futures.filter(|function| of(function) >= limit).collect();
    found.sort_by_key(|function| std::cmp::Reverse(of(function)));
    list(found.iter().map(|function| format!("{} {}", escape(&function.name), text(of(function)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_comes_first_and_spans_are_left_out() {
        let future = |name: &str, kind, longest_poll_ns, bytes| {
            let futures = Some(Futures { longest_poll_ns, bytes, ..Futures::default() });
            Function { kind, futures, ..Function::new(name) }
        };
        let mut snapshot = Snapshot::empty();
        snapshot.functions = vec![
            future("app::serve", Kind::Future, 9_999_999, 200),
            future("app::read", Kind::Future, 12_000_000, 24 << 10),
            future("app::parse", Kind::Future, 180_000_000, 500),
            future("app::span", Kind::Span, 500_000_000, 0),
        ];
        let note = long_polls(&snapshot).unwrap();
        assert!(note.contains("app::parse 180 ms, app::read 12.0 ms. "), "{note}");
        assert!(large(&snapshot).unwrap().contains("app::read 24.0 KiB each"), "{:?}", large(&snapshot));
        snapshot.functions.truncate(1);
        assert_eq!((long_polls(&snapshot), large(&snapshot)), (None, None));
    }

    #[test]
    fn futures_that_were_never_awaited_are_told_with_how_many_there_were() {
        let future = |name: &str, started, never_polled| {
            let futures = Some(Futures { started, never_polled, ..Futures::default() });
            Function { kind: Kind::Future, futures, ..Function::new(name) }
        };
        let mut snapshot = Snapshot::empty();
        snapshot.functions = vec![future("app::serve", 7, 0), future("app::log", 0, 3), future("app::refresh", 28, 12)];
        let note = never_polled(&snapshot).unwrap();
        assert!(note.starts_with("Never awaited: app::refresh 12 of 40, app::log 3 of 3. "), "{note}");
        snapshot.functions.truncate(1);
        assert_eq!(never_polled(&snapshot), None);
    }
}
