//! A comparison, for the terminal and for a pull request.

use super::{Basis, Compared, ComparedMetric, Comparison, Unit, Verdict};
use crate::{
    Style,
    view::{
        grid::{Cell, Column, Grid, GridRow, Tone},
        text::{bullets, escape, plural, wrap},
        units,
    },
};

/// The most functions that a list names before it says "and so many more".
const LISTED: usize = 10;

/// The text for the terminal; with `all`, also the functions that did not change.
pub(crate) fn text(comparison: &Comparison, all: bool, style: &Style) -> String {
    let mut out = format!("{}\n", style.bold(&escape(&headline(comparison))));
    out += &wrap(&basis(comparison), "", style.width);
    let columns = vec![
        Column::new("before", 2),
        Column::new("after", 1),
        Column::new("change", 0),
        Column::new("95 % interval", 4),
        Column::new("p", 5),
        Column::new("verdict", 0),
    ];
    let mut rows = Vec::new();
    for compared in shown(comparison, all) {
        rows.push(GridRow { name: name(compared), lead: String::new(), cells: vec![Cell::default(); columns.len()] });
        rows.extend(compared.metrics.iter().map(|metric| row(compared, metric)));
    }
    if !rows.is_empty() {
        out += &format!("\n{}", Grid { name_title: "function", columns, rows }.draw(style).text);
    }
    let notes = notes(comparison, all);
    out += &bullets(&notes, style);
    out
}

/// The text for a pull request.
pub(crate) fn markdown(comparison: &Comparison, all: bool) -> String {
    let mut out = format!("### {}\n\n{}\n", plain(&headline(comparison)), basis(comparison));
    let shown: Vec<&Compared> = shown(comparison, all).collect();
    if !shown.is_empty() {
        out += "\n| function | metric | before | after | change | 95 % interval | verdict |\n";
        out += "|---|---|--:|--:|--:|--:|---|\n";
    }
    for compared in shown {
        for metric in &compared.metrics {
            let mark = mark(compared, metric);
            let cells = [
                code(&name(compared)),
                metric.metric.clone(),
                format!("{mark}{}", value(metric.before, metric.unit)),
                format!("{mark}{}", value(metric.after, metric.unit)),
                change(metric),
                interval(metric),
                match metric.verdict {
                    Verdict::Unchanged | Verdict::Untested => verdict(compared, metric).to_owned(),
                    _ => format!("**{}**", verdict(compared, metric)),
                },
            ];
            out += &format!("| {} |\n", cells.join(" | "));
        }
    }
    let notes = notes(comparison, all);
    if !notes.is_empty() {
        out.push('\n');
    }
    for note in notes {
        out += &format!("- {}\n", plain(&note));
    }
    out
}

/// `perf: 2 regressions, 1 improvement, 97 unchanged`
pub(crate) fn headline(comparison: &Comparison) -> String {
    let counts = [
        (Verdict::Regressed, "regression", "regressions"),
        (Verdict::SeemsWorse, "suspected regression", "suspected regressions"),
        (Verdict::Improved, "improvement", "improvements"),
        (Verdict::SeemsBetter, "suspected improvement", "suspected improvements"),
        (Verdict::Unclear, "unclear", "unclear"),
        (Verdict::Untested, "not tested", "not tested"),
        (Verdict::Unchanged, "unchanged", "unchanged"),
    ];
    let parts = counts.into_iter().filter_map(|(verdict, one, many)| {
        let count = comparison.count(verdict) as u64;
        (count > 0).then(|| format!("{count} {}", plural(count, one, many)))
    });
    let parts: Vec<String> = parts.collect();
    let parts = if parts.is_empty() { "nothing was judged".to_owned() } else { parts.join(", ") };
    let program = if comparison.program.is_empty() { "unnamed program" } else { &comparison.program };
    format!("{program}: {parts}")
}

pub(crate) fn basis(comparison: &Comparison) -> String {
    let [before, after] = comparison.runs;
    let method = match comparison.basis {
        Basis::OverRuns => "runs dealt out anew (Westfall and Young)",
        Basis::WithinOneRun => "resampling within one run a side (Holm)",
    };
    format!(
        "{before} {} before, {after} after; {method}, corrected for {} metrics ({} % false alarms in all); changes below \
         {} %{} do not count.",
        plural(before as u64, "run", "runs"),
        comparison.tests,
        percent(comparison.alpha),
        percent(comparison.threshold),
        if comparison.is_counted() {
            format!(", of instructions below {} %,", percent(comparison.counted_threshold))
        } else {
            String::new()
        },
    )
}

fn percent(fraction: f64) -> f64 {
    (fraction * 1e6).round() / 1e4
}

fn shown(comparison: &Comparison, all: bool) -> impl Iterator<Item = &Compared> {
    comparison
        .compared
        .iter()
        .filter(move |compared| all || compared.whole_process || compared.verdict < Verdict::Unclear)
}

fn name(compared: &Compared) -> String {
    match &compared.previous_name {
        Some(previous) => format!("{} (was {previous})", compared.name),
        None => compared.name.clone(),
    }
}

fn row(compared: &Compared, metric: &ComparedMetric) -> GridRow {
    let mark = mark(compared, metric);
    let tone = match metric.verdict {
        Verdict::Regressed => Tone::Hot,
        Verdict::SeemsWorse | Verdict::Unclear => Tone::Warm,
        _ => Tone::Plain,
    };
    GridRow {
        name: metric.metric.clone(),
        lead: "  ".into(),
        cells: vec![
            format!("{mark}{}", value(metric.before, metric.unit)).into(),
            format!("{mark}{}", value(metric.after, metric.unit)).into(),
            Cell { text: change(metric), tone },
            interval(metric).into(),
            p_value(metric).into(),
            Cell { text: verdict(compared, metric).into(), tone },
        ],
    }
}

/// A sampled value is never shown as an exact one.
pub(crate) fn mark(compared: &Compared, metric: &ComparedMetric) -> &'static str {
    if compared.sampled && metric.unit == Unit::Ns { "~" } else { "" }
}

pub(crate) fn value(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Ns if value < 100.0 => units::cost(value),
        Unit::Ns => units::duration(value.round() as u64),
        Unit::Count => units::count(value.round() as u64),
        Unit::Bytes => units::bytes(value.round() as u64),
    }
}

pub(crate) fn change(metric: &ComparedMetric) -> String {
    if metric.before == 0.0 || metric.after == 0.0 {
        return String::new();
    }
    signed(metric.change)
}

pub(crate) fn interval(metric: &ComparedMetric) -> String {
    metric.interval.map_or_else(String::new, |[low, high]| format!("{} to {}", signed(low), signed(high)))
}

/// `+9.8%`, `-50%`, for many times as much `×42.0`, and for more than anybody reads `>×1000000`.
pub(crate) fn signed(change: f64) -> String {
    let percent = change * 100.0;
    match percent.abs() {
        0.0..0.05 => "0.0%".into(),
        ..99.95 => format!("{percent:+.1}%"),
        ..999.5 => format!("{percent:+.0}%"),
        ..1e8 => format!("×{:.1}", change + 1.0),
        _ => ">×1000000".into(),
    }
}

fn p_value(metric: &ComparedMetric) -> String {
    match metric.p {
        None => String::new(),
        Some(..0.0001) => "<0.0001".into(),
        Some(p @ ..0.01) => format!("{p:.4}"),
        Some(p @ ..1.0) => format!("{p:.2}"),
        Some(_) => "1".into(),
    }
}

pub(crate) fn verdict(compared: &Compared, metric: &ComparedMetric) -> &'static str {
    if !compared.judged {
        return "not judged";
    }
    let more = metric.unit != Unit::Ns;
    match (metric.verdict, more) {
        (Verdict::Regressed, false) => "slower",
        (Verdict::Regressed, true) => "more",
        (Verdict::SeemsWorse, false) => "slower?",
        (Verdict::SeemsWorse, true) => "more?",
        (Verdict::Improved, false) => "faster",
        (Verdict::Improved, true) => "fewer",
        (Verdict::SeemsBetter, false) => "faster?",
        (Verdict::SeemsBetter, true) => "fewer?",
        (Verdict::Unclear, _) => "unclear",
        (Verdict::Untested, _) => "not tested",
        (Verdict::Unchanged, _) => "same",
    }
}

pub(crate) fn notes(comparison: &Comparison, all: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let hidden = comparison.compared.len() - shown(comparison, all).count();
    let unclear = comparison.count(Verdict::Unclear);
    if hidden > 0 && unclear > 0 {
        notes.push(format!(
            "{unclear} {} changed by more than the threshold, but chance explains it as well; show them with --all.",
            plural(unclear as u64, "function", "functions")
        ));
    }
    let mut list = |names: &[String], what: &str| {
        if !names.is_empty() {
            let mut listed: Vec<String> = names.iter().take(LISTED).map(|name| escape(name)).collect();
            if names.len() > LISTED {
                listed.push(format!("and {} more", names.len() - LISTED));
            }
            notes.push(format!("{what}: {}.", listed.join(", ")));
        }
    };
    list(&comparison.appeared, "Ran only after");
    list(&comparison.vanished, "Ran only before");
    notes.extend(comparison.notes.iter().map(|note| escape(note)));
    notes
}

/// Text that Markdown leaves as it is.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in escape(text).chars() {
        if matches!(character, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '#' | '|' | '~' | '@' | '!') {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// A name as code within a table: fenced by more backticks than it has in a row, its bars escaped as tables want it.
pub(crate) fn code(name: &str) -> String {
    let name = escape(name).replace('|', "\\|");
    let longest = name.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if name.starts_with('`') || name.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{name}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_place_in_markdown() {
        assert_eq!(code("app::<impl T>::f"), "`app::<impl T>::f`");
        assert_eq!(code("a|b"), r"`a\|b`");
        assert_eq!(code("`x``"), "``` `x`` ```");
        assert_eq!(code("a\n# b"), r"`a\n# b`");
        assert_eq!(plain("<script>*_@me"), r"\<script\>\*\_\@me");
    }

    #[test]
    fn changes_are_short() {
        let shown = [0.0004, 0.098, -0.5, 2.0, 41.0, 1e130, f64::INFINITY].map(signed);
        assert_eq!(shown, ["0.0%", "+9.8%", "-50.0%", "+200%", "×42.0", ">×1000000", ">×1000000"]);
    }
}
