//! Stacks as a tree for the terminal.

use super::{StackProfile, ThreadState, Weights, notes, title};
use crate::{
    Style,
    view::{
        grid::{Column, Grid, GridRow},
        text::{bullets, escape, shorten},
        units,
    },
};

/// Branches with a smaller share of all time are summed up in one line.
const LEAST_SHARE: f64 = 0.005;

/// Branches of one call that get a line.
const MOST_BRANCHES: usize = 20;

/// Levels of the tree that get lines.
const MOST_LEVELS: usize = 64;

/// The states that have a column each, if the system tells states.
const STATES: [ThreadState; 3] = [ThreadState::Running, ThreadState::Runnable, ThreadState::Waiting];

/// Whether a state has a column: threads seldom have to wait for a processor, so that one is there only if one did.
fn is_shown(state: ThreadState, all: &Weights) -> bool {
    state != ThreadState::Runnable || all.ns(state) > 0
}

/// The tree, heaviest branches first.
pub(crate) fn render(profile: &StackProfile, style: &Style) -> String {
    let title = title(profile);
    let title = style.width.map_or(title.clone(), |width| shorten(&title, width).into_owned());
    let mut out = format!("{}\n{}\n", style.bold(&title), notes::summary(profile));
    let all = profile.all();
    if all.all_ns() == 0 {
        return out + "\nNo stacks were seen.\n";
    }
    let DrawnTree { text, is_cut } = tree(profile, style);
    out += &format!("\n{text}");
    let mut notes: Vec<String> = notes::notes(profile).iter().map(|note| escape(note)).collect();
    if is_cut {
        notes.push(format!("Cut at {MOST_LEVELS} levels; --format html shows all."));
    }
    out + &bullets(&notes, style)
}

/// The lines of a tree: their titles, a rule, and a row per call.
pub(crate) struct DrawnTree {
    pub(crate) text: String,
    is_cut: bool,
}

/// The tree alone.
pub(crate) fn tree(profile: &StackProfile, style: &Style) -> DrawnTree {
    let all = profile.all();
    let by_state = all.ns(ThreadState::Unknown) < all.all_ns();
    let mut columns = vec![Column::new("time", 0), Column::new("share", 0), Column::new("self", 2)];
    let states: Vec<ThreadState> = STATES.into_iter().filter(|&state| by_state && is_shown(state, &all)).collect();
    columns.extend(states.iter().map(|state| Column::new(state.name(), 0)));
    let (totals, children) = (profile.totals(), profile.children());
    let mut tree = Tree { profile, totals, children, states, whole: all.all_ns(), rows: Vec::new(), is_cut: false };
    let roots: Vec<usize> = (0..profile.nodes.len()).filter(|&node| profile.nodes[node].parent.is_none()).collect();
    match roots.as_slice() {
        [root] if profile.nodes[*root].thread.is_none() => tree.branches(*root, "", 0),
        roots => {
            let mut roots = roots.to_vec();
            roots.sort_by_key(|&root| std::cmp::Reverse(tree.totals[root].all_ns()));
            for root in roots {
                tree.row(tree.profile.name(root).into_owned(), String::new(), root);
                tree.branches(root, "", 1);
            }
        }
    }
    let is_cut = tree.is_cut;
    DrawnTree { text: Grid { name_title: "stack", columns, rows: tree.rows }.draw(style).text, is_cut }
}

struct Tree<'a> {
    profile: &'a StackProfile,
    totals: Vec<Weights>,
    children: Vec<Vec<usize>>,
    /// Those that have a column.
    states: Vec<ThreadState>,
    whole: u64,
    rows: Vec<GridRow>,
    is_cut: bool,
}

impl Tree<'_> {
    /// Adds what branches off a node; a root that has samples of its own has a line for them.
    fn branches(&mut self, node: usize, below: &str, level: usize) {
        let mut branches = std::mem::take(&mut self.children[node]);
        branches.retain(|&branch| self.totals[branch].all_ns() > 0);
        branches.sort_by_key(|&branch| std::cmp::Reverse(self.totals[branch].all_ns()));
        if level >= MOST_LEVELS {
            self.is_cut |= !branches.is_empty();
            return;
        }
        let is_root = self.profile.nodes[node].parent.is_none();
        let own = self.profile.nodes[node].own;
        let outside = is_root && !own.is_zero();
        let least = self.whole as f64 * LEAST_SHARE;
        let shown = branches.iter().take(MOST_BRANCHES);
        let shown = shown.take_while(|&&branch| self.totals[branch].all_ns() as f64 >= least).count();
        // One alone takes no more room than the line that would say so.
        let shown = if shown + 1 == branches.len() { branches.len() } else { shown };
        let (shown, rest) = branches.split_at(shown);
        let lines = shown.len() + usize::from(!rest.is_empty()) + usize::from(outside);
        let leads = |line: usize| match (level, line + 1 == lines) {
            (0, _) => ("", ""),
            (_, true) => ("└─ ", "   "),
            (_, false) => ("├─ ", "│  "),
        };
        for (line, &branch) in shown.iter().enumerate() {
            let (lead, indent) = leads(line);
            self.row(self.profile.name(branch).into_owned(), format!("{below}{lead}"), branch);
            self.branches(branch, &format!("{below}{indent}"), level + 1);
        }
        if outside {
            let lead = format!("{below}{}", leads(shown.len()).0);
            self.weights(StackProfile::OUTSIDE.into(), lead, &own, &own);
        }
        if !rest.is_empty() {
            let mut sum = Weights::default();
            rest.iter().for_each(|&branch| sum.add(&self.totals[branch]));
            let name = format!("… {} more", units::count(rest.len() as u64));
            self.weights(name, format!("{below}{}", leads(lines - 1).0), &sum, &Weights::default());
        }
    }

    fn row(&mut self, name: String, lead: String, node: usize) {
        let total = self.totals[node];
        let own =
            if self.profile.nodes[node].frame.is_some() { self.profile.nodes[node].own } else { Weights::default() };
        self.weights(name, lead, &total, &own);
    }

    fn weights(&mut self, name: String, lead: String, total: &Weights, own: &Weights) {
        let time = |ns| if ns == 0 { String::new() } else { units::duration_cell(ns) };
        let mut cells = vec![
            units::duration_cell(total.all_ns()).into(),
            units::share(total.all_ns(), self.whole).into(),
            time(own.all_ns()).into(),
        ];
        cells.extend(self.states.iter().map(|&state| time(total.ns(state)).into()));
        self.rows.push(GridRow { name, lead, cells });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::profile::tests::some;

    #[test]
    fn the_heaviest_branch_comes_first() {
        let text = render(&some().merged(), &Style::plain().with_width(100));
        insta::assert_snapshot!(text);
        assert!(text.lines().all(|line| line.chars().count() <= 100));
    }

    #[test]
    fn what_waited_for_a_processor_has_a_column_of_its_own_where_something_did() {
        let titles = |profile: &StackProfile| {
            let text = render(profile, &Style::plain().with_width(100));
            let titles = text.lines().find(|line| line.starts_with("stack ")).unwrap_or_default();
            titles.split_whitespace().skip(4).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(titles(&some()), ["running", "runnable", "waiting"]);
        assert_eq!(titles(&some().only(&[ThreadState::Running, ThreadState::Waiting])), ["running", "waiting"]);
    }

    #[test]
    fn threads_are_roots() {
        let text = render(&some(), &Style::plain().with_width(60));
        insta::assert_snapshot!(text);
    }

    #[test]
    fn nothing_is_said_too() {
        let text = render(&StackProfile::default(), &Style::plain());
        assert_eq!(text, "unnamed program\n0 ns\n\nNo stacks were seen.\n");
    }

    #[test]
    fn a_deep_stack_is_cut() {
        let mut profile = some();
        for _ in 0..3_000 {
            let last = profile.nodes.len() - 1;
            profile.nodes.push(crate::data::profile::Node {
                parent: Some(last),
                frame: Some(0),
                ..profile.nodes[last]
            });
        }
        let text = render(&profile, &Style::plain().with_width(80));
        assert!(text.contains("Cut at 64 levels"), "{text}");
    }
}
