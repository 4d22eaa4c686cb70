//! Bytes, failures and statuses of files, streams and requests, and rows that stand for many names: lines of text.

use super::{
    text::{counted, escape, list, per_function, plural},
    units,
};
use crate::{Function, Kind, Snapshot};

/// Calls that moved fewer bytes than this, on average, would be fewer with a buffer.
const SMALL: u64 = 1024;
/// Below so many calls, nobody would notice the buffer.
const FEW: u64 = 100;
/// The part of the recorded time from which on small calls are named.
const WORTH_A_NOTE: u64 = 100;

/// The lines of one function.
#[cfg(any(test, feature = "command"))]
pub(super) fn lines(function: &Function) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(transfer) = function.transfer {
        let failed = format!("{} failed", units::count(transfer.failed));
        let per_call = transfer.bytes / function.calls.max(1);
        lines.push(format!("{} · {} per call · {failed}", units::bytes(transfer.bytes), units::bytes(per_call)));
    }
    if let Some(statuses) = function.statuses {
        let answers = [
            (statuses.redirections, "redirection", "redirections"),
            (statuses.client_errors, "client error", "client errors"),
            (statuses.server_errors, "server error", "server errors"),
        ];
        lines.push(answers.map(|(number, one, many)| counted(number, one, many)).join(" · "));
    }
    if function.names > 0 {
        lines.push(format!("shared by about {}", counted(function.names, "name", "names")));
    }
    lines
}

/// The rows that moved most.
pub(super) fn moved(snapshot: &Snapshot) -> Option<String> {
    let bytes = |function: &&Function| function.transfer.map_or(0, |transfer| transfer.bytes);
    let mut rows: Vec<&Function> = snapshot.functions.iter().filter(|function| bytes(function) > 0).collect();
    rows.sort_by_key(|function| std::cmp::Reverse(bytes(function)));
    let of = |function: &&Function| {
        let per_call = units::bytes(bytes(function) / function.calls.max(1));
        format!("{} {} ({per_call} per call)", escape(&function.name), units::bytes(bytes(function)))
    };
    list(rows.iter().map(of)).map(|list| format!("Bytes moved: {list}."))
}

/// Calls that returned an error, and answers that told of one.
pub(super) fn failed(snapshot: &Snapshot) -> Option<String> {
    let errors = |function: &Function| {
        let answered =
            function.statuses.map_or(0, |statuses| statuses.client_errors.saturating_add(statuses.server_errors));
        function.transfer.map_or(0, |transfer| transfer.failed).saturating_add(answered)
    };
    per_function(snapshot, errors).map(|(calls, list)| {
        let calls = counted(calls, "operation or request", "operations or requests");
        format!("{calls} failed, or were answered by an error: {list}.")
    })
}

/// A row that no name was given to begins with the type, and this one is a buffer: its pieces are those that the program asks of memory.
fn is_buffer(row: &str) -> bool {
    let wrapped = row.trim_start_matches('&').trim_start_matches("mut ");
    ["BufReader<", "BufWriter<", "LineWriter<"].iter().any(|buffer| wrapped.starts_with(buffer))
}

/// Files and streams that are read or written in small pieces, if that takes time.
pub(super) fn small(snapshot: &Snapshot) -> Option<String> {
    let is_small = |function: &&Function| {
        let bytes = function.transfer.map_or(0, |transfer| transfer.bytes);
        function.kind == Kind::Io
            && function.calls >= FEW
            && bytes > 0
            && bytes / function.calls < SMALL
            // A stream that waits for its peer takes as long with a buffer.
            && function.futures.is_none()
            && !is_buffer(&function.name)
            && function.sum_ns >= snapshot.process.recorded_ns / WORTH_A_NOTE
    };
    let mut rows: Vec<&Function> = snapshot.functions.iter().filter(is_small).collect();
    rows.sort_by_key(|function| std::cmp::Reverse(function.sum_ns));
    let of = |function: &&Function| {
        let bytes = function.transfer.map_or(0, |transfer| transfer.bytes);
        format!(
            "{} ({} calls of {}, {})",
            escape(&function.name),
            units::count(function.calls),
            units::bytes(bytes / function.calls),
            units::duration(function.sum_ns)
        )
    };
    list(rows.iter().map(of)).map(|list| {
        let many = plural(rows.len() as u64, "file or stream is", "files or streams are");
        format!("{} {many} read or written in small pieces; a buffer makes them fewer: {list}.", rows.len())
    })
}

/// Rows that stand for many names.
pub(super) fn shared_names(snapshot: &Snapshot) -> Option<String> {
    let rows: Vec<&Function> = snapshot.functions.iter().filter(|function| function.names > 0).collect();
    let of = |function: &&Function| {
        format!("{} is shared by about {}", escape(&function.name), counted(function.names, "name", "names"))
    };
    list(rows.iter().map(of)).map(|list| format!("More names came than have rows of their own: {list}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Statuses, Transfer};

    fn row(name: &str, kind: Kind, calls: u64, bytes: u64, sum_ns: u64) -> Function {
        let mut row = Function::new(name);
        (row.kind, row.calls, row.sum_ns) = (kind, calls, sum_ns);
        row.transfer = Some(Transfer { bytes, ..Transfer::default() });
        row
    }

    fn snapshot(rows: Vec<Function>) -> Snapshot {
        let mut snapshot = Snapshot::empty();
        snapshot.process.recorded_ns = 1_000_000_000;
        snapshot.functions = rows;
        snapshot
    }

    #[test]
    fn small_pieces_are_named_where_they_take_time() {
        let rows = vec![
            row("app.log: write", Kind::Io, 10_000, 340_000, 20_000_000),
            row("in memory", Kind::Io, 10_000, 340_000, 200_000),
            row("large", Kind::Io, 10_000, 81_920_000, 20_000_000),
            row("few", Kind::Io, 5, 50, 20_000_000),
            row("request", Kind::Request, 10_000, 340_000, 20_000_000),
        ];
        let note = small(&snapshot(rows)).unwrap();
        assert_eq!(
            note,
            "1 file or stream is read or written in small pieces; a buffer makes them fewer: app.log: write (10,000 calls of \
             34 B, 20.0 ms)."
        );
        assert_eq!(small(&snapshot(Vec::new())), None);
    }

    #[test]
    fn a_buffer_is_not_advised_to_get_one() {
        let names = [
            "BufReader<File> at src/words.rs:3: read",
            "&mut BufWriter<File> at src/words.rs:4: write",
            "LineWriter<Stdout> at src/words.rs:5: write",
        ];
        let mut rows: Vec<Function> = names.map(|name| row(name, Kind::Io, 10_000, 340_000, 20_000_000)).into();
        assert_eq!(small(&snapshot(rows.clone())), None);
        rows.push(row("File at src/words.rs:6: read", Kind::Io, 10_000, 340_000, 20_000_000));
        let note = small(&snapshot(rows)).unwrap();
        assert!(note.starts_with("1 file or stream") && note.contains(": File at src/words.rs:6: read ("), "{note}");
    }

    #[test]
    fn errors_are_counted_from_both_sides() {
        let mut request = row("GET /\u{1b}[31m", Kind::Request, 10, 0, 0);
        request.statuses = Some(Statuses { client_errors: 2, server_errors: 1, ..Statuses::default() });
        let mut file = row("file", Kind::Io, 10, 0, 0);
        file.transfer.as_mut().unwrap().failed = 1;
        let note = failed(&snapshot(vec![request, file])).unwrap();
        assert!(note.starts_with("4 operations or requests failed") && !note.contains('\u{1b}'), "{note}");
    }

    #[test]
    fn rows_for_many_names_say_so() {
        let mut others = row("other routes", Kind::Request, 10, 0, 0);
        others.names = 1_234;
        let text = shared_names(&snapshot(vec![others.clone()])).unwrap();
        assert_eq!(text, "More names came than have rows of their own: other routes is shared by about 1,234 names.");
        assert_eq!(lines(&others), ["0 B · 0 B per call · 0 failed", "shared by about 1,234 names"]);
    }

    #[test]
    fn the_rows_that_moved_most_come_first() {
        let rows = vec![row("a", Kind::Io, 2, 2048, 0), row("b", Kind::Io, 1, 1 << 20, 0), row("c", Kind::Io, 1, 0, 0)];
        assert_eq!(
            moved(&snapshot(rows)).unwrap(),
            "Bytes moved: b 1.00 MiB (1.00 MiB per call), a 2.00 KiB (1.00 KiB per call)."
        );
    }
}
