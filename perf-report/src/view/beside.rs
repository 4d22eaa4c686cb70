//! Rows that stand beside another one: the holds of a lock, and of a future the single polls, the ways from its wakes, and the times that it was alone. Each has the place of
//! the row that it stands beside, and its name with a word behind it.

use std::collections::HashMap;

use crate::{Function, Kind, Snapshot};

/// A row, as those beside it know it: its name, file and line.
type Place<'a> = (&'a str, &'a str, u32);

/// Rows of some kinds, found by the row that they stand beside.
pub(super) struct Beside<'a>(HashMap<(Kind, Place<'a>), &'a Function>);

impl<'a> Beside<'a> {
    /// The rows of these kinds that have calls.
    pub(super) fn of(snapshot: &'a Snapshot, kinds: &[Kind]) -> Beside<'a> {
        let mut rows = HashMap::new();
        for row in snapshot.functions.iter().filter(|row| row.calls > 0 && kinds.contains(&row.kind)) {
            if let Some(name) = owner(row) {
                // Of several, the first.
                rows.entry((row.kind, place(row, name))).or_insert(row);
            }
        }
        Beside(rows)
    }

    /// Whether there is any of a kind.
    pub(super) fn has(&self, kind: Kind) -> bool {
        self.0.keys().any(|key| key.0 == kind)
    }

    /// The row of a kind that stands beside another.
    pub(super) fn row(&self, kind: Kind, of: &Function) -> Option<&'a Function> {
        self.0.get(&(kind, place(of, &of.name))).copied()
    }
}

/// Whether a row of its kind stands beside that other one.
pub(super) fn is_beside(row: &Function, other: &Function) -> bool {
    owner(row).is_some_and(|name| place(row, name) == place(other, &other.name))
}

/// The name of the row that it stands beside; `None` if it stands beside none.
fn owner(row: &Function) -> Option<&str> {
    row.name.strip_suffix(')')?.strip_suffix(row.kind.part()?)?.strip_suffix(" (")
}

/// Where a row stands, under a name.
pub(super) fn place<'a>(row: &'a Function, name: &'a str) -> Place<'a> {
    (name, &row.file, row.line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_found_by_kind_name_and_place() {
        let row = |name: &str, kind, file: &str, line, calls| Function {
            kind,
            file: file.into(),
            line,
            calls,
            ..Function::new(name)
        };
        let mut snapshot = Snapshot::empty();
        snapshot.functions = vec![
            row("f (poll)", Kind::Poll, "a.rs", 1, 1),
            row("f (poll)", Kind::Poll, "a.rs", 2, 2),
            row("f (poll)", Kind::Poll, "b.rs", 1, 3),
            row("f (woken)", Kind::Wake, "a.rs", 1, 4),
            row("f (held)", Kind::Hold, "a.rs", 1, 5),
            row("f (alone)", Kind::Alone, "a.rs", 1, 8),
            row("g (poll)", Kind::Poll, "a.rs", 1, 0),
            // A function may be called so.
            row("f (held)", Kind::Function, "a.rs", 1, 6),
            row("f (poll)", Kind::Poll, "a.rs", 1, 7),
        ];
        let beside = Beside::of(&snapshot, &[Kind::Poll, Kind::Wake, Kind::Alone]);
        assert_eq!([Kind::Poll, Kind::Wake, Kind::Hold].map(|kind| beside.has(kind)), [true, true, false]);
        let calls =
            |kind, name, file, line| beside.row(kind, &row(name, Kind::Future, file, line, 0)).map(|row| row.calls);
        assert_eq!(calls(Kind::Poll, "f", "a.rs", 1), Some(1));
        assert_eq!(calls(Kind::Poll, "f", "a.rs", 2), Some(2));
        assert_eq!(calls(Kind::Poll, "f", "b.rs", 1), Some(3));
        assert_eq!(calls(Kind::Wake, "f", "a.rs", 1), Some(4));
        assert_eq!(calls(Kind::Alone, "f", "a.rs", 1), Some(8));
        for (kind, name, line) in
            [(Kind::Wake, "f", 2), (Kind::Hold, "f", 1), (Kind::Poll, "g", 1), (Kind::Poll, "f (poll)", 1)]
        {
            assert_eq!(calls(kind, name, "a.rs", line), None, "{kind:?} {name}");
        }
    }
}
