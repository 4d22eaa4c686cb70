//! Metrics in the real Prometheus, and OTLP in OpenTelemetry's own decoder. Not among the ordinary tests, because they need
//! both: `.ci/prometheus` installs them and runs this.
#![cfg(all(feature = "command", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

#[path = "../serve/listener.rs"]
mod listener;
#[allow(dead_code, reason = "each test file needs some of it")]
#[path = "../programs/mod.rs"]
mod programs;
#[allow(dead_code, reason = "each test file needs some of it")]
#[path = "../serve/server.rs"]
mod server;
mod watched;

mod database;

use std::{io::Write, process::Stdio};

use database::{Database, number};
use perf_report::{Function, Snapshot};
use perf_test_support::wait;
use programs::Folder;
use serde_json::Value;
use server::Server;
use watched::Watched;

/// The bound of classic buckets: a quantile lies between the same powers of two as ours.
fn is_in_its_classic_bucket(told: f64, ns: u64) {
    let upper = ns.max(127).checked_add(1).unwrap().next_power_of_two() as f64;
    let lower = if upper <= 128.0 { 0.0 } else { upper / 2.0 };
    let told = told * 1e9;
    assert!(lower - 1.0 <= told && told <= upper, "{told} ns for {ns} ns: not within {lower} to {upper}");
}

/// The bound of native buckets, of which there are 16 to a doubling.
fn is_in_its_native_bucket(told: f64, ns: u64) {
    if ns == 0 {
        // Such calls are in the bucket of those below the threshold of zero.
        return assert!(told < 1e-30, "{told} s for 0 ns");
    }
    let ratio = told * 1e9 / ns as f64;
    let width = 2_f64.powf(1.0 / 16.0) * 1.000_001;
    assert!((1.0 / width..=width).contains(&ratio), "{} ns for {ns} ns", told * 1e9);
}

/// The sum in seconds is that of a function. While the program ran, its clock's scale was known less well; a sum that was told then
/// does not fall when the scale is known better.
fn is_the_sum(told: f64, function: &Function) {
    let (told, ns) = (told * 1e9, function.sum_ns as f64);
    assert!(ns - 1.0 <= told && told <= ns * 1.001 + 1.0, "{}: {told} ns for {ns} ns", function.name);
}

/// The snapshot of a recording, as `show` has it.
fn snapshot(folder: &Folder) -> Snapshot {
    let (_, json, errors) = folder.run("show @app.perfrec --format json");
    Snapshot::from_json(json.as_bytes()).unwrap_or_else(|error| panic!("{error}: {errors}"))
}

fn ran(snapshot: &Snapshot) -> impl Iterator<Item = &Function> {
    snapshot.functions.iter().filter(|function| function.calls > 0)
}

/// Has a program run under a Prometheus of one kind, kills it, and holds the figures of both against each other.
fn compare(native: bool) {
    let folder = Folder::new();
    let mut program = Watched::start(&folder);
    let server = Server::start(&folder, &["app.perfrec"]);
    let database = Database::start(&folder, server.port(), native);
    database.until("it has been scraped while it ran", r#"perf_process_state{state="running"}"#, |value| value == 1.0);
    database
        .until("rates are known", r#"rate(perf_function_calls_total{function="watched::parse"}[10s])"#, |it| it > 0.0);
    dashboard(&database);
    program.kill();
    database.until("it has been scraped after it was killed", r#"perf_process_state{state="killed"}"#, |value| {
        value == 1.0
    });

    let truth = snapshot(&folder);
    for function in ran(&truth) {
        let name = &function.name;
        let calls = database.one(&format!(r#"perf_function_calls_total{{function="{name}"}}"#));
        assert_eq!(calls, function.calls as f64, "{name}");
        let durations =
            format!(r#"perf_function_duration_seconds{}{{function="{name}"}}"#, if native { "" } else { "_bucket" });
        for quantile in [0.1, 0.5, 0.9, 0.99, 1.0] {
            let told = database.one(&format!("histogram_quantile({quantile}, {durations})"));
            let ns = function.latency.quantile(quantile);
            if native { is_in_its_native_bucket(told, ns) } else { is_in_its_classic_bucket(told, ns) }
        }
        let sum = match native {
            true => database.one(&format!("histogram_sum({durations})")),
            false => database.one(&format!(r#"perf_function_duration_seconds_sum{{function="{name}"}}"#)),
        };
        is_the_sum(sum, function);
    }
    assert_eq!(server.get("/healthz"), "ok\n");
}

/// Every query of the dashboard has an answer, and one that is not empty.
fn dashboard(database: &Database) {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/grafana/perf.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.filter_map(|panel| panel["targets"].as_array()).flatten();
    let queries: Vec<String> = targets
        .map(|target| target["expr"].as_str().unwrap())
        .map(|query| query.replace("$program", ".*").replace("$function", ".*").replace("$__rate_interval", "10s"))
        .collect();
    assert!(queries.len() > 15, "{} queries", queries.len());
    for query in queries {
        assert!(!query.contains('$'), "{query}");
        let mut answer = Vec::new();
        wait::until(&format!("{query} has an answer"), || {
            answer = database.query(&query);
            !answer.is_empty()
        });
    }
}

#[test]
fn classic_buckets_tell_our_quantiles() {
    compare(false);
}

#[test]
fn native_histograms_tell_our_quantiles() {
    compare(true);
}

#[test]
fn the_text_passes_the_linter_of_prometheus() {
    let folder = Folder::new();
    let _program = Watched::start(&folder);
    let server = Server::start(&folder, &["app.perfrec"]);
    server.until("/metrics", "calls have ended", |metrics| metrics.contains("watched::parse"));
    let mut linter = perf_test_support::command("promtool");
    let mut linter = linter
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    linter.stdin.take().unwrap().write_all(server.get("/metrics").as_bytes()).unwrap();
    let output = linter.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && said.is_empty(), "{said}");
}

#[test]
fn opentelemetry_reads_what_is_sent_to_a_collector() {
    let folder = Folder::new();
    let mut program = Watched::start(&folder);
    wait::until("it has parsed something", || {
        let snapshot = snapshot(&folder);
        ran(&snapshot).any(|function| function.name == "watched::parse")
    });
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let _server = Server::start(&folder, &["app.perfrec", "--otlp", &url, "--every", "200ms"]);
    listener::receive(&listener, "200 OK");
    program.kill();
    let truth = snapshot(&folder);
    let parse = ran(&truth).find(|function| function.name == "watched::parse").unwrap();
    wait::until("the request has the last figures", || {
        let (_, body) = listener::receive(&listener, "200 OK");
        let told = decode(&folder, &body);
        let [process] = told.as_array().unwrap().as_slice() else { panic!("one process: {told}") };
        assert_eq!(
            (&process["resource"]["service.name"], &process["resource"]["process.pid"]),
            (&"watched".into(), &program.pid().into())
        );
        let durations = &process["metrics"]["perf_function_duration"];
        assert_eq!((&durations["kind"], &durations["temporality"]), (&"exponential_histogram".into(), &2.into()));
        let points = durations["points"].as_array().unwrap();
        let point = points.iter().find(|point| point["attributes"]["function"] == "watched::parse").unwrap();
        let buckets: u64 = point["buckets"].as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).sum();
        assert_eq!(buckets + point["zero"].as_u64().unwrap(), point["count"].as_u64().unwrap());
        assert_eq!(point["start"].as_u64(), Some(truth.process.started_unix_ns));
        if point["count"] == parse.calls {
            is_the_sum(number(&point["sum"]), parse);
        }
        quantile_is_ours(point, parse);
        point["count"] == parse.calls
    });
}

/// The median of an exponential histogram that has all calls.
fn quantile_is_ours(point: &Value, function: &Function) {
    if point["count"] != function.calls {
        return;
    }
    let rank = function.calls.div_ceil(2);
    let mut seen = point["zero"].as_u64().unwrap();
    let buckets = point["buckets"].as_array().unwrap();
    let at = buckets.iter().position(|count| {
        seen += count.as_u64().unwrap();
        seen >= rank
    });
    let index = at.unwrap() as f64 + number(&point["offset"]);
    let bound = |index: f64| (index / 2_f64.powf(number(&point["scale"]))).exp2() * 1e9;
    let ns = function.latency.quantile(0.5) as f64;
    assert!(
        bound(index) < ns && ns <= bound(index + 1.0) * 1.000_001,
        "{ns} ns, {} to {}",
        bound(index),
        bound(index + 1.0)
    );
}

/// A request, by OpenTelemetry's own messages.
fn decode(folder: &Folder, body: &[u8]) -> Value {
    folder.put("request", body);
    let python =
        std::env::var("PERF_TEST_PYTHON").expect("`.ci/prometheus` says where a Python with opentelemetry-proto is");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/prometheus/decode.py");
    let output = perf_test_support::command(python).arg(script).arg(folder.path("request")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
