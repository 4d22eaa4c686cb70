//! A profile, joined to the sources: which item is which function of the profile, and what is at stake in it.

use std::collections::{HashMap, HashSet};

use super::{
    callers::Callers,
    finding::{Effect, Finding, NEVER_RAN, Place, Relation, Stake},
    join::{crate_of, file_of, item_of, rank},
    source::{Item, ItemId, ItemKind, SourceFile},
    waits,
};
use crate::{Function, Kind, Snapshot};

/// A snapshot whose functions were found in the sources.
pub(super) struct Profile {
    pub(super) snapshot: Snapshot,
    /// Self time of all functions.
    pub(super) self_ns: u64,
    /// The functions of each item: several where a macro made them.
    functions: HashMap<ItemId, Vec<usize>>,
    callers: Callers,
    /// How the functions of the profile were found.
    pub(super) found: FoundFunctions,
}

/// How many functions of a profile were found in the sources, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FoundFunctions {
    /// At the line that the profile names.
    pub(super) exact: usize,
    /// By name, in another line.
    pub(super) moved: usize,
    /// Not at all, though their file, or their crate, is here.
    pub(super) gone: usize,
    /// In files that are not audited.
    pub(super) foreign: usize,
}

impl Profile {
    pub(super) fn join(snapshot: Snapshot, root: &str, files: &[SourceFile]) -> Profile {
        let self_ns = snapshot.functions.iter().fold(0_u64, |sum, function| sum.saturating_add(function.self_ns));
        let mut functions: HashMap<ItemId, Vec<usize>> = HashMap::new();
        let mut found = FoundFunctions::default();
        let crates: HashSet<&str> = files.iter().flat_map(SourceFile::crates).collect();
        for (index, function) in snapshot.functions.iter().enumerate() {
            let file = file_of(function, root, files);
            let rank = || rank(&snapshot, function);
            match file
                .and_then(|file| item_of(function, &files[file], &rank).map(|(item, exact)| ((file, item), exact)))
            {
                Some((item, exact)) => {
                    *(if exact { &mut found.exact } else { &mut found.moved }) += 1;
                    functions.entry(item).or_default().push(index);
                }
                // Statements and files have no place in sources.
                None if function.kind.is_wait()
                    || (function.kind.is_beside_calls() || function.kind == Kind::Request) => {}
                None => {
                    *(if crates.contains(crate_of(function)) { &mut found.gone } else { &mut found.foreign }) += 1;
                }
            }
        }
        let callers = Callers::of(files);
        Profile { snapshot, self_ns, functions, callers, found }
    }

    /// Whether nothing of the profile is in the sources.
    pub(super) fn is_foreign(&self) -> bool {
        self.found.exact + self.found.moved == 0
    }

    /// The functions of the profile that an item is.
    pub(super) fn functions_of(&self, item: ItemId) -> impl Iterator<Item = &Function> {
        self.functions.get(&item).into_iter().flatten().map(|&index| &self.snapshot.functions[index])
    }

    pub(super) fn is_annotated(&self, item: ItemId) -> bool {
        self.functions.contains_key(&item)
    }

    /// The innermost annotated item around a line.
    fn annotated_around(&self, file: usize, files: &[SourceFile], line: usize) -> Option<ItemId> {
        let item = innermost(&files[file], line)?;
        if self.is_annotated((file, item)) {
            return Some((file, item));
        }
        // A label without figures, or a macro, may lie in a function that has some; a function in a function may not.
        let kind = files[file].items[item].kind;
        matches!(kind, ItemKind::Block | ItemKind::Macro).then(|| {
            let outer =
                files[file].innermost(line, |item| matches!(item.kind, ItemKind::Function | ItemKind::Static))?;
            self.is_annotated((file, outer)).then_some((file, outer))
        })?
    }

    /// The annotated function around a place with the most self time.
    pub(super) fn function_around(&self, file: usize, files: &[SourceFile], line: usize) -> Option<&Function> {
        let item = self.annotated_around(file, files, line)?;
        self.functions_of(item).max_by_key(|function| function.self_ns)
    }

    /// The share of all self time that is a function's own.
    pub(super) fn share(&self, function: &Function) -> f64 {
        self.part(function.self_ns)
    }

    fn part(&self, ns: u64) -> f64 {
        if self.self_ns == 0 { 0.0 } else { ns as f64 / self.self_ns as f64 }
    }

    /// Says what is at stake at a finding.
    pub(super) fn stake(&self, finding: &Finding, file: usize, files: &[SourceFile]) -> Option<Stake> {
        if finding.effect == Effect::Upkeep || finding.check == NEVER_RAN {
            return None;
        }
        let line = finding.place.line;
        let about = finding.about.filter(|&item| self.is_annotated(item));
        if let Some(item) = about.or_else(|| self.annotated_around(file, files, line)) {
            let function = self.functions_of(item).max_by_key(|function| function.self_ns)?;
            let mut stake = self.stake_in(function, finding, (Relation::Inside, about.is_some()));
            if let Some(bytes) = future_size(finding).filter(|_| !files[file].is_in_loop(line)) {
                self.bound(&mut stake, function.calls.saturating_mul(bytes));
            }
            return Some(stake);
        }
        let item = innermost(&files[file], line)?;
        let (relation, around) = match files[file].items[item].kind {
            // Whoever uses a type moves its bytes, but may allocate for other things.
            ItemKind::Type if finding.effect != Effect::Time => return None,
            ItemKind::Type => (Relation::Type, self.users_of(&files[file].items[item].name, files)),
            _ => (Relation::Called, self.annotated_callers((file, item))),
        };
        let functions = around.into_iter().flat_map(|item| self.functions_of(item));
        let function = functions.max_by_key(|function| function.self_ns)?;
        Some(self.stake_in(function, finding, (relation, false)))
    }

    /// The annotated items that call an item, directly or through others that are not annotated.
    fn annotated_callers(&self, item: ItemId) -> Vec<ItemId> {
        let (mut annotated, mut seen, mut open) = (Vec::new(), HashSet::from([item]), vec![item]);
        while let Some(item) = open.pop() {
            for &caller in self.callers.of_item(item) {
                if seen.insert(caller) {
                    (if self.is_annotated(caller) { &mut annotated } else { &mut open }).push(caller);
                }
            }
        }
        annotated
    }

    /// The annotated functions in which the name of a type stands.
    fn users_of(&self, name: &str, files: &[SourceFile]) -> Vec<ItemId> {
        let uses = |&(file, item): &ItemId| files[file].items[item].words.contains(name);
        self.functions.keys().copied().filter(uses).collect()
    }

    /// `is_about` says that the function is the one that the finding calls, and not one around it.
    fn stake_in(&self, function: &Function, finding: &Finding, (relation, is_about): (Relation, bool)) -> Stake {
        let waited_ns = waited(function);
        let initialisation_ns = self.initialisation(function);
        let allocations = function.allocations;
        let waits = waits::within(&self.snapshot, function, waits::kinds_of(&finding.check));
        let measured_ns = waits.iter().fold(0_u64, |sum, wait| sum.saturating_add(wait.ns));
        let at_best_ns = match finding.effect {
            Effect::Time if !waits.is_empty() => function.self_ns.saturating_add(measured_ns),
            Effect::Time | Effect::Upkeep | Effect::Visibility => function.self_ns,
            Effect::Allocations => allocations
                .map_or(function.self_ns, |counted| function.self_ns.min(cost(counted.self_count, counted.self_bytes))),
            // A future is not polled while its queries run, so these are not added to that time.
            Effect::Waits => function.self_ns.saturating_add(waited_ns.unwrap_or(0).max(measured_ns)),
            Effect::Startup if is_about => initialisation_ns.unwrap_or(function.total_ns),
            Effect::Startup => initialisation_ns.unwrap_or(function.self_ns),
        };
        // What is called at the start without an annotation is some part of the time around it: nobody knows which.
        let is_vague = relation != Relation::Inside || (finding.about.is_some() && !is_about);
        // Nor does anybody know how much of it is allocations, as long as these are not counted.
        let uncounted = match finding.check.as_str() {
            _ if finding.effect != Effect::Allocations || allocations.is_some() => 1.0,
            "clippy::or_fun_call" => 0.1,
            _ => 0.2,
        };
        Stake {
            function: function.name.clone(),
            relation,
            certainty: if is_vague { 0.3 } else { 1.0 } * uncounted,
            calls: function.calls,
            self_ns: function.self_ns,
            allocations: allocations.map(|counted| counted.self_count),
            allocated_bytes: allocations.map(|counted| counted.self_bytes),
            waited_ns,
            waits,
            initialisation_ns,
            at_best_ns,
            at_best_share: self.part(at_best_ns),
        }
    }

    /// Lowers the time that can be saved to a limit.
    fn bound(&self, stake: &mut Stake, ns: u64) {
        stake.at_best_ns = stake.at_best_ns.min(ns);
        stake.at_best_share = self.part(stake.at_best_ns);
    }

    /// How long the first initialisation took, if a function is the initialiser of a resource.
    fn initialisation(&self, function: &Function) -> Option<u64> {
        let resources = self.snapshot.resources.iter();
        let mut own = resources.filter(|resource| {
            let initialiser = resource.function.and_then(|index| self.snapshot.functions.get(index));
            initialiser.is_some_and(|initialiser| std::ptr::eq(initialiser, function))
        });
        own.next().map(|resource| resource.first_init_ns).filter(|&ns| ns > 0)
    }

    /// The annotated items, by their places.
    pub(super) fn annotated(&self) -> impl Iterator<Item = ItemId> {
        self.functions.keys().copied()
    }

    /// Whether a function ran, or began to.
    pub(super) fn ran(&self, function: &Function) -> bool {
        function.has_begun()
            || function.abandoned > 0
            || self.snapshot.in_flight.iter().any(|call| {
                let in_flight = self.snapshot.functions.get(call.function);
                in_flight.is_some_and(|in_flight| std::ptr::eq(in_flight, function))
            })
    }
}

/// The most that allocations can have cost with their deallocations: on the high side of what allocators take, per piece and byte.
fn cost(count: u64, bytes: u64) -> u64 {
    const NS_PER_PIECE: u64 = 500;
    count.saturating_mul(NS_PER_PIECE).saturating_add(bytes)
}

/// The bytes of the future that a finding is about, as clippy says them. To move a byte takes no more than 1 ns.
fn future_size(finding: &Finding) -> Option<u64> {
    let (_, rest) = finding.message.split_once("a size of ").filter(|_| finding.check == "clippy::large_futures")?;
    rest.split(' ').next()?.parse().ok()
}

/// The time between the polls of a future.
fn waited(function: &Function) -> Option<u64> {
    let busy = function.futures.map(|futures| futures.busy_ns)?;
    Some(function.sum_ns.saturating_sub(busy))
}

/// The innermost item around a line whose code runs, or that is a type.
fn innermost(file: &SourceFile, line: usize) -> Option<usize> {
    file.innermost(line, |_| true)
}

/// The place of a function's name.
pub(super) fn name_place(file: &SourceFile, item: &Item) -> Place {
    file.place(item.name_span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Futures;

    #[test]
    fn a_future_ran_if_it_was_polled() {
        let future = |started, never_polled| {
            let futures = Some(Futures { started, never_polled, ..Futures::default() });
            Function { kind: Kind::Future, futures, ..Function::new("app::serve") }
        };
        let functions = vec![future(1, 0), future(0, 12)];
        let profile = Profile::join(Snapshot { functions, ..Snapshot::empty() }, "", &[]);
        let ran = profile.snapshot.functions.iter().map(|function| profile.ran(function));
        assert_eq!(ran.collect::<Vec<_>>(), [true, false], "those that were only made and dropped did nothing");
    }
}
