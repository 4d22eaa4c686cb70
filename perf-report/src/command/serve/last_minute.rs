//! The stacks of a running process over the last minute, for whoever looks at its page.
//!
//! They are looked at from outside, and only while somebody asks.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use crate::{
    Snapshot, StackNode, Stacks,
    command::live::StackWatch,
    data::profile::{Frame, StackProfile},
    recording::{Reading, Recording},
};

/// The time that is shown, and how long nobody may ask before the looks end.
const MINUTE: Duration = Duration::from_secs(60);

/// Looks at one process, by when they were taken.
#[derive(Debug)]
pub(super) struct LastMinute {
    watch: StackWatch,
    parts: VecDeque<(Instant, StackProfile)>,
    asked_at: Instant,
}

impl LastMinute {
    /// Begins to look. `None` if the stacks cannot be looked at.
    pub(super) fn start(recording: &Recording) -> Option<LastMinute> {
        // Activities of threads are not shown, so nobody asks the system.
        let watch = StackWatch::start(recording, None)?;
        Some(LastMinute { watch, parts: VecDeque::new(), asked_at: Instant::now() })
    }

    /// Whether somebody has asked lately.
    pub(super) fn is_wanted(&self) -> bool {
        self.asked_at.elapsed() < MINUTE
    }

    /// Takes what was seen since the last reading, and forgets what is too old.
    pub(super) fn take(&mut self, reading: &Reading) {
        let now = Instant::now();
        while self.parts.front().is_some_and(|(at, _)| now.duration_since(*at) > MINUTE) {
            self.parts.pop_front();
        }
        self.parts.extend(self.watch.take(reading).map(|profile| (now, profile)));
    }

    /// All that was seen, by the functions of a snapshot; `None` if nothing was.
    pub(super) fn stacks(&mut self, snapshot: &Snapshot) -> Option<Stacks> {
        self.asked_at = Instant::now();
        sum(self.parts.iter().map(|(_, profile)| profile), snapshot)
    }
}

/// Adds profiles up. Their functions are known by name and place, as a later reading may know more functions.
fn sum<'a>(profiles: impl Iterator<Item = &'a StackProfile>, snapshot: &Snapshot) -> Option<Stacks> {
    let functions = snapshot.functions.iter().enumerate();
    let known: HashMap<_, usize> =
        functions.map(|(at, it)| ((it.name.as_str(), it.file.as_str(), it.line), at)).collect();
    let mut stacks = Stacks { nodes: vec![StackNode::new(None, None)], ..Stacks::default() };
    let mut places: HashMap<(usize, usize), usize> = HashMap::new();
    for profile in profiles {
        let looks = &profile.looks;
        stacks.period_ns = looks.period_ns;
        stacks.looks += looks.looks;
        stacks.watched_ns += looks.watched_ns;
        stacks.samples += looks.samples;
        stacks.in_motion += looks.in_motion;
        stacks.cut += looks.cut;
        let mut here: Vec<usize> = Vec::with_capacity(profile.nodes.len());
        for node in &profile.nodes {
            let parent = node.parent.map_or(0, |parent| here[parent]);
            let function = node.frame.and_then(|frame| {
                let Frame { name, file, line, .. } = &profile.frames[frame];
                known.get(&(name.as_str(), file.as_str(), *line)).copied()
            });
            // A frame that is no function of the snapshot is part of its caller.
            let at = function.map_or(parent, |function| {
                *places.entry((parent, function)).or_insert_with(|| {
                    stacks.nodes.push(StackNode::new(Some(parent), Some(function)));
                    stacks.nodes.len() - 1
                })
            });
            stacks.nodes[at].samples += node.own.all_samples();
            stacks.nodes[at].ns += node.own.all_ns();
            here.push(at);
        }
    }
    (stacks.looks > 0).then_some(stacks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::profile::{Looks, Node, ThreadState, Weights};

    /// A profile of chains of functions, each with its samples of 10 ns.
    fn profile(snapshot: &Snapshot, chains: &[(&[&str], u64)]) -> StackProfile {
        let mut profile = StackProfile::of_process(snapshot);
        profile.looks = Looks { looks: 5, watched_ns: 50, period_ns: 10, ..Looks::default() };
        for (chain, samples) in chains {
            let mut parent = None;
            for (depth, name) in chain.iter().enumerate() {
                let frame = profile.frames.iter().position(|frame| frame.name == *name);
                let samples = if depth + 1 == chain.len() { *samples } else { 0 };
                let own = Weights::of(ThreadState::Unknown, samples * 10, samples);
                profile.nodes.push(Node { parent, frame, thread: None, own });
                parent = Some(profile.nodes.len() - 1);
            }
        }
        profile
    }

    fn snapshot(names: &[&str]) -> Snapshot {
        let mut snapshot = Snapshot::empty();
        snapshot.functions = names.iter().map(|name| crate::Function::new(*name)).collect();
        snapshot
    }

    #[test]
    fn profiles_add_up_though_functions_move() {
        let (before, after) = (snapshot(&["b", "c"]), snapshot(&["a", "b", "c"]));
        let first = profile(&before, &[(&["b", "c"], 3), (&["b"], 1)]);
        let second = profile(&after, &[(&["a", "b", "c"], 2), (&["b", "c"], 4)]);
        let stacks = sum([&first, &second].into_iter(), &after).unwrap();
        assert_eq!((stacks.looks, stacks.watched_ns, stacks.period_ns), (10, 100, 10));
        let chain = |node: usize| stacks.chain(node).map(|at| after.functions[at].name.as_str()).collect::<Vec<_>>();
        let mut seen: Vec<(Vec<&str>, u64, u64)> = (0..stacks.nodes.len())
            .filter(|&node| stacks.nodes[node].samples > 0)
            .map(|node| (chain(node), stacks.nodes[node].samples, stacks.nodes[node].ns))
            .collect();
        seen.sort();
        assert_eq!(seen, [(vec!["b"], 1, 10), (vec!["c", "b"], 7, 70), (vec!["c", "b", "a"], 2, 20)]);
        assert!(stacks.nodes.iter().enumerate().all(|(at, node)| node.parent.is_none_or(|parent| parent < at)));
        assert_eq!(sum(std::iter::empty(), &after), None);
    }
}
