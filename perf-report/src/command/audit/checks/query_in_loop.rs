//! Queries that a loop sends one by one.

use super::{Context, Effect, Finding, Severity, finding};
use crate::command::audit::source::{Call, CallKind};

pub(super) const NAME: &str = "perf::query_in_loop";

/// Methods that send a statement and wait for the answer.
const SENDING: [&str; 16] = [
    "execute",
    "execute_batch",
    "query",
    "query_row",
    "query_map",
    "query_one",
    "query_opt",
    "query_scalar",
    "fetch",
    "fetch_one",
    "fetch_all",
    "fetch_optional",
    "query_first",
    "query_drop",
    "exec",
    "simple_query",
];
/// Functions of drivers that hold a statement.
const STATEMENTS: [&str; 8] = [
    "sqlx::query",
    "sqlx::query_as",
    "sqlx::query_scalar",
    "sqlx::query_as_with",
    "diesel::sql_query",
    "diesel::insert_into",
    "diesel::update",
    "diesel::delete",
];
/// The words that statements begin with.
const BEGINNINGS: [&str; 7] = ["select ", "insert ", "update ", "delete ", "with ", "replace ", "merge "];

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in context.files {
        for call in file.calls.iter().filter(|call| call.loops > 0 && is_query(call)) {
            let message = "this loop sends a query at each turn, and waits for each answer";
            found.push(finding(NAME, (Severity::High, Effect::Waits, 0.9), &call.place, message).help(
                "ask for all rows at once (`IN (…)`, `= ANY($1)`, a join), or send many rows in one statement, or at \
                     least prepare it before the loop and hold one transaction around it",
            ));
        }
    }
    found
}

pub(super) fn is_query(call: &Call) -> bool {
    if call.kind != CallKind::Method {
        return false;
    }
    let is_made = call.chain.iter().any(|made| STATEMENTS.contains(&made.as_str()));
    let is_statement = |text: &str| {
        let text = text.trim_start().to_ascii_lowercase();
        BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
    };
    let has_text = call.arguments.iter().take(2).any(|argument| {
        let is_named = argument.name.as_deref().is_some_and(|name| {
            argument.is_constant()
                && ["SQL", "QUERY", "SELECT", "INSERT", "UPDATE"].iter().any(|word| name.contains(word))
        });
        is_named || argument.text.as_deref().is_some_and(is_statement)
    });
    // Diesel builds a query by methods, and sends it by these.
    let sends_built = is_made && matches!(call.name(), "load" | "get_result" | "get_results" | "first");
    sends_built || (SENDING.contains(&call.name()) && (is_made || has_text))
}
