//! The result of a command in a form that every format is made of.

use super::{Format, Place};
use crate::command::Outcome;

/// The result of a command.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::command) struct Findings {
    /// The command.
    pub(super) command: &'static str,
    /// Name of the program that was checked.
    pub(in crate::command) program: String,
    /// One line: how many of what.
    pub(in crate::command) headline: String,
    /// All that was checked, worst first.
    pub(in crate::command) cases: Vec<Case>,
    /// All that was measured.
    pub(in crate::command) measures: Vec<Measure>,
    /// Sentences about the limits of the result.
    pub(in crate::command) notes: Vec<String>,
    /// How many metrics rose by more than their threshold and could not be tested.
    pub(super) untested: usize,
    /// Formats in which the command says more than cases can.
    pub(in crate::command) written: Vec<(Format, String)>,
    /// Why there is no result, or only a part of one.
    pub(super) errors: Vec<String>,
    /// How the command ended.
    pub(super) outcome: Outcome,
}

/// A metric of a function that was checked.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::command) struct Case {
    /// The kind of check, for tools that group by it: `budget`, `regression`, `change-point`.
    pub(in crate::command) rule: &'static str,
    /// The place that was checked: a file, or a program.
    pub(in crate::command) suite: String,
    /// The function, or `whole process`.
    pub(in crate::command) function: String,
    /// Where the function stands.
    pub(in crate::command) place: Option<Place>,
    /// The metric.
    pub(in crate::command) metric: String,
    /// The result.
    pub(in crate::command) status: Status,
    /// The value before or allowed, and the value that was measured, as people read them; empty where there is none.
    pub(in crate::command) values: [String; 2],
    /// The change, as people read it.
    pub(in crate::command) change: String,
    /// The result in a sentence that stands on its own.
    pub(in crate::command) message: String,
    /// Its number from run to run, where function and metric don't tell it from others.
    pub(in crate::command) identity: Option<String>,
}

/// Results of a check, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::command) enum Status {
    /// It must not be so.
    Failed,
    /// It may be so that it must not be; there is too little evidence.
    Suspicious,
    /// It was not checked.
    Skipped,
    /// It is better than before.
    Improved,
    /// All is well.
    Passed,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::command) struct Measure {
    /// The function, or `whole process`.
    pub(in crate::command) function: String,
    /// The metric.
    pub(in crate::command) metric: String,
    /// `ns`, `bytes`, `calls`.
    pub(in crate::command) unit: &'static str,
    /// The value.
    pub(in crate::command) value: f64,
    /// The least and the greatest value that it had.
    pub(in crate::command) range: Option<[f64; 2]>,
}

impl Findings {
    pub(super) fn of(command: &'static str) -> Findings {
        Findings {
            command,
            program: String::new(),
            headline: String::new(),
            cases: Vec::new(),
            measures: Vec::new(),
            notes: Vec::new(),
            untested: 0,
            written: Vec::new(),
            errors: Vec::new(),
            outcome: Outcome::Complete,
        }
    }

    /// Adds how the command ended, and what it said. Whatever is not well must be seen in every format.
    pub(super) fn conclude(&mut self, outcome: Outcome, said: &str) {
        self.outcome = outcome;
        self.cases.sort_by_key(|case| case.status);
        if outcome >= Outcome::Partial {
            self.errors = messages(said, outcome);
        }
        let is_seen = !self.errors.is_empty() || self.count(Status::Failed) > 0;
        if outcome != Outcome::Complete && !is_seen {
            self.errors.push(format!("{} ended with exit status {}", self.command, outcome.status()));
        }
    }

    /// How many cases have this status.
    pub(super) fn count(&self, status: Status) -> usize {
        self.cases.iter().filter(|case| case.status == status).count()
    }

    /// The text of the command's own in a format, if there is one. A command that failed must say so instead.
    pub(super) fn written_as(&self, format: Format) -> Option<&str> {
        let of_format = self.written.iter().find(|(known, _)| *known == format);
        of_format.filter(|_| self.outcome != Outcome::Failed).map(|(_, text)| text.as_str())
    }

    /// The cases that somebody must look at.
    pub(super) fn alarms(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(|case| matches!(case.status, Status::Failed | Status::Suspicious))
    }
}

impl Case {
    /// A number that stays the same from run to run, by which tools know a finding again (FNV-1a, 64 bits).
    pub(super) fn fingerprint(&self) -> String {
        if let Some(identity) = &self.identity {
            return identity.clone();
        }
        let file = self.place.as_ref().map_or("", |place| &place.file);
        let parts = [self.rule, &self.function, &self.metric, file];
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in parts.iter().flat_map(|part| part.bytes().chain([0])) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        format!("{hash:016x}")
    }
}

/// The messages among what a command said: errors, and of a result in part the warnings too. A message may have several lines.
fn messages(said: &str, outcome: Outcome) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    let mut counts = false;
    for line in said.lines() {
        let error = line.strip_prefix("error: ");
        let warning = line.strip_prefix("warning: ").filter(|_| outcome == Outcome::Partial);
        match error.or(warning) {
            Some(message) => {
                messages.push(message.to_owned());
                counts = true;
            }
            None if line.starts_with("warning: ") => counts = false,
            None if counts => {
                if let Some(last) = messages.last_mut() {
                    last.push('\n');
                    last.push_str(line);
                }
            }
            None => {}
        }
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_told_in_whole_messages() {
        let said = "warning: a.json: left out\n  because\nerror: `app` failed\n  cause\nerror: b\n";
        assert_eq!(messages(said, Outcome::Failed), ["`app` failed\n  cause", "b"]);
        assert_eq!(messages(said, Outcome::Partial).len(), 3);
    }

    #[test]
    fn an_outcome_that_is_not_well_is_never_without_a_reason() {
        for outcome in [Outcome::Partial, Outcome::Found, Outcome::Failed] {
            let mut findings = Findings::of("diff");
            findings.conclude(outcome, "");
            assert_eq!(findings.errors.len(), 1, "{outcome:?}");
        }
        let mut findings = Findings::of("diff");
        findings.conclude(Outcome::Complete, "");
        assert!(findings.errors.is_empty());
    }
}
