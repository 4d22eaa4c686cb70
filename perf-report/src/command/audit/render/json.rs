//! JSON: everything, also what a baseline accepts, so that an output is a baseline.

use serde::Serialize;

use crate::{
    command::audit::{finding::Finding, report::Report, startup::Startup},
    json,
};

/// Version of the output. It rises when a reader of the older one would misread the newer one.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    generator: String,
    /// The figures that findings are ranked by; `null` without them.
    profile: Option<Figures<'a>>,
    findings: Vec<&'a Finding>,
    startup: Option<&'a Startup>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Figures<'a> {
    program: &'a str,
    self_ns: u64,
    functions: Functions,
}

/// How many functions of the profile were found in the sources, and how.
#[derive(Serialize)]
struct Functions {
    exact: usize,
    moved: usize,
    gone: usize,
    foreign: usize,
}

pub(super) fn render(report: &Report, limit: usize) -> String {
    let figures = || {
        let (snapshot, self_ns, found) = (report.snapshot.as_ref()?, report.self_ns?, report.functions?);
        let functions = Functions { exact: found.exact, moved: found.moved, gone: found.gone, foreign: found.foreign };
        Some(Figures { program: &snapshot.process.program, self_ns, functions })
    };
    let document = Document {
        schema: SCHEMA,
        generator: format!("perf-report {}", env!("CARGO_PKG_VERSION")),
        profile: figures(),
        findings: report.findings.iter().take(limit).collect(),
        startup: report.startup.as_ref(),
        notes: &report.notes,
    };
    json::to_text(&document) + "\n"
}
