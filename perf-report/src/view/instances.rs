//! Which rows are instances of a generic function with a row per type. The function has a row too, under which no call is ever
//! recorded.

use std::collections::HashMap;

use crate::Snapshot;

/// The rows of a snapshot that belong together.
pub(crate) struct Instances {
    /// By row: the row of its generic function, if it is an instance.
    generic: Vec<Option<usize>>,
}

impl Instances {
    pub(crate) fn of(snapshot: &Snapshot) -> Instances {
        let functions = &snapshot.functions;
        let rows = functions.iter().enumerate();
        let place_of: HashMap<_, usize> =
            rows.map(|(index, row)| ((row.name.as_str(), row.kind, row.file.as_str(), row.line), index)).collect();
        let generic = functions.iter().map(|row| {
            let name = row.name.strip_suffix('>')?;
            // The types stand behind the whole name, in which there may be other types: `<Queue<u32> as Store>::put<u8>`.
            let ends = name.match_indices('<').map(|(end, _)| end);
            ends.filter_map(|end| place_of.get(&(&name[..end], row.kind, row.file.as_str(), row.line)).copied()).next()
        });
        Instances { generic: generic.collect() }
    }

    /// The row of the generic function that a row is an instance of.
    pub(crate) fn generic(&self, row: usize) -> Option<usize> {
        self.generic[row]
    }

    /// By row: whether it is that of a generic function, the figures of which stand in the rows of its instances.
    #[cfg(feature = "command")]
    pub(crate) fn split(&self, snapshot: &Snapshot) -> Vec<bool> {
        let mut split = vec![false; self.generic.len()];
        for &function in self.generic.iter().flatten() {
            split[function] = !snapshot.functions[function].has_begun();
        }
        split
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Function;

    #[test]
    fn instances_have_the_name_and_place_of_their_function_and_types_behind_it() {
        let row = |name: &str, line, calls| Function { line, calls, ..Function::new(name) };
        let functions = vec![
            row("f", 1, 0),
            row("f<Vec<u8>>", 1, 4),
            row("<Queue<u32> as Store>::put", 2, 0),
            row("<Queue<u32> as Store>::put<u8>", 2, 4),
            row("f<u8>", 3, 4),
            row("<Queue as From<u8>>", 4, 0),
        ];
        let snapshot = Snapshot { functions, ..Snapshot::empty() };
        let instances = Instances::of(&snapshot);
        assert_eq!(instances.generic, [None, Some(0), None, Some(2), None, None]);
        #[cfg(feature = "command")]
        assert_eq!(instances.split(&snapshot), [true, false, true, false, false, false]);
    }
}
