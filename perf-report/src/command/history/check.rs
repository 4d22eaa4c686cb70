//! `history check`: whether a metric became worse at one of the newest commits; the exit status tells CI.

use std::io;

use super::{FEWEST_COMMITS, Judged, Trend, TrendArgs, TrendVerdict, draw};
use crate::command::{
    Outcome, Streams,
    outputs::{self, Case, Findings, Measure, OutputArgs, Place, Status},
};

/// Arguments of `history check`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 nothing became worse at the newest commits; 1 something did, and still is worse; 2 the history \
                        cannot be judged: too few commits, unreadable files, a pattern that matches nothing."
)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    trends: TrendArgs,
    /// Files for pipelines.
    #[command(flatten)]
    outputs: OutputArgs,
}

pub(super) fn run(args: &CheckArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    outputs::beside(&args.outputs, "history check", streams, |streams, findings| check(args, streams, findings))
}

fn check(args: &CheckArgs, streams: &mut Streams<'_>, findings: &mut Findings) -> io::Result<Outcome> {
    let judged = args.trends.judge().and_then(|judged| match enough(&judged) {
        Ok(()) => Ok(judged),
        Err(message) => Err(format!("{}: {message}", args.trends.folder.display())),
    });
    let judged = match judged {
        Ok(judged) => judged,
        Err(message) => {
            streams.error(message);
            return Ok(Outcome::Failed);
        }
    };
    findings.program.clone_from(&judged.program);
    findings.headline = draw::headline(&judged);
    findings.notes = draw::notes(&judged);
    for trend in &judged.trends {
        findings.cases.push(case(&judged, trend));
        findings.measures.push(Measure {
            function: trend.series.function.clone(),
            metric: trend.series.metric.name().to_owned(),
            unit: trend.series.metric.unit_name(),
            value: trend.series.points.last().map_or(0.0, |point| point.value),
            range: None,
        });
    }
    streams.output.write_all(draw::text(&judged, None, &streams.style).as_bytes())?;
    let regressed = judged.trends.iter().any(|trend| matches!(trend.verdict, TrendVerdict::Regressed(_)));
    Ok(if regressed { Outcome::Found } else { Outcome::Complete })
}

/// A check of a young history must not pass.
fn enough(judged: &Judged) -> Result<(), String> {
    let commits = judged.comparable.commits.len();
    if commits < FEWEST_COMMITS {
        let others = match &judged.comparable.left_out {
            Some((number, _)) => format!(" ({number} more were recorded under other conditions)"),
            None => String::new(),
        };
        return Err(format!(
            "the history has runs of {commits} commits{others}, and a verdict needs {FEWEST_COMMITS}; add more first"
        ));
    }
    if judged.trends.iter().all(|trend| trend.verdict == TrendVerdict::TooShort) {
        return Err(format!("no function ran at {FEWEST_COMMITS} commits or more, so there is nothing to judge"));
    }
    Ok(())
}

fn case(judged: &Judged, trend: &Trend) -> Case {
    let (status, change) = match trend.verdict {
        TrendVerdict::Regressed(change) => (Status::Failed, Some(change)),
        TrendVerdict::SeemsWorse(change) => (Status::Suspicious, Some(change)),
        TrendVerdict::Improved(change) => (Status::Improved, Some(change)),
        TrendVerdict::Steady => (Status::Passed, None),
        TrendVerdict::TooShort => (Status::Skipped, None),
    };
    let value = |value: f64| draw::value(&trend.series, value);
    Case {
        rule: "change-point",
        suite: judged.program.clone(),
        function: trend.series.function.clone(),
        place: Place::at(&trend.series.file, trend.series.line),
        metric: trend.series.metric.name().to_owned(),
        status,
        values: match change {
            Some(change) => [value(change.before), value(change.after)],
            None => [String::new(), value(trend.level)],
        },
        change: change.map_or_else(String::new, |change| draw::signed(change.change())),
        message: draw::sentence(judged, trend),
        identity: None,
    }
}
