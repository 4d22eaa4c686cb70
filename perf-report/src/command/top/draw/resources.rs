//! A row per lazy resource: its state and its history.

use ratatui::text::{Line, Span};

use super::{
    Paint, PaneBody,
    grid::{Cell, Column, Grid, longest},
};
use crate::{
    Resource, ResourceState,
    command::{live::Moment, top::state::Chosen},
    view::units::{bytes, count, duration},
};

#[derive(Clone, Copy, PartialEq)]
enum Of {
    State,
    Accesses,
    Leases,
    Weight,
    Idle,
    Initialisations,
    Init,
    Failures,
    Waited,
    Evictions,
    Freed,
}

fn columns() -> Vec<Column<Of>> {
    vec![
        Column::text(Of::State, "state", 12, 0),
        Column::new(Of::Leases, "leases", 6, 2),
        Column::new(Of::Accesses, "accesses", 10, 1),
        Column::new(Of::Weight, "weight", 8, 3),
        Column::new(Of::Idle, "idle", 8, 4),
        Column::new(Of::Initialisations, "inits", 5, 5),
        Column::new(Of::Init, "last init", 9, 7),
        Column::new(Of::Failures, "failures", 8, 6),
        Column::new(Of::Waited, "waited", 6, 10),
        Column::new(Of::Evictions, "evictions", 9, 8),
        Column::new(Of::Freed, "freed", 8, 9),
    ]
}

pub(super) fn body(moment: &Moment, chosen: &mut Chosen, paint: Paint, width: usize, rows: usize) -> PaneBody {
    let listed = chosen.resources(moment);
    chosen.cursor().fit(listed.len(), rows);
    let cursor = *chosen.cursor();
    let resources = &moment.snapshot.resources;
    let longest = longest("resource", listed.iter().map(|&index| resources[index].name.as_str()));
    let grid = Grid::fit(columns(), None, longest, width, paint);
    let head = grid.head(("resource", false), None, false);
    let shown = listed.iter().enumerate().skip(cursor.offset).take(rows);
    let mut rows: Vec<_> = shown
        .map(|(place, &index)| {
            let resource = &resources[index];
            let style = if resource.first_use_ns.is_none() { paint.faint() } else { Default::default() };
            grid.row("", &resource.name, style, place == cursor.position, |of| cell(of, resource, paint))
        })
        .collect();
    if rows.is_empty() {
        let text = match resources.is_empty() {
            true => "The program declares no lazy resource.",
            false => "No resource matches the filter.",
        };
        rows.push(Line::from(Span::styled(text, paint.faint())));
    }
    PaneBody { head: vec![head], rows }
}

fn cell(of: Of, resource: &Resource, paint: Paint) -> Cell {
    let known = |text: Option<String>| text.map_or_else(|| Cell::new("–", paint.faint()), Cell::from);
    let number = |number: u64| known((number > 0).then(|| count(number)));
    let size = |size: u64| known((size > 0).then(|| bytes(size)));
    match of {
        Of::State => {
            let style = match (resource.state, resource.healthy) {
                (ResourceState::Failed, _) | (_, Some(false)) => paint.hot(),
                (ResourceState::Ready, _) => paint.good(),
                (ResourceState::Initialising, _) => paint.warm(),
                _ => paint.faint(),
            };
            let sick = if resource.healthy == Some(false) { "unhealthy" } else { resource.state.name() };
            Cell::new(sick, style)
        }
        Of::Accesses => known(resource.accesses.map(count)),
        Of::Leases => known(resource.evictable.then(|| count(resource.leases))),
        Of::Weight => size(resource.weight),
        Of::Idle => known(resource.idle_ns.map(duration)),
        Of::Initialisations => number(resource.initialisations),
        Of::Init => known((resource.initialisations > 0).then(|| duration(resource.last_init_ns))),
        Of::Failures => {
            let style = if resource.failures > 0 { paint.hot() } else { Default::default() };
            Cell { style, ..number(resource.failures) }
        }
        Of::Waited => number(resource.waited),
        Of::Evictions => known(resource.evictable.then(|| count(resource.evictions))),
        Of::Freed => size(resource.freed),
    }
}
