//! Which function of one side is which of the other, also where one was renamed or moved.

use std::collections::HashMap;
use std::hash::Hash;

use crate::Function;

use super::side::Side;

/// Functions of both sides, by their index in each.
pub(super) struct Pairs {
    pub(super) both: Vec<(usize, usize)>,
    pub(super) before_only: Vec<usize>,
    pub(super) after_only: Vec<usize>,
}

/// What a function is called within its path: `build` of `app::Index::build`.
fn last_segment(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

/// Pairs what ran. First by identity; of what is left, functions of the same name in another module or type were moved, and
/// functions in the same place under another name were renamed, where that is unambiguous.
pub(super) fn pairs(before: &Side, after: &Side, functions: [&[Function]; 2]) -> Pairs {
    let ran = |side: &Side| (0..side.functions.len()).filter(|&index| side.functions[index].runs() > 0).collect();
    let mut pairs = Pairs { both: Vec::new(), before_only: ran(before), after_only: Vec::new() };
    let places: HashMap<_, usize> =
        pairs.before_only.iter().map(|&index| (&before.functions[index].identity, index)).collect();
    for index in ran(after) as Vec<usize> {
        match places.get(&after.functions[index].identity) {
            Some(&known) => pairs.both.push((known, index)),
            None => pairs.after_only.push(index),
        }
    }
    let known: std::collections::HashSet<usize> = pairs.both.iter().map(|pair| pair.0).collect();
    pairs.before_only.retain(|index| !known.contains(index));

    let kinds = |function: &Function| function.kind;
    pairs.join(functions, |function| (kinds(function), last_segment(&function.name).to_owned()));
    pairs.join(functions, |function| (kinds(function), function.file.clone(), function.line));
    pairs
}

impl Pairs {
    /// Joins what has the same key on both sides, and nothing else has.
    fn join<K: Hash + Eq>(&mut self, [before, after]: [&[Function]; 2], key: impl Fn(&Function) -> K) {
        let unique = |indices: &[usize], functions: &[Function]| {
            let mut places: HashMap<K, Option<usize>> = HashMap::new();
            for &index in indices {
                places.entry(key(&functions[index])).and_modify(|place| *place = None).or_insert(Some(index));
            }
            places
        };
        let (old, new) = (unique(&self.before_only, before), unique(&self.after_only, after));
        for (key, index) in new {
            if let (Some(Some(old)), Some(new)) = (old.get(&key), index) {
                self.both.push((*old, new));
                self.before_only.retain(|index| index != old);
                self.after_only.retain(|&index| index != new);
            }
        }
        self.both.sort_unstable_by_key(|pair| pair.1);
    }
}
