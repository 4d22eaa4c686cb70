//! Runs the programs, and keeps their figures.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use super::{
    build::{Program, output},
    rows::Row,
};
use crate::{
    comparison::{median, without_wishes},
    figures::Job,
    workload::xorshift,
};

/// Available memory that a heavy row asks for.
const HEAVY_KIB: u64 = 9 << 20;

/// The runs of one row.
pub(super) struct Runs {
    pub(super) row: &'static Row,
    figures: Vec<Job>,
    /// Elapsed time of the process, in ms.
    whole_ms: Vec<f64>,
}

impl Runs {
    pub(super) fn of(row: &'static Row) -> Runs {
        Runs { row, figures: Vec::new(), whole_ms: Vec::new() }
    }

    /// One more run.
    pub(super) fn add(&mut self, programs: &[Program], input: &Path, folder: &Path) -> io::Result<()> {
        if self.row.is_heavy && available_kib().is_some_and(|available| available < HEAVY_KIB) {
            eprintln!("job: {} is left out, because it needs {} GiB of memory", self.row.title, HEAVY_KIB >> 20);
            return Ok(());
        }
        let program = programs.iter().find(|program| program.name == self.row.variant);
        let program = program.ok_or_else(|| io::Error::other(format!("there is no program {}", self.row.variant)))?;
        let mut command = Command::new(&program.path);
        without_wishes(&mut command).arg(input).args(self.row.record.then_some("record"));
        if self.row.report {
            let [json, table] = self.reports(folder);
            command.env("PERF_REPORT", format!("json:{},table:{}", json.display(), table.display()));
            command.envs(self.row.variables.iter().copied());
        }
        let start = Instant::now();
        let line = output(&mut command)?;
        self.whole_ms.push(start.elapsed().as_secs_f64() * 1e3);
        self.figures.push(line.parse().map_err(|error| io::Error::other(format!("{command:?}: {error}")))?);
        Ok(())
    }

    /// The reports that the last run wrote: as JSON, and as a table.
    pub(super) fn reports(&self, folder: &Path) -> [PathBuf; 2] {
        let variables: String = self.row.variables.iter().map(|(_, value)| value.replace('/', "-")).collect();
        ["json", "txt"].map(|kind| folder.join(format!("{}{variables}.{kind}", self.row.variant)))
    }

    /// Whether it ran at all.
    pub(super) fn are_there(&self) -> bool {
        !self.figures.is_empty()
    }

    /// The job alone, in ms.
    pub(super) fn job_ms(&self) -> f64 {
        median(self.figures.iter().map(|figures| figures.job_ms))
    }

    /// The processor time of the job's thread, in ms.
    pub(super) fn processor_ms(&self) -> f64 {
        median(self.figures.iter().map(|figures| figures.processor_ms))
    }

    /// That time in units of another row's, round by round.
    pub(super) fn times(&self, other: &Runs) -> f64 {
        let pairs = self.figures.iter().zip(&other.figures);
        median(pairs.map(|(figures, other)| figures.processor_ms / other.processor_ms))
    }

    /// The whole process, with whatever a contender does at its end, in ms.
    pub(super) fn whole_ms(&self) -> f64 {
        median(self.whole_ms.iter().copied())
    }

    /// Peak of resident memory, in MiB.
    pub(super) fn peak_mib(&self) -> f64 {
        median(self.figures.iter().map(|figures| figures.peak_kib as f64 / 1024.0))
    }
}

fn available_kib() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    text.lines().find_map(|line| line.strip_prefix("MemAvailable:")?.split_whitespace().next()?.parse().ok())
}

/// Writes the file that the job reads: 400,000 records, 23 MB, the same each time.
pub(super) fn write_input(path: &Path) -> io::Result<()> {
    let mut file = BufWriter::new(fs::File::create(path)?);
    writeln!(file, "id,name,city,amount,note")?;
    let mut state = 1;
    for id in 0..400_000 {
        let mut below = |limit: u64| {
            state = xorshift(state);
            (state >> 11) % limit
        };
        let (name, city, amount) = (below(9_999), below(999), below(100_000));
        let (whole, part) = (amount / 100, amount % 100);
        writeln!(file, "{id},name{name},city{city},{whole}.{part:02},\"note, with \"\"quotes\"\" {}\"", id % 97)?;
    }
    file.flush()
}
