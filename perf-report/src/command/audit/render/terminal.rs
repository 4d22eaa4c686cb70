//! For a terminal: an excerpt of the source for each finding, drawn as the compiler draws its own.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{stake_sentence, summary};
use crate::{
    Style,
    command::audit::{
        finding::{Finding, Severity},
        report::Report,
        source::SourceFile,
        startup::Startup,
    },
    view::{
        text::{escape, plural, wrap},
        units,
    },
};

/// Lines of an excerpt; of a whole function the first ones are enough.
const LINES: usize = 6;

pub(super) fn render(report: &Report, files: &[SourceFile], limit: usize, style: &Style) -> String {
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(style.width.unwrap_or(140).max(40));
    let mut out = format!("{}{}\n\n", summary(report), of_profile(report));
    for (place, finding) in report.new_findings().take(limit).enumerate() {
        out += &excerpt(place + 1, finding, files, &renderer);
        out += "\n\n";
    }
    let hidden = report.new_findings().count().saturating_sub(limit) as u64;
    if hidden > 0 {
        let findings = plural(hidden, "finding", "findings");
        out += &format!("{} more {findings}; --limit shows more of them\n\n", units::count(hidden));
    }
    if let Some(startup) = &report.startup {
        out += &start(startup, style);
    }
    for note in &report.notes {
        out += &wrap(&escape(note), "• ", style.width);
    }
    out
}

fn of_profile(report: &Report) -> String {
    match (report.self_ns, &report.snapshot) {
        (Some(self_ns), Some(snapshot)) => {
            format!(" · {} · {} of self time", escape(&snapshot.process.program), units::duration(self_ns))
        }
        _ => String::new(),
    }
}

fn excerpt(number: usize, finding: &Finding, files: &[SourceFile], renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::High => Level::ERROR,
        Severity::Medium => Level::WARNING,
        Severity::Low => Level::INFO,
    };
    let name = format!("{number} {}", finding.severity.name());
    let title = escape(&finding.message);
    let title = level.with_name(name).primary_title(title).id(finding.check.clone());
    let mut group = Group::with_title(title);
    let place = &finding.place;
    let path = escape(&place.file);
    let file = files.iter().find(|file| file.path == place.file);
    if let Some((text, span)) = file.and_then(|file| source(file, finding)) {
        let annotation = AnnotationKind::Primary.span(span);
        let snippet = Snippet::source(text).line_start(place.line).path(path).annotation(annotation);
        group = group.element(snippet);
    } else {
        let origin = annotate_snippets::Origin::path(path).line(place.line).char_column(place.column);
        group = group.element(origin);
    }
    if let Some(stake) = &finding.stake {
        group = group.element(Level::NOTE.message(stake_sentence(finding, stake)));
    }
    for help in &finding.help {
        group = group.element(Level::HELP.message(escape(help)));
    }
    renderer.render(&[group])
}

/// The lines of a finding, its first ones at least, and its span in them. `None` if the file is another by now.
fn source(file: &SourceFile, finding: &Finding) -> Option<(String, std::ops::Range<usize>)> {
    let place = &finding.place;
    let span = &place.bytes;
    let before = file.text.get(..span.start)?;
    let begin = before.rfind('\n').map_or(0, |at| at + 1);
    let rest = file.text.get(begin..)?;
    let count = (place.end_line.saturating_sub(place.line) + 1).min(LINES);
    let len = rest.split_inclusive('\n').take(count).map(str::len).sum::<usize>();
    let text = rest.get(..len)?.trim_end_matches(['\n', '\r']);
    let from = span.start - begin;
    // Of what goes beyond the excerpt, the first line is marked.
    let first_line = text.find('\n').unwrap_or(text.len());
    let to = if span.end - begin <= text.len() { span.end - begin } else { first_line };
    let to = to.max(from);
    text.get(from..to)?;
    // A carriage return at the end of a line would be drawn.
    let without = |at: usize| at - text[..at].matches("\r\n").count();
    Some((text.replace("\r\n", "\n"), without(from)..without(to)))
}

fn start(startup: &Startup, style: &Style) -> String {
    let mut out = format!(
        "Start: {} in initialisers; no order takes less than {}\n\n",
        units::duration(startup.spent_ns),
        units::duration(startup.critical_ns)
    );
    let names: Vec<String> = startup.steps.iter().map(|step| escape(&step.resource)).collect();
    let widest = names.iter().map(|name| crate::view::text::width(name)).max().unwrap_or(0).min(60);
    for (name, step) in names.iter().zip(&startup.steps) {
        let mark = if startup.critical_path.contains(&step.resource) { "▌" } else { " " };
        let pad = " ".repeat(widest.saturating_sub(crate::view::text::width(name)));
        let waited = match step.waited {
            0 => String::new(),
            waited => {
                format!(", {} {} for it", units::count(waited), plural(waited, "access waited", "accesses waited"))
            }
        };
        out += &format!(
            "{mark} {name}{pad}  from {}, took {}, {} of it its own{waited}\n",
            units::duration(step.begins_ns),
            units::duration(step.took_ns),
            units::duration(step.own_ns)
        );
    }
    out += "\n";
    for advice in &startup.advice {
        let text = format!("{} At best {} saved.", advice.text, units::duration(advice.saves_ns));
        out += &wrap(&text, "• ", style.width);
    }
    out
}
