//! The code quality report of GitLab, which shows findings in the changes of a merge request.

use serde_json::{Value, json};

use super::{Findings, Status};

/// The findings that somebody must look at, and the errors. GitLab wants a place for each: those without one get the manifest's
/// first line.
pub(super) fn write(findings: &Findings) -> String {
    let mut list: Vec<Value> = Vec::new();
    for (number, error) in (1..).zip(&findings.errors) {
        list.push(json!({
            "description": error,
            "check_name": format!("perf-report {}", findings.command),
            "fingerprint": format!("perf-report-{}-error-{number}", findings.command),
            "severity": "blocker",
            "location": { "path": "Cargo.toml", "lines": { "begin": 1 } },
        }));
    }
    for case in findings.alarms() {
        let (path, line) = case.place.as_ref().map_or(("Cargo.toml", 1), |place| (&place.file, place.line));
        list.push(json!({
            "description": case.message,
            "check_name": format!("perf/{}", case.rule),
            "fingerprint": case.fingerprint(),
            "severity": if case.status == Status::Failed { "major" } else { "minor" },
            "location": { "path": path, "lines": { "begin": line } },
        }));
    }
    format!("{}\n", Value::from(list))
}
