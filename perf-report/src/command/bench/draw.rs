//! The runs of one command: the median of each metric, and how much it varied.

use std::{cmp::Reverse, collections::BTreeMap};

use crate::{
    Style,
    command::{
        compare::{Side, Unit, inlined},
        metric::FunctionMetric,
    },
    view::{
        grid::{Column, Grid, GridRow},
        text::{bullets, escape, plural},
        units,
    },
};

/// The whole processes, then the functions that are `selected`.
pub(crate) fn text(command: &str, side: &Side, selected: &dyn Fn(&str) -> bool, style: &Style) -> String {
    let runs = side.runs();
    let mut out =
        format!("{}\n\n", style.bold(&format!("{} · {runs} {}", escape(command), plural(runs as u64, "run", "runs"))));
    let columns = ["median", "lowest", "highest", "varies by"];
    let columns = (0..).zip(columns).map(|(rank, title)| Column::new(title, rank)).collect();
    let mut rows = Vec::new();
    for metric in side.process_metrics() {
        let Some(spread) = Spread::of(&metric.values) else { continue };
        let value = |value: f64| match metric.unit {
            Unit::Ns => units::duration_cell(value as u64),
            Unit::Count => units::count(value as u64),
            Unit::Bytes => units::bytes(value as u64),
        };
        let cells = [spread.median, spread.lowest, spread.highest].map(|figure| value(figure).into());
        rows.push(GridRow {
            name: metric.name.into(),
            lead: String::new(),
            cells: [&cells[..], &[spread.varies().into()]].concat(),
        });
    }
    if !rows.is_empty() {
        out += &Grid { name_title: "whole process", columns, rows }.draw(style).text;
        out.push('\n');
    }
    out += &programs(side);

    let columns = [("calls", 2), ("total", 0), ("varies by", 1), ("mean", 4), ("p50", 5), ("p99", 3)];
    let columns = columns.map(|(title, rank)| Column::new(title, rank)).into();
    let mut functions: Vec<(f64, GridRow)> = Vec::new();
    for function in side.functions().iter().filter(|function| selected(function.identity.name())) {
        let median = |metric: FunctionMetric| Spread::of(function.values(metric)).map_or(0.0, |spread| spread.median);
        let Some(total) = Spread::of(function.values(FunctionMetric::Total)) else { continue };
        let mark = if function.sampled { "~" } else { "" };
        let duration = |ns: f64| format!("{mark}{}", duration(ns)).into();
        let cells = vec![
            units::count(median(FunctionMetric::Calls) as u64).into(),
            duration(total.median),
            total.varies().into(),
            duration(median(FunctionMetric::Mean)),
            duration(median(FunctionMetric::P50)),
            duration(median(FunctionMetric::P99)),
        ];
        functions
            .push((total.median, GridRow { name: function.identity.name().to_owned(), lead: String::new(), cells }));
    }
    functions.sort_by_key(|function| Reverse(function.0 as u64));
    let rows = functions.into_iter().map(|function| function.1).collect();
    out += &Grid { name_title: "function (median over the runs)", columns, rows }.draw(style).text;
    out + &counts(side, selected, style)
}

/// The counts of functions, if there are any, most instructions first.
fn counts(side: &Side, selected: &dyn Fn(&str) -> bool, style: &Style) -> String {
    let mut titles: Vec<&str> = Vec::new();
    let mut rows: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for counts in side.counts().iter().filter(|counts| selected(&counts.name)) {
        for (metric, values) in &counts.metrics {
            if !titles.contains(metric) {
                titles.push(metric);
            }
            rows.entry(&counts.name).or_default().push(Spread::of(values).map_or(0.0, |spread| spread.median));
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    let columns = (0..).zip(titles).map(|(rank, title)| Column::new(title, rank)).collect();
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort_by(|one, other| other.1[0].total_cmp(&one.1[0]));
    let row = |(name, values): (&str, Vec<f64>)| GridRow {
        name: name.to_owned(),
        lead: String::new(),
        cells: values.into_iter().map(|value| units::count(value as u64).into()).collect(),
    };
    let rows = rows.into_iter().map(row).collect();
    let name_title = "function, counted with what it called";
    let mut names: Vec<&str> = Vec::new();
    for counts in side.counts().iter().filter(|counts| counts.inlined && selected(&counts.name)) {
        if !names.contains(&&*counts.name) {
            names.push(&counts.name);
        }
    }
    let notes: Vec<String> = inlined(&names).into_iter().collect();
    format!("\n{}{}", Grid { name_title, columns, rows }.draw(style).text, bullets(&notes, style))
}

/// Which programs' figures were added up, if they are several: the test programs of a package, say.
fn programs(side: &Side) -> String {
    match side.programs() {
        programs if programs.len() < 2 => String::new(),
        programs => {
            let programs: Vec<String> = programs.iter().map(|program| escape(program)).collect();
            format!("The sum of {}; --program chooses.\n\n", programs.join(", "))
        }
    }
}

/// A duration. Benchmarks can take less than a nanosecond.
fn duration(ns: f64) -> String {
    match ns {
        0.0..10.0 if ns.fract() > 0.0 => format!("{ns:.2} ns"),
        _ => units::duration_cell(ns as u64),
    }
}

/// How values lie.
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) lowest: f64,
    pub(crate) highest: f64,
    /// Between the quarters, as a fraction of the median.
    quarters: f64,
}

impl Spread {
    pub(crate) fn of(values: &[f64]) -> Option<Spread> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (lowest, highest) = (*sorted.first()?, *sorted.last()?);
        // Halfway between the two neighbours where a rank falls between them.
        let at = |quantile: f64| {
            let rank = quantile * (sorted.len() - 1) as f64;
            let (below, above) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
            below + (above - below) * rank.fract()
        };
        let median = at(0.5);
        let quarters = if median > 0.0 { (at(0.75) - at(0.25)) / median } else { 0.0 };
        Some(Spread { median, lowest, highest, quarters })
    }

    fn varies(&self) -> String {
        format!("{:.1}%", self.quarters * 100.0)
    }
}
