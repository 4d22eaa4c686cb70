//! Prometheus's text format.

use std::fmt::Write;

use super::{Families, family::Kind, text};

/// The type of the format in HTTP.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The metrics as text.
pub(crate) fn render(families: &Families<'_>) -> String {
    let mut out = text::with_room(families);
    for (family, samples) in families.iter() {
        let name = family.name();
        let (suffix, kind) = match family.kind() {
            Kind::Counter => ("_total", "counter"),
            Kind::Gauge => ("", "gauge"),
            Kind::Histogram => ("", "histogram"),
        };
        let _ = write!(out, "# HELP {name}{suffix} ");
        text::escape(&mut out, family.help(), false);
        let _ = writeln!(out, "\n# TYPE {name}{suffix} {kind}");
        samples.iter().for_each(|sample| text::sample(&mut out, name, suffix, sample));
    }
    out
}
