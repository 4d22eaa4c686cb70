//! Stacks of calls that were seen at intervals.

#[cfg(feature = "command")]
pub(crate) mod profile;

use std::collections::HashMap;

use serde::Serialize;

/// Stacks of calls, seen in all threads at intervals whose length varies at random.
///
/// They form a tree from the outermost calls inwards. A node's samples are those in which its call was the innermost, and its time
/// is what passed between each of them and the look before. So the times of all nodes add up to the time for which threads were
/// looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Stacks {
    /// Mean time between two looks.
    pub period_ns: u64,
    /// Looks at all threads.
    pub looks: u64,
    /// Time that passed from look to look, while stacks were sampled.
    pub watched_ns: u64,
    /// Samples: one per look and thread. They are the sum over the nodes.
    pub samples: u64,
    /// Samples that were taken while calls of the stack began or ended.
    ///
    /// They have the innermost call and the outer ones that stood still. The calls between are there if such calls are known.
    pub in_motion: u64,
    /// Samples for whose innermost calls the tree had no room.
    ///
    /// They count for an outer one.
    pub folded: u64,
    /// Samples of stacks too deep to be kept whole.
    ///
    /// Calls between the outer ones and the innermost were left out.
    pub cut: u64,
    /// The tree: a parent comes before its children.
    ///
    /// The first node is code that is not annotated.
    pub nodes: Vec<StackNode>,
}

/// A chain of calls: its own and those of its parents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct StackNode {
    /// Index of the parent among the nodes; `None` of the first.
    pub parent: Option<usize>,
    /// Index in [`Snapshot::functions`](crate::Snapshot::functions); `None` of the first node.
    pub function: Option<usize>,
    /// Samples in which its call was the innermost.
    pub samples: u64,
    /// Time of those samples.
    pub ns: u64,
}

impl StackNode {
    /// A node that no sample has met.
    #[must_use]
    pub const fn new(parent: Option<usize>, function: Option<usize>) -> Self {
        StackNode { parent, function, samples: 0, ns: 0 }
    }
}

impl Stacks {
    /// The time of all samples.
    #[must_use]
    pub fn ns(&self) -> u64 {
        self.nodes.iter().fold(0, |sum, node| sum.saturating_add(node.ns))
    }

    /// The functions of a node's calls, from the innermost outwards.
    pub fn chain(&self, node: usize) -> impl Iterator<Item = usize> {
        let parent = |&at: &usize| self.nodes.get(at).and_then(|node| node.parent).filter(|&parent| parent < at);
        std::iter::successors(Some(node), parent).filter_map(|at| self.nodes.get(at)?.function)
    }

    /// The standard error of a share of all samples, as a fraction.
    ///
    /// `None` if there are no samples. They are taken as independent of one another.
    #[must_use]
    pub fn standard_error(&self, share: f64) -> Option<f64> {
        (self.samples > 0).then(|| (share * (1.0 - share)).max(0.0).sqrt() / (self.samples as f64).sqrt())
    }

    /// The nodes by their parents and functions.
    fn known(&self) -> HashMap<(usize, Option<usize>), usize> {
        let nodes = self.nodes.iter().enumerate();
        nodes.filter_map(|(at, node)| Some(((node.parent?, node.function), at))).collect()
    }

    /// Adds the stacks of another process, whose functions have other places. A function without a place has no calls.
    pub(crate) fn add(&mut self, other: &Stacks, place: impl Fn(usize) -> Option<usize>) {
        if self.nodes.is_empty() {
            self.nodes.push(StackNode::new(None, None));
            self.period_ns = other.period_ns;
        }
        let mut known = self.known();
        let mut places = Vec::with_capacity(other.nodes.len());
        for node in &other.nodes {
            // A parent that does not come before can only be in a snapshot made by hand.
            let parent = node.parent.and_then(|parent| places.get(parent).copied()).unwrap_or(0);
            let at = match node.function.and_then(&place) {
                None => parent,
                function => *known.entry((parent, function)).or_insert_with(|| {
                    self.nodes.push(StackNode::new(Some(parent), function));
                    self.nodes.len() - 1
                }),
            };
            places.push(at);
            let sum = &mut self.nodes[at];
            sum.samples = sum.samples.saturating_add(node.samples);
            sum.ns = sum.ns.saturating_add(node.ns);
        }
        for (sum, more) in [
            (&mut self.looks, other.looks),
            (&mut self.watched_ns, other.watched_ns),
            (&mut self.samples, other.samples),
            (&mut self.in_motion, other.in_motion),
            (&mut self.folded, other.folded),
            (&mut self.cut, other.cut),
        ] {
            *sum = sum.saturating_add(more);
        }
    }

    /// Subtracts what the same process had sampled before, when its functions may have had other places.
    pub(super) fn subtract(&mut self, before: &Stacks, place: impl Fn(usize) -> Option<usize>) {
        let known = self.known();
        let mut places: Vec<Option<usize>> = Vec::with_capacity(before.nodes.len());
        for node in &before.nodes {
            let parent = node.parent.map(|parent| places.get(parent).copied().flatten());
            let at = match parent {
                None => Some(0),
                Some(parent) => parent.and_then(|parent| known.get(&(parent, node.function.and_then(&place))).copied()),
            };
            places.push(at);
            if let Some(now) = at.and_then(|at| self.nodes.get_mut(at)) {
                now.samples = now.samples.saturating_sub(node.samples);
                now.ns = now.ns.saturating_sub(node.ns);
            }
        }
        for (now, then) in [
            (&mut self.looks, before.looks),
            (&mut self.watched_ns, before.watched_ns),
            (&mut self.samples, before.samples),
            (&mut self.in_motion, before.in_motion),
            (&mut self.folded, before.folded),
            (&mut self.cut, before.cut),
        ] {
            *now = now.saturating_sub(then);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// main calls a and b; a calls c.
    fn stacks(functions: [usize; 4], samples: [u64; 5]) -> Stacks {
        let [main, a, b, c] = functions.map(Some);
        let nodes = [(None, None), (Some(0), main), (Some(1), a), (Some(1), b), (Some(2), c)];
        let node = |((parent, function), samples): ((Option<usize>, Option<usize>), u64)| StackNode {
            samples,
            ns: samples * 10,
            ..StackNode::new(parent, function)
        };
        Stacks {
            period_ns: 10,
            looks: 9,
            samples: samples.iter().sum(),
            nodes: nodes.into_iter().zip(samples).map(node).collect(),
            ..Stacks::default()
        }
    }

    #[test]
    fn a_sum_has_the_chains_of_all_at_the_places_of_its_functions() {
        let mut sum = Stacks::default();
        sum.add(&stacks([0, 1, 2, 3], [1, 2, 3, 4, 5]), Some);
        // The same functions in another order, and one that the sum has no place for.
        sum.add(&stacks([3, 2, 1, 0], [10, 20, 30, 40, 50]), |at| [Some(9), None, Some(1), Some(0)][at]);
        let chains: Vec<_> = (0..sum.nodes.len())
            .map(|at| (sum.chain(at).collect::<Vec<_>>(), sum.nodes[at].samples, sum.nodes[at].ns))
            .collect();
        assert_eq!(
            chains,
            [
                (vec![], 11, 110),
                (vec![0], 62, 620),
                (vec![1, 0], 33, 330),
                (vec![2, 0], 4, 40),
                (vec![3, 1, 0], 5, 50),
                (vec![9, 1, 0], 50, 500),
            ]
        );
        assert_eq!((sum.samples, sum.looks, sum.ns()), (165, 18, 1650));
    }

    #[test]
    fn a_difference_is_that_of_each_chain() {
        let mut done = stacks([0, 1, 2, 3], [5, 5, 5, 5, 5]);
        let mut before = stacks([0, 1, 2, 3], [1, 2, 3, 4, 0]);
        before.nodes.pop();
        done.subtract(&before, Some);
        assert_eq!(done.nodes.iter().map(|node| node.samples).collect::<Vec<_>>(), [4, 3, 2, 1, 5]);
        assert_eq!((done.samples, done.looks, done.ns()), (15, 0, 150));
    }

    #[test]
    fn an_error_is_largest_for_a_half() {
        let stacks = stacks([0, 1, 2, 3], [0, 50, 50, 0, 0]);
        assert_eq!(stacks.standard_error(0.5), Some(0.05));
        assert_eq!(stacks.standard_error(0.0), Some(0.0));
        assert_eq!(Stacks::default().standard_error(0.5), None);
    }
}
