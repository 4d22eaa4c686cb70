//! Chrome's trace events: <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>.
//!
//! Calls are complete events (`X`), which have their begin and their duration in one. So nothing is lost where the begin or the end of a
//! call was not seen, and a reader needs to pair nothing.

use std::fmt::Write;

use super::{
    name,
    slowest::{Labels, slow_calls},
};
use crate::{Kind, Snapshot, Trace, TraceEventKind, TracedCall, data::json::text};

pub(super) fn render(trace: &Trace, snapshot: &Snapshot) -> String {
    let events: usize = trace.threads.iter().map(|thread| thread.events.len()).sum();
    let mut out = String::with_capacity(256 + events * 64);
    let pid = snapshot.process.pid;
    let mut write = |line: std::fmt::Arguments<'_>| out.write_fmt(line).unwrap_or_default();
    write(format_args!("{{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"));
    write(format_args!(
        "{{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":{pid},\"tid\":0,\"args\":{{\"name\":{}}}}}",
        text(&snapshot.process.program)
    ));
    let names: Vec<String> = snapshot.functions.iter().map(|function| text(&function.name)).collect();
    let labels = Labels::of_all(snapshot);
    for thread in &trace.threads {
        let tid = thread.tid;
        write(format_args!(
            ",\n{{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":{pid},\"tid\":{tid},\"args\":{{\"name\":{}}}}}",
            text(&thread.name)
        ));
        for call in trace.calls(thread) {
            let name = names.get(call.function).map_or("\"?\"", String::as_str);
            write(format_args!(
                ",\n{{\"name\":{name},\"cat\":\"{}\",\"ph\":\"X\",\"ts\":{},\"dur\":{},\"pid\":{pid},\"tid\":{tid}{}}}",
                category(snapshot, call.function),
                microseconds(call.begin_ns),
                microseconds(call.ns()),
                arguments(&call, labels.of(tid, call.function, call.end_ns)),
            ));
        }
    }
    write(format_args!("\n],\"otherData\":{}}}\n", other_data(trace, snapshot, &labels)));
    out
}

fn category(snapshot: &Snapshot, function: usize) -> &'static str {
    snapshot.functions.get(function).map_or(Kind::Function, |function| function.kind).word()
}

/// In µs, as the format has times, with all digits.
fn microseconds(ns: u64) -> String {
    format!("{}.{:03}", ns / 1_000, ns % 1_000)
}

/// Remarks on a call, if it is not an ordinary one.
fn arguments(call: &TracedCall, label: Option<&str>) -> String {
    let mut said = Vec::new();
    if let Some(label) = label {
        said.push(format!("\"label\":{}", text(label)));
    }
    if call.began_before {
        said.push("\"begin\":\"before the trace\"".into());
    }
    match call.end {
        Some(TraceEventKind::Unwind) => said.push("\"end\":\"panic\"".into()),
        Some(TraceEventKind::Pending) => said.push("\"poll\":\"pending\"".into()),
        Some(TraceEventKind::Ready) => said.push("\"poll\":\"ready\"".into()),
        Some(_) => {}
        None => said.push("\"end\":\"not seen\"".into()),
    }
    if said.is_empty() { String::new() } else { format!(",\"args\":{{{}}}", said.join(",")) }
}

/// Facts that tools show beside the trace: whose it is, what it lacks, and the slowest calls.
fn other_data(trace: &Trace, snapshot: &Snapshot, labels: &Labels<'_>) -> String {
    let functions = slow_calls(trace, labels).into_iter().map(|(function, calls)| {
        let calls = calls.iter().map(|call| {
            let callers =
                call.callers.iter().map(|&caller| text(&name(snapshot, caller))).collect::<Vec<_>>().join(",");
            let label = if call.label.is_empty() { String::new() } else { format!(",\"label\":{}", text(&call.label)) };
            let (ns, end_ns, thread) = (call.ns, call.end_ns, text(&call.thread));
            format!("{{\"ns\":{ns},\"end_ns\":{end_ns},\"thread\":{thread},\"callers\":[{callers}]{label}}}")
        });
        let calls = calls.collect::<Vec<_>>().join(",");
        format!("\n{{\"function\":{},\"calls\":[{calls}]}}", text(&name(snapshot, function)))
    });
    format!(
        "{{\"program\":{},\"pid\":{},\"started_unix_ns\":{},\"window\":{},\"window_begin_ns\":{},\"window_end_ns\":{},\"open\":{},\
         \"lost_events\":{},\"slowest\":[{}]}}",
        text(&snapshot.process.program),
        snapshot.process.pid,
        snapshot.process.started_unix_ns,
        trace.window,
        trace.begin_ns,
        trace.end_ns,
        trace.is_open,
        trace.lost_events(),
        functions.collect::<Vec<_>>().join(","),
    )
}
