//! From a function of a profile to its item in the sources: by file, line and name.

use std::collections::HashSet;

use super::source::{Item, ItemKind, SourceFile};
use crate::{Function, Kind, Snapshot};

/// The crate that a function is of. Empty where the profile does not say it.
pub(super) fn crate_of(function: &Function) -> &str {
    function.module.split("::").next().unwrap_or_default()
}

/// The file of a function, if its crate has it: as the compiler was given it from the workspace's root, or else the one whose path ends so.
///
/// Every other program has a `src/main.rs` too.
pub(super) fn file_of(function: &Function, root: &str, files: &[SourceFile]) -> Option<usize> {
    let given = function.file.replace('\\', "/");
    let below = given.strip_prefix(root).and_then(|rest| rest.strip_prefix('/'));
    let given = below.map_or(given.as_str(), |rest| rest.trim_start_matches('/'));
    if given.is_empty() {
        return None;
    }
    let its_crate = crate_of(function);
    let fits = |file: &SourceFile| file.crates().any(|of| of == its_crate);
    let same = files.iter().position(|file| file.path == given && (its_crate.is_empty() || fits(file)));
    same.or_else(|| {
        let ends = |long: &str, short: &str| long.strip_suffix(short).is_some_and(|before| before.ends_with('/'));
        let mut similar = files
            .iter()
            .enumerate()
            .filter(|(_, file)| fits(file) && (ends(&file.path, given) || ends(given, &file.path)));
        similar.next().filter(|_| similar.next().is_none()).map(|(index, _)| index)
    })
}

/// Which of the functions of its name in its file a function is, by their lines, and how many those are.
pub(super) fn rank(snapshot: &Snapshot, function: &Function) -> (usize, usize) {
    let lines =
        snapshot.functions.iter().filter(|other| (&other.name, &other.file) == (&function.name, &function.file));
    let lines: HashSet<u32> = lines.map(|other| other.line).collect();
    (lines.iter().filter(|line| **line < function.line).count(), lines.len())
}

/// The item that a function is, and whether it is at the line that the profile names.
pub(super) fn item_of(
    function: &Function,
    file: &SourceFile,
    rank: &dyn Fn() -> (usize, usize),
) -> Option<(usize, bool)> {
    let line = function.line as usize;
    let is_block = function.kind == Kind::Block;
    let (owner, name) = owner_and_name(&function.name);
    let may_be = |item: &Item| !item.is_test && !matches!(item.kind, ItemKind::Type | ItemKind::Macro);
    let items = || file.items.iter().enumerate().filter(|(_, item)| may_be(item));
    let at_line = |(_, item): &(usize, &Item)| item.name_line == line;
    let is_label = |item: &Item| item.kind == ItemKind::Block;
    // With the `name` option a function is called otherwise than in the sources, but lies in its line.
    let same = items().find(|candidate| at_line(candidate) && (candidate.1.name == name || is_label(candidate.1)));
    if let Some((index, _)) = same {
        return Some((index, true));
    }
    // A macro that is called with the function's name makes it.
    let made = |(_, item): &(usize, &Item)| {
        item.kind == ItemKind::Macro && item.lines.contains(&line) && item.words.contains(name)
    };
    if let Some((index, _)) = file.items.iter().enumerate().find(made) {
        return Some((index, true));
    }
    if !is_block {
        let namesakes = items().filter(|(_, item)| item.name == name && !is_label(item));
        let with_path = |item: &Item| owner_and_name(&item.path).0 == owner;
        let mut namesakes: Vec<(usize, &Item)> = namesakes.collect();
        if namesakes.iter().any(|(_, item)| with_path(item)) {
            namesakes.retain(|(_, item)| with_path(item));
        }
        namesakes.sort_by_key(|(_, item)| item.name_line);
        // Methods of one name in several `impl` blocks move together.
        let (place, count) = rank();
        let nearest = || namesakes.iter().min_by_key(|(_, item)| item.name_line.abs_diff(line));
        let moved = if namesakes.len() == count { namesakes.get(place) } else { nearest() };
        if let Some((index, _)) = moved {
            return Some((*index, false));
        }
    }
    let renamed = items().find(|candidate| at_line(candidate) && !is_block);
    renamed.map(|(index, _)| (index, true))
}

/// The last two parts of a function's path without the types of an instance: `Index` and `build` of `app::Index<T>::build<u8>`. Of a
/// method of a trait, as in `<app::Index as Build>::build`, the first is the type.
fn owner_and_name(path: &str) -> (&str, &str) {
    let mut parts = parts(path);
    // `sorted::<u8>`
    parts.pop_if(|last| last.starts_with('<'));
    let name = parts.pop().map(bare).unwrap_or_default();
    let owner = parts.pop().unwrap_or_default();
    let Some(inner) = owner.strip_prefix('<') else { return (bare(owner), name) };
    let inner = inner.strip_suffix('>').unwrap_or(inner);
    let of_type = inner.strip_prefix("impl ").unwrap_or(inner);
    let of_type = of_type.split(" as ").next().unwrap_or_default().trim_start_matches(['&', ' ']);
    (self::parts(of_type).pop().map(bare).unwrap_or_default(), name)
}

/// A name without the types in angle brackets behind it.
fn bare(name: &str) -> &str {
    name.split('<').next().unwrap_or_default()
}

/// The parts of a path between `::` that stand in no angle brackets.
fn parts(path: &str) -> Vec<&str> {
    let (mut found, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, letter) in path.char_indices() {
        match letter {
            '<' => depth += 1,
            // The arrow of `fn() -> T` closes nothing.
            '>' if !path[..at].ends_with('-') => depth = depth.saturating_sub(1),
            ':' if depth == 0 && path[at..].starts_with("::") => {
                found.push(&path[start..at]);
                start = at + 2;
            }
            _ => {}
        }
    }
    found.push(&path[start..]);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_and_methods_of_traits_are_told_by_type_and_name() {
        for (path, expected) in [
            ("app::sorted", ("app", "sorted")),
            ("app::sorted<alloc::vec::Vec<u8>>", ("app", "sorted")),
            ("app::sorted::<u8>", ("app", "sorted")),
            ("app::Index<T>::build<fn(u8) -> u8>", ("Index", "build")),
            ("<app::Index<a::B> as app::Build<C>>::build", ("Index", "build")),
            ("app::render::<impl app::Parameter>::expand", ("Parameter", "expand")),
            ("<&app::Index as app::Build>::build", ("Index", "build")),
            ("main", ("", "main")),
        ] {
            assert_eq!(owner_and_name(path), expected, "{path}");
        }
    }
}
