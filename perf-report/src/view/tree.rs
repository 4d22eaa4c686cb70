//! Call trees: what functions called, down from where the program began, or who called them, up from each.

use super::{
    Selection, Style,
    graph::{Graph, Link},
    grid::{Column, Grid, GridRow},
    text::bullets,
    title, units,
};
use crate::Snapshot;

/// Branches with a smaller share of all time are summed up in one line.
const LEAST_SHARE: f64 = 0.005;

/// Branches of one function that get a line.
const MOST_BRANCHES: usize = 20;

/// Which way a tree grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Direction {
    /// From callers to what they called.
    Callees,
    /// From functions to who called them.
    Callers,
}

/// A call tree from the given functions; `None` for all that a program began with.
pub(crate) fn render(
    snapshot: &Snapshot,
    style: &Style,
    direction: Direction,
    from: Option<&Selection>,
    depth: usize,
) -> String {
    let graph = Graph::of(snapshot);
    let roots: Vec<Step> = match (from, direction) {
        (None, Direction::Callees) => graph
            .roots()
            .into_iter()
            .map(|root| Step {
                ns: root.ns as f64,
                calls: root.calls as f64,
                function: root.function,
                exact: true,
                counted: !snapshot.functions[root.function].is_sampled(),
                open: root.open,
            })
            .collect(),
        (from, _) => {
            let all = Selection::all(snapshot);
            let functions = from.unwrap_or(&all).functions.iter();
            functions
                // Nobody called what stands beside calls.
                .filter(|&&function| from.is_some() || !snapshot.functions[function].kind.is_beside_calls())
                .map(|&function| {
                    let (calls, ns) = graph.whole(function);
                    let below = if calls == 0 { graph.below(function) } else { ns };
                    Step {
                        function,
                        calls: calls as f64,
                        ns: below as f64,
                        exact: true,
                        counted: true,
                        open: snapshot.functions[function].calls == 0,
                    }
                })
                .collect()
        }
    };
    let mut tree = Tree {
        snapshot,
        graph: &graph,
        direction,
        depth: depth.max(1),
        // A tree of everything has one whole; trees of single functions have one each.
        whole: from.is_none().then(|| roots.iter().map(|root| root.ns).sum()),
        path: Vec::new(),
        rows: Vec::new(),
        estimates: false,
        cycles: false,
        cut: false,
    };
    if direction == Direction::Callers {
        tree.whole = None;
    }
    for root in &roots {
        let whole = tree.whole.unwrap_or(root.ns);
        tree.grow(*root, whole, "", "");
    }
    let (estimates, cycles, cut) = (tree.estimates, tree.cycles, tree.cut);
    let mut out = title(snapshot, style);
    if tree.rows.is_empty() {
        return out + "\nNo call of an annotated function has ended.\n";
    }
    let name_title = match direction {
        Direction::Callees => "function and what it called",
        Direction::Callers => "function and who called it",
    };
    let columns = vec![Column::new("time", 0), Column::new("share", 0), Column::new("calls", 1)];
    out += &format!("\n{}", Grid { name_title, columns, rows: tree.rows }.draw(style).text);
    let mut notes = Vec::new();
    notes.extend(from.and_then(Selection::note));
    if estimates {
        notes.push(
            "~ marks estimates: from adaptive timing, which does not tell of each call who made it, or because the function above has several callers, among which \
             the time of what it called is divided by their shares of its own."
                .into(),
        );
    }
    if cycles {
        notes.push("↻ marks calls back into a function further up: recursion, not followed again.".into());
    }
    if cut {
        notes.push(format!("Cut at {depth} levels; --depth goes further."));
    }
    out += &bullets(&notes, style);
    out
}

/// A function on a path.
#[derive(Clone, Copy)]
struct Step {
    function: usize,
    calls: f64,
    ns: f64,
    /// Whether calls and time are those of the edge itself, not a part of it.
    exact: bool,
    /// Whether each call was counted for its caller, or there is nothing to be shared among callers.
    counted: bool,
    /// Whether it is a root whose own calls have not ended.
    open: bool,
}

impl Step {
    /// Whether its calls are an estimate.
    fn is_estimate(&self) -> bool {
        !self.exact || !self.counted
    }
}

struct Tree<'a> {
    snapshot: &'a Snapshot,
    graph: &'a Graph,
    direction: Direction,
    depth: usize,
    whole: Option<f64>,
    /// Functions from the root to the one at hand.
    path: Vec<usize>,
    rows: Vec<GridRow>,
    estimates: bool,
    cycles: bool,
    cut: bool,
}

impl Tree<'_> {
    /// Adds a function and what branches off it. `lead` stands before its own line, `below` before those of its branches.
    fn grow(&mut self, step: Step, whole: f64, lead: &str, below: &str) {
        let function = &self.snapshot.functions[step.function];
        let cycle = self.path.contains(&step.function);
        let links = match self.direction {
            Direction::Callees => &self.graph.callees[step.function],
            Direction::Callers => &self.graph.callers[step.function],
        };
        let estimate = step.is_estimate() || function.is_sampled();
        self.estimates |= estimate;
        self.cycles |= cycle;
        let mut name = function.name.clone();
        if step.open {
            name += " (not ended)";
        }
        let lead = if cycle { format!("{lead}↻ ") } else { lead.to_owned() };
        self.row(name, lead, step, estimate, whole);
        if cycle {
            return;
        }
        let outside = match self.direction {
            Direction::Callers => Some(self.graph.outside(step.function))
                .filter(|link| link.calls > 0)
                .map(|link| self.next(&step, &link)),
            Direction::Callees => None,
        };
        if self.path.len() + 1 >= self.depth {
            self.cut |= !links.is_empty();
            return;
        }
        let steps: Vec<Step> = links.iter().map(|link| self.next(&step, link)).collect();
        let least = whole * LEAST_SHARE;
        let shown = steps.iter().take(MOST_BRANCHES).take_while(|step| step.ns >= least).count();
        // One alone takes no more room than the line that would say so.
        let shown = if shown + 1 == steps.len() { steps.len() } else { shown };
        let (shown, rest) = steps.split_at(shown);
        let lines = shown.len() + usize::from(!rest.is_empty()) + usize::from(outside.is_some());
        let leads = |line: usize| if line + 1 == lines { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        self.path.push(step.function);
        for (line, &step) in shown.iter().enumerate() {
            let (lead, indent) = leads(line);
            self.grow(step, whole, &format!("{below}{lead}"), &format!("{below}{indent}"));
        }
        self.path.pop();
        if let Some(step) = outside {
            let lead = format!("{below}{}", leads(shown.len()).0);
            self.estimates |= step.is_estimate();
            self.row("code that is not annotated".into(), lead, step, step.is_estimate(), whole);
        }
        if !rest.is_empty() {
            let sum = rest.iter().fold((0.0, 0.0), |sum, step| (sum.0 + step.calls, sum.1 + step.ns));
            let counted = !rest.iter().any(Step::is_estimate);
            let name = format!("… {} more", units::count(rest.len() as u64));
            let sum = Step { calls: sum.0, ns: sum.1, counted, ..rest[0] };
            self.row(name, format!("{below}└─ "), sum, sum.is_estimate(), whole);
        }
    }

    /// The step along a link: what of it belongs to the path.
    fn next(&self, step: &Step, link: &Link) -> Step {
        let (all_calls, all_ns) = self.graph.whole(step.function);
        let of = |part: f64, all: u64| if all == 0 { 1.0 } else { (part / all as f64).min(1.0) };
        let (link_calls, link_ns) = (link.calls as f64, link.ns as f64);
        let (calls, ns, exact) = match self.direction {
            // The share that this path has of the function is its share of what the function called.
            Direction::Callees => {
                // A path has the recursion below its calls too.
                let (calls, ns) = (of(step.calls, self.graph.outermost(step.function)), of(step.ns, all_ns));
                // Of calls that have not ended there is nothing to divide by.
                let exact = step.open || (calls >= 1.0 && ns >= 1.0);
                if exact { (link_calls, link_ns, true) } else { (link_calls * calls, link_ns * ns, false) }
            }
            // A caller accounts for the share of the path that it has of the function's own calls.
            Direction::Callers => {
                let (calls, ns) = (of(link_calls, all_calls), of(link_ns, all_ns));
                let exact = self.path.is_empty() || (calls >= 1.0 && ns >= 1.0);
                (step.calls * calls, step.ns * ns, exact)
            }
        };
        let is_shared = |function: usize| self.snapshot.functions[function].is_sampled();
        let counted = match self.direction {
            Direction::Callees => !is_shared(link.function),
            // The calls of a path are shared among the callers of each function on it.
            Direction::Callers => step.counted && !is_shared(step.function),
        };
        Step { function: link.function, calls, ns, exact: exact && step.exact, counted, open: false }
    }

    fn row(&mut self, name: String, lead: String, step: Step, estimate: bool, whole: f64) {
        let mark = if estimate { "~" } else { "" };
        let calls_mark = if step.is_estimate() { "~" } else { "" };
        let calls = if step.open && step.calls == 0.0 {
            String::new()
        } else {
            format!("{calls_mark}{}", units::count(step.calls.round() as u64))
        };
        let cells = vec![
            format!("{mark}{}", units::duration_cell(step.ns.round() as u64)).into(),
            format!("{mark}{}", units::share(step.ns.round() as u64, whole.round() as u64)).into(),
            calls.into(),
        ];
        self.rows.push(GridRow { name, lead, cells });
    }
}
