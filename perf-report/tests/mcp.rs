//! `mcp`: a conversation over standard input and output, and what the answers say.
#![cfg(feature = "command")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

#[macro_use]
#[path = "support/snapshots.rs"]
mod snapshots;
#[allow(dead_code, reason = "each test file needs some of it")]
mod programs;
#[allow(dead_code, reason = "each test file needs some of it")]
mod support;

use perf_report::{
    Caller, Deadlock, DeadlockedThread, InFlight, Kind, Style,
    command::{Outcome, Streams, run},
};
use programs::{Folder, function, process};
use serde_json::{Value, json};
use snapshots::eventful;
use support::some_of_everything;

/// Sends lines to a server of a folder; what it answers.
fn talk(folder: &Folder, lines: &[String]) -> Vec<Value> {
    let input = lines.join("\n");
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let mut streams =
        Streams { input: &mut input.as_bytes(), output: &mut output, errors: &mut errors, style: Style::plain() };
    let outcome = run(["perfrec".into(), "mcp".into(), folder.path("").into_os_string()], &mut streams);
    assert_eq!((outcome, String::from_utf8(errors).unwrap().as_str()), (Outcome::Complete, ""));
    String::from_utf8(output).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The text that a tool answers, and whether it is an error.
fn ask(folder: &Folder, tool: &str, arguments: &Value) -> (String, bool) {
    let call =
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}});
    let answers = talk(folder, &[call.to_string()]);
    let [answer] = answers.as_slice() else { panic!("one answer: {answers:?}") };
    let result = &answer["result"];
    (result["content"][0]["text"].as_str().unwrap().to_owned(), result["isError"].as_bool().unwrap())
}

/// A folder with a snapshot of a program that was killed.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.put("run.json", eventful().to_json());
    folder
}

#[test]
fn a_conversation_goes_from_the_first_message_to_the_end_of_input() {
    let folder = Folder::new();
    folder.put("app.perfrec", some_of_everything().bytes());
    let request = |id: u64, method: &str| json!({"jsonrpc": "2.0", "id": id, "method": method}).to_string();
    let answers = talk(
        &folder,
        &[
            request(1, "initialize"),
            json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string(),
            request(2, "tools/list"),
            format!("{{\"x\": \"{}\"}}", "y".repeat(3 << 20)),
            request(3, "ping"),
        ],
    );
    let ids: Vec<&Value> = answers.iter().map(|answer| &answer["id"]).collect();
    assert_eq!(ids, [&json!(1), &json!(2), &Value::Null, &json!(3)]);
    let tools: Vec<&Value> =
        answers[1]["result"]["tools"].as_array().unwrap().iter().map(|tool| &tool["name"]).collect();
    assert_eq!(tools, ["functions", "explain", "in_flight", "waits", "budgets", "diff"]);
    assert!(
        answers[2]["error"]["message"].as_str().unwrap().contains("mebibyte"),
        "a message may not be of any length"
    );
}

#[test]
fn answers_judge() {
    let folder = folder();
    let run = folder.path("run.json").display().to_string();
    let mut all = String::new();
    for (tool, more) in [
        ("functions", json!({"limit": 3})),
        ("functions", json!({"filter": "text"})),
        ("explain", json!({"function": "tokenize"})),
        ("in_flight", json!({})),
        ("budgets", json!({})),
    ] {
        let mut arguments = more.clone();
        arguments["recording"] = run.clone().into();
        let (text, failed) = ask(&folder, tool, &arguments);
        assert!(!failed, "{text}");
        all += &format!("# {tool} {more}\n{text}\n");
    }
    insta::assert_snapshot!(all);
}

#[test]
fn waits_are_told_with_those_who_wait() {
    let folder = Folder::new();
    let wait = |kind, name: &str, ns: u64| {
        let mut wait = function(name, &[(ns / 10, 10)]);
        (wait.kind, wait.total_ns, wait.max_ns) = (kind, ns, ns / 10);
        wait.callers = vec![Caller::new(Some(0), 10, ns)];
        wait
    };
    let mut route = function("GET /orders", &[(1_000_000, 10)]);
    (route.total_ns, route.self_ns, route.waiting_ns) = (10_000_000, 1_000_000, 8_000_000);
    let functions = vec![
        route,
        wait(Kind::Query, "SELECT 1", 5_000_000),
        wait(Kind::Query, "pool main", 2_000_000),
        wait(Kind::Lock, "stock", 1_000_000),
    ];
    folder.put("run.json", process(1, functions).to_json());
    let run = folder.path("run.json").display().to_string();
    let (text, failed) = ask(&folder, "waits", &json!({"recording": run, "limit": 2}));
    assert!(!failed, "{text}");
    for part in [
        "All waits of all threads and tasks: 8.00 ms.",
        "- SELECT 1 (query): 62.5% of it, 5.00 ms in 10 waits, the longest 500 µs; in GET /orders\n",
        "- pool main (pool): 25.0%",
        "- 1 more\n",
        "- GET /orders: 80.0% of its time: queries 50.0%, pools 20.0%, locks 10.0%, own work 10.0%, work in what it calls 10.0%\n",
    ] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    let (text, failed) = ask(&folder, "explain", &json!({"recording": run, "function": "GET /orders"}));
    assert!(!failed && text.contains("- Where its time goes: queries 50.0%, pools 20.0%"), "{text}");
    // Of a wait that has not ended there is no time yet.
    let mut stuck = process(1, vec![wait(Kind::Lock, "stock", 0)]);
    stuck.in_flight = vec![InFlight::new(0, "teller", 2_000_000_000)];
    stuck.deadlocks = vec![Deadlock::new(vec![DeadlockedThread::new("teller", 0, 2_000_000_000)])];
    folder.put("stuck.json", stuck.to_json());
    let (text, failed) = ask(&folder, "waits", &json!({"recording": folder.path("stuck.json").display().to_string()}));
    assert!(!failed && text.contains("Deadlock: teller waits for stock (2.00 s), which it holds itself"), "{text}");
    folder.put("none.json", process(1, vec![function("app::parse", &[(10, 10)])]).to_json());
    let (text, failed) = ask(&folder, "waits", &json!({"recording": folder.path("none.json").display().to_string()}));
    assert!(failed && text.contains("no wait was recorded"), "{text}");
}

#[test]
fn a_change_is_judged_and_mistakes_say_what_to_ask_instead() {
    let folder = Folder::new();
    for run in 0..10_u64 {
        let program = |ns: u64| process(run as u32 + 1, vec![function("app::parse", &[(ns + run, 1_000)])]).to_json();
        folder.put(&format!("before/{run}.json"), program(1_000));
        folder.put(&format!("after/{run}.json"), program(1_300));
    }
    let path = |name: &str| folder.path(name).display().to_string();
    let (text, failed) = ask(&folder, "diff", &json!({"before": path("before"), "after": path("after")}));
    assert!(!failed && text.contains("**slower**") && text.contains("95 % interval"), "{text}");
    folder.put("a.perfrec", some_of_everything().bytes());
    for (tool, arguments, part) in [
        ("diff", json!({"before": path("before")}), "after is missing"),
        ("diff", json!({"before": "--help", "after": "x"}), "--help: cannot be read"),
        ("explain", json!({"function": "main"}), ""),
        ("explain", json!({"function": "app::"}), "a part of several names"),
        ("explain", json!({"function": "app::prase"}), "there is app::parse"),
        ("explain", json!({"function": 7}), "function is a text, not 7"),
        ("functions", json!({"limit": 0}), "limit is a whole number from 1 to 100"),
        ("functions", json!({"recording": "other"}), "there is no recording \"other\"; there is a.perfrec"),
    ] {
        let (text, failed) = ask(&folder, tool, &arguments);
        assert!(text.contains(part) && failed != part.is_empty(), "{tool} {arguments}: {text}");
    }
}
