//! HTML: the report of the profile with a section of findings; without a profile that section alone.

use askama::Template;

use super::{at, at_best, stake_sentence, summary};
use crate::{
    command::audit::report::Report,
    view::{html, text::escape, units},
};

/// The section.
#[derive(Template)]
#[template(path = "sections/audit.html")]
struct Section<'a> {
    summary: &'a str,
    rows: &'a [Row],
    start: Option<Start>,
    notes: &'a [String],
}

struct Row {
    severity: &'static str,
    check: String,
    message: String,
    place: String,
    at_best: String,
    more: Vec<String>,
}

struct Start {
    spent: String,
    critical: String,
    path: String,
    advice: Vec<String>,
}

pub(super) fn render(report: &Report, limit: usize) -> String {
    let rows: Vec<Row> = report
        .new_findings()
        .take(limit)
        .map(|finding| {
            let stake = finding.stake.as_ref().map(|stake| stake_sentence(finding, stake));
            Row {
                severity: finding.severity.name(),
                check: escape(&finding.check),
                message: escape(&finding.message),
                place: at(finding),
                at_best: finding.stake.as_ref().map(at_best).unwrap_or_default(),
                more: stake.into_iter().chain(finding.help.iter().map(|help| escape(help))).collect(),
            }
        })
        .collect();
    let start = report.startup.as_ref().map(|startup| Start {
        spent: units::duration(startup.spent_ns),
        critical: units::duration(startup.critical_ns),
        path: startup.critical_path.iter().map(|name| escape(name)).collect::<Vec<_>>().join(" → "),
        advice: startup
            .advice
            .iter()
            .map(|advice| format!("{} At best {} saved.", advice.text, units::duration(advice.saves_ns)))
            .collect(),
    });
    let notes: Vec<String> = report.notes.iter().map(|note| escape(note)).collect();
    let section = Section { summary: &summary(report), rows: &rows, start, notes: &notes };
    let section = section.render().expect("the template writes to memory and calls nothing that fails");
    html::audit(report.snapshot.as_ref(), &section)
}
