//! The formats of an audit, a file each. They are functions from a report to text.

mod html;
mod json;
pub(super) mod markdown;
pub(super) mod sarif;
mod terminal;

use super::{
    args::{AuditArgs, Format},
    finding::{Effect, Finding, Relation, Stake},
    report::Report,
    source::SourceFile,
    waits,
};
use crate::{
    command::Streams,
    view::{
        text::{escape, plural},
        units,
    },
};

/// Findings that are shown in a terminal if nobody asks for a number.
const SHOWN: usize = 20;

pub(super) fn render(report: &Report, files: &[SourceFile], args: &AuditArgs, streams: &Streams<'_>) -> String {
    let limit = args.limit.unwrap_or(usize::MAX);
    let to_file = args.file().is_some_and(|path| path.as_os_str() != "-");
    match args.format {
        Format::Text => {
            let mut style = streams.style;
            style.color = args.color.or_detected(style.color && !to_file);
            match args.width {
                Some(width) => style.width = Some(width).filter(|&width| width > 0),
                None if to_file => style.width = None,
                None => {}
            }
            terminal::render(report, files, args.limit.unwrap_or(SHOWN), &style)
        }
        Format::Json => json::render(report, limit),
        Format::Sarif => sarif::render(report, limit, args.baseline.is_some()),
        Format::Markdown => markdown::render(report, limit),
        Format::Html => html::render(report, limit),
    }
}

/// The part of the self time at stake: `34.1%`.
fn share(stake: &Stake) -> String {
    const WHOLE: u64 = 1_000_000;
    units::share((stake.at_best_share * WHOLE as f64).round() as u64, WHOLE)
}

/// The worth of a finding at best: `812 ms (34.1%)`.
///
/// Tasks wait at the same time, so their waits may be more than all self time: then no share of it.
pub(super) fn at_best(stake: &Stake) -> String {
    if stake.at_best_share > 1.0 {
        return units::duration(stake.at_best_ns);
    }
    format!("{} ({})", units::duration(stake.at_best_ns), share(stake))
}

/// The stake, as a sentence.
pub(super) fn stake_sentence(finding: &Finding, stake: &Stake) -> String {
    let name = escape(&stake.function);
    let whose = match stake.relation {
        Relation::Inside => name,
        Relation::Called => format!("{name}, which calls this"),
        Relation::Type => format!("{name}, which uses this type"),
    };
    let figures = figures(stake);
    let comma = if stake.relation == Relation::Inside { "" } else { "," };
    if stake.calls == 0 {
        return format!("nothing at stake in this profile: {whose}{comma} did not run");
    }
    match finding.effect {
        Effect::Allocations if stake.allocations == Some(0) => {
            format!("nothing at stake in this profile: {whose}{comma} allocated nothing itself ({figures})")
        }
        Effect::Allocations if stake.allocations.is_none() => {
            format!("at best {} saved in {whose} ({figures}, allocations not counted)", at_best(stake))
        }
        Effect::Visibility => format!("{} of self time are in {whose} ({figures})", at_best(stake)),
        _ => format!("at best {} saved in {whose} ({figures})", at_best(stake)),
    }
}

/// The figures of the function at stake.
fn figures(stake: &Stake) -> String {
    let mut parts = vec![
        format!("{} {}", units::count(stake.calls), plural(stake.calls, "call", "calls")),
        format!("{} self time", units::duration(stake.self_ns)),
    ];
    if let Some((count, bytes)) = stake.allocations.zip(stake.allocated_bytes) {
        let allocations = plural(count, "allocation", "allocations");
        parts.push(format!("{} {allocations} of {}", units::count(count), units::bytes(bytes)));
    }
    if let Some(ns) = stake.waited_ns {
        parts.push(format!("{} waiting", units::duration(ns)));
    }
    for wait in waits::named(&stake.waits) {
        let (calls, name) = (units::count(wait.calls), escape(&wait.name));
        parts.push(format!("{} of {} by {calls} × {name}", units::duration(wait.ns), waiting_for(wait.kind)));
    }
    if let Some(ns) = stake.initialisation_ns {
        parts.push(format!("{} first initialisation", units::duration(ns)));
    }
    parts.join(", ")
}

/// The time that a kind's rows have.
fn waiting_for(kind: &str) -> &str {
    match kind {
        "lock" => "waiting for a lock",
        "query" => "queries",
        "request" => "requests",
        "channel" => "waiting for a channel",
        _ => "input and output",
    }
}

/// How many findings there are: `12 findings: 3 high, 9 low`.
pub(super) fn summary(report: &Report) -> String {
    let counts = report.counts();
    let all = counts.iter().map(|(_, count)| *count as u64).sum();
    if all == 0 {
        return "no findings".to_owned();
    }
    let each: Vec<String> =
        counts.iter().map(|(severity, count)| format!("{} {}", units::count(*count as u64), severity.name())).collect();
    format!("{} {}: {}", units::count(all), plural(all, "finding", "findings"), each.join(", "))
}

/// Where a finding is: `src/main.rs:12:5`.
fn at(finding: &Finding) -> String {
    format!("{}:{}:{}", escape(&finding.place.file), finding.place.line, finding.place.column)
}
