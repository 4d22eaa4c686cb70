//! The stacks that were seen so far, by sites; at the end they become a profile of functions.

use std::collections::{HashMap, HashSet};

use crate::{
    data::profile::{Frame, Looks, StackProfile, Thread, TreeBuilder, Weights},
    recording::Reading,
};

/// The most nodes and the most stacks in motion that are kept. A stack that finds no room counts for an outer call.
const MOST: usize = 1 << 18;

/// A step from a call to one within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Step {
    /// A call of a site.
    Site(u64),
    /// Where in the kernel the thread waited, by its number in the list.
    Place(usize),
}

/// A stack some of whose calls may not belong together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Uncertain {
    root: usize,
    sites: Vec<u64>,
    /// How many of the outer calls do.
    certain: usize,
    place: Option<usize>,
}

/// Where a stack was added, for more of its time to be added there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Node(usize),
    /// It is decided later.
    Uncertain(usize),
}

/// One look at one stack.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    /// Its thread among those that were named, if threads are told apart.
    pub(super) thread: Option<usize>,
    pub(super) sites: &'a [u64],
    /// How many of the outer calls are known to belong together with the innermost one.
    pub(super) certain: usize,
    /// Where in the kernel the thread waited.
    pub(super) place: Option<&'a str>,
    pub(super) weights: Weights,
}

/// Stacks by sites.
#[derive(Debug, Default)]
pub(super) struct Samples {
    threads: Vec<Thread>,
    known_threads: HashMap<(u64, String), usize>,
    places: Vec<String>,
    known_places: HashMap<String, usize>,
    roots: HashMap<Option<usize>, usize>,
    /// Parent, step and weights.
    nodes: Vec<(usize, Option<Step>, Weights)>,
    node_threads: Vec<Option<usize>>,
    known: HashMap<(usize, Step), usize>,
    known_uncertain: HashMap<Uncertain, usize>,
    /// By number in the map.
    uncertain: Vec<Weights>,
    folded: u64,
}

impl Samples {
    /// The number of a thread.
    pub(super) fn thread(&mut self, tid: u64, name: &str) -> usize {
        if let Some(&number) = self.known_threads.get(&(tid, name.to_owned())) {
            return number;
        }
        self.threads.push(Thread { name: name.to_owned(), tid });
        self.known_threads.insert((tid, name.to_owned()), self.threads.len() - 1);
        self.threads.len() - 1
    }

    /// Adds what was seen. Returns where.
    pub(super) fn add(&mut self, seen: &Seen<'_>) -> Place {
        let root = self.root(seen.thread);
        let place = seen.place.map(|place| self.place(place));
        if seen.sites.len() <= seen.certain + 1 {
            return Place::Node(self.add_chain(root, seen.sites, place, &seen.weights));
        }
        let stack = Uncertain { root, sites: seen.sites.to_vec(), certain: seen.certain, place };
        let number = match self.known_uncertain.get(&stack) {
            Some(&number) => number,
            None if self.uncertain.len() >= MOST => {
                self.folded += 1;
                return Place::Node(self.add_chain(root, &seen.sites[..seen.certain], place, &seen.weights));
            }
            None => {
                self.known_uncertain.insert(stack, self.uncertain.len());
                self.uncertain.push(Weights::default());
                self.uncertain.len() - 1
            }
        };
        self.uncertain[number].add(&seen.weights);
        Place::Uncertain(number)
    }

    /// Adds more of the same stack.
    pub(super) fn add_again(&mut self, place: Place, weights: &Weights) {
        match place {
            Place::Node(node) => self.nodes[node].2.add(weights),
            Place::Uncertain(number) => self.uncertain[number].add(weights),
        }
    }

    fn root(&mut self, thread: Option<usize>) -> usize {
        *self.roots.entry(thread).or_insert_with(|| {
            self.nodes.push((self.nodes.len(), None, Weights::default()));
            self.node_threads.push(thread);
            self.nodes.len() - 1
        })
    }

    fn place(&mut self, name: &str) -> usize {
        if let Some(&number) = self.known_places.get(name) {
            return number;
        }
        self.places.push(name.to_owned());
        self.known_places.insert(name.to_owned(), self.places.len() - 1);
        self.places.len() - 1
    }

    fn add_chain(&mut self, root: usize, sites: &[u64], place: Option<usize>, weights: &Weights) -> usize {
        let mut at = root;
        for step in sites.iter().map(|&site| Step::Site(site)).chain(place.map(Step::Place)) {
            match self.child(at, step) {
                Some(child) => at = child,
                None => {
                    self.folded += 1;
                    break;
                }
            }
        }
        self.nodes[at].2.add(weights);
        at
    }

    fn child(&mut self, parent: usize, step: Step) -> Option<usize> {
        if let Some(&known) = self.known.get(&(parent, step)) {
            return Some(known);
        }
        if self.nodes.len() >= MOST {
            return None;
        }
        self.nodes.push((parent, Some(step), Weights::default()));
        self.node_threads.push(None);
        self.known.insert((parent, step), self.nodes.len() - 1);
        Some(self.nodes.len() - 1)
    }

    /// The profile, with the functions of a reading of the same recording.
    pub(super) fn into_profile(mut self, reading: &Reading, looks: Looks) -> StackProfile {
        self.resolve(reading);
        let mut profile = StackProfile::of_process(&reading.snapshot);
        let functions = profile.frames.len();
        profile.frames.extend(self.places.iter().map(|name| Frame::state(name)));
        profile.threads = std::mem::take(&mut self.threads);
        profile.looks = Looks { folded: looks.folded + self.folded, ..looks };
        let mut tree = TreeBuilder::new(&mut profile);
        let mut places: Vec<usize> = Vec::with_capacity(self.nodes.len());
        for (at, (parent, step, weights)) in self.nodes.iter().enumerate() {
            let frame = match step {
                None => {
                    places.push(tree.root(self.node_threads[at]));
                    tree.add(places[at], weights);
                    continue;
                }
                // A site that is not described yet is part of the call around it.
                Some(Step::Site(site)) => function(reading, *site),
                Some(Step::Place(place)) => Some(functions + place),
            };
            let parent = places[*parent];
            places.push(frame.map_or(parent, |frame| tree.child(parent, frame)));
            tree.add(places[at], weights);
        }
        profile
    }

    /// Decides on the stacks whose calls may not belong together: they do if each is known to be called by the one before. Otherwise
    /// those between the certain ones and the innermost are left out.
    fn resolve(&mut self, reading: &Reading) {
        let callers = |(callee, function): (usize, &crate::Function)| {
            let callers: Vec<_> = function.callers.iter().map(|caller| (caller.caller, callee)).collect();
            callers
        };
        let edges: HashSet<(Option<usize>, usize)> =
            reading.snapshot.functions.iter().enumerate().flat_map(callers).collect();
        let weights = std::mem::take(&mut self.uncertain);
        for (stack, number) in std::mem::take(&mut self.known_uncertain) {
            let functions: Vec<Option<usize>> = stack.sites.iter().map(|&site| function(reading, site)).collect();
            let is_known = functions[stack.certain.saturating_sub(1)..]
                .windows(2)
                .all(|pair| pair[1].is_some_and(|callee| pair[0].is_some() && edges.contains(&(pair[0], callee))));
            let mut sites = stack.sites;
            if !is_known {
                let innermost = sites.pop();
                sites.truncate(stack.certain);
                sites.extend(innermost);
            }
            self.add_chain(stack.root, &sites, stack.place, &weights[number]);
        }
    }
}

fn function(reading: &Reading, site: u64) -> Option<usize> {
    usize::try_from(site).ok().and_then(|site| *reading.places.get(site)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Caller, Function, Snapshot, data::profile::ThreadState};

    /// main calls a and b, a calls c. Their sites are 1 to 4.
    fn reading() -> Reading {
        let mut snapshot = Snapshot::empty();
        snapshot.functions = ["main", "a", "b", "c"].map(Function::new).into();
        for (callee, caller) in [(0, None), (1, Some(0)), (2, Some(0)), (3, Some(1))] {
            snapshot.functions[callee].callers = vec![Caller::new(caller, 1, 1)];
        }
        let places = vec![None, Some(0), Some(1), Some(2), Some(3)];
        Reading { snapshot, damages: Vec::new(), further_damages: 0, trace: None, places }
    }

    fn seen<'a>(sites: &'a [u64], certain: usize) -> Seen<'a> {
        Seen { thread: None, sites, certain, place: None, weights: Weights::of(ThreadState::Running, 10, 1) }
    }

    fn chains(profile: &StackProfile) -> Vec<(String, u64)> {
        let nodes = (0..profile.nodes.len()).filter(|&node| !profile.nodes[node].own.is_zero());
        let name = |node: usize| {
            let names: Vec<_> = profile.path(node)[1..].iter().map(|&node| profile.name(node).into_owned()).collect();
            names.join(" > ")
        };
        nodes.map(|node| (name(node), profile.nodes[node].own.all_ns())).collect()
    }

    #[test]
    fn calls_that_may_not_belong_together_are_kept_if_they_are_known_to() {
        let mut samples = Samples::default();
        samples.add(&seen(&[1, 2, 4], 2));
        // Of one in motion, more can be added too.
        let place = samples.add(&seen(&[1, 2, 4], 1));
        samples.add_again(place, &Weights::of(ThreadState::Running, 5, 0));
        // b does not call c, so what was read was never a stack.
        samples.add(&seen(&[1, 3, 4], 1));
        samples.add(&seen(&[1, 3, 4], 2));
        samples.add(&seen(&[], 0));
        let mut found = chains(&samples.into_profile(&reading(), Looks::default()));
        found.sort();
        let expected = [("", 10), ("main > a > c", 25), ("main > b > c", 10), ("main > c", 10)];
        assert_eq!(found, expected.map(|(name, ns)| (name.to_owned(), ns)));
    }

    #[test]
    fn places_in_the_kernel_and_threads_are_told() {
        let mut samples = Samples::default();
        let thread = Some(samples.thread(7, "worker"));
        assert_eq!(samples.thread(7, "worker"), 0);
        samples.add(&Seen { thread, place: Some("futex_do_wait"), ..seen(&[1, 99], 1) });
        let profile = samples.into_profile(&reading(), Looks::default());
        assert_eq!(chains(&profile), [("main > [futex_do_wait]".to_owned(), 10)], "site 99 is not described yet");
        assert_eq!(profile.name(0), "worker (7)");
    }
}
