//! The input of github-action-benchmark, for its tool `customSmallerIsBetter`.

use serde_json::{Value, json};

use super::Findings;

/// All measures.
pub(super) fn write(findings: &Findings) -> String {
    let entry = |measure: &super::Measure| {
        let mut entry = json!({
            "name": format!("{} {}", measure.function, measure.metric),
            "unit": measure.unit,
            "value": measure.value,
        });
        if let Some([low, high]) = measure.range {
            entry["range"] = json!(format!("{low} to {high}"));
        }
        entry
    };
    let list: Vec<Value> = findings.measures.iter().map(entry).collect();
    format!("{}\n", Value::from(list))
}
