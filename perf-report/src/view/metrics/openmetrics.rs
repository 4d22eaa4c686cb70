//! OpenMetrics 1.0, as text.

use std::fmt::Write;

use super::{Families, family::Kind, text};

/// The type of the format in HTTP.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The metrics as text, up to the mark of its end.
pub(crate) fn render(families: &Families<'_>) -> String {
    let mut out = text::with_room(families);
    for (family, samples) in families.iter() {
        let (name, unit) = (family.name(), family.unit().name());
        let (suffix, kind) = match family.kind() {
            Kind::Counter => ("_total", "counter"),
            Kind::Gauge => ("", "gauge"),
            Kind::Histogram => ("", "histogram"),
        };
        let _ = writeln!(out, "# TYPE {name} {kind}");
        if !unit.is_empty() {
            let _ = writeln!(out, "# UNIT {name} {unit}");
        }
        let _ = write!(out, "# HELP {name} ");
        // Unlike in Prometheus's format, quotes are escaped here too.
        text::escape(&mut out, family.help(), true);
        out.push('\n');
        samples.iter().for_each(|sample| text::sample(&mut out, name, suffix, sample));
    }
    out + "# EOF\n"
}
