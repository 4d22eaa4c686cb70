//! Who calls whom, as the edges tell.
//!
//! An edge knows the calls and the time of one caller and one callee over all contexts. Along a path the time is
//! therefore apportioned: of the time that `g` took under `f`, a path gets the share that it has of `f`'s own time. That
//! is exact where `f` has one caller, and an estimate elsewhere.

use std::cmp::Reverse;

use crate::Snapshot;

/// Calls of one function by another, seen from either.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Link {
    /// The function at the other end.
    pub(super) function: usize,
    pub(super) calls: u64,
    pub(super) ns: u64,
}

/// A function from which a tree begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Root {
    pub(super) function: usize,
    pub(super) calls: u64,
    pub(super) ns: u64,
    /// Whether it is there only because a call of it has not ended, or its callers are unknown.
    pub(super) open: bool,
}

/// The links in both directions.
pub(super) struct Graph {
    /// By callee, most time first.
    pub(super) callers: Vec<Vec<Link>>,
    /// By caller, most time first. Rows beside calls, such as how long a lock was held, are no callees: their time is no thread's.
    pub(super) callees: Vec<Vec<Link>>,
    /// By function: whether it is a row beside calls.
    beside: Vec<bool>,
    /// By function: calls and time that code without annotations accounts for.
    outside: Vec<Link>,
    /// By function: calls and time over all its callers.
    whole: Vec<(u64, u64)>,
    /// By function: the calls over those callers whose edge has time. The calls within a recursion have none.
    outermost: Vec<u64>,
}

impl Graph {
    pub(super) fn of(snapshot: &Snapshot) -> Graph {
        let count = snapshot.functions.len();
        let mut graph = Graph {
            callers: vec![Vec::new(); count],
            callees: vec![Vec::new(); count],
            beside: snapshot.functions.iter().map(|function| function.kind.is_beside_calls()).collect(),
            outside: (0..count).map(|function| Link { function, calls: 0, ns: 0 }).collect(),
            whole: vec![(0, 0); count],
            outermost: vec![0; count],
        };
        for (index, function) in snapshot.functions.iter().enumerate() {
            for edge in &function.callers {
                let whole = &mut graph.whole[index];
                *whole = (whole.0.saturating_add(edge.calls), whole.1.saturating_add(edge.total_ns));
                if edge.total_ns > 0 {
                    graph.outermost[index] = graph.outermost[index].saturating_add(edge.calls);
                }
                match edge.caller.filter(|&caller| caller < count) {
                    Some(caller) => {
                        let link = |function| Link { function, calls: edge.calls, ns: edge.total_ns };
                        graph.callers[index].push(link(caller));
                        if !graph.beside[index] {
                            graph.callees[caller].push(link(index));
                        }
                    }
                    None => {
                        let outside = &mut graph.outside[index];
                        outside.calls = outside.calls.saturating_add(edge.calls);
                        outside.ns = outside.ns.saturating_add(edge.total_ns);
                    }
                }
            }
        }
        for links in graph.callers.iter_mut().chain(&mut graph.callees) {
            links.sort_by_key(|link| Reverse((link.ns, link.calls)));
        }
        graph
    }

    /// Calls and time of a function over all its callers.
    pub(super) fn whole(&self, function: usize) -> (u64, u64) {
        self.whole[function]
    }

    /// The calls that are not within a recursion, as far as the edges tell; all where none has time.
    pub(super) fn outermost(&self, function: usize) -> u64 {
        match self.outermost[function] {
            0 => self.whole[function].0,
            calls => calls,
        }
    }

    /// Calls and time that no annotated function accounts for.
    pub(super) fn outside(&self, function: usize) -> Link {
        self.outside[function]
    }

    /// Where a tree of everything begins: what code without annotations calls, and then whatever is not reached from there,
    /// such as a `main` that has not ended.
    pub(super) fn roots(&self) -> Vec<Root> {
        let called = self.outside.iter().filter(|outside| outside.calls > 0 && !self.beside[outside.function]);
        let mut roots: Vec<Root> = called
            .map(|outside| Root { function: outside.function, calls: outside.calls, ns: outside.ns, open: false })
            .collect();
        let mut reached = vec![false; self.callees.len()];
        let mut stack: Vec<usize> = roots.iter().map(|root| root.function).collect();
        // Those that nobody calls come first; what is left then are cycles, entered where most time is.
        let mut others: Vec<usize> = (0..self.callees.len()).filter(|&f| !self.callees[f].is_empty()).collect();
        others.sort_by_key(|&f| (!self.callers[f].is_empty(), Reverse(self.below(f))));
        let mut others = others.into_iter();
        loop {
            while let Some(function) = stack.pop() {
                if !std::mem::replace(&mut reached[function], true) {
                    stack.extend(self.callees[function].iter().map(|link| link.function));
                }
            }
            let Some(function) = others.find(|&function| !reached[function]) else { break };
            let (calls, ns) = self.whole[function];
            roots.push(Root { function, calls, ns: ns.max(self.below(function)), open: true });
            stack.push(function);
        }
        roots.sort_by_key(|root| Reverse((root.ns, root.calls)));
        roots
    }

    /// Time of what a function called.
    pub(super) fn below(&self, function: usize) -> u64 {
        let links = self.callees[function].iter().filter(|link| link.function != function);
        links.fold(0, |sum, link| sum.saturating_add(link.ns))
    }
}
