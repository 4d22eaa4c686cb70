//! Hot functions that call functions of the same crates which are not annotated: whose time it is, nobody can tell.

use std::collections::BTreeSet;

use super::{Context, Effect, Finding, Severity, finding};
use crate::{
    command::audit::{profile::name_place, source::CallKind},
    view::{text, units},
};

pub(super) const NAME: &str = "perf::unannotated_callee";

/// The share of all self time from which on a function is hot.
const HOT: f64 = 0.05;
/// Most callees that a message names.
const NAMED: usize = 5;

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some(profile) = context.profile else { return Vec::new() };
    let names = context.names();
    let mut items: Vec<_> = profile.annotated().collect();
    items.sort_unstable();
    let mut found = Vec::new();
    for (index, item) in items {
        let Some(function) = profile.functions_of((index, item)).max_by_key(|function| function.self_ns) else {
            continue;
        };
        if profile.share(function) < HOT {
            continue;
        }
        let file = &context.files[index];
        let around = &file.items[item];
        let mut callees = BTreeSet::new();
        let calls = file.calls.iter().filter(|call| around.lines.contains(&call.place.line) && !call.is_cold);
        for call in calls.filter(|call| call.kind != CallKind::Macro) {
            let Some(callee) = names.called(call, file) else { continue };
            let called = &context.files[callee.0].items[callee.1];
            // Of a few statements in a row nobody wants a figure.
            if callee != (index, item) && !profile.is_annotated(callee) && (called.has_loop || called.statements > 5) {
                callees.insert(called.path.as_str());
            }
        }
        if callees.is_empty() {
            continue;
        }
        let shown: Vec<String> = callees.iter().take(NAMED).map(|path| format!("`{}`", text::escape(path))).collect();
        let more = callees.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let message = format!(
            "{} of self time in `{}` include what it calls without an annotation: {}{more}",
            units::duration(function.self_ns),
            around.name,
            shown.join(", ")
        );
        found.push(
            finding(NAME, (Severity::Low, Effect::Visibility, 0.02), &name_place(file, around), message)
                .help("annotate these with `#[profile]`, to see which of them takes the time"),
        );
    }
    found
}
