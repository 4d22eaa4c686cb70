//! `history check`: whether a metric became worse at one of the newest commits; the exit status tells CI.

use std::io;

use super::{DOUBLED, FEWEST_COMMITS, Judged, Trend, TrendArgs, TrendVerdict, draw};
use crate::{
    command::{
        Outcome, Streams,
        nearest::listed,
        outputs::{self, Case, Findings, Measure, OutputArgs, Place, Status},
    },
    view::text::plural,
};

/// Arguments of `history check`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 nothing became worse at the newest commits; 1 something did, and still is worse; 2 the history \
                        cannot be judged: too few commits, or too few runs of them, unreadable files, a pattern that matches \
                        nothing, or nothing that ran at the newest commit."
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
        if trend.verdict == TrendVerdict::Gone {
            continue;
        }
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
            Some((1, _)) => " (1 more was recorded under other conditions)".to_owned(),
            Some((number, _)) => format!(" ({number} more were recorded under other conditions)"),
            None => String::new(),
        };
        let runs = format!("runs of {commits} {}{others}", plural(commits as u64, "commit", "commits"));
        return Err(match judged.older {
            0 => format!("the history has {runs}, and a verdict needs {FEWEST_COMMITS}; add more first"),
            older => format!(
                "--last takes {runs} and leaves out {older} older {}, and a verdict needs {FEWEST_COMMITS}; raise --last",
                plural(older as u64, "one", "ones")
            ),
        });
    }
    if judged.trends.iter().all(|trend| trend.verdict == TrendVerdict::Gone) {
        return Err(format!(
            "nothing that is to be judged has a value at the newest commit: {}; where a function was renamed, select its new name",
            listed(&draw::gone(judged))
        ));
    }
    let is_unjudged = |trend: &Trend| matches!(trend.verdict, TrendVerdict::TooShort | TrendVerdict::Gone);
    if judged.trends.iter().all(is_unjudged) {
        return Err(format!("no function ran at {FEWEST_COMMITS} commits or more, so there is nothing to judge"));
    }
    // Green would say that nothing became worse where nothing could have been seen.
    let is_blind = |trend: &Trend| {
        is_unjudged(trend)
            || trend.verdict == TrendVerdict::Steady && trend.least_step.is_some_and(|step| step > DOUBLED)
    };
    if judged.trends.iter().all(is_blind) {
        let message = "in so few values, chance explains a step of any metric to twice its value; add more commits, or more runs of each";
        return Err(message.to_owned());
    }
    Ok(())
}

fn case(judged: &Judged, trend: &Trend) -> Case {
    let (status, change) = match trend.verdict {
        TrendVerdict::Regressed(change) => (Status::Failed, Some(change)),
        TrendVerdict::SeemsWorse(change) => (Status::Suspicious, Some(change)),
        TrendVerdict::Improved(change) => (Status::Improved, Some(change)),
        TrendVerdict::Steady => (Status::Passed, None),
        TrendVerdict::TooShort | TrendVerdict::Gone => (Status::Skipped, None),
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
