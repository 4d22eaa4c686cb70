//! Checks of what clippy has no lint for: a file each.
//!
//! They read the sources as `source` lists them, and know no types: each looks for code that says by itself what it does, and each
//! has look-alikes in the tests that it must leave alone. Those that need a profile find nothing without one.

mod allocation_in_loop;
mod blocking_in_async;
mod construction_per_call;
mod eager_start;
mod large_file;
mod never_ran;
mod query_in_loop;
mod query_under_lock;
mod streams;
mod unannotated_callee;
mod unbuffered_io;

use super::{
    callers::Names,
    finding::{Effect, Finding, Place, Severity},
    profile::Profile,
    source::SourceFile,
};

/// The names of all checks.
pub(super) const NAMES: [&str; 10] = [
    allocation_in_loop::NAME,
    blocking_in_async::NAME,
    construction_per_call::NAME,
    eager_start::NAME,
    large_file::NAME,
    never_ran::NAME,
    query_in_loop::NAME,
    query_under_lock::NAME,
    unannotated_callee::NAME,
    unbuffered_io::NAME,
];

/// The input of the checks.
pub(super) struct Context<'a> {
    pub(super) files: &'a [SourceFile],
    /// The profile, if there is one and something of it is in the sources.
    pub(super) profile: Option<&'a Profile>,
    pub(super) max_lines: usize,
}

impl Context<'_> {
    /// The annotated function around a line of a file.
    fn function(&self, file: usize, line: usize) -> Option<&crate::Function> {
        self.profile.and_then(|profile| profile.function_around(file, self.files, line))
    }

    fn names(&self) -> Names {
        Names::of(self.files)
    }
}

/// All findings of all checks, without those that comments allow.
pub(super) fn run(context: &Context<'_>) -> Vec<Finding> {
    let checks = [
        allocation_in_loop::check,
        blocking_in_async::check,
        construction_per_call::check,
        eager_start::check,
        large_file::check,
        never_ran::check,
        query_in_loop::check,
        query_under_lock::check,
        unannotated_callee::check,
        unbuffered_io::check,
    ];
    let findings = checks.iter().flat_map(|check| check(context));
    let allowed = |finding: &Finding| {
        let file = context.files.iter().find(|file| file.path == finding.place.file);
        file.is_some_and(|file| file.allows(&finding.check, &finding.place))
    };
    findings.filter(|finding| !allowed(finding)).collect()
}

/// Findings of clippy, and those of the checks that say something else.
pub(super) fn beside(mut of_clippy: Vec<Finding>, of_checks: Vec<Finding>) -> Vec<Finding> {
    let is_said = |finding: &Finding, by: &Finding| {
        let is_near = by.place.file == finding.place.file && by.place.line == finding.place.line;
        is_near
            && match finding.check.as_str() {
                construction_per_call::NAME => by.check == "clippy::regex_creation_in_loops",
                allocation_in_loop::NAME => by.effect == Effect::Allocations,
                _ => false,
            }
    };
    let more = of_checks.into_iter().filter(|finding| !of_clippy.iter().any(|by| is_said(finding, by)));
    let more: Vec<Finding> = more.collect();
    of_clippy.extend(more);
    of_clippy
}

fn finding(name: &'static str, kind: (Severity, Effect, f64), place: &Place, message: impl Into<String>) -> Finding {
    Finding::new(name, kind, place.clone(), message.into())
}
