//! The list of several recordings, each with a link to its page.

use askama::Template;

use super::STYLE;
use crate::{
    Snapshot, State,
    view::{text::escape, units},
};

/// A recording in the list.
pub(crate) struct Listed {
    name: String,
    /// Its name in a URL.
    address: String,
    program: String,
    pid: u32,
    state: &'static str,
    recorded: String,
    in_flight: String,
}

impl Listed {
    pub(crate) fn of(name: &str, address: String, snapshot: &Snapshot) -> Listed {
        let process = &snapshot.process;
        Listed {
            name: escape(name),
            address,
            program: escape(&process.program),
            pid: process.pid,
            state: match process.state {
                State::Running => "running",
                State::Closed => "ended",
                State::Killed => "killed",
            },
            recorded: units::duration(process.recorded_ns),
            in_flight: units::count(snapshot.in_flight.len() as u64),
        }
    }
}

#[derive(Template)]
#[template(path = "recordings.html")]
struct List<'a> {
    style: &'a str,
    rows: &'a [Listed],
}

/// The list as a page.
pub(crate) fn list(rows: &[Listed]) -> String {
    List { style: STYLE, rows }.render().expect("the template writes to memory and calls nothing that fails")
}
