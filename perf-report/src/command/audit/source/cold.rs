//! Code that runs only when something goes wrong: what it costs matters to nobody.

use syn::{Arm, Expr, Pat};

/// Methods whose closure or argument is for the case of an error or of nothing.
const METHODS: [&str; 14] = [
    "map_err",
    "ok_or",
    "ok_or_else",
    "or_else",
    "unwrap_or_else",
    "expect",
    "expect_err",
    "unwrap_or_default",
    "with_context",
    "context",
    "wrap_err",
    "wrap_err_with",
    "inspect_err",
    "map_or_else",
];

/// Macros that end a call, or that say what is wrong.
const MACROS: [&str; 16] = [
    "panic",
    "unreachable",
    "todo",
    "unimplemented",
    "bail",
    "ensure",
    "anyhow",
    "eyre",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "error",
    "warn",
];

pub(super) fn is_cold_method(name: &str) -> bool {
    METHODS.contains(&name)
}

pub(super) fn is_cold_macro(name: &str) -> bool {
    MACROS.contains(&name)
}

/// Whether a call's arguments are for an error: `Err(…)`.
pub(super) fn is_cold_call(path: &str) -> bool {
    path == "Err" || path.ends_with("Result::Err") || path.ends_with("process::exit")
}

/// Whether a pattern matches errors alone.
pub(super) fn is_cold_pattern(pattern: &Pat) -> bool {
    match pattern {
        Pat::TupleStruct(pattern) => pattern.path.segments.last().is_some_and(|last| last.ident == "Err"),
        Pat::Reference(pattern) => is_cold_pattern(&pattern.pat),
        Pat::Paren(pattern) => is_cold_pattern(&pattern.pat),
        _ => false,
    }
}

pub(super) fn is_cold_arm(arm: &Arm) -> bool {
    is_cold_pattern(&arm.pat)
}

/// Whether a condition lets errors alone through: `if let Err(error) = …`.
pub(super) fn is_cold_condition(condition: &Expr) -> bool {
    matches!(condition, Expr::Let(condition) if is_cold_pattern(&condition.pat))
}
