//! Bencher Metric Format: `{"app::parse": {"p99": {"value": 1200.0, "lower_value": …, "upper_value": …}}}`.

use serde_json::{Map, Value, json};

use super::Findings;

/// The longest name of a benchmark, in letters.
const LONGEST: usize = 1024;

/// All measures. Bencher's own measures are a latency and a throughput; ours are named after the metric, in ns unless they count.
pub(super) fn write(findings: &Findings) -> String {
    let mut all = Map::new();
    for measure in &findings.measures {
        let mut value = json!({ "value": measure.value });
        if let Some([low, high]) = measure.range {
            value["lower_value"] = json!(low);
            value["upper_value"] = json!(high);
        }
        let name: String = measure.function.chars().take(LONGEST).collect();
        let benchmark = all.entry(name).or_insert_with(|| Value::Object(Map::new()));
        // Of two functions of one name the slower one counts: the other would hide it.
        let metric = measure.metric.replace(' ', "-");
        let known = benchmark[&metric]["value"].as_f64();
        if known.is_none_or(|known| known < measure.value) {
            benchmark[&metric] = value;
        }
    }
    format!("{}\n", Value::Object(all))
}
