//! The history of a program: trends of its metrics from commit to commit, for the terminal, a browser and programs.

use std::collections::BTreeSet;

use askama::Template;
use serde_json::json;

use super::{Change, Commit, DOUBLED, FEWEST_COMMITS, Judged, Series, Trend, TrendVerdict};
pub(super) use crate::command::compare::draw::signed;
use crate::{
    Style,
    command::{
        compare::{self, Unit},
        nearest::listed,
    },
    view::{
        grid::{Cell, Column, Grid, GridRow, Tone},
        text::{bullets, escape, plural},
    },
};

/// The most letters of a trend line.
const LINE: usize = 40;

/// The table and the sentences below it: the series about which there is something to say, then so many of the others, all that
/// take most time first. Without a limit there are no others.
pub(crate) fn text(judged: &Judged, limit: Option<usize>, style: &Style) -> String {
    let mut out = format!("{}\n", style.bold(&escape(&headline(judged))));
    let columns = [("trend", 1), ("now", 0), ("counts from", 2), ("verdict", 0)];
    let columns = columns.map(|(title, rank)| Column::new(title, rank)).into();
    let shown = ordered(judged);
    let important = shown.iter().filter(|trend| is_news(trend)).count();
    let rows: Vec<GridRow> =
        shown.iter().take(limit.map_or(important, |limit| limit.max(important))).map(|trend| row(trend)).collect();
    if !rows.is_empty() {
        out += &format!("\n{}", Grid { name_title: "function, metric", columns, rows }.draw(style).text);
    }
    let told = shown.iter().filter(|trend| is_news(trend)).map(|trend| sentence(judged, trend) + ".");
    let lines: Vec<String> = told.chain(notes(judged).iter().map(|note| escape(note))).collect();
    out + &bullets(&lines, style)
}

/// `app: 42 commits up to 9f8e7d6; 1 regression`
pub(crate) fn headline(judged: &Judged) -> String {
    let commits = &judged.comparable.commits;
    let count = |is: fn(&TrendVerdict) -> bool| judged.trends.iter().filter(|trend| is(&trend.verdict)).count() as u64;
    let regressed = count(|verdict| matches!(verdict, TrendVerdict::Regressed(_)));
    let suspected = count(|verdict| matches!(verdict, TrendVerdict::SeemsWorse(_)));
    let improved = count(|verdict| matches!(verdict, TrendVerdict::Improved(_)));
    let mut parts = Vec::new();
    for (count, one, many) in [
        (regressed, "regression", "regressions"),
        (suspected, "suspected regression", "suspected regressions"),
        (improved, "improvement", "improvements"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {}", plural(count, one, many)));
        }
    }
    if parts.is_empty() {
        parts.push("nothing became worse at the newest commits".to_owned());
    }
    format!(
        "{}: {} {} up to {}; {}",
        judged.program,
        commits.len(),
        plural(commits.len() as u64, "commit", "commits"),
        commits.last().map_or_else(String::new, name),
        parts.join(", ")
    )
}

/// Sentences about the method and its limits.
pub(crate) fn notes(judged: &Judged) -> Vec<String> {
    let is_unjudged = |trend: &Trend| matches!(trend.verdict, TrendVerdict::TooShort | TrendVerdict::Gone);
    let number = judged.trends.iter().filter(|trend| !is_unjudged(trend)).count();
    let few: Vec<(usize, f64)> = judged
        .trends
        .iter()
        .filter(|trend| !is_unjudged(trend))
        .filter_map(|trend| Some((trend.series.points.len(), trend.least_step?.max(trend.threshold))))
        .collect();
    let mut notes = vec![format!(
        "Change points by E-divisive (Matteson and James 2014), commits permuted for {}{}: {} % false alarms in all.",
        if number == 1 { "one metric".to_owned() } else { format!("all {number} metrics at once") },
        if few.is_empty() { "" } else { ", and of few values by Student's t (Hawkins 1977)" },
        (judged.alpha * 1e6).round() / 1e4
    )];
    notes.extend(of_few_values(&few));
    if let Some((number, differences)) = &judged.comparable.left_out {
        let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
        notes.push(format!(
            "Warning: {number} {} left out, because their runs were not recorded under the conditions of the newest commit ({}).",
            plural(*number as u64, "commit was", "commits were"),
            differences.join("; ")
        ));
    }
    let gone = gone(judged);
    if !gone.is_empty() {
        notes.push(format!("Not judged, because the newest commit has no value: {}.", listed(&gone)));
    }
    let short = judged.trends.iter().filter(|trend| trend.verdict == TrendVerdict::TooShort).count();
    if short > 0 {
        notes.push(format!(
            "{short} {} not judged, because the function ran at fewer than {FEWEST_COMMITS} commits.",
            plural(short as u64, "metric was", "metrics were")
        ));
    }
    notes
}

/// How large a step shows in series of few values, given as their numbers of values and least steps.
fn of_few_values(few: &[(usize, f64)]) -> Option<String> {
    let fewest = few.iter().map(|(values, _)| values).min()?;
    let mut steps: Vec<f64> = few.iter().map(|(_, step)| *step).collect();
    steps.sort_by(f64::total_cmp);
    let half = steps[(steps.len() - 1) / 2];
    let all = steps.len();
    let shown = match steps.iter().filter(|step| **step <= DOUBLED).count() {
        0 => "none up to twice the value is found".to_owned(),
        1 if all == 1 => format!("one of {} or more is found", percent(half)),
        doubled if half > DOUBLED => format!("one to twice the value is found in {doubled}"),
        doubled => format!(
            "one of {} or more is found in half of them, one to twice the value in {}",
            percent(half),
            if doubled == all { "all".to_owned() } else { doubled.to_string() }
        ),
    };
    Some(format!(
        "{all} {} few values ({fewest}{}), so small steps do not show yet: at the two newest commits, {shown}.",
        plural(all as u64, "metric has", "metrics have"),
        if few.iter().any(|(values, _)| values != fewest) { " or more" } else { "" }
    ))
}

/// The functions of which the newest commit has no value, and the metrics of others of which it has none.
pub(crate) fn gone(judged: &Judged) -> Vec<String> {
    let (gone, others): (Vec<&Trend>, Vec<&Trend>) =
        judged.trends.iter().partition(|trend| trend.verdict == TrendVerdict::Gone);
    let others: BTreeSet<&str> = others.iter().map(|trend| trend.series.function.as_str()).collect();
    let name = |trend: &Trend| match others.contains(trend.series.function.as_str()) {
        true => format!("{} of {}", trend.series.metric, trend.series.function),
        false => trend.series.function.clone(),
    };
    gone.into_iter().map(name).collect::<BTreeSet<String>>().into_iter().collect()
}

/// The value at the newest commit, if there is one.
fn now(trend: &Trend) -> String {
    match (trend.verdict, trend.series.points.last()) {
        (TrendVerdict::Gone, _) | (_, None) => "–".to_owned(),
        (_, Some(point)) => value(&trend.series, point.value),
    }
}

/// The result of a series in a sentence without a full stop.
pub(crate) fn sentence(judged: &Judged, trend: &Trend) -> String {
    let Series { function, metric, .. } = &trend.series;
    let subject = format!("{metric} of {}", escape(function));
    let value = |number: f64| value(&trend.series, number);
    let told = |change: &Change, how: &str| {
        let commit = &judged.comparable.commits[change.commit];
        format!(
            "{subject}: {how} {} ({} before, {} since, {}; changes of {} and more count)",
            name(commit),
            value(change.before),
            value(change.after),
            signed(change.change()),
            percent(trend.threshold)
        )
    };
    match &trend.verdict {
        TrendVerdict::Regressed(change) => told(change, "worse since"),
        TrendVerdict::Improved(change) => told(change, "better since"),
        TrendVerdict::SeemsWorse(change) => told(change, "seems worse at the newest commit,"),
        TrendVerdict::Steady => format!("{subject} did not change at the newest commits"),
        TrendVerdict::TooShort => format!("{subject} was not judged, because it has too few values"),
        TrendVerdict::Gone => format!("{subject} was not judged, because the newest commit has no value of it"),
    }
}

/// A value of a series, marked if it is an estimate.
pub(crate) fn value(series: &Series, value: f64) -> String {
    let mark = if series.sampled && series.unit() == Unit::Ns { "~" } else { "" };
    format!("{mark}{}", compare::draw::value(value, series.unit()))
}

/// The data for programs, as one line of JSON.
pub(crate) fn json(judged: &Judged) -> String {
    let commits = &judged.comparable.commits;
    let change = |change: &Change| json!({ "commit": commits[change.commit].id, "before": change.before, "after": change.after, "change": change.change() });
    let series: Vec<_> = judged
        .trends
        .iter()
        .map(|trend| {
            let points = trend.series.points.iter();
            json!({
                "function": trend.series.function,
                "metric": trend.series.metric.name(),
                "file": trend.series.file,
                "line": trend.series.line,
                "values": points.map(|point| json!([commits[point.commit].id, point.value])).collect::<Vec<_>>(),
                "level": trend.level,
                "threshold": trend.threshold,
                "changes": trend.changes.iter().map(change).collect::<Vec<_>>(),
                "verdict": verdict(trend),
            })
        })
        .collect();
    let commits: Vec<_> = commits
        .iter()
        .map(|commit| json!({ "commit": commit.id, "time": commit.time, "runs": commit.runs.len() }))
        .collect();
    format!("{}\n", json!({ "program": judged.program, "commits": commits, "series": series, "notes": notes(judged) }))
}

/// Whether there is something to say about a series.
fn is_news(trend: &Trend) -> bool {
    !matches!(trend.verdict, TrendVerdict::Steady | TrendVerdict::TooShort | TrendVerdict::Gone)
}

/// The worst first, then those with the highest level: metrics of time and of calls are not compared with each other.
fn ordered(judged: &Judged) -> Vec<&Trend> {
    let mut trends: Vec<&Trend> = judged.trends.iter().collect();
    let rank = |trend: &Trend| match trend.verdict {
        TrendVerdict::Regressed(_) => 0,
        TrendVerdict::SeemsWorse(_) => 1,
        TrendVerdict::Improved(_) => 2,
        TrendVerdict::Steady | TrendVerdict::TooShort => 3,
        TrendVerdict::Gone => 4,
    };
    trends.sort_by(|a, b| {
        let is_count = |trend: &Trend| trend.series.unit() == Unit::Count;
        (rank(a), is_count(a)).cmp(&(rank(b), is_count(b))).then(b.level.total_cmp(&a.level))
    });
    trends
}

fn row(trend: &Trend) -> GridRow {
    let tone = match trend.verdict {
        TrendVerdict::Regressed(_) => Tone::Hot,
        TrendVerdict::SeemsWorse(_) => Tone::Warm,
        _ => Tone::Plain,
    };
    GridRow {
        name: format!("{} {}", trend.series.function, trend.series.metric),
        lead: String::new(),
        cells: vec![
            line(trend).into(),
            now(trend).into(),
            percent(trend.threshold).into(),
            Cell { text: verdict(trend).into(), tone },
        ],
    }
}

fn verdict(trend: &Trend) -> &'static str {
    match trend.verdict {
        TrendVerdict::Regressed(_) => "worse",
        TrendVerdict::SeemsWorse(_) => "worse?",
        TrendVerdict::Improved(_) => "better",
        TrendVerdict::Steady => "steady",
        TrendVerdict::TooShort => "too short",
        TrendVerdict::Gone => "gone",
    }
}

fn percent(fraction: f64) -> String {
    format!("{:.1}%", fraction * 100.0)
}

/// The lowest and the highest value of a drawing. A series within its threshold is to look flat.
fn scale(trend: &Trend) -> [f64; 2] {
    let values = trend.series.points.iter().map(|point| point.value);
    let (low, high) = values.fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let room = (2.0 * trend.threshold * trend.level - (high - low)).max(0.0) / 2.0;
    [low - room, (high + room).max(low - room + f64::MIN_POSITIVE)]
}

/// A letter per commit, or per some of them: their mean.
fn line(trend: &Trend) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let [low, high] = scale(trend);
    let points = &trend.series.points;
    let columns = points.len().min(LINE);
    let bar = |column: usize| {
        let part = &points[column * points.len() / columns..(column + 1) * points.len() / columns];
        let mean = part.iter().map(|point| point.value).sum::<f64>() / part.len() as f64;
        BARS[(((mean - low) / (high - low) * 8.0) as usize).min(7)]
    };
    (0..columns).map(bar).collect()
}

/// `9f8e7d6 of 2026-02-03`
fn name(commit: &Commit) -> String {
    let short: String = commit.id.chars().take(7).collect();
    format!("{short} of {}", date(commit.time))
}

/// The day of a time in UTC (H. Hinnant, "chrono-compatible low-level date algorithms", 2021).
fn date(seconds: u64) -> String {
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The page: a line per series, drawn here, so that it needs no script.
#[derive(Template)]
#[template(path = "history.html")]
struct Page {
    headline: String,
    first: String,
    last: String,
    notes: Vec<String>,
    lines: Vec<PageLine>,
}

struct PageLine {
    name: String,
    now: String,
    verdict: &'static str,
    is_bad: bool,
    sentence: String,
    /// Coordinates of the values.
    points: String,
    /// Where changes are, and what they are.
    changes: Vec<(String, String)>,
}

/// Width and height of a drawing.
const SIZE: [f64; 2] = [600.0, 80.0];

/// The page for a browser.
pub(crate) fn page(judged: &Judged) -> Result<String, askama::Error> {
    let commits = &judged.comparable.commits;
    let x = |commit: usize| (commit as f64 + 0.5) / commits.len().max(1) as f64 * SIZE[0];
    let lines = ordered(judged).into_iter().map(|trend| {
        let [low, high] = scale(trend);
        let y = |value: f64| SIZE[1] * (0.95 - 0.9 * (value - low) / (high - low));
        let points = trend.series.points.iter().map(|point| format!("{:.1},{:.1}", x(point.commit), y(point.value)));
        let told = |change: &Change| format!("{}: {}", name(&commits[change.commit]), signed(change.change()));
        let changes = trend.changes.iter().map(|change| (format!("{:.1}", x(change.commit)), told(change)));
        PageLine {
            name: escape(&format!("{} {}", trend.series.function, trend.series.metric)),
            now: now(trend),
            verdict: verdict(trend),
            is_bad: matches!(trend.verdict, TrendVerdict::Regressed(_) | TrendVerdict::SeemsWorse(_)),
            sentence: sentence(judged, trend),
            points: points.collect::<Vec<_>>().join(" "),
            changes: changes.collect(),
        }
    });
    Page {
        headline: escape(&headline(judged)),
        first: commits.first().map_or_else(String::new, name),
        last: commits.last().map_or_else(String::new, name),
        notes: notes(judged).iter().map(|note| escape(note)).collect(),
        lines: lines.collect(),
    }
    .render()
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn days_are_those_of_the_calendar() {
        let days = [0, 951_782_400, 1_709_164_800, 1_709_251_200, 4_102_444_799].map(date);
        assert_eq!(days, ["1970-01-01", "2000-02-29", "2024-02-29", "2024-03-01", "2099-12-31"]);
    }
}
