//! The functions of a process that are shown one by one.

use std::collections::HashMap;

use crate::{Function, Snapshot};

/// For each function that ran, or whose futures were dropped, whether it is shown one by one or added to the others. Once decided it stays so.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    places: HashMap<usize, bool>,
    shown: usize,
    folded: usize,
}

impl Shown {
    /// Decides about the functions that have run since the last time, with room for so many in all. If there is not room for
    /// all of the new ones, those with most self time are shown.
    pub(crate) fn renew(&mut self, snapshot: &Snapshot, room: usize) {
        let mut waiting: Vec<bool> = vec![false; snapshot.functions.len()];
        for call in &snapshot.in_flight {
            if let Some(waits) = waiting.get_mut(call.function) {
                *waits = true;
            }
        }
        let ran = |(at, function): &(usize, &Function)| function.has_figures() || waiting[*at];
        let mut new: Vec<(usize, &Function)> = snapshot.functions.iter().enumerate().filter(ran).collect();
        new.retain(|(at, _)| !self.places.contains_key(at));
        new.sort_by_key(|(_, function)| std::cmp::Reverse(function.self_ns));
        for (at, function) in new {
            let shown = self.shown < room;
            self.shown += usize::from(shown);
            self.folded += usize::from(!shown && is_folded(function));
            self.places.insert(at, shown);
        }
    }

    /// Whether a function is shown one by one; `None` if it never ran.
    pub(crate) fn place(&self, function: usize) -> Option<bool> {
        self.places.get(&function).copied()
    }

    /// How many are shown one by one.
    pub(crate) fn len(&self) -> usize {
        self.shown
    }

    /// How many are added to the others.
    pub(crate) fn folded(&self) -> usize {
        self.folded
    }
}

/// Whether it is added to the others if it is not shown: not where its time is that of others, and would be there twice.
pub(super) fn is_folded(function: &Function) -> bool {
    !function.kind.is_beside_calls()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(self_ns: &[u64]) -> Snapshot {
        let function = |(at, &ns): (usize, &u64)| Function {
            calls: u64::from(ns > 0),
            self_ns: ns,
            ..Function::new(format!("f{at}"))
        };
        Snapshot { functions: self_ns.iter().enumerate().map(function).collect(), ..Snapshot::empty() }
    }

    #[test]
    fn a_function_stays_where_it_is() {
        let mut shown = Shown::default();
        shown.renew(&snapshot(&[5, 0, 9, 7]), 2);
        let places = |shown: &Shown| [0, 1, 2, 3].map(|at| shown.place(at));
        assert_eq!(places(&shown), [Some(false), None, Some(true), Some(true)]);
        // Function 0 has more time than the others now, and there is more room. It was folded, so it stays folded.
        shown.renew(&snapshot(&[500, 1, 9, 7]), 9);
        assert_eq!(places(&shown), [Some(false), Some(true), Some(true), Some(true)]);
        assert_eq!((shown.len(), shown.folded()), (3, 1));
    }
}
