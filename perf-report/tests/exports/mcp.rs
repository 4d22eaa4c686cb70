//! `mcp` and the client of the protocol's own Python library.

use serde_json::{Value, json};

use crate::{
    invented::{hostile, named},
    output, place,
    programs::{Folder, function, process},
    report,
};

const CLIENT: &str = include_str!("mcp_client.py");

#[test]
fn a_client_of_others_is_told_what_it_asks() {
    let folder = Folder::new();
    folder.put("run.json", report("service").to_json());
    folder.put("hostile.json", named(&hostile()).to_json());
    for run in 0..10_u64 {
        let program = |ns: u64| process(run as u32 + 1, vec![function("app::parse", &[(ns + run, 1_000)])]).to_json();
        folder.put(&format!("before/{run}.json"), program(1_000));
        folder.put(&format!("after/{run}.json"), program(1_300));
    }
    let path = |name: &str| folder.path(name).display().to_string();
    let run = path("run.json");
    let calls = json!([
        ["functions", {"recording": run}],
        ["functions", {"recording": path("hostile.json"), "limit": 100}],
        ["explain", {"recording": run, "function": "service::Connection::receive"}],
        ["in_flight", {"recording": run}],
        ["budgets", {"recording": run}],
        ["diff", {"before": path("before"), "after": path("after")}],
        ["explain", {"recording": run, "function": "service::Connection::recieve"}],
        ["functions", {}],
        ["remove", {}],
    ]);
    let (perfrec, folder) = (env!("CARGO_BIN_EXE_perfrec"), folder.path(""));
    let arguments = ["-c", CLIENT, perfrec, folder.to_str().unwrap(), &calls.to_string()];
    let told: Value = serde_json::from_str(&output(place("python/bin/python"), &arguments, &folder)).unwrap();
    assert_eq!(told["server"], "perf-report");
    assert_eq!(told["tools"], json!(["functions", "explain", "in_flight", "waits", "budgets", "diff"]));
    assert!(told["resources"].as_str().unwrap().contains("resources/list"), "{told}");
    let parts = [
        (json!(false), "service::Connection::receive"),
        (json!(false), ""),
        (json!(false), "service::Connection::receive"),
        (json!(false), ""),
        (json!(false), ""),
        (json!(false), "**slower**"),
        (json!(true), "there is service::Connection::receive"),
        (json!(true), "there is no recording yet"),
        (Value::Null, "there is no tool \"remove\""),
    ];
    let answers = told["answers"].as_array().unwrap();
    assert_eq!(answers.len(), parts.len());
    for (answer, (is_error, part)) in answers.iter().zip(parts) {
        let text = answer[1].as_str().unwrap();
        assert!(!text.is_empty() && text.contains(part), "{part:?}: {text}");
        assert_eq!(answer[0], is_error, "{part:?}: {text}");
    }
}
