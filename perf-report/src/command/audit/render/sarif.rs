//! SARIF 2.1.0, for code hosts and editors.

use serde_json::{Value, json};

use super::stake_sentence;
use crate::command::audit::{
    finding::{Finding, Severity},
    report::Report,
};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(in crate::command::audit) fn render(report: &Report, limit: usize, has_baseline: bool) -> String {
    let shown: Vec<&Finding> = report.findings.iter().take(limit).collect();
    let mut rules: Vec<&str> = shown.iter().map(|finding| finding.check.as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    let results: Vec<Value> = shown.iter().map(|finding| result(finding, &rules, has_baseline)).collect();
    let notes: Vec<Value> =
        report.notes.iter().map(|note| json!({ "level": "note", "message": { "text": note } })).collect();
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "perf-report audit",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": "https://docs.rs/perf-report/latest/perf_report/guide/audit/index.html",
                "rules": rules.iter().map(|name| rule(name)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "SRCROOT": { "description": { "text": "The root of the workspace." } } },
            "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notes }],
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

fn rule(name: &str) -> Value {
    let address = match name.split_once("::") {
        Some(("clippy", lint)) => format!("https://rust-lang.github.io/rust-clippy/stable/index.html#{lint}"),
        Some(("rustc", _)) => "https://doc.rust-lang.org/rustc/lints/listing/index.html".to_owned(),
        _ => "https://docs.rs/perf-report/latest/perf_report/guide/audit/index.html".to_owned(),
    };
    let words = name.rsplit("::").next().unwrap_or(name).replace('_', " ");
    // The names of rules in code hosts are words joined by capitals.
    let joined: String = words.split(' ').map(capitalised).collect();
    json!({
        "id": name,
        "name": joined,
        "shortDescription": { "text": format!("{}.", capitalised(&words)) },
        "fullDescription": { "text": format!("{name}, described at {address}.") },
        "help": { "text": format!("See {address}"), "markdown": format!("See [{name}]({address}).") },
        "helpUri": address,
    })
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn result(finding: &Finding, rules: &[&str], has_baseline: bool) -> Value {
    let place = &finding.place;
    let mut text = finding.message.clone();
    if let Some(stake) = &finding.stake {
        text += &format!("; {}", stake_sentence(finding, stake));
    }
    for help in &finding.help {
        text += &format!("; {help}");
    }
    let mut result = json!({
        "ruleId": finding.check,
        "ruleIndex": rules.binary_search(&finding.check.as_str()).unwrap_or(0),
        "level": level(finding.severity),
        "message": { "text": text + "." },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": address(&place.file), "uriBaseId": "SRCROOT" },
            "region": {
                "startLine": place.line,
                "startColumn": place.column,
                "endLine": place.end_line,
                "endColumn": place.end_column,
            },
        } }],
        "partialFingerprints": { "perfAudit/v1": finding.fingerprint },
    });
    if let Some(item) = &finding.item {
        result["locations"][0]["logicalLocations"] = json!([{ "fullyQualifiedName": item }]);
    }
    if let Some(stake) = &finding.stake {
        result["rank"] = json!((stake.at_best_share * 100.0).clamp(0.0, 100.0));
        result["properties"] = json!({ "stake": stake });
    }
    if has_baseline {
        result["baselineState"] = json!(if finding.accepted { "unchanged" } else { "new" });
    }
    result
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// A path as a relative reference: what has a meaning in addresses is written as an escape.
fn address(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            byte => out += &format!("%{byte:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_no_character_with_a_meaning() {
        assert_eq!(address("src/größe #1.rs"), "src/gr%C3%B6%C3%9Fe%20%231.rs");
    }

    #[test]
    fn rules_have_the_names_that_code_hosts_show() {
        assert_eq!(rule("clippy::map_entry")["name"], "MapEntry");
        assert_eq!(rule("perf::large_file")["shortDescription"]["text"], "Large file.");
    }
}
