//! Calls that block their thread, in async code: all tasks of that executor's thread wait with them.

use super::{Context, Effect, Finding, Severity, finding};
use crate::command::audit::source::{Call, CallKind};

pub(super) const NAME: &str = "perf::blocking_in_async";

/// Functions that block, by their whole paths, and what to call instead.
const BLOCKING: [(&str, &str); 14] = [
    ("std::thread::sleep", "await the sleep of the async runtime, such as `tokio::time::sleep`"),
    ("std::fs::", "call the same function of `tokio::fs`, or call it within `spawn_blocking`"),
    (
        "std::net::TcpStream::connect",
        "await the connection of the async runtime, such as `tokio::net::TcpStream::connect`",
    ),
    ("std::net::ToSocketAddrs::to_socket_addrs", "await `tokio::net::lookup_host`"),
    ("std::io::read_to_string", "read by the async runtime's traits, or within `spawn_blocking`"),
    ("std::io::copy", "await the copy of the async runtime, such as `tokio::io::copy`"),
    ("reqwest::blocking::", "await the functions of `reqwest` itself"),
    ("ureq::", "call it within `spawn_blocking`, or use an async client"),
    ("futures::executor::block_on", "await the future"),
    ("pollster::block_on", "await the future"),
    ("rusqlite::Connection::open", "call it within `spawn_blocking`"),
    ("postgres::Client::connect", "use `tokio_postgres`, or call it within `spawn_blocking`"),
    ("mysql::Pool::new", "use an async driver, or call it within `spawn_blocking`"),
    ("diesel::", "call it within `spawn_blocking`, or use `diesel_async`"),
];

/// Values of std whose methods block: how they are made, these methods, and what to call instead. All calls between the two only
/// set options.
const BLOCKING_METHODS: [(&str, &[&str], (&str, &str)); 4] = [
    (
        "std::process::Command::new",
        &["output", "status"],
        ("std::process::Command", "await the same method of `tokio::process::Command`"),
    ),
    ("std::fs::File::options", &["open"], OPEN_OPTIONS),
    ("std::fs::OpenOptions::new", &["open"], OPEN_OPTIONS),
    (
        "std::fs::DirBuilder::new",
        &["create"],
        ("std::fs::DirBuilder::create", "await `tokio::fs::DirBuilder::create`, or call it within `spawn_blocking`"),
    ),
];

const OPEN_OPTIONS: (&str, &str) =
    ("std::fs::OpenOptions::open", "await `tokio::fs::OpenOptions::open`, or call it within `spawn_blocking`");

/// Parts of paths below those that make no call of the system.
const HARMLESS: [&str; 8] = [
    "::Error::",
    "fs::DirBuilder::new",
    "fs::File::from",
    "fs::File::options",
    "fs::FileTimes::",
    "fs::Metadata::",
    "fs::OpenOptions::",
    "fs::Permissions::",
];

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in context.files {
        for call in file.calls.iter().filter(|call| call.is_async && !call.is_awaited) {
            let Some((shown, instead)) = blocks(call) else { continue };
            let message = format!("`{shown}` blocks the executor's thread, with all tasks on it");
            found.push(finding(NAME, (Severity::High, Effect::Waits, 0.9), &call.place, message).help(instead));
        }
    }
    found
}

fn blocks(call: &Call) -> Option<(&str, &'static str)> {
    match call.kind {
        CallKind::Function => {
            // `diesel::insert_into` and the like only build a query.
            let known = BLOCKING.iter().find(|(path, _)| match path.ends_with("::") {
                true => call.path.starts_with(path) && *path != "diesel::",
                false => call.path == *path,
            })?;
            // Errors, options and paths are made of the same modules without a call of the system.
            (!HARMLESS.iter().any(|harmless| call.path.contains(harmless))).then_some((call.path.as_str(), known.1))
        }
        CallKind::Method => {
            let made = call.chain.last()?;
            let known =
                BLOCKING_METHODS.iter().find(|(by, methods, _)| made == by && methods.contains(&call.name()))?;
            Some(known.2)
        }
        CallKind::Macro => None,
    }
}
