//! The resources: a row for each that was used, notes, then the dependencies.

use super::{
    Style,
    grid::{Cell, Column, Grid, GridRow},
    text::{bullets, escape, list, plural},
    title,
    units::{bytes, count, duration, duration_cell},
};
use crate::{Resource, Snapshot, TeardownOutcome};

/// An initialisation later than this after the start of the process is not part of its start-up.
const START_UP_NS: u64 = 1_000_000_000;

pub(super) fn render(snapshot: &Snapshot, style: &Style) -> String {
    let mut out = title(snapshot, style);
    if snapshot.resources.is_empty() {
        return out + "\nThe program declares no resources.\n";
    }
    out += &table(snapshot, style);
    out += &tree(snapshot, style);
    out
}

/// The table and its notes, without the title: the table view shows them below its own.
pub(super) fn table(snapshot: &Snapshot, style: &Style) -> String {
    let used: Vec<&Resource> = snapshot.resources.iter().filter(|resource| resource.first_use_ns.is_some()).collect();
    let mut out = String::new();
    let mut notes = Vec::new();
    if !used.is_empty() {
        let drawn = grid(&used, snapshot).draw(style);
        out += &format!("\n{}", drawn.text);
        notes.extend(drawn.note());
    }
    notes.extend(told(snapshot));
    out += &bullets(&notes, style);
    out
}

/// The notes on resources.
pub(super) fn told(snapshot: &Snapshot) -> Vec<String> {
    let all = [
        deferred(snapshot),
        never_used(snapshot),
        teardown(snapshot),
        unhealthy(snapshot),
        more_dependencies(snapshot),
    ];
    all.into_iter().flatten().collect()
}

fn grid(resources: &[&Resource], snapshot: &Snapshot) -> Grid {
    let columns = vec![
        Column::new("state", 0),
        Column::new("inits", 3),
        Column::new("failures", 7),
        Column::new("first use", 2),
        Column::new("init", 1),
        Column::new("self", 4),
        Column::new("max", 10),
        Column::new("waited", 11),
        Column::new("accesses", 6),
        Column::new("leases", 12),
        Column::new("weight", 5),
        Column::new("idle", 13),
        Column::new("evictions", 8),
        Column::new("freed", 9),
        Column::new("teardown", 14),
    ];
    let rows = resources.iter().map(|resource| {
        let function = resource.function.and_then(|index| snapshot.functions.get(index)).filter(|f| f.calls > 0);
        let some = |text: Option<String>| Cell::from(text.unwrap_or_else(|| "–".into()));
        let size = |size: u64| some((size > 0).then(|| bytes(size)));
        let cells = vec![
            resource.state.name().to_owned().into(),
            count(resource.initialisations).into(),
            count(resource.failures).into(),
            some(resource.first_use_ns.map(duration_cell)),
            some(function.map(|f| duration_cell(f.mean_ns())).or_else(|| {
                // Initialised before the recording began.
                (resource.initialisations > 0).then(|| duration_cell(resource.first_init_ns))
            })),
            some(function.map(|f| duration_cell(f.self_ns.checked_div(f.calls).unwrap_or(0)))),
            some(function.map(|f| duration_cell(f.max_ns))),
            count(resource.waited).into(),
            some(resource.accesses.map(count)),
            some(resource.evictable.then(|| count(resource.leases))),
            size(resource.weight),
            some(resource.idle_ns.map(duration_cell)),
            some(resource.evictable.then(|| count(resource.evictions))),
            size(resource.freed),
            some(resource.teardown.map(|teardown| duration_cell(teardown.ns))),
        ];
        GridRow { name: resource.name.clone(), lead: String::new(), cells }
    });
    Grid { name_title: "resource", columns, rows: rows.collect() }
}

/// The problem of a teardown, if it had one.
pub(crate) fn problem(outcome: TeardownOutcome) -> Option<&'static str> {
    match outcome {
        TeardownOutcome::Done => None,
        TeardownOutcome::Panicked => Some("panicked"),
        TeardownOutcome::GivenUp => Some("exceeded its time limit"),
        TeardownOutcome::Leased => Some("still had leases out"),
    }
}

/// The uses of each resource, as a tree. Roots are those that no other uses; each resource's uses are shown once.
fn tree(snapshot: &Snapshot, style: &Style) -> String {
    let resources = &snapshot.resources;
    if resources.iter().all(|resource| resource.dependencies.is_empty()) {
        return String::new();
    }
    let is_used = |index: usize| {
        resources.iter().any(|other| other.dependencies.iter().any(|dependency| dependency.resource == index))
    };
    let mut tree = Tree { resources, shown: vec![false; resources.len()], rows: Vec::new() };
    let roots = (0..resources.len()).filter(|&index| !is_used(index));
    // Last, what hangs on no root, because it lies on a cycle.
    for index in roots.chain(0..resources.len()) {
        if !tree.shown[index] {
            tree.add(index, 0, "");
        }
    }
    let columns = vec![Column::new("state", 1), Column::new("ready in", 0)];
    let grid = Grid { name_title: "resource and what it depends on", columns, rows: tree.rows };
    format!("\n{}", grid.draw(style).text)
}

struct Tree<'a> {
    resources: &'a [Resource],
    shown: Vec<bool>,
    rows: Vec<GridRow>,
}

impl Tree<'_> {
    fn add(&mut self, index: usize, depth: usize, how: &str) {
        let Some(resource) = self.resources.get(index) else { return };
        let again = std::mem::replace(&mut self.shown[index], true);
        let more = if again && !resource.dependencies.is_empty() { " (see above)" } else { "" };
        let init = match resource.initialisations {
            0 => "–".into(),
            _ => duration_cell(resource.last_init_ns),
        };
        self.rows.push(GridRow {
            name: format!("{}{how}{more}", resource.name),
            lead: if depth > 0 { format!("{:1$}→ ", "", depth * 2) } else { String::new() },
            cells: vec![resource.state.name().to_owned().into(), init.into()],
        });
        if !again {
            for dependency in &resource.dependencies {
                self.add(dependency.resource, depth + 1, if dependency.learnt { "" } else { " (declared)" });
            }
        }
    }
}

/// The initialisations that laziness kept out of the start-up, by the time that they took in this run.
fn deferred(snapshot: &Snapshot) -> Option<String> {
    let late =
        |resource: &Resource| resource.initialisations > 0 && resource.first_use_ns.is_some_and(|ns| ns > START_UP_NS);
    let saved = snapshot.resources.iter().filter(|resource| late(resource));
    let saved = saved.fold(0_u64, |sum, resource| sum.saturating_add(resource.first_init_ns));
    let names = names(snapshot, late)?;
    Some(format!("{} of initialisation was deferred past the first second: {names}.", duration(saved)))
}

fn never_used(snapshot: &Snapshot) -> Option<String> {
    let never = |resource: &Resource| resource.first_use_ns.is_none();
    let number = snapshot.resources.iter().filter(|resource| never(resource)).count() as u64;
    let names = names(snapshot, never)?;
    Some(format!(
        "{} {} never used, so never initialised: {names}.",
        count(number),
        plural(number, "resource was", "resources were")
    ))
}

fn teardown(snapshot: &Snapshot) -> Option<String> {
    let problems = snapshot
        .resources
        .iter()
        .filter_map(|resource| Some(format!("{} {}", escape(&resource.name), problem(resource.teardown?.outcome)?)));
    let problems: Vec<String> = problems.collect();
    Some(format!("Teardown: {}.", list(problems.into_iter())?))
}

fn unhealthy(snapshot: &Snapshot) -> Option<String> {
    Some(format!("Unhealthy at the last check: {}.", names(snapshot, |resource| resource.healthy == Some(false))?))
}

fn more_dependencies(snapshot: &Snapshot) -> Option<String> {
    let more = snapshot.resources.iter().filter(|resource| resource.more_dependencies > 0);
    let more: Vec<String> =
        more.map(|resource| format!("{} {}", escape(&resource.name), count(resource.more_dependencies))).collect();
    Some(format!("More dependencies than the recording has room for: {}.", list(more.into_iter())?))
}

/// The names of some resources.
fn names(snapshot: &Snapshot, which: impl Fn(&Resource) -> bool) -> Option<String> {
    let names: Vec<String> =
        (snapshot.resources.iter()).filter(|resource| which(resource)).map(|resource| escape(&resource.name)).collect();
    list(names.into_iter())
}
