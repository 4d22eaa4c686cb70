//! The figures of processes as metrics, for the systems that collect them.
//!
//! [`collect`] makes [`Families`] of snapshots: a family per metric, with a sample per process, function, resource or alert. Each
//! format is a function from them to text or bytes: `prometheus` and `openmetrics` are text, `native` is Prometheus's protobuf with
//! native histograms, `otlp` is OpenTelemetry's.
//!
//! A series must not end or begin anew because of how it is exported. So the [`bounds`] of buckets are constants; a function
//! that is [`Shown`] stays so; and the functions beyond the limit are added up in one series whose name is [`OTHER`].

mod alerts;
pub(crate) mod bounds;
mod family;
mod functions;
mod labels;
pub(crate) mod native;
pub(crate) mod openmetrics;
pub(crate) mod otlp;
mod process;
pub(crate) mod prometheus;
mod resources;
mod rows;
mod shown;
mod text;

use std::borrow::Cow;

pub(crate) use family::{Families, Family};
pub(crate) use shown::Shown;

use crate::Snapshot;
use labels::Labels;

/// The name of the series in which functions beyond the limit are added up.
pub(crate) const OTHER: &str = "(other)";

/// The functions that are shown one by one unless somebody asks for another number.
pub(crate) const FUNCTION_LIMIT: usize = 1_000;

/// A process whose figures are exported.
pub(crate) struct Source<'a> {
    /// Its figures.
    pub(crate) snapshot: &'a Snapshot,
    /// A name that tells its recording from others of the same program and process id.
    pub(crate) recording: Option<&'a str>,
    /// The functions to show one by one.
    pub(crate) shown: Cow<'a, Shown>,
    /// Places of the recording that are damaged.
    pub(crate) damages: u64,
}

impl<'a> Source<'a> {
    /// A process of which at most `limit` functions are shown one by one: those with most self time.
    pub(crate) fn of(snapshot: &'a Snapshot, limit: usize) -> Source<'a> {
        let mut shown = Shown::default();
        shown.renew(snapshot, limit);
        Source { snapshot, recording: None, shown: Cow::Owned(shown), damages: 0 }
    }
}

/// Whoever exports, and the figures that it could not export.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Exporter {
    /// The limit of functions over all processes.
    pub(crate) function_limit: usize,
    /// Recordings that could not be read.
    pub(crate) unreadable: u64,
    /// Recordings beyond the number that is read.
    pub(crate) left_out: u64,
}

/// The metrics of some processes, and of whoever exports them.
pub(crate) fn collect<'a>(sources: &[Source<'a>], exporter: &Exporter) -> Families<'a> {
    let mut families = Families::default();
    let own = Labels::none();
    families.add(Family::ExporterFunctionLimit, &own, None, exporter.function_limit as u64);
    families.add(Family::ExporterRecordings, &own, None, sources.len() as u64);
    families.add(Family::ExporterUnreadable, &own, None, exporter.unreadable);
    families.add(Family::ExporterLeftOut, &own, None, exporter.left_out);
    sources.iter().for_each(|source| add(source, &mut families));
    families
}

/// The metrics of one process, with all its functions.
pub(crate) fn of_all(snapshot: &Snapshot) -> Families<'_> {
    of_process(&Source::of(snapshot, usize::MAX))
}

/// The metrics of one process.
pub(crate) fn of_process<'a>(source: &Source<'a>) -> Families<'a> {
    let mut families = Families::default();
    add(source, &mut families);
    families
}

fn add<'a>(source: &Source<'a>, families: &mut Families<'a>) {
    let labels = Labels::of_process(source);
    process::collect(source, &labels, families);
    functions::collect(source, &labels, families);
    resources::collect(source.snapshot, &labels, families);
    alerts::collect(source.snapshot, &labels, families);
}

#[cfg(test)]
mod tests;
