//! The resources: a row for each one that was used, then what depends on what, then what needs saying.

use super::{
    Style,
    grid::{Column, Drawn, Figure, Grid, Row},
    notes::list,
    text::{escape, plural, wrap},
    title,
    units::{bytes, count, duration, duration_cell},
};
use crate::{Resource, Snapshot, TeardownOutcome};

/// What is initialised later than this after the start of the process is not part of its start-up.
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
        notes.extend(hidden(&drawn));
    }
    notes.extend(told(snapshot));
    if !notes.is_empty() {
        out.push('\n');
    }
    for note in notes {
        out += &wrap(&note, "• ", style.width);
    }
    out
}

/// What needs saying.
pub(super) fn told(snapshot: &Snapshot) -> Vec<String> {
    [late(snapshot), never_used(snapshot), ends(snapshot), unhealthy(snapshot)].into_iter().flatten().collect()
}

fn hidden(drawn: &Drawn) -> Option<String> {
    let columns = drawn.hidden.join(", ");
    (!drawn.hidden.is_empty())
        .then(|| format!("Not shown at this width: {columns} (all take {} columns).", drawn.needed))
}

fn grid(resources: &[&Resource], snapshot: &Snapshot) -> Grid {
    let column = |title: &str, rank| Column { title: title.into(), rank };
    let columns = vec![
        column("state", 0),
        column("inits", 3),
        column("failures", 7),
        column("first use", 2),
        column("init", 1),
        column("self", 4),
        column("max", 10),
        column("waited", 11),
        column("accesses", 6),
        column("leases", 12),
        column("weight", 5),
        column("idle", 13),
        column("evictions", 8),
        column("freed", 9),
        column("teardown", 14),
    ];
    let rows = resources.iter().map(|resource| {
        let function = resource.function.and_then(|index| snapshot.functions.get(index)).filter(|f| f.calls > 0);
        let some = |text: Option<String>| Figure::from(text.unwrap_or_else(|| "–".into()));
        let size = |size: u64| some((size > 0).then(|| bytes(size)));
        let figures = vec![
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
        Row { name: resource.name.clone(), lead: String::new(), figures }
    });
    Grid { name_title: "resource", columns, rows: rows.collect() }
}

/// What each resource uses. Roots are those that no other uses; what a resource uses is shown once.
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
    let columns = vec![Column { title: "state".into(), rank: 1 }, Column { title: "init".into(), rank: 0 }];
    let grid = Grid { name_title: "resource and what it depends on", columns, rows: tree.rows };
    format!("\n{}", grid.draw(style).text)
}

struct Tree<'a> {
    resources: &'a [Resource],
    shown: Vec<bool>,
    rows: Vec<Row>,
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
        self.rows.push(Row {
            name: format!("{}{how}{more}", resource.name),
            lead: if depth > 0 { format!("{:1$}→ ", "", depth * 2) } else { String::new() },
            figures: vec![resource.state.name().to_owned().into(), init.into()],
        });
        if !again {
            for dependency in &resource.dependencies {
                self.add(dependency.resource, depth + 1, if dependency.learnt { "" } else { " (declared)" });
            }
        }
    }
}

/// What laziness kept out of the start-up, by what it took in this very run.
fn late(snapshot: &Snapshot) -> Option<String> {
    let late =
        |resource: &Resource| resource.initialisations > 0 && resource.first_use_ns.is_some_and(|ns| ns > START_UP_NS);
    let saved = snapshot.resources.iter().filter(|resource| late(resource));
    let saved = saved.fold(0_u64, |sum, resource| sum.saturating_add(resource.first_init_ns));
    let names = names(snapshot, late)?;
    Some(format!(
        "Laziness kept {} out of the first second: that long took the first initialisation of {names}.",
        duration(saved)
    ))
}

fn never_used(snapshot: &Snapshot) -> Option<String> {
    let never = |resource: &Resource| resource.first_use_ns.is_none();
    let number = snapshot.resources.iter().filter(|resource| never(resource)).count() as u64;
    let names = names(snapshot, never)?;
    Some(format!(
        "{} {} never used, and cost nothing: {names}.",
        count(number),
        plural(number, "resource was", "resources were")
    ))
}

fn ends(snapshot: &Snapshot) -> Option<String> {
    let ends = snapshot.resources.iter().filter_map(|resource| {
        let how = match resource.teardown?.outcome {
            TeardownOutcome::Done => return None,
            TeardownOutcome::Panicked => "panicked",
            TeardownOutcome::GivenUp => "did not end in time",
            TeardownOutcome::Leased => "left leases out",
        };
        Some(format!("of {} {how}", escape(&resource.name)))
    });
    let ends: Vec<String> = ends.collect();
    Some(format!("The teardown {}.", list(ends.into_iter())?))
}

fn unhealthy(snapshot: &Snapshot) -> Option<String> {
    Some(format!("Last found unhealthy: {}.", names(snapshot, |resource| resource.healthy == Some(false))?))
}

/// The names of some resources.
fn names(snapshot: &Snapshot, which: impl Fn(&Resource) -> bool) -> Option<String> {
    let names: Vec<String> =
        (snapshot.resources.iter()).filter(|resource| which(resource)).map(|resource| escape(&resource.name)).collect();
    list(names.into_iter())
}
