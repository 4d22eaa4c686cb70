//! Profiles of two processes: their sum, and both with the same nodes, so that they can be compared.

use std::collections::HashMap;

use super::{Frame, Looks, StackProfile, TreeBuilder};

/// The key by which frames of two processes are the same: the name, whether it is a state, and which it is of those that are equal so far.
type Identity<'a> = (&'a str, bool, usize);

/// The identities of frames, in their order.
///
/// Lines move with every edit, and files are spelt differently on every machine. So they only keep apart what has one name in one
/// process, as with functions ([`matching`](crate::data::matching)).
fn identities(frames: &[Frame]) -> Vec<Identity<'_>> {
    let mut same: HashMap<(&str, bool), Vec<usize>> = HashMap::with_capacity(frames.len());
    for (at, frame) in frames.iter().enumerate() {
        same.entry((&frame.name, frame.is_state)).or_default().push(at);
    }
    let mut identities = vec![("", false, 0); frames.len()];
    for ((name, is_state), mut places) in same {
        places.sort_by_key(|&at| (&frames[at].file, frames[at].line));
        for (number, at) in places.into_iter().enumerate() {
            identities[at] = (name, is_state, number);
        }
    }
    identities
}

impl Looks {
    fn add(&mut self, more: &Looks) {
        for (sum, more) in [
            (&mut self.watched_ns, more.watched_ns),
            (&mut self.looks, more.looks),
            (&mut self.late, more.late),
            (&mut self.behind, more.behind),
            (&mut self.samples, more.samples),
            (&mut self.in_motion, more.in_motion),
            (&mut self.dropped, more.dropped),
            (&mut self.folded, more.folded),
            (&mut self.cut, more.cut),
            (&mut self.sampler_ns, more.sampler_ns),
        ] {
            *sum = sum.saturating_add(more);
        }
        self.weights.add(&more.weights);
    }
}

impl StackProfile {
    /// The same and the stacks of another process. Functions of the same name are the same, and those that share it go by their places.
    pub(crate) fn plus(&self, other: &StackProfile) -> StackProfile {
        let mut profile = self.clone();
        let known: HashMap<Identity<'_>, usize> = identities(&self.frames).into_iter().zip(0..).collect();
        let mut frame_of = Vec::with_capacity(other.frames.len());
        for (frame, identity) in other.frames.iter().zip(identities(&other.frames)) {
            let at = known.get(&identity).copied().unwrap_or(profile.frames.len());
            if at == profile.frames.len() {
                profile.frames.push(frame.clone());
            } else if let (sum, Some(more)) = (&mut profile.frames[at].figures, frame.figures) {
                // Quantiles can't be added: those of whoever had more calls stay.
                let calls = sum.map_or(0, |sum| sum.calls);
                let mut figures = sum.filter(|sum| sum.calls >= more.calls).unwrap_or(more);
                figures.calls = calls.saturating_add(more.calls);
                *sum = Some(figures);
            }
            frame_of.push(at);
        }
        let first_thread = profile.threads.len();
        profile.threads.extend(other.threads.iter().cloned());
        profile.looks.add(&other.looks);
        let mut tree = TreeBuilder::new(&mut profile);
        let mut places: Vec<usize> = Vec::with_capacity(other.nodes.len());
        for node in &other.nodes {
            let at = match (node.parent, node.frame) {
                (Some(parent), Some(frame)) => tree.child(places[parent], frame_of[frame]),
                (Some(parent), None) => places[parent],
                (None, _) => tree.root(node.thread.map(|thread| first_thread + thread)),
            };
            tree.add(at, &node.own);
            places.push(at);
        }
        profile
    }
}

/// Two profiles with the same nodes: each has those of both, with the samples that are its own.
pub(crate) fn aligned(before: &StackProfile, after: &StackProfile) -> (StackProfile, StackProfile) {
    // Which nodes a sum has does not depend on what they weigh.
    let (no_before, no_after) = (before.only(&[]), after.only(&[]));
    let [mut one, mut other] = [no_after.plus(before), after.plus(&no_before)];
    (one.looks, other.looks) = (before.looks, after.looks);
    // Figures are those of the later recording.
    for (at, frame) in other.frames.iter_mut().enumerate() {
        frame.figures = after.frames.get(at).and_then(|frame| frame.figures);
    }
    (one, other)
}
