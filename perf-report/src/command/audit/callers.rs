//! Who calls whom within the audited crates, as far as names tell it.
//!
//! Without types a name is all there is to go by. So only names count that one item alone has, and none that the standard library
//! has a method of: a call too few is better than a figure in the wrong place.

use std::collections::HashMap;

use super::source::{Call, CallKind, ItemId, ItemKind, SourceFile};

/// The items that call each item.
pub(super) struct Callers(HashMap<ItemId, Vec<ItemId>>);

/// Methods of the standard library's everyday types that crates like to have too.
const EVERYDAY: [&str; 48] = [
    "as_bytes",
    "as_mut",
    "as_ref",
    "as_str",
    "borrow",
    "clear",
    "clone",
    "close",
    "cmp",
    "collect",
    "contains",
    "count",
    "default",
    "drop",
    "entry",
    "eq",
    "extend",
    "fill",
    "filter",
    "find",
    "flush",
    "fmt",
    "from",
    "get",
    "get_mut",
    "hash",
    "insert",
    "into",
    "is_empty",
    "iter",
    "join",
    "len",
    "lock",
    "map",
    "merge",
    "new",
    "next",
    "parse",
    "pop",
    "push",
    "read",
    "remove",
    "send",
    "split",
    "take",
    "to_string",
    "with_capacity",
    "write",
];

impl Callers {
    pub(super) fn of(files: &[SourceFile]) -> Callers {
        let names = Names::of(files);
        let mut callers: HashMap<ItemId, Vec<ItemId>> = HashMap::new();
        for (index, file) in files.iter().enumerate() {
            for call in file.calls.iter().filter(|call| call.kind != CallKind::Macro) {
                let runs = |kind| matches!(kind, ItemKind::Function | ItemKind::Static);
                let Some(caller) = file.innermost(call.place.line, |item| runs(item.kind)) else { continue };
                let Some(callee) = names.called(call, file) else { continue };
                let known = callers.entry(callee).or_default();
                if callee != (index, caller) && !known.contains(&(index, caller)) {
                    known.push((index, caller));
                }
            }
        }
        Callers(callers)
    }

    pub(super) fn of_item(&self, item: ItemId) -> &[ItemId] {
        self.0.get(&item).map_or(&[], Vec::as_slice)
    }
}

/// The functions by the names that they are called by.
pub(super) struct Names(HashMap<(String, String), Vec<(ItemId, String)>>);

impl Names {
    pub(super) fn of(files: &[SourceFile]) -> Names {
        let mut names: HashMap<(String, String), Vec<(ItemId, String)>> = HashMap::new();
        for (index, file) in files.iter().enumerate() {
            let items = file.items.iter().enumerate();
            for (place, item) in items.filter(|(_, item)| item.kind == ItemKind::Function && !item.is_test) {
                let key = (file.crate_name.clone(), item.name.clone());
                names.entry(key).or_default().push(((index, place), item.path.clone()));
            }
        }
        Names(names)
    }

    /// The item that a call in a file means, if its name tells.
    pub(super) fn called(&self, call: &Call, file: &SourceFile) -> Option<ItemId> {
        let mut words = call.path.rsplit("::");
        let name = words.next().unwrap_or_default();
        let before = words.next();
        // A program calls its library by the name of that crate.
        let first = call.path.split("::").next().filter(|first| *first != name).unwrap_or_default();
        let of_crate = |one: &str| self.0.get(&(one.to_owned(), name.to_owned()));
        let candidates = of_crate(first).or_else(|| of_crate(&file.crate_name))?;
        let is_foreign = ["std", "core", "alloc"].contains(&first);
        if is_foreign || (call.kind == CallKind::Method && EVERYDAY.contains(&name)) {
            return None;
        }
        // `Type::name` and `module::name` say which one; `Self::name` does not.
        let named = before.filter(|before| !matches!(*before, "Self" | "self" | "super" | "crate"));
        let fits = |path: &str| named.is_none_or(|named| path.rsplit("::").nth(1) == Some(named));
        let is_here = |path: &str| path.rsplit_once("::").is_some_and(|(module, _)| module == file.module);
        let only = |holds: &dyn Fn(&str) -> bool| {
            let mut fitting = candidates.iter().filter(|(_, path)| holds(path));
            fitting.next().filter(|_| fitting.next().is_none()).map(|(item, _)| *item)
        };
        // Of several, a plain name means the one of its own module.
        only(&fits).or_else(|| only(&|path| named.is_none() && call.kind == CallKind::Function && is_here(path)))
    }
}
