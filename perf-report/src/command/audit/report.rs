//! All that an audit found, in order.

use std::collections::BTreeMap;

use super::{
    args::FailOn,
    finding::{Finding, Severity},
    fingerprint::{self, Baseline},
    profile::{FoundFunctions, Profile},
    source::{ItemKind, SourceFile},
    startup::Startup,
};
use crate::{
    Snapshot,
    view::{text::plural, units},
};

/// The findings of an audit.
pub(super) struct Report {
    /// The most worthwhile first.
    pub(super) findings: Vec<Finding>,
    pub(super) startup: Option<Startup>,
    /// Sentences on what limits the findings.
    pub(super) notes: Vec<String>,
    pub(super) snapshot: Option<Snapshot>,
    /// Self time of all functions of the profile.
    pub(super) self_ns: Option<u64>,
    pub(super) functions: Option<FoundFunctions>,
}

impl Report {
    /// Joins findings to items and to the profile, and puts them in order.
    pub(super) fn new(mut findings: Vec<Finding>, files: &[SourceFile], profile: Option<&Profile>) -> Report {
        let place = |finding: &Finding| {
            (finding.place.file.clone(), finding.place.line, finding.place.column, finding.check.clone())
        };
        findings.sort_by_cached_key(place);
        for finding in &mut findings {
            let Some(file) = files.iter().position(|file| file.path == finding.place.file) else { continue };
            let named = |kind| matches!(kind, ItemKind::Function | ItemKind::Static | ItemKind::Type);
            let item = files[file].innermost(finding.place.line, |item| named(item.kind));
            finding.item = item.map(|item| files[file].items[item].path.clone());
            finding.stake = profile.and_then(|profile| profile.stake(finding, file, files));
        }
        fingerprint::assign(&mut findings, files);
        // The sort is stable: what is equal stays in the order of the sources.
        findings.sort_by(|a, b| {
            let at_stake = |finding: &Finding| finding.stake.as_ref().map_or(0, |stake| stake.at_best_ns);
            let worth = b.worth().total_cmp(&a.worth()).then_with(|| at_stake(b).cmp(&at_stake(a)));
            worth.then_with(|| a.standing().cmp(&b.standing())).then_with(|| b.severity.cmp(&a.severity))
        });
        Report {
            findings,
            startup: None,
            notes: Vec::new(),
            snapshot: None,
            self_ns: profile.map(|profile| profile.self_ns),
            functions: profile.map(|profile| profile.found),
        }
    }

    /// The findings that are not accepted.
    pub(super) fn new_findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| !finding.accepted)
    }

    /// How many new findings are of a kind that fails.
    pub(super) fn failing(&self, kinds: &[FailOn]) -> usize {
        self.new_findings().filter(|finding| kinds.iter().any(|kind| kind.holds(finding))).count()
    }

    pub(super) fn say(&mut self, sentences: Vec<String>) {
        self.notes.extend(sentences);
    }

    /// Marks what a baseline accepts.
    pub(super) fn accept(&mut self, baseline: &Baseline) {
        let left_over = baseline.mark(&mut self.findings) as u64;
        let accepted = self.findings.iter().filter(|finding| finding.accepted).count() as u64;
        let findings = plural(accepted, "finding", "findings");
        self.notes.push(format!("The baseline accepts {} {findings}, which are not shown.", units::count(accepted)));
        if left_over > 0 {
            let entries = plural(left_over, "entry of the baseline is", "entries of the baseline are");
            self.notes.push(format!("{} {entries} found no more: write the baseline anew.", units::count(left_over)));
        }
    }

    /// Says how well a profile fits, or what one would add.
    pub(super) fn say_of_profile(&mut self, profile: Option<&Profile>) {
        let Some(profile) = profile else {
            self.notes.push(
                "Findings are in the order of their severity. With a profile (--profile run.json, which the annotated program writes with \
                 PERF_REPORT=json:run.json) each tells how many milliseconds are at stake, and the first is worth most."
                    .to_owned(),
            );
            return;
        };
        let FoundFunctions { exact, moved, gone, foreign } = profile.found;
        let all = (exact + moved + gone + foreign) as u64;
        let count = |number: usize| units::count(number as u64);
        if all == 0 {
            self.notes.push(
                "The profile has no annotated functions, so findings are in the order of their severity.".to_owned(),
            );
        } else if profile.is_foreign() {
            self.notes.push(format!(
                "The profile is from other sources: none of its {} is in these crates. Findings are in the order of their severity.",
                functions(all)
            ));
        } else if moved + gone > 0 {
            let of = [
                (moved, "lies in another line and was joined by name", "lie in other lines and were joined by name"),
                (gone, "is gone", "are gone"),
            ];
            let of = of.iter().filter(|(number, ..)| *number > 0);
            let mut of = of.map(|(number, one, many)| (count(*number), plural(*number as u64, one, many)));
            let (number, verb) = of.next().unwrap_or_default();
            let more: String = of.map(|(number, verb)| format!(", {number} {verb}")).collect();
            self.notes.push(format!(
                "The sources changed since the profile: {number} of its {} {verb}{more}. Record again for exact figures.",
                functions(all)
            ));
        }
        if foreign > 0 && !profile.is_foreign() {
            let verb = plural(foreign as u64, "lies", "lie");
            self.notes.push(format!(
                "{} of the profile's {} {verb} in crates that were not audited.",
                count(foreign),
                functions(all)
            ));
        }
        let counted = profile.snapshot.functions.iter().any(|function| function.allocations.is_some());
        if !counted && !profile.is_foreign() {
            self.notes.push(
                "Allocations were not counted: with the counting allocator in the program, findings on allocations are held against \
                 their number."
                    .to_owned(),
            );
        }
    }

    /// How many new findings there are of each severity, the gravest first.
    pub(super) fn counts(&self) -> Vec<(Severity, usize)> {
        let mut counts = BTreeMap::new();
        for finding in self.new_findings() {
            *counts.entry(finding.severity).or_insert(0) += 1;
        }
        counts.into_iter().rev().collect()
    }
}

fn functions(number: u64) -> String {
    format!("{} {}", units::count(number), plural(number, "function", "functions"))
}
