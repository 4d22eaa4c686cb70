//! `show`: what was asked for of each file, in the form that was asked for.

mod select;

use std::io;

pub use select::SelectionError;

use super::{Format, Outcome, Percentiles, Show, Streams, input};
use crate::{
    Snapshot, Style, View,
    view::{Selection, detail, html, percentiles, rows, tree},
};

pub(super) fn run(show: &Show, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    if let Some(refusal) = refusal(show) {
        writeln!(streams.errors, "perf-report: {refusal}")?;
        return Ok(Outcome::Failed);
    }
    let style = show.style(streams.style);
    let several = show.files.len() > 1;
    let mut csv = (show.format == Format::Csv).then(|| rows::Csv::new(show.columns.as_deref(), several));
    let (mut shown, mut missing) = (0, false);
    for path in &show.files {
        let name = path.display().to_string();
        let escaped = name.escape_debug();
        let reading = match input::load(path, streams.input) {
            Ok(reading) => reading,
            Err(error) => {
                writeln!(streams.errors, "perf-report: {escaped}: {error}")?;
                missing = true;
                continue;
            }
        };
        for damage in &reading.damages {
            writeln!(streams.errors, "perf-report: {escaped}: damaged: {damage}")?;
        }
        if reading.further_damages > 0 {
            writeln!(streams.errors, "perf-report: {escaped}: and {} more damages", reading.further_damages)?;
        }
        missing |= !reading.is_sound();
        let written = match &mut csv {
            Some(csv) => select::selection(show, &reading.snapshot).map(|selection| {
                csv.add(several.then_some(name.as_str()), &reading.snapshot, &selection);
                Vec::new()
            }),
            None => texts(show, &reading.snapshot, &style),
        };
        match written {
            Ok(texts) => {
                for text in texts {
                    // Views are told apart by an empty line; lines of JSON need none.
                    if shown > 0 && show.format != Format::Json && !text.starts_with('{') {
                        writeln!(streams.output)?;
                    }
                    streams.output.write_all(text.as_bytes())?;
                    shown += 1;
                }
                shown += usize::from(csv.is_some());
            }
            Err(error) => {
                writeln!(streams.errors, "perf-report: {escaped}: {error}")?;
                missing = true;
            }
        }
    }
    if let Some(csv) = csv.filter(|_| shown > 0) {
        streams.output.write_all(&csv.finish())?;
    }
    Ok(match (shown, missing) {
        (0, _) => Outcome::Failed,
        (_, true) => Outcome::Partial,
        (_, false) => Outcome::Complete,
    })
}

/// Why options that are good alone are not together.
fn refusal(show: &Show) -> Option<&'static str> {
    let rows = show.format != Format::Table;
    match () {
        () if rows && show.tree.is_some() => {
            Some("--tree is text: leave --format out (the HTML page has the call graph)")
        }
        () if rows && show.function.is_some() => {
            Some("--function is text: leave --format out, or choose rows with --filter")
        }
        () if rows && show.view != [View::Table] => Some("--view is text: give either --view or --format"),
        () if show.format == Format::Html && show.files.len() > 1 => {
            Some("a page shows one file; give one, or make one of them first with `perf-report merge`")
        }
        () if show.format == Format::Html && select::narrows(show) => {
            Some("the page has all functions, and sorts and filters them itself: leave the selecting options out")
        }
        () => None,
    }
}

/// What is asked for, of one file.
fn texts(show: &Show, snapshot: &Snapshot, style: &Style) -> Result<Vec<String>, SelectionError> {
    if let Some(name) = &show.function {
        let functions = select::functions(snapshot, name)?;
        if let Some(direction) = show.tree {
            let selection = Selection { functions, ..Selection::default() };
            return Ok(vec![tree::render(snapshot, style, direction, Some(&selection), show.depth)]);
        }
        let one = |function| match show.percentiles {
            Percentiles::Hdr => percentiles::render(&snapshot.functions[function]),
            Percentiles::Table => detail::render(snapshot, style, function),
        };
        return Ok(functions.into_iter().map(one).collect());
    }
    if show.format == Format::Html {
        return Ok(vec![html::render(snapshot)]);
    }
    if show.format == Format::Json && !select::narrows(show) {
        return Ok(vec![View::Json.render(snapshot, style)]);
    }
    let selection = select::selection(show, snapshot)?;
    if let Some(direction) = show.tree {
        let from = select::narrows(show).then_some(&selection);
        return Ok(vec![tree::render(snapshot, style, direction, from, show.depth)]);
    }
    Ok(match show.format {
        Format::Json => vec![rows::json(snapshot, &selection)],
        Format::Markdown => vec![rows::markdown(snapshot, &selection)],
        _ => show.view.iter().map(|view| view.render_selected(snapshot, style, &selection)).collect(),
    })
}
