//! Chrome's trace events: the last trace window of one recording, as `trace` writes it.

use perf_report::command::Outcome;

use crate::{
    invented::{ordinary, traced},
    programs::Folder,
    support::some_of_everything,
};

#[test]
fn it_is_the_trace_of_a_recording() {
    let folder = Folder::new();
    folder.put("app.perfrec", traced().bytes());
    let (outcome, output, errors) = folder.run("export --to chrome @app.perfrec");
    assert_eq!((outcome, &output), (Outcome::Complete, &folder.run("trace @app.perfrec --to chrome").1));
    assert!(errors.starts_with("note: the format chrome has no place for numbers of calls, "), "{errors}");
    let value: serde_json::Value = serde_json::from_str(&output).unwrap();
    let calls = value["traceEvents"].as_array().unwrap().iter().filter(|event| event["ph"] == "X");
    let durations: Vec<(&str, f64)> =
        calls.map(|call| (call["name"].as_str().unwrap(), call["dur"].as_f64().unwrap())).collect();
    assert_eq!(durations.len(), 2, "{output}");
    assert!(durations.contains(&("app::main", 1.9)) && durations.contains(&("app::parse", 0.5)), "{durations:?}");
}

#[test]
fn without_a_trace_there_is_a_way_to_get_one() {
    let folder = Folder::new();
    folder.put("traced.perfrec", traced().bytes());
    folder.put("app.perfrec", some_of_everything().bytes());
    folder.put("run.json", ordinary().to_json());
    let refusal = |line: &str| {
        let (outcome, output, errors) = folder.run(line);
        assert_eq!((outcome, output.as_str()), (Outcome::Failed, ""), "{line}");
        errors
    };
    let none = refusal("export --to chrome @app.perfrec");
    assert!(none.contains("PERF_TRACE=FILE") && none.contains("trace --for 2s"), "{none}");
    let snapshot = refusal("export --to chrome @run.json");
    assert!(snapshot.starts_with("error: @run.json: not a recording: "), "{snapshot}");
    assert_eq!(
        refusal("export --to chrome @traced.perfrec @app.perfrec"),
        "error: the format chrome holds the trace of one process; give one recording (PERF_RECORDING=FILE)\n"
    );
}
