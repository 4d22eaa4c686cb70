//! `audit` on crates made for it: what it finds, what it leaves alone, in which order and in which formats.
#![cfg(all(feature = "command", unix))]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod baseline;
mod errors;
mod findings;
mod formats;
mod joins;
mod profiles;
#[path = "../programs/mod.rs"]
mod programs;
mod support;
