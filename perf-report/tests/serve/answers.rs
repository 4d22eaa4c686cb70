//! Each path, and what it says of running, ended and killed processes.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use perf_test_support::wait;
use serde_json::Value;

use super::{Folder, program, running, server::Server, support::some_of_everything, value, work, write_running};

#[test]
fn metrics_are_those_of_the_recording_in_the_format_that_is_asked_for() {
    let folder = Folder::new();
    let _process = running(&folder, "app.perfrec", &program(1_000));
    let server = Server::start(&folder, &["app.perfrec"]);
    let metrics = server.get("/metrics");
    let work = work("app.perfrec");
    assert_eq!(value(&metrics, &format!("perf_function_calls_total{work}")), Some(1_000.0));
    assert_eq!(value(&metrics, &format!("perf_function_duration_seconds_sum{work}")), Some(0.001));
    for (accept, content_type, end) in [
        ("*/*", "text/plain; version=0.0.4", ""),
        ("application/openmetrics-text;version=1.0.0", "application/openmetrics-text; version=1.0.0", "# EOF\n"),
        (
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
            "",
        ),
    ] {
        let answer = server.ask("/metrics", &format!("Accept: {accept}\r\n"));
        assert_eq!(answer.status, 200);
        assert!(answer.head.contains(content_type) && answer.body.ends_with(end), "{accept}: {}", answer.head);
    }
}

#[test]
fn a_killed_process_keeps_its_figures_and_is_marked() {
    let folder = Folder::new();
    let process = running(&folder, "app.perfrec", &program(1_000));
    let server = Server::start(&folder, &["app.perfrec"]);
    let labels = r#"program="wordcount",pid="4242",recording="app.perfrec""#;
    let state =
        |metrics: &str, state: &str| value(metrics, &format!(r#"perf_process_state{{{labels},state="{state}"}}"#));
    let metrics = server.get("/metrics");
    assert_eq!((state(&metrics, "running"), state(&metrics, "killed")), (Some(1.0), Some(0.0)));
    // The system takes a process's locks away when it is killed.
    drop(process);
    let metrics = server.until("/metrics", "it is seen to be killed", |metrics| state(metrics, "killed") == Some(1.0));
    assert_eq!(state(&metrics, "running"), Some(0.0));
    let calls = format!("perf_function_calls_total{}", work("app.perfrec"));
    assert_eq!(value(&metrics, &calls), Some(1_000.0));
}

#[test]
fn the_series_stay_the_same_and_no_sum_falls() {
    let folder = Folder::new();
    let process = running(&folder, "app.perfrec", &program(1_000));
    let server = Server::start(&folder, &["app.perfrec"]);
    let series = |metrics: &str| -> Vec<String> {
        metrics.lines().filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned())).collect()
    };
    let before = series(&server.get("/metrics"));
    let calls = format!("perf_function_calls_total{}", work("app.perfrec"));
    for (written, told) in [(5_000, 5_000.0), (4_990, 5_000.0), (5_010, 5_010.0)] {
        write_running(&folder.path("app.perfrec"), &program(written));
        let metrics = server.until("/metrics", "the calls are told", |metrics| value(metrics, &calls) >= Some(told));
        assert_eq!(value(&metrics, &calls), Some(told));
        assert_eq!(series(&metrics), before);
    }
    drop(process);
}

#[test]
fn json_tells_the_snapshot_what_runs_and_the_stacks() {
    let folder = Folder::new();
    let _process = running(&folder, "app.perfrec", &some_of_everything());
    let server = Server::start(&folder, &["app.perfrec"]);
    let json = |path: &str| serde_json::from_str::<Value>(&server.get(path)).unwrap();
    let snapshot = json("/api/snapshot");
    assert_eq!((&snapshot["process"]["pid"], &snapshot["process"]["state"]), (&4242.into(), &"running".into()));
    let top = json("/api/top?limit=2");
    assert_eq!((top["functions"].as_array().unwrap().len(), &top["all_functions"]), (2, &3.into()));
    let stacks = json("/api/stacks");
    assert_eq!(stacks["now"][0]["stack"], serde_json::json!(["app::main", "app::parse"]));
    // It has been looked at since it was asked about.
    let mut sampled = Value::Null;
    let came = wait::holds_in_time(|| {
        sampled = json("/api/stacks")["sampled"].take();
        sampled["samples"].as_u64().is_some_and(|samples| samples > 0)
    });
    assert!(came, "{sampled}");
    // The frame above `main` is being filled, in this recording for ever.
    let main = serde_json::json!(["app::main"]);
    assert!(sampled["stacks"].as_array().unwrap().iter().any(|seen| seen["stack"] == main), "{sampled}");
    assert_eq!(json("/api/recordings")[0]["recording"], "app.perfrec");
    assert_eq!(server.get("/healthz"), "ok\n");
    assert_eq!(server.ask("/api/top?limit=none", "").status, 400);
    assert_eq!(server.ask("/api/snapshot?recording=other", "").status, 404);
    assert_eq!(server.ask("/nothing", "").status, 404);
    let page = server.get("/");
    assert!(page.contains("connect-src 'self'") && page.contains("wordcount"));
    assert!(page.contains(r#""stacks":[["#), "the call graph is that of the last minute");
}

#[test]
fn a_process_is_served_by_its_id_and_a_signal_ends_the_server() {
    let folder = Folder::new();
    folder.put("app.perfrec", program(77).bytes());
    let mut shell = perf_test_support::command("sh");
    shell.args(["-c", "exec 9<app.perfrec; echo ready; exec sleep 1000"]).current_dir(folder.path(""));
    let mut holder = shell.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    let pid = holder.id().to_string();
    let server = Server::start(&folder, &[&pid]);
    let calls = format!("perf_function_calls_total{}", work(&pid));
    assert_eq!(value(&server.get("/metrics"), &calls), Some(77.0));
    // The process goes, and so does its directory in the system; its recording stays open here.
    std::fs::remove_file(folder.path("app.perfrec")).unwrap();
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(value(&server.get("/metrics"), &calls), Some(77.0));
    assert_eq!(server.end(), Some(0));
}
