//! speedscope's format: <https://www.speedscope.app/file-format-schema.json>, with an evented profile for each thread.
//!
//! In such a profile each call that is opened is closed, and no time is earlier than the one before. So a call whose begin or end
//! was not seen goes from the begin of its thread's events, or to the end of the trace.

use std::fmt::Write;

use crate::{Snapshot, Trace, TracedCall, data::json::text};

pub(super) fn render(trace: &Trace, snapshot: &Snapshot) -> String {
    let events: usize = trace.threads.iter().map(|thread| thread.events.len()).sum();
    let mut out = String::with_capacity(1024 + events * 40);
    let mut write = |line: std::fmt::Arguments<'_>| out.write_fmt(line).unwrap_or_default();
    let frames = snapshot.functions.iter().map(|function| {
        let place = format!(",\"file\":{},\"line\":{}", text(&function.file), function.line);
        let place = if function.file.is_empty() { "" } else { place.as_str() };
        format!("{{\"name\":{}{place}}}", text(&function.name))
    });
    write(format_args!(
        "{{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\"exporter\":\"perf-report {}\",\"name\":{},\
         \"activeProfileIndex\":0,\"shared\":{{\"frames\":[\n{}\n]}},\"profiles\":[",
        env!("CARGO_PKG_VERSION"),
        text(&format!("{} {}", snapshot.process.program, snapshot.process.pid)),
        frames.collect::<Vec<_>>().join(",\n"),
    ));
    for (number, thread) in trace.threads.iter().enumerate() {
        let calls = trace.calls(thread);
        let start = calls.first().map_or(trace.begin_ns, |call| call.begin_ns.min(trace.begin_ns));
        let end = calls.iter().fold(trace.end_ns, |end, call| end.max(call.end_ns));
        let between = if number > 0 { "," } else { "" };
        write(format_args!(
            "{between}\n{{\"type\":\"evented\",\"name\":{},\"unit\":\"nanoseconds\",\"startValue\":{start},\"endValue\":{end},\"events\":[",
            text(&thread.name)
        ));
        let mut first = true;
        in_order(&calls, |what, call, ns| {
            let between = if std::mem::take(&mut first) { "" } else { "," };
            write(format_args!("{between}\n{{\"type\":\"{what}\",\"frame\":{},\"at\":{ns}}}", call.function));
        });
        write(format_args!("]}}"));
    }
    write(format_args!("\n]}}\n"));
    out
}

/// Opens and closes the calls in the order of time.
fn in_order(calls: &[TracedCall], mut write: impl FnMut(char, &TracedCall, u64)) {
    let mut open: Vec<usize> = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        // Open calls that are not around it have ended.
        while let Some(&last) = open.last().filter(|&&last| call.caller != Some(last)) {
            write('C', &calls[last], calls[last].end_ns);
            open.pop();
        }
        write('O', call, call.begin_ns);
        open.push(index);
    }
    while let Some(last) = open.pop() {
        write('C', &calls[last], calls[last].end_ns);
    }
}
