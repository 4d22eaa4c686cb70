//! Futures that harm others of their executor: those that hold its thread for long, and those that are dear to move. And those that never
//! ran.

use crate::view::{
    text::{escape, list},
    units::{bytes, count, duration},
};
use crate::{Function, Futures, Kind, Snapshot};

/// A poll from which on others wait for the thread long enough to be noticed: a frame of a video.
const LONG_POLL_NS: u64 = 10_000_000;

/// The size from which on `tokio` puts a task into a box of its own, in release builds.
const LARGE_BYTES: u64 = 16 << 10;

pub(super) fn long_polls(snapshot: &Snapshot) -> Option<String> {
    let longest_below = longest_below(snapshot);
    let all =
        snapshot.functions.iter().enumerate().filter_map(|(index, function)| Some((index, function, held(function)?)));
    let long = all.filter(|(_, _, held)| held.ns >= LONG_POLL_NS);
    let its_own = long
        .filter(|(index, _, held)| held.is_longest || held.ns.saturating_sub(longest_below[*index]) >= LONG_POLL_NS);
    let mut found: Vec<(&Function, Held)> = its_own.map(|(_, function, held)| (function, held)).collect();
    found.sort_by_key(|(_, held)| std::cmp::Reverse(held.ns));
    let list = list(found.into_iter().map(|(function, held)| {
        let at_least = if held.is_longest { "" } else { "at least " };
        format!("{} {at_least}{}", escape(&function.name), duration(held.ns))
    }))?;
    Some(format!(
        "In one poll, some futures held their thread for long: {list}. Nothing else could run there: work that takes long belongs in a \
         thread for blocking work, or between awaits."
    ))
}

/// For how long one poll held its thread.
struct Held {
    ns: u64,
    /// Whether it is the longest poll, or shorter than that.
    is_longest: bool,
}

/// The longest poll. Where it is not known, one poll took as long as all do on average, and maybe longer.
fn held(function: &Function) -> Option<Held> {
    let futures = function.futures?;
    match function.kind {
        Kind::Future if futures.longest_poll_ns > 0 => {
            return Some(Held { ns: futures.longest_poll_ns, is_longest: true });
        }
        Kind::Future | Kind::Request => {}
        // A span that is entered once is that of code that blocks, which has no thread to give back. That of a future is entered once more
        // when it is dropped.
        Kind::Span if futures.polls > futures.started => {}
        _ => return None,
    }
    Some(Held { ns: futures.busy_ns.checked_div(futures.polls)?, is_longest: false })
}

/// By function: the longest poll of those that run in its calls. Whoever polls them holds the thread as long, and they are named for it.
fn longest_below(snapshot: &Snapshot) -> Vec<u64> {
    let mut longest = vec![0; snapshot.functions.len()];
    for (index, function) in snapshot.functions.iter().enumerate() {
        let poll_ns = futures_of(function, |futures| futures.longest_poll_ns);
        if poll_ns < LONG_POLL_NS {
            continue;
        }
        let mut left = vec![index];
        while let Some(callee) = left.pop() {
            for caller in snapshot.functions[callee].callers.iter().filter_map(|edge| edge.caller) {
                if let Some(known) = longest.get_mut(caller).filter(|known| **known < poll_ns) {
                    *known = poll_ns;
                    left.push(caller);
                }
            }
        }
    }
    longest
}

pub(super) fn large(snapshot: &Snapshot) -> Option<String> {
    let list = worst(snapshot, |futures| futures.bytes, LARGE_BYTES, bytes)?;
    Some(format!(
        "Large futures are dear to move: {list} each. Large values that they hold over an await can be boxed, or dropped before."
    ))
}

/// Futures none of which was ever polled.
pub(super) fn never_awaited(snapshot: &Snapshot) -> Option<String> {
    let found = unpolled(snapshot, |function| !function.has_begun());
    let list =
        list(found.into_iter().map(|(function, number)| format!("{} {}", escape(&function.name), count(number))))?;
    Some(format!(
        "Never awaited: {list}. All these futures were dropped before their first poll, so their code did not run: an `.await` is missing, \
         or whoever had them was given up first."
    ))
}

/// Futures some of which were never polled: `select!` drops those that it need not poll, and nothing is wrong then.
pub(super) fn dropped_unpolled(snapshot: &Snapshot) -> Option<String> {
    let found = unpolled(snapshot, Function::has_begun);
    let list = list(found.into_iter().map(|(function, number)| {
        let made = number.saturating_add(futures_of(function, |futures| futures.started));
        format!("{} {} of {}", escape(&function.name), count(number), count(made))
    }))?;
    Some(format!(
        "Dropped before their first poll: {list}. Their code did not run: `select!` had no need of them, say, or an `.await` is missing \
         somewhere."
    ))
}

/// The functions that satisfy a condition and have futures that were never polled, with how many: most first.
fn unpolled(snapshot: &Snapshot, condition: impl Fn(&Function) -> bool) -> Vec<(&Function, u64)> {
    let functions = snapshot.functions.iter().filter(|function| condition(function));
    let all = functions.map(|function| (function, futures_of(function, |futures| futures.never_polled)));
    let mut found: Vec<(&Function, u64)> = all.filter(|(_, number)| *number > 0).collect();
    found.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    found
}

fn futures_of(function: &Function, figure: impl Fn(&Futures) -> u64) -> u64 {
    function.futures.as_ref().map_or(0, figure)
}

/// The futures of which a figure reaches a limit, the worst first.
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
    use crate::Caller;

    #[test]
    fn the_worst_comes_first_and_spans_of_code_that_blocks_are_left_out() {
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
    fn where_the_longest_poll_is_not_known_the_mean_is_its_least() {
        let polled = |name: &str, kind, started, polls, busy_ns| {
            let futures = Some(Futures { started, polls, busy_ns, ..Futures::default() });
            Function { kind, futures, ..Function::new(name) }
        };
        let mut snapshot = Snapshot::empty();
        snapshot.functions = vec![
            polled("POST /import", Kind::Request, 1, 1, 180_000_000),
            polled("GET /", Kind::Request, 100, 200, 1_999_999_999),
            polled("import", Kind::Span, 5, 10, 900_000_000),
            polled("startup", Kind::Span, 1, 1, 900_000_000),
            polled("pool shop", Kind::Query, 1, 1, 900_000_000),
            polled("idle", Kind::Request, 0, 0, 0),
        ];
        let note = long_polls(&snapshot).unwrap();
        assert!(note.contains(": POST /import at least 180 ms, import at least 90.0 ms. "), "{note}");
        let mut parse = polled("app::parse", Kind::Future, 1, 1, 175_000_000);
        parse.futures.as_mut().unwrap().longest_poll_ns = 175_000_000;
        parse.callers = vec![Caller { caller: Some(0), calls: 1, total_ns: 175_000_000 }];
        snapshot.functions.push(parse);
        let note = long_polls(&snapshot).unwrap();
        assert!(note.contains(": app::parse 175 ms, import at least 90.0 ms. "), "it is the request's callee: {note}");
        snapshot.functions.pop();
        snapshot.functions.drain(..3);
        assert_eq!(long_polls(&snapshot), None);
    }

    #[test]
    fn only_futures_none_of_which_was_polled_are_said_to_be_never_awaited() {
        let future = |name: &str, started, never_polled| {
            let futures = Some(Futures { started, never_polled, ..Futures::default() });
            Function { kind: Kind::Future, futures, ..Function::new(name) }
        };
        let mut snapshot = Snapshot::empty();
        snapshot.functions = vec![future("app::serve", 7, 0), future("app::log", 0, 3), future("app::refresh", 28, 12)];
        assert!(never_awaited(&snapshot).unwrap().starts_with("Never awaited: app::log 3. "));
        let note = dropped_unpolled(&snapshot).unwrap();
        assert!(note.starts_with("Dropped before their first poll: app::refresh 12 of 40. "), "{note}");
        snapshot.functions.truncate(1);
        assert_eq!((never_awaited(&snapshot), dropped_unpolled(&snapshot)), (None, None));
    }
}
