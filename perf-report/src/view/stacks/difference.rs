//! The difference of two profiles as a tree for the terminal: shares before and after, and where most changed.

use super::{StackProfile, notes, title};
use crate::{
    Style,
    data::profile::aligned,
    view::{
        grid::{Column, Grid, GridRow},
        text::{bullets, escape},
        units,
    },
};

/// Branches whose shares differ by less, in fractions of all time, are left out.
const LEAST_CHANGE: f64 = 0.002;

/// The tree, with the branches that changed most first.
pub(crate) fn render(before: &StackProfile, after: &StackProfile, style: &Style) -> String {
    let mut out = String::new();
    for (side, profile) in [("before", before), ("after", after)] {
        out += &format!("{side}: {}; {}\n", style.bold(&title(profile)), notes::summary(profile));
    }
    let (before, after) = aligned(before, after);
    let shares = |profile: &StackProfile| {
        let all = profile.all().all_ns().max(1) as f64;
        profile.totals().iter().map(|total| total.all_ns() as f64 / all).collect::<Vec<f64>>()
    };
    let mut tree = Tree {
        shares: [shares(&before), shares(&after)],
        children: after.children(),
        profile: &after,
        rows: Vec::new(),
    };
    for root in (0..after.nodes.len()).filter(|&node| after.nodes[node].parent.is_none()) {
        tree.branches(root, "", 0);
    }
    if tree.rows.is_empty() {
        return out + "\nNo share differs by 0.2 points or more.\n";
    }
    let columns = ["before", "after", "change"].map(|title| Column::new(title, 0)).into();
    out += &format!("\n{}", Grid { name_title: "stack", columns, rows: tree.rows }.draw(style).text);
    let mut list = vec![
        "Shares of all time that was seen; branches that changed by less than 0.2 points are left out.".to_owned(),
    ];
    let errors = [&before, &after].map(|profile| profile.standard_error(0.5));
    if let [Some(one), Some(other)] = errors {
        let error = one.hypot(other) * 100.0;
        list.push(format!("A change of a share of 50% is within ± {error:.1} points (one standard error)."));
    }
    let list: Vec<String> = list.iter().map(|note| escape(note)).collect();
    out + &bullets(&list, style)
}

struct Tree<'a> {
    profile: &'a StackProfile,
    shares: [Vec<f64>; 2],
    children: Vec<Vec<usize>>,
    rows: Vec<GridRow>,
}

impl Tree<'_> {
    fn change(&self, node: usize) -> f64 {
        self.shares[1][node] - self.shares[0][node]
    }

    /// The most that a node or one below it changed.
    fn most(&self, node: usize) -> f64 {
        let below = self.children[node].iter().map(|&child| self.most(child));
        below.fold(self.change(node).abs(), f64::max)
    }

    fn branches(&mut self, node: usize, below: &str, level: usize) {
        const LEVELS: usize = 64;
        let mut branches: Vec<(usize, f64)> =
            self.children[node].iter().map(|&child| (child, self.most(child))).collect();
        branches.retain(|branch| branch.1 >= LEAST_CHANGE);
        branches.sort_by(|one, other| other.1.total_cmp(&one.1));
        if level >= LEVELS {
            return;
        }
        let count = branches.len();
        for (line, (branch, _)) in branches.into_iter().enumerate() {
            let (lead, indent) = match (level, line + 1 == count) {
                (0, _) => ("", ""),
                (_, true) => ("└─ ", "   "),
                (_, false) => ("├─ ", "│  "),
            };
            let share = |share: f64| units::share((share * 1e9) as u64, 1_000_000_000);
            let change = self.change(branch) * 100.0;
            let cells = vec![
                share(self.shares[0][branch]).into(),
                share(self.shares[1][branch]).into(),
                format!("{change:+.1}").into(),
            ];
            let name = self.profile.name(branch).into_owned();
            self.rows.push(GridRow { name, lead: format!("{below}{lead}"), cells });
            self.branches(branch, &format!("{below}{indent}"), level + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{data::profile::tests::some, view::stacks::ThreadState};

    #[test]
    fn what_changed_most_comes_first() {
        let (before, after) = (some().merged().only(&[ThreadState::Running]), some().merged());
        insta::assert_snapshot!(render(&before, &after, &Style::plain().with_width(90)));
    }

    #[test]
    fn nothing_changed_is_said() {
        let same = some().merged();
        assert!(render(&same, &same, &Style::plain()).ends_with("\nNo share differs by 0.2 points or more.\n"));
    }
}
