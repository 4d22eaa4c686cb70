//! The reports' shares of self time and their notes, side by side.

use std::{fs, io, path::Path};

use super::run::Runs;
use crate::report::{cells, table};

/// Functions in the table.
const MOST: usize = 12;

/// Prints the shares of self time that each way to measure gives, and below them each report's notes.
pub(super) fn print(runs: &[Runs], folder: &Path) -> io::Result<()> {
    let reports: Vec<&Runs> = runs.iter().filter(|runs| runs.row.variant == "perf-core" && runs.row.report).collect();
    let mut shares = Vec::new();
    for runs in &reports {
        let [json, _] = runs.reports(folder);
        shares.push(shares_of(&fs::read_to_string(json)?)?);
    }
    println!("Self time in % of all functions' self time, of csv and csv-core:\n");
    let mut header = vec![String::new()];
    header.extend(reports.iter().map(|runs| runs.row.title.trim_start_matches("perf, ").to_owned()));
    let mut rows = table(header);
    // The order of the way that is nearest to the bare program's shares, which is the last one.
    for (name, _) in shares.last().into_iter().flatten().take(MOST) {
        let share = |of: &[(String, f64)]| of.iter().find(|(other, _)| other == name).map_or(0.0, |(_, share)| *share);
        let figures = shares.iter().map(|of| format!("{:.1}", share(of)));
        rows.add_row(cells([name.clone()].into_iter().chain(figures).collect()));
    }
    println!("{rows}\n");
    for runs in &reports {
        let [_, text] = runs.reports(folder);
        println!("Notes of the report, {}:", runs.row.title);
        for line in notes_in(&fs::read_to_string(text)?) {
            println!("  {line}");
        }
        println!();
    }
    Ok(())
}

/// Every function's share of self time in %, largest first.
fn shares_of(json: &str) -> io::Result<Vec<(String, f64)>> {
    let report: serde_json::Value = serde_json::from_str(json)?;
    let functions = report["functions"].as_array().ok_or_else(|| io::Error::other("the report has no functions"))?;
    let times: Vec<(String, f64)> = functions
        .iter()
        .map(|function| {
            let name = function["name"].as_str().unwrap_or_default().to_owned();
            (name, function["self_ns"].as_f64().unwrap_or(0.0))
        })
        .collect();
    let all: f64 = times.iter().map(|(_, time)| time).sum();
    let mut shares: Vec<(String, f64)> =
        times.into_iter().map(|(name, time)| (name, 100.0 * time / all.max(1.0))).collect();
    shares.sort_by(|one, other| other.1.total_cmp(&one.1));
    Ok(shares)
}

/// The lines below the table, from the first bullet on.
fn notes_in(report: &str) -> impl Iterator<Item = &str> {
    report.lines().map(str::trim_end).skip_while(|line| !line.trim_start().starts_with('•'))
}
