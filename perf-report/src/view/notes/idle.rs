//! The annotated functions that never ran.

use crate::{
    Function, Snapshot,
    view::{
        instances::Instances,
        text::{escape, list},
        units::count,
    },
};

/// The annotated functions of a program.
pub(crate) struct Annotated {
    /// How many there are. All rows by type of one are one function.
    pub(crate) all: usize,
    /// The rows of those that never ran.
    pub(crate) idle: Vec<usize>,
}

impl Annotated {
    pub(crate) fn of(snapshot: &Snapshot) -> Annotated {
        let functions = &snapshot.functions;
        let instances = Instances::of(snapshot);
        let mut has_run: Vec<bool> = functions.iter().map(Function::has_begun).collect();
        for call in &snapshot.in_flight {
            if let Some(has_run) = has_run.get_mut(call.function) {
                *has_run = true;
            }
        }
        for row in 0..functions.len() {
            if let Some(generic) = instances.generic(row) {
                has_run[generic] |= has_run[row];
            }
        }
        let mut is_annotated: Vec<bool> =
            functions.iter().map(|row| !row.kind.is_wait() && !row.kind.is_beside_calls()).collect();
        // Initialisers of resources have a note of their own.
        for initialiser in snapshot.resources.iter().filter_map(|resource| resource.function) {
            if let Some(is_annotated) = is_annotated.get_mut(initialiser) {
                *is_annotated = false;
            }
        }
        let rows = (0..functions.len()).filter(|&row| is_annotated[row] && instances.generic(row).is_none());
        Annotated { all: rows.clone().count(), idle: rows.filter(|&row| !has_run[row]).collect() }
    }
}

pub(super) fn never_ran(snapshot: &Snapshot) -> Option<String> {
    let Annotated { all, idle } = Annotated::of(snapshot);
    let list = list(idle.iter().map(|&row| escape(&snapshot.functions[row].name)))?;
    Some(format!("{} of {} annotated functions never ran: {list}.", count(idle.len() as u64), count(all as u64)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Futures, InFlight, Kind, Resource};

    #[test]
    fn a_future_that_has_begun_has_run() {
        let mut snapshot = Snapshot::empty();
        let mut begun = Function::new("begun");
        begun.futures = Some(Futures { started: 1, polls: 1, busy_ns: 5, ..Futures::default() });
        snapshot.functions = vec![begun, Function::new("idle")];
        assert_eq!(never_ran(&snapshot).unwrap(), "1 of 2 annotated functions never ran: idle.");
    }

    #[test]
    fn a_function_with_rows_by_type_is_one_that_ran_if_one_of_them_did() {
        let row = |name: &str, line, calls| Function { line, calls, ..Function::new(name) };
        let mut snapshot = Snapshot::empty();
        snapshot.functions = vec![
            row("f", 1, 0),
            row("f<u8>", 1, 4),
            row("f<u16>", 1, 0),
            row("g", 2, 0),
            row("g<u8>", 2, 0),
            row("g<u16>", 2, 0),
            row("open", 3, 0),
            Function { kind: Kind::Hold, ..row("cache (held)", 4, 0) },
            row("POOL", 5, 0),
        ];
        snapshot.in_flight = vec![InFlight::new(6, "main", 1)];
        let mut pool = Resource::new("POOL");
        pool.function = Some(8);
        snapshot.resources = vec![pool];
        assert_eq!(never_ran(&snapshot).unwrap(), "1 of 3 annotated functions never ran: g.");
    }
}
