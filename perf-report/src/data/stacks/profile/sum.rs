//! Profiles of two processes: their sum, and both with the same nodes, so that they can be compared.

use std::collections::HashMap;

use super::{Frame, Looks, StackProfile, TreeBuilder};

impl Frame {
    /// The key by which frames of two processes are the same.
    fn identity(&self) -> (String, String, u32, bool) {
        (self.name.clone(), self.file.clone(), self.line, self.is_state)
    }
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
    /// The same and the stacks of another process. Functions of the same name and place are the same.
    pub(crate) fn plus(&self, other: &StackProfile) -> StackProfile {
        let mut profile = self.clone();
        let mut known: HashMap<(String, String, u32, bool), usize> = HashMap::new();
        for (at, frame) in self.frames.iter().enumerate() {
            known.entry(frame.identity()).or_insert(at);
        }
        let mut frame_of = Vec::with_capacity(other.frames.len());
        for frame in &other.frames {
            let at = *known.entry(frame.identity()).or_insert(profile.frames.len());
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
