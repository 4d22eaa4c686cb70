//! An audit as findings that pipelines read: a case per finding.

use super::{
    args::{AuditArgs, FailOn},
    checks,
    finding::Finding,
    lints,
    render::{self, stake_sentence},
    report::Report,
};
use crate::{
    command::outputs::{Case, Findings, Format, Measure, Place, Status},
    view::units,
};

/// Adds the findings of an audit.
pub(super) fn add(findings: &mut Findings, report: &Report, args: &AuditArgs) {
    let limit = args.limit.unwrap_or(usize::MAX);
    if let Some(snapshot) = &report.snapshot {
        findings.program = snapshot.process.program.clone();
    }
    findings.headline = render::summary(report);
    findings.notes.clone_from(&report.notes);
    findings.cases.extend(report.new_findings().take(limit).map(|finding| case(finding, &args.fail_on)));
    findings.measures.extend(report.new_findings().take(limit).filter_map(measure));
    let failing = report.failing(&args.fail_on);
    findings.written.push((Format::Sarif, render::sarif::render(report, limit, args.baseline.is_some())));
    findings.written.push((Format::Markdown, comment(findings, report, limit, failing)));
}

fn case(finding: &Finding, fail_on: &[FailOn]) -> Case {
    let fails = fail_on.iter().any(|kind| kind.holds(finding));
    let stake = finding.stake.as_ref();
    let at_best = stake.map(render::at_best).unwrap_or_default();
    Case {
        rule: rule(&finding.check),
        suite: finding.place.file.clone(),
        function: finding.item.clone().unwrap_or_else(|| finding.place.file.clone()),
        place: Place::at(&finding.place.file, u32::try_from(finding.place.line).unwrap_or(u32::MAX)),
        // Without the line: tools follow a case by its name.
        metric: finding.check.clone(),
        status: if fails { Status::Failed } else { Status::Suspicious },
        values: [String::new(), at_best.clone()],
        change: String::new(),
        message: match stake {
            Some(stake) => format!("{}; {}", finding.message, stake_sentence(finding, stake)),
            None => finding.message.clone(),
        },
        identity: Some(finding.fingerprint.clone()),
    }
}

/// The name of a lint or a check, for tools that group by it.
fn rule(check: &str) -> &'static str {
    let lints = lints::LINTS.iter().map(|lint| lint.name);
    lints.chain(checks::NAMES).find(|name| *name == check).unwrap_or("audit")
}

/// The time at stake, which a pipeline can draw over commits.
fn measure(finding: &Finding) -> Option<Measure> {
    finding.stake.as_ref().map(|stake| Measure {
        function: stake.function.clone(),
        metric: format!("at stake by {}", finding.check),
        unit: "ns",
        value: stake.at_best_ns as f64,
        range: None,
    })
}

/// The audit's own table, behind the mark by which a pipeline finds its comment again.
fn comment(findings: &Findings, report: &Report, limit: usize, failing: usize) -> String {
    let verdict = match failing {
        0 => "✅ No finding fails the audit".to_owned(),
        1 => "❌ 1 finding fails the audit".to_owned(),
        _ => format!("❌ {} findings fail the audit", units::count(failing as u64)),
    };
    format!("{}\n### {verdict}\n\n{}", findings.mark(), render::markdown::render(report, limit))
}
