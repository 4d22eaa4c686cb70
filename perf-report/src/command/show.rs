//! `show`: the views of each file.

use std::io;

use super::{Outcome, Show, Streams, input};
use crate::View;

pub(super) fn run(show: &Show, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let style = show.style(streams.style);
    let (mut shown, mut missing) = (0, false);
    for path in &show.files {
        let name = path.display().to_string();
        let name = name.escape_debug();
        match input::load(path, streams.input) {
            Ok(reading) => {
                for damage in &reading.damages {
                    writeln!(streams.errors, "perf-report: {name}: damaged: {damage}")?;
                }
                if reading.further_damages > 0 {
                    writeln!(streams.errors, "perf-report: {name}: and {} more damages", reading.further_damages)?;
                }
                missing |= !reading.is_sound();
                for view in &show.view {
                    if shown > 0 && *view != View::Json {
                        writeln!(streams.output)?;
                    }
                    streams.output.write_all(view.render(&reading.snapshot, &style).as_bytes())?;
                    shown += 1;
                }
            }
            Err(error) => {
                writeln!(streams.errors, "perf-report: {name}: {error}")?;
                missing = true;
            }
        }
    }
    Ok(match (shown, missing) {
        (0, _) => Outcome::Failed,
        (_, true) => Outcome::Partial,
        (_, false) => Outcome::Complete,
    })
}
