//! Allocations in loops, in functions whose allocations were counted.

use super::{Context, Effect, Finding, Severity, finding};
use crate::{
    command::audit::source::{Call, CallKind},
    view::units,
};

pub(super) const NAME: &str = "perf::allocation_in_loop";

/// Allocations from which on they matter.
const MANY: u64 = 1_000;
/// Bytes of a mean allocation from which on a clone is taken for the one that makes it.
const LARGE: u64 = 256;

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, file) in context.files.iter().enumerate() {
        for call in
            file.calls.iter().filter(|call| call.loops > 0 && !call.is_cold && !call.is_initialiser && !call.is_stored)
        {
            let Some((what, remedy)) = allocates(call) else { continue };
            let Some(function) = context.function(index, call.place.line) else { continue };
            let Some(counted) = function.allocations.filter(|counted| counted.self_count >= MANY) else { continue };
            // Fewer allocations than calls: the loop is not where they are.
            if counted.self_count <= function.calls {
                continue;
            }
            // Not every value that is cloned is large: a counter of references is none.
            if call.name() == "clone" && counted.self_bytes / counted.self_count < LARGE {
                continue;
            }
            let message = format!(
                "{what} in a loop; {} allocates {} times itself",
                crate::view::text::escape(&function.name),
                units::count(counted.self_count)
            );
            let kind = (Severity::Medium, Effect::Allocations, 0.6);
            found.push(finding(NAME, kind, &call.place, message).help(remedy));
        }
    }
    found
}

/// Calls that allocate, and how to do without.
fn allocates(call: &Call) -> Option<(&'static str, &'static str)> {
    const REUSE: &str = "make one before the loop, and clear it at each turn";
    match (call.kind, call.path.as_str()) {
        (CallKind::Macro, "format") => {
            Some(("`format!` makes a `String`", "write into a `String` made before the loop, by `write!`"))
        }
        (CallKind::Macro, "vec") if !call.arguments.is_empty() => Some(("`vec!` makes a `Vec`", REUSE)),
        (CallKind::Method, "to_string" | "to_owned") => {
            Some(("a copy of a text or a value is made", "borrow it; or keep one buffer, and copy into it"))
        }
        (CallKind::Method, "clone") if call.arguments.is_empty() => {
            Some(("a large value is cloned", "borrow it; or keep one copy, and use `clone_from`"))
        }
        (CallKind::Method, "to_vec") => Some(("a copy of a slice is made", "borrow the slice, or reuse a `Vec`")),
        (CallKind::Method, "to_lowercase" | "to_uppercase" | "to_ascii_lowercase" | "to_ascii_uppercase") => Some((
            "a copy in another case is made",
            "compare without a copy (`eq_ignore_ascii_case`), or reuse a buffer",
        )),
        (CallKind::Method, "collect") => {
            Some(("`collect` makes a collection", "iterate without it, or reuse one: `extend`"))
        }
        (CallKind::Method, "join" | "concat")
            if !call.chain.is_empty() || call.arguments.iter().any(|argument| argument.text.is_some()) =>
        {
            Some(("a text is put together", "push the parts to a `String` made before the loop"))
        }
        (CallKind::Function, "String::from") => Some(("`String::from` copies a text", "borrow it, or reuse a buffer")),
        (CallKind::Function, path) if path.ends_with("Vec::with_capacity") || path == "String::with_capacity" => {
            Some(("a buffer is made", REUSE))
        }
        (CallKind::Function, "Box::new") => Some(("`Box::new` allocates", "keep the values in one `Vec`")),
        _ => None,
    }
}
