//! The table of the job.

use super::{
    build::Program,
    rows::{BARE, ROWS},
    run::Runs,
};
use crate::{
    report::{cells, table, version},
    verdicts::{Limit, Verdict},
};

/// Prints a row per way to measure.
pub(super) fn print(runs: &[Runs], programs: &[Program], rounds: usize) {
    let functions = |name| programs.iter().find(|program| program.name == name).map_or(0, |program| program.functions);
    let versions = ["hotpath", "tracing", "fastrace"].map(|peer| format!("{peer} {}", version(peer).unwrap_or("?")));
    println!(
        "\nThe crate csv 1.4.0 reads and writes 23 MB; every function of the crate has an attribute: {} functions, and {} with csv-core\n\
         0.1.13. Median of {rounds} rounds (one where a session of hotpath runs). CPU and x bare: processor time of the\n\
         thread of the job. Process: elapsed time with all that happens at its end.\n\
         {}\n",
        functions("perf"),
        functions("perf-core"),
        versions.join(", "),
    );
    println!("{}\n", of("csv", runs, false));
    println!("{}\n", of("csv and csv-core", runs, true));
}

fn of(title: &str, all: &[Runs], with_core: bool) -> comfy_table::Table {
    let mut table =
        table([title, "job, ms", "its CPU, ms", "x bare", "process, ms", "peak MiB"].map(str::to_owned).to_vec());
    let bare = &all[BARE];
    for runs in all {
        let belongs = runs.row.variant.ends_with("-core") == with_core || std::ptr::eq(runs, bare);
        if !belongs {
            continue;
        }
        let mut row = vec![runs.row.title.to_owned()];
        if runs.are_there() {
            row.extend([
                format!("{:.0}", runs.job_ms()),
                format!("{:.0}", runs.processor_ms()),
                format!("{:.2}", runs.times(bare)),
                format!("{:.0}", runs.whole_ms()),
                format!("{:.1}", runs.peak_mib()),
            ]);
        } else {
            row.extend(["-"; 5].map(str::to_owned));
        }
        table.add_row(cells(row));
    }
    table
}

/// The limits, each beside its figure.
pub(super) fn verdicts(runs: &[Runs]) -> Vec<Verdict> {
    let limited = ROWS.iter().zip(runs).filter_map(|(row, runs)| Some((row, runs, row.limit?)));
    limited
        .map(|(row, measured, limit)| {
            let promise = format!("times the bare job: csv and csv-core, {}", row.title);
            Verdict::new(promise, measured.times(&runs[BARE]), Limit::AtMost(limit))
        })
        .collect()
}
