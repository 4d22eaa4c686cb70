//! `show`: snapshots and recordings as tables, trees, rows or a page.

mod args;
mod select;

use std::{
    io,
    path::{Path, PathBuf},
};

pub(super) use args::ShowArgs;
use args::{Format, Percentiles};
use select::SelectionError;

use super::{Outcome, Streams, runs};
use crate::{
    Snapshot, Style, View,
    view::{Selection, detail, html, percentiles, rows, tree},
};

pub(super) fn run(args: &ShowArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    if let Some(refusal) = args.refusal() {
        streams.error(refusal);
        return Ok(Outcome::Failed);
    }
    let mut missing = false;
    let mut files: Vec<PathBuf> = Vec::new();
    for path in &args.files {
        let found = runs::files(path, streams);
        missing |= found.is_none();
        files.extend(found.into_iter().flatten());
    }
    if args.format == Format::Html && files.len() > 1 {
        streams.error("an HTML page shows one file; give one, or first add them up with `cargo perf-report merge`");
        return Ok(Outcome::Failed);
    }
    let mut output = Shown::new(args, streams.style, files.len() > 1);
    for file in &files {
        let (snapshot, sound) = runs::load(file, streams);
        missing |= !sound;
        let Some(mut snapshot) = snapshot else { continue };
        if args.raw {
            snapshot = snapshot.raw();
        }
        if let Err(error) = output.add(file, &snapshot, streams)? {
            streams.error(format_args!("{}: {error}", runs::shown(file)));
            missing = true;
        }
    }
    Ok(match (output.finish(streams)?, missing) {
        (0, _) => Outcome::Failed,
        (_, true) => Outcome::Partial,
        (_, false) => Outcome::Complete,
    })
}

/// The output as it grows from file to file.
struct Shown<'a> {
    args: &'a ShowArgs,
    style: Style,
    /// Whether rows must name their file.
    several: bool,
    /// The rows of all files, where those are asked for.
    csv: Option<rows::Csv>,
    /// Texts that were written.
    texts: usize,
}

impl<'a> Shown<'a> {
    fn new(args: &'a ShowArgs, detected: Style, several: bool) -> Shown<'a> {
        let csv = (args.format == Format::Csv).then(|| rows::Csv::new(args.columns.as_deref(), several));
        Shown { args, style: args.style(detected), several, csv, texts: 0 }
    }

    /// Adds a file. The inner error is about the selection, the outer about the output.
    fn add(
        &mut self,
        file: &Path,
        snapshot: &Snapshot,
        streams: &mut Streams<'_>,
    ) -> io::Result<Result<(), SelectionError>> {
        if let Some(csv) = &mut self.csv {
            let selection = match select::selection(self.args, snapshot) {
                Ok(selection) => selection,
                Err(error) => return Ok(Err(error)),
            };
            let name = file.display().to_string();
            csv.add(self.several.then_some(name.as_str()), snapshot, &selection);
            self.texts += 1;
            return Ok(Ok(()));
        }
        let texts = match texts(self.args, snapshot, &self.style) {
            Ok(texts) => texts,
            Err(error) => return Ok(Err(error)),
        };
        for text in texts {
            // An empty line stands between views; lines of JSON need none.
            if self.texts > 0 && self.args.format != Format::Json && !text.starts_with('{') {
                writeln!(streams.output)?;
            }
            streams.output.write_all(text.as_bytes())?;
            self.texts += 1;
        }
        Ok(Ok(()))
    }

    /// Writes the rows of all files, if there are rows. Returns the number of texts.
    fn finish(self, streams: &mut Streams<'_>) -> io::Result<usize> {
        if let Some(csv) = self.csv.filter(|_| self.texts > 0) {
            streams.output.write_all(&csv.finish())?;
        }
        Ok(self.texts)
    }
}

/// The texts of one file.
fn texts(args: &ShowArgs, snapshot: &Snapshot, style: &Style) -> Result<Vec<String>, SelectionError> {
    if let Some(name) = &args.function {
        let functions = select::functions(snapshot, name)?;
        if let Some(direction) = args.tree {
            let selection = Selection { functions, ..Selection::default() };
            return Ok(vec![tree::render(snapshot, style, direction, Some(&selection), args.depth)]);
        }
        let one = |function| match args.percentiles {
            Percentiles::Hdr => percentiles::render(&snapshot.functions[function]),
            Percentiles::Table => detail::render(snapshot, style, function),
        };
        return Ok(functions.into_iter().map(one).collect());
    }
    if args.format == Format::Html {
        return Ok(vec![html::render(snapshot)]);
    }
    if args.format == Format::Json && !args.narrows() {
        return Ok(vec![View::Json.render(snapshot, style)]);
    }
    let selection = select::selection(args, snapshot)?;
    if let Some(direction) = args.tree {
        let from = args.narrows().then_some(&selection);
        return Ok(vec![tree::render(snapshot, style, direction, from, args.depth)]);
    }
    Ok(match args.format {
        Format::Json => vec![rows::json(snapshot, &selection)],
        Format::Markdown => vec![rows::markdown(snapshot, &selection)],
        _ => args.view.iter().map(|view| view.render_selected(snapshot, style, &selection)).collect(),
    })
}
