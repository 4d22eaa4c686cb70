//! The tools: what may be asked, and which snapshot an answer is about.

use std::{path::Path, sync::Arc};

use serde_json::{Map, Value, json};

use super::{judgement, waits};
use crate::{
    Snapshot, Style,
    command::{
        Outcome, Streams,
        check::{BudgetCheck, draw},
        input, nearest,
        serve::Recordings,
    },
    view,
};

/// The tools there are, as the protocol describes them.
pub(super) fn list() -> Vec<Value> {
    let recording = json!({"type": "string", "description": "Name of the recording, or path of a snapshot or recording; \
        may be left out where there is only one recording"});
    let tool = |name: &str, description: &str, properties: Value, required: &[&str]| {
        json!({
            "name": name,
            "description": description,
            "inputSchema": {"type": "object", "properties": properties, "required": required, "additionalProperties": false},
            "annotations": {"readOnlyHint": true, "openWorldHint": false},
        })
    };
    vec![
        tool(
            "functions",
            "Where the time of a program goes: the functions with most self time, with their shares and how sure those are",
            json!({
                "recording": recording,
                "limit": {"type": "integer", "minimum": 1, "maximum": 100, "description": "Functions to tell; 10 if left out"},
                "filter": {"type": "string", "description": "Only functions whose name contains this text"},
            }),
            &[],
        ),
        tool(
            "explain",
            "One function: its share, its tail, who calls it and whom it calls, what it waits for, what measuring it costs",
            json!({
                "recording": recording,
                "function": {"type": "string", "description": "Its name, or an end or a part of it that no other has"},
            }),
            &["function"],
        ),
        tool(
            "in_flight",
            "The calls that have begun and not ended, by thread, and which of them take unusually long",
            json!({"recording": recording}),
            &[],
        ),
        tool(
            "waits",
            "What the program waits for (locks, channels, pools, queries, files, requests), who waits, deadlocks, and what would shorten the waits",
            json!({
                "recording": recording,
                "limit": {"type": "integer", "minimum": 1, "maximum": 100, "description": "Waits to tell; 10 if left out"},
            }),
            &[],
        ),
        tool(
            "budgets",
            "Which limits that the program sets itself are exceeded, and by how much",
            json!({"recording": recording}),
            &[],
        ),
        tool(
            "diff",
            "Whether a change made functions slower or faster: verdicts with 95 % intervals, corrected for many metrics",
            json!({
                "before": {"type": "string", "description": "Path of a snapshot, a recording, or a folder of several runs"},
                "after": {"type": "string", "description": "The same, after the change"},
            }),
            &["before", "after"],
        ),
    ]
}

/// The answer of a tool. An error says what to ask instead.
pub(super) fn call(name: &str, arguments: &Map<String, Value>, recordings: &mut Recordings) -> Result<String, String> {
    let text = |name: &str| match arguments.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(other) => Err(format!("{name} is a text, not {other}")),
    };
    let needed = |name: &str| text(name)?.ok_or_else(|| format!("{name} is missing"));
    if name == "diff" {
        return diff(needed("before")?, needed("after")?);
    }
    let snapshot = snapshot(text("recording")?, recordings)?;
    let limit = || match arguments.get("limit") {
        None | Some(Value::Null) => Ok(10),
        Some(limit) => {
            let limit = limit.as_u64().filter(|limit| (1..=100).contains(limit));
            limit.map(|limit| limit as usize).ok_or("limit is a whole number from 1 to 100")
        }
    };
    match name {
        "functions" => judgement::functions(&snapshot, limit()?, text("filter")?.unwrap_or_default()),
        "waits" => waits::waits(&snapshot, limit()?),
        "explain" => judgement::explain(&snapshot, find(&snapshot, needed("function")?)?),
        "in_flight" => Ok(judgement::in_flight(&snapshot)),
        _ => Ok(told_budgets(&snapshot)),
    }
}

/// The snapshot that is asked about, as it is now.
fn snapshot(name: Option<&str>, recordings: &mut Recordings) -> Result<Arc<Snapshot>, String> {
    recordings.refresh();
    let only = match recordings.names().as_slice() {
        [only] => Some((*only).to_owned()),
        _ => None,
    };
    let known = name.map(str::to_owned).or(only).and_then(|name| recordings.get_mut(&name));
    if let Some(followed) = known {
        return Ok(Arc::clone(&followed.latest));
    }
    let file = name.map(Path::new).filter(|path| path.is_file());
    match file {
        Some(path) => match input::load(path, &mut std::io::empty()) {
            Ok(reading) => Ok(Arc::new(reading.snapshot)),
            Err(error) => Err(format!("{}: {error}", path.display())),
        },
        None => Err(recordings.refusal(name)),
    }
}

/// The function of a name: that name, or the only one that ends in it or contains it.
fn find(snapshot: &Snapshot, wanted: &str) -> Result<usize, String> {
    let names = || snapshot.functions.iter().map(|function| function.name.as_str()).enumerate();
    if let Some((at, _)) = names().find(|(_, name)| *name == wanted) {
        return Ok(at);
    }
    let ends = |name: &str| name.strip_suffix(wanted).is_some_and(|rest| rest.ends_with("::"));
    for matches in [&ends as &dyn Fn(&str) -> bool, &|name: &str| !wanted.is_empty() && name.contains(wanted)] {
        let found: Vec<(usize, &str)> = names().filter(|(_, name)| matches(name)).collect();
        match found.as_slice() {
            [] => {}
            [(at, _)] => return Ok(*at),
            _ => {
                let names: Vec<String> = found.iter().map(|(_, name)| (*name).to_owned()).collect();
                return Err(format!("{wanted:?} is a part of several names: {}", nearest::listed(&names)));
            }
        }
    }
    let near = nearest::nearest(names().map(|(_, name)| name), wanted);
    Err(format!("no function is called {wanted:?}; there is {}", nearest::listed(&near)))
}

/// The budgets that the program sets itself.
fn told_budgets(snapshot: &Snapshot) -> String {
    let check = BudgetCheck::of(snapshot, &[]);
    let style = Style::plain();
    if check.checked.is_empty() {
        return "The program sets no budget. One is set by #[profile(budget(p99 = \"2ms\"))] on a function.\n".into();
    }
    let notes = draw::summary(&check).into_iter().map(|note| format!("- {note}\n")).collect::<String>();
    format!("{}\n{}\n{notes}", view::title(snapshot, &style), draw::table(&check, true, &style))
}

/// The comparison that `diff` makes.
fn diff(before: &str, after: &str) -> Result<String, String> {
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let mut streams =
        Streams { input: &mut std::io::empty(), output: &mut output, errors: &mut errors, style: Style::plain() };
    let outcome = crate::command::run(["perfrec", "diff", "--format", "markdown", "--", before, after], &mut streams);
    let (output, errors) = (String::from_utf8_lossy(&output), String::from_utf8_lossy(&errors));
    match outcome {
        Outcome::Failed => Err(errors.into_owned()),
        _ => Ok(format!("{output}{errors}")),
    }
}
