//! Small writes and reads that go to the system one by one: files and connections without a buffer, and `println!` in hot loops.

use super::{Context, Effect, Finding, Severity, finding, streams::Streams};
use crate::command::audit::source::{Call, CallKind};

pub(super) const NAME: &str = "perf::unbuffered_io";

/// Methods that make small pieces of bytes.
const PIECES: [&str; 5] = ["as_bytes", "to_le_bytes", "to_be_bytes", "to_ne_bytes", "into_bytes"];
/// The share of all self time from which on a function is hot, for `println!`.
const HOT: f64 = 0.01;

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, file) in context.files.iter().enumerate() {
        let streams = Streams::of(file);
        for call in file.calls.iter().filter(|call| call.loops > 0 && !call.is_cold && !call.is_async) {
            if let Some(name) = small_access(call, &streams) {
                let (wrapper, verb) = match call.name() {
                    "read" | "read_exact" => ("BufReader", "reads"),
                    _ => ("BufWriter", "writes"),
                };
                let message = format!("each turn of this loop {verb} by a call of the system: `{name}` has no buffer");
                let kind = (Severity::High, Effect::Time, 0.9);
                let help = match name.starts_with("self.") {
                    true => format!("let the field have a buffer: `std::io::{wrapper}`"),
                    false => format!("wrap it before the loop: `std::io::{wrapper}::new({name})`"),
                };
                found.push(finding(NAME, kind, &call.place, message).help(help));
            } else if call.kind == CallKind::Macro && matches!(call.name(), "println" | "print") {
                let function = context.function(index, call.place.line);
                if function
                    .is_some_and(|function| context.profile.is_some_and(|profile| profile.share(function) >= HOT))
                {
                    let message = format!(
                        "`{}!` in a hot loop locks standard output, and a terminal gets each line by itself",
                        call.name()
                    );
                    let kind = (Severity::Medium, Effect::Time, 0.5);
                    found.push(finding(NAME, kind, &call.place, message).help(
                        "write by `writeln!` to a `BufWriter` around `std::io::stdout().lock()`, made before the loop",
                    ));
                }
            }
        }
    }
    found
}

/// The stream that a call gives a small piece to, or takes one from.
fn small_access<'a>(call: &'a Call, streams: &Streams<'_>) -> Option<&'a str> {
    let first = call.arguments.first();
    let line = call.place.line;
    let name = match (call.kind, call.name()) {
        (CallKind::Macro, "write" | "writeln") => first.and_then(|to| to.name.as_deref().or(to.field.as_deref())),
        (CallKind::Method, "write_all" | "write") => {
            let is_piece = first.is_some_and(|argument| {
                argument.text.is_some() || argument.method.as_deref().is_some_and(|method| PIECES.contains(&method))
            });
            call.receiver.as_deref().filter(|_| is_piece)
        }
        (CallKind::Method, "read_exact") => call.receiver.as_deref(),
        (CallKind::Method, "read") => {
            let into = first.and_then(|into| into.name.as_deref());
            call.receiver.as_deref().filter(|_| into.is_some_and(|into| streams.is_small_array(into, line)))
        }
        _ => None,
    };
    name.filter(|name| streams.is_stream(name, line))
}
