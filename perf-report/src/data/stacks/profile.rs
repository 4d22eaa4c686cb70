//! A profile of whole stacks: what every format of stacks is written from.
//!
//! It is a tree of calls with the time that threads spent in each, by what the threads did then. It comes from the stacks that a
//! process sampled of itself, from looks at its recording from outside, or from a file of folded stacks.

mod effective;
mod sum;
mod weights;

use std::collections::HashMap;

pub(crate) use effective::SampleWeights;
pub(crate) use sum::aligned;
pub(crate) use weights::{ThreadState, Weights};

use crate::Snapshot;

/// The figures of a function in the recording, beside its stacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Calls that ended.
    pub(crate) calls: u64,
    /// Median of their durations.
    pub(crate) p50_ns: u64,
    /// 99th percentile of their durations.
    pub(crate) p99_ns: u64,
}

/// The subject of a node: a function, or something that is no call, in brackets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Its name as the program gave it. Each format escapes for itself.
    pub(crate) name: String,
    /// Source file; empty if there is none.
    pub(crate) file: String,
    /// Line in the source file.
    pub(crate) line: u32,
    /// Whether it is no call, but tells what the thread did in the call around it.
    pub(crate) is_state: bool,
    /// Whether it is a future, whose stack is that of its polls.
    pub(crate) is_future: bool,
    /// Calls and latencies; of the whole recording, not of the looks alone.
    pub(crate) figures: Option<Figures>,
}

impl Frame {
    /// Something of this name alone.
    pub(crate) fn named(name: impl Into<String>) -> Frame {
        Frame { name: name.into(), ..Frame::default() }
    }

    /// The activity of a thread, such as `[waiting]`.
    pub(crate) fn state(name: &str) -> Frame {
        Frame { is_state: true, ..Frame::named(format!("[{name}]")) }
    }
}

/// A thread whose stacks were seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Thread {
    pub(crate) name: String,
    pub(crate) tid: u64,
}

/// A chain of calls: its own and those of its parents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// Index of the parent, which comes before its children; `None` of a root.
    pub(crate) parent: Option<usize>,
    /// Index of the frame; `None` of a root, which stands for code that is not annotated.
    pub(crate) frame: Option<usize>,
    /// Index of the thread, if threads are told apart.
    pub(crate) thread: Option<usize>,
    /// Of the samples in which its call was the innermost.
    pub(crate) own: Weights,
}

/// How the stacks were taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Looks {
    /// Mean time between two looks; 0 if nobody knows.
    pub(crate) period_ns: u64,
    /// Time from the first look to the last.
    pub(crate) watched_ns: u64,
    /// Looks at all threads.
    pub(crate) looks: u64,
    /// Looks that were left out, because the one before ended after they were due.
    pub(crate) late: u64,
    /// Looks that began long enough after they were due to miss short work.
    pub(crate) behind: u64,
    /// Samples.
    pub(crate) samples: u64,
    /// Their weights; nothing if nobody knows them.
    pub(crate) weights: SampleWeights,
    /// Samples that were taken while calls of the stack began or ended.
    pub(crate) in_motion: u64,
    /// Samples of which nothing could be kept.
    pub(crate) dropped: u64,
    /// Samples whose innermost calls found no room.
    pub(crate) folded: u64,
    /// Samples of stacks too deep to be kept whole.
    pub(crate) cut: u64,
    /// Processor time that the sampler took.
    pub(crate) sampler_ns: u64,
}

/// Stacks of a process.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StackProfile {
    pub(crate) program: String,
    pub(crate) pid: u32,
    /// Whether the process sampled itself.
    pub(crate) is_own: bool,
    /// Whether it was read from folded stacks, which keep names alone, and those only as they can stand in a line.
    pub(crate) is_folded: bool,
    pub(crate) looks: Looks,
    pub(crate) threads: Vec<Thread>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) nodes: Vec<Node>,
}

impl StackProfile {
    /// The name of a root that is no thread's, in formats that need one.
    pub(crate) const OUTSIDE: &'static str = "[no annotated call]";

    /// The stacks that a process sampled of itself; `None` if it did not.
    pub(crate) fn of_own_samples(snapshot: &Snapshot) -> Option<StackProfile> {
        let stacks = snapshot.stacks.as_ref().filter(|stacks| !stacks.nodes.is_empty())?;
        let mut profile = StackProfile::of_process(snapshot);
        profile.is_own = true;
        profile.looks = Looks {
            period_ns: stacks.period_ns,
            watched_ns: stacks.watched_ns,
            looks: stacks.looks,
            samples: stacks.samples,
            in_motion: stacks.in_motion,
            folded: stacks.folded,
            cut: stacks.cut,
            ..Looks::default()
        };
        let mut tree = TreeBuilder::new(&mut profile);
        let mut places: Vec<usize> = Vec::with_capacity(stacks.nodes.len());
        for node in &stacks.nodes {
            // A snapshot made by hand may contradict itself.
            let parent = node.parent.and_then(|parent| places.get(parent).copied()).unwrap_or_else(|| tree.root(None));
            let known = node.function.filter(|&function| function < snapshot.functions.len());
            let at = known.map_or(parent, |function| tree.child(parent, function));
            tree.add(at, &Weights::of(ThreadState::Unknown, node.ns, node.samples));
            places.push(at);
        }
        Some(profile)
    }

    /// No stacks yet, of a process whose functions are the frames, in their order.
    pub(crate) fn of_process(snapshot: &Snapshot) -> StackProfile {
        let frame = |function: &crate::Function| Frame {
            name: function.name.clone(),
            file: function.file.clone(),
            line: function.line,
            is_state: false,
            is_future: function.futures.is_some(),
            figures: (function.calls > 0).then(|| Figures {
                calls: function.calls,
                p50_ns: function.quantile_ns(0.5),
                p99_ns: function.quantile_ns(0.99),
            }),
        };
        StackProfile {
            program: snapshot.process.program.clone(),
            pid: snapshot.process.pid,
            frames: snapshot.functions.iter().map(frame).collect(),
            ..StackProfile::default()
        }
    }

    /// All samples.
    pub(crate) fn all(&self) -> Weights {
        let mut all = Weights::default();
        self.nodes.iter().for_each(|node| all.add(&node.own));
        all
    }

    /// The weights of each node and of all below it.
    pub(crate) fn totals(&self) -> Vec<Weights> {
        let mut totals: Vec<Weights> = self.nodes.iter().map(|node| node.own).collect();
        for at in (0..self.nodes.len()).rev() {
            if let Some(parent) = self.nodes[at].parent {
                let total = totals[at];
                totals[parent].add(&total);
            }
        }
        totals
    }

    /// The weights of each frame and of all within it, once per stack.
    pub(crate) fn by_frame(&self) -> Vec<Weights> {
        let mut sums = vec![Weights::default(); self.frames.len()];
        for (node, total) in self.nodes.iter().zip(self.totals()) {
            let Some(frame) = node.frame else { continue };
            let mut outer = node.parent;
            // A call within another one of the same function is part of it.
            while let Some(at) = outer.filter(|&at| self.nodes[at].frame != Some(frame)) {
                outer = self.nodes[at].parent;
            }
            if outer.is_none() {
                sums[frame].add(&total);
            }
        }
        sums
    }

    /// The children of each node, in the order of the nodes.
    pub(crate) fn children(&self) -> Vec<Vec<usize>> {
        let mut children = vec![Vec::new(); self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            if let Some(parent) = node.parent {
                children[parent].push(at);
            }
        }
        children
    }

    /// The nodes from the root to a node.
    pub(crate) fn path(&self, node: usize) -> Vec<usize> {
        let mut path: Vec<usize> = std::iter::successors(Some(node), |&at| self.nodes[at].parent).collect();
        path.reverse();
        path
    }

    /// The name of a node: its frame's, or its thread's.
    pub(crate) fn name(&self, node: usize) -> std::borrow::Cow<'_, str> {
        let node = &self.nodes[node];
        match (node.frame, node.thread.and_then(|thread| self.threads.get(thread))) {
            (Some(frame), _) => self.frames[frame].name.as_str().into(),
            (None, Some(thread)) => format!("{} ({})", thread.name, thread.tid).into(),
            (None, None) => StackProfile::OUTSIDE.into(),
        }
    }

    /// The same with the samples of some states alone.
    pub(crate) fn only(&self, states: &[ThreadState]) -> StackProfile {
        let mut profile = self.clone();
        profile.nodes.iter_mut().for_each(|node| node.own = node.own.only(states));
        profile
    }

    /// The same with one tree for all threads.
    pub(crate) fn merged(&self) -> StackProfile {
        self.rebuilt(|_| None)
    }

    /// The same with other names. Functions that have one name then are one function.
    pub(crate) fn renamed(&self, name: impl Fn(&str) -> String) -> StackProfile {
        let mut profile = StackProfile { frames: Vec::new(), ..self.clone() };
        let mut known: HashMap<(String, bool), usize> = HashMap::with_capacity(self.frames.len());
        let mut frame_of = Vec::with_capacity(self.frames.len());
        for frame in &self.frames {
            let name = name(&frame.name);
            frame_of.push(*known.entry((name.clone(), frame.is_state)).or_insert_with(|| {
                profile.frames.push(Frame { name, ..frame.clone() });
                profile.frames.len() - 1
            }));
        }
        profile.nodes.iter_mut().for_each(|node| node.frame = node.frame.map(|frame| frame_of[frame]));
        profile.rebuilt(|thread| thread)
    }

    /// Whether threads are told apart.
    #[cfg(test)]
    pub(crate) fn has_threads(&self) -> bool {
        self.nodes.iter().any(|node| node.thread.is_some())
    }

    fn rebuilt(&self, thread: impl Fn(Option<usize>) -> Option<usize>) -> StackProfile {
        let mut profile = StackProfile { nodes: Vec::new(), ..self.clone() };
        let mut tree = TreeBuilder::new(&mut profile);
        let mut places: Vec<usize> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let at = match (node.parent, node.frame) {
                (Some(parent), Some(frame)) => tree.child(places[parent], frame),
                (Some(parent), None) => places[parent],
                (None, _) => tree.root(thread(node.thread)),
            };
            tree.add(at, &node.own);
            places.push(at);
        }
        profile
    }

    /// For formats that know one weight per stack: who did not run has a frame that says so, such as `[waiting]`, innermost.
    ///
    /// Where all samples are of one state, nothing is added.
    pub(crate) fn with_states_as_frames(&self) -> StackProfile {
        let all = self.all();
        if all.ns.iter().filter(|&&ns| ns > 0).count() < 2 {
            return self.clone();
        }
        let mut profile = self.clone();
        let mut frames = [None; 4];
        for at in 0..self.nodes.len() {
            for state in [ThreadState::Runnable, ThreadState::Waiting] {
                let own = self.nodes[at].own.only(&[state]);
                if own.is_zero() {
                    continue;
                }
                let frame = *frames[state as usize].get_or_insert_with(|| {
                    profile.frames.push(Frame::state(state.name()));
                    profile.frames.len() - 1
                });
                profile.nodes.push(Node { parent: Some(at), frame: Some(frame), own, ..self.nodes[at] });
                profile.nodes[at].own.ns[state as usize] = 0;
                profile.nodes[at].own.samples[state as usize] = 0;
            }
        }
        profile
    }

    /// The standard error of a share of all samples, as a fraction; `None` without samples.
    ///
    /// Samples of unequal weight count for fewer than they are.
    pub(crate) fn standard_error(&self, share: f64) -> Option<f64> {
        let samples = self.all().all_samples();
        let effective = samples as f64 * self.looks.weights.effective_part(self.looks.samples);
        (samples > 0).then(|| ((share * (1.0 - share)).max(0.0) / effective).sqrt())
    }
}

/// Finds the nodes of a profile by their parents and frames, and makes those that are missing.
#[derive(Debug)]
pub(crate) struct TreeBuilder<'p> {
    profile: &'p mut StackProfile,
    roots: HashMap<Option<usize>, usize>,
    known: HashMap<(usize, usize), usize>,
}

impl<'p> TreeBuilder<'p> {
    pub(crate) fn new(profile: &'p mut StackProfile) -> TreeBuilder<'p> {
        let nodes = profile.nodes.iter().enumerate();
        let roots = nodes.clone().filter(|(_, node)| node.parent.is_none()).map(|(at, node)| (node.thread, at));
        let known = nodes.filter_map(|(at, node)| Some(((node.parent?, node.frame?), at)));
        let (roots, known) = (roots.collect(), known.collect());
        TreeBuilder { profile, roots, known }
    }

    /// The root of a thread, or of all.
    pub(crate) fn root(&mut self, thread: Option<usize>) -> usize {
        *self.roots.entry(thread).or_insert_with(|| {
            self.profile.nodes.push(Node { parent: None, frame: None, thread, own: Weights::default() });
            self.profile.nodes.len() - 1
        })
    }

    /// The node of a frame within another node.
    pub(crate) fn child(&mut self, parent: usize, frame: usize) -> usize {
        *self.known.entry((parent, frame)).or_insert_with(|| {
            let thread = self.profile.nodes[parent].thread;
            self.profile.nodes.push(Node { parent: Some(parent), frame: Some(frame), thread, own: Weights::default() });
            self.profile.nodes.len() - 1
        })
    }

    pub(crate) fn add(&mut self, node: usize, weights: &Weights) {
        self.profile.nodes[node].own.add(weights);
    }
}

#[cfg(test)]
#[path = "profile/tests.rs"]
pub(crate) mod tests;
