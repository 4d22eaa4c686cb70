//! Which function of one snapshot is which of another.
//!
//! A function is known by its kind, name and module. Its line moves with every edit, and its file is spelt differently on
//! every machine, so they only keep apart what stands in one snapshot under one name (two blocks with the same label, two
//! functions given the same `name`): those are numbered in the order of file and line. The order of registration would
//! not do: the linker decides on it.

use std::collections::HashMap;

use super::{Function, Kind, Snapshot};

/// Tells a function from others, from one process, build and machine to another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    name: String,
    module: String,
    kind: Kind,
    /// Number among those that are equal in all else.
    number: usize,
}

#[cfg(feature = "command")]
impl Identity {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its number among those that are equal in all else.
    pub(crate) fn number(&self) -> usize {
        self.number
    }
}

/// The identities of a snapshot's functions, in their order.
pub(crate) fn identities(snapshot: &Snapshot) -> Vec<Identity> {
    let mut same: HashMap<(&str, &str, Kind), Vec<usize>> = HashMap::with_capacity(snapshot.functions.len());
    for (index, function) in snapshot.functions.iter().enumerate() {
        same.entry((&function.name, &function.module, function.kind)).or_default().push(index);
    }
    let place = |index: &usize| {
        let Function { file, line, .. } = &snapshot.functions[*index];
        (file, *line)
    };
    let mut numbers = vec![0; snapshot.functions.len()];
    for indices in same.values_mut().filter(|indices| indices.len() > 1) {
        indices.sort_by(|a, b| place(a).cmp(&place(b)));
        for (number, &index) in indices.iter().enumerate() {
            numbers[index] = number;
        }
    }
    let functions = snapshot.functions.iter().zip(numbers);
    functions
        .map(|(function, number)| Identity {
            name: function.name.clone(),
            module: function.module.clone(),
            kind: function.kind,
            number,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namesakes_are_told_apart_by_their_place_whatever_the_order_of_registration() {
        let at = |line, kind| Function { line, kind, ..Function::new("app::step") };
        let of = |functions: Vec<Function>| identities(&Snapshot { functions, ..Snapshot::empty() });
        let ordered = of(vec![at(7, Kind::Block), at(9, Kind::Block), at(9, Kind::Function)]);
        let moved = of(vec![at(30, Kind::Function), at(29, Kind::Block), at(27, Kind::Block)]);
        assert_eq!(ordered, [moved[2].clone(), moved[1].clone(), moved[0].clone()]);
        assert!(ordered[0] != ordered[1] && ordered[1] != ordered[2]);
    }
}
