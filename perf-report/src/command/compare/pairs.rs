//! Pairs of a function before and the same function after, also if it was renamed or moved.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use crate::Function;

use super::side::Side;

/// Functions of both sides, by their index in each.
pub(super) struct Pairs {
    pub(super) both: Vec<(usize, usize)>,
    pub(super) before_only: Vec<usize>,
    pub(super) after_only: Vec<usize>,
}

/// Functions of both sides, by their names.
pub(super) struct NamePairs<'a> {
    /// Those whose counts are each other's.
    pub(super) clear: Vec<[&'a Function; 2]>,
    /// Renamed ones that share a name with others, and so a count.
    pub(super) shared: Vec<[&'a Function; 2]>,
    /// Code that has no symbol of its name, and so no count.
    pub(super) without_symbol: Vec<[&'a Function; 2]>,
}

/// The last part of a path: `build` of `app::Index::build`.
fn last_segment(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

/// Pairs the functions that ran, first by identity. Of the rest, a function of the same name in another module or type was moved,
/// and a function in the same place with another name was renamed, if that is unambiguous.
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
    let known: HashSet<usize> = pairs.both.iter().map(|pair| pair.0).collect();
    pairs.before_only.retain(|index| !known.contains(index));

    let kinds = |function: &Function| function.kind;
    pairs.join(functions, |function| (kinds(function), last_segment(&function.name).to_owned()));
    pairs.join(functions, |function| (kinds(function), function.file.clone(), function.line));
    pairs
}

impl Pairs {
    /// The functions on both sides by their names, each pair of names once: the name of a symbol is all that a count is known by.
    ///
    /// Functions of one name have one count. It stays with the name, and is that of a renamed function only if no other has either name.
    pub(super) fn by_names<'a>(&self, before: &Side, after: &Side, functions: [&'a [Function]; 2]) -> NamePairs<'a> {
        let with = |has_symbol: bool| -> Vec<[&'a Function; 2]> {
            let is_such = |&&(old, new): &&(usize, usize)| {
                let both = (before.functions[old].has_symbol, after.functions[new].has_symbol);
                matches!(both, (Some(old), Some(new)) if (old && new) == has_symbol)
            };
            let pairs = self.both.iter().filter(is_such);
            pairs.map(|&(old, new)| [&functions[0][old], &functions[1][new]]).collect()
        };
        let all = with(true);
        let mut names: [HashMap<&str, HashSet<&str>>; 2] = Default::default();
        for [old, new] in &all {
            names[0].entry(&old.name).or_default().insert(&new.name);
            names[1].entry(&new.name).or_default().insert(&old.name);
        }
        let is_alone =
            |old: &Function, new: &Function| names[0][&*old.name].len() == 1 && names[1][&*new.name].len() == 1;
        let mut seen = HashSet::new();
        let once = all.iter().copied().filter(|[old, new]| seen.insert((&*old.name, &*new.name)));
        let (clear, shared) = once.partition(|[old, new]| old.name == new.name || is_alone(old, new));
        NamePairs { clear, shared, without_symbol: with(false) }
    }

    /// Joins functions that have the same key, if only one function on each side has it.
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
