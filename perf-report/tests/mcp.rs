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
    Style,
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
    assert_eq!(tools, ["functions", "explain", "in_flight", "budgets", "diff"]);
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
