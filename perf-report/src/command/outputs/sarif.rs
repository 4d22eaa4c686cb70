//! SARIF 2.1.0: a result per function that somebody must look at, on the function's line.

use serde_json::{Value, json};

use super::{Case, Findings, Status, place::uri};
use crate::command::Outcome;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

const HELP: &str = "https://docs.rs/perf-report/latest/perf_report/guide/ci/index.html";

/// The rules: id, name, what they say, and how bad a violation is.
const RULES: [(&str, &str, &str, &str); 4] = [
    ("budget", "BudgetExceeded", "A metric of a function exceeds its budget.", "error"),
    ("regression", "Regression", "A metric of a function became worse.", "error"),
    ("suspected-regression", "SuspectedRegression", "A metric of a function seems to have become worse.", "warning"),
    ("change-point", "ChangePoint", "A metric of a function became worse at a commit of the history.", "error"),
];

/// The findings as one line of SARIF.
pub(super) fn write(findings: &Findings) -> String {
    let rules = RULES.map(|(id, name, text, level)| {
        json!({
            "id": format!("perf/{id}"),
            "name": name,
            "shortDescription": { "text": text },
            "fullDescription": { "text": text },
            "help": { "text": format!("{text} The page on CI says how that is judged: {HELP}") },
            "defaultConfiguration": { "level": level },
            "helpUri": HELP,
        })
    });
    let notifications: Vec<Value> =
        findings.errors.iter().map(|error| json!({ "level": "error", "message": { "text": error } })).collect();
    let results: Vec<Value> = findings.alarms().map(result).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "perf-report",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": "https://docs.rs/perf-report",
                "rules": rules,
            } },
            "automationDetails": { "id": format!("perf-report/{}/", findings.command) },
            "invocations": [{
                "executionSuccessful": findings.outcome != Outcome::Failed,
                "exitCode": findings.outcome.status(),
                "toolExecutionNotifications": notifications,
            }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log}\n")
}

fn result(case: &Case) -> Value {
    let index = RULES.iter().position(|rule| rule.0 == case.rule).unwrap_or(0);
    let mut result = json!({
        "ruleId": format!("perf/{}", case.rule),
        "ruleIndex": index,
        "level": if case.status == Status::Failed { "error" } else { "warning" },
        "message": { "text": sentence(&case.message) },
        "partialFingerprints": { "perfFunctionMetric/v1": case.fingerprint() },
    });
    // GitHub takes no result without a place: the whole process stands in the manifest.
    let (file, line) = case.place.as_ref().map_or(("Cargo.toml", 1), |place| (&place.file, place.line));
    let mut artifact = json!({ "uri": uri(file) });
    if !uri(file).starts_with("file:") {
        artifact["uriBaseId"] = json!("%SRCROOT%");
    }
    result["locations"] = json!([{
        "physicalLocation": { "artifactLocation": artifact, "region": { "startLine": line } },
        "logicalLocations": [{ "fullyQualifiedName": case.function, "kind": "function" }],
    }]);
    result
}

/// SARIF wants messages that end as sentences do. Braces are placeholders there, unless they are doubled.
fn sentence(message: &str) -> String {
    format!("{}.", message.replace('{', "{{").replace('}', "}}"))
}
