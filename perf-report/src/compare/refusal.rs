//! What cannot be compared, and why.

use std::fmt;

use super::{Options, Side, pairs::Pairs};
use crate::Function;

/// Why two sides cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CompareError {
    /// A side has no run in which any annotated function ran.
    Nothing {
        /// The first or the second side.
        side: &'static str,
    },
    /// There are runs of different programs.
    Programs {
        /// A run and its program.
        one: [String; 2],
        /// Another.
        other: [String; 2],
    },
    /// The same run was given twice for one side, and would look like two that agree.
    SameRun {
        /// One label of it.
        one: String,
        /// The other.
        other: String,
    },
    /// No function ran on both sides.
    NothingInCommon {
        /// A function of the first side.
        before: String,
        /// A function of the second side.
        after: String,
    },
}

impl fmt::Display for CompareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompareError::Nothing { side } => write!(
                f,
                "no annotated function ran on the {side} side, so there is nothing to compare; is the program annotated, \
                 and was it run with PERF_REPORT or PERF_RECORDING?"
            ),
            CompareError::Programs { one, other } => write!(
                f,
                "{} is of the program {:?}, {} of {:?}; give runs of one program, or --any-program if they are meant to \
                 be compared",
                one[0], one[1], other[0], other[1]
            ),
            CompareError::SameRun { one, other } => write!(
                f,
                "{one} and {other} are the same run; two of the same would look as if runs did not vary: leave one out"
            ),
            CompareError::NothingInCommon { before, after } => write!(
                f,
                "no function ran on both sides: the first has for example {before:?}, the second {after:?}; are these the \
                 right files?"
            ),
        }
    }
}

impl std::error::Error for CompareError {}

/// Why two sides cannot be compared, if they cannot.
pub(super) fn refuse(before: &Side, after: &Side, options: &Options) -> Result<(), CompareError> {
    for side in [before, after] {
        for (index, run) in side.runs.iter().enumerate().filter(|run| run.1.id.0 != 0) {
            if let Some(other) = side.runs[..index].iter().find(|other| other.id == run.id) {
                return Err(CompareError::SameRun { one: other.label.clone(), other: run.label.clone() });
            }
        }
    }
    let mut runs = before.runs.iter().chain(&after.runs);
    let Some(first) = runs.next() else { return Err(CompareError::Nothing { side: "first" }) };
    match runs.find(|run| without_hash(&run.program) != without_hash(&first.program)) {
        Some(other) if !options.any_program => Err(CompareError::Programs {
            one: [first.label.clone(), first.program.clone()],
            other: [other.label.clone(), other.program.clone()],
        }),
        _ => Ok(()),
    }
}

/// Why sides of which no function is on both cannot be compared.
pub(super) fn nothing_in_common(pairs: &Pairs, functions: [&[Function]; 2]) -> CompareError {
    let name = |functions: &[Function], only: &[usize]| only.first().map(|&at| functions[at].name.clone());
    match (name(functions[0], &pairs.before_only), name(functions[1], &pairs.after_only)) {
        (Some(before), Some(after)) => CompareError::NothingInCommon { before, after },
        (None, _) => CompareError::Nothing { side: "first" },
        (_, None) => CompareError::Nothing { side: "second" },
    }
}

/// Tests and benchmarks that cargo builds have a hash at the end of their names, which changes with every build.
fn without_hash(program: &str) -> &str {
    match program.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => name,
        _ => program,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_builds_are_no_part_of_a_programs_name() {
        assert_eq!(without_hash("bench-0123456789abcdef"), "bench");
        assert_eq!(without_hash("word-index"), "word-index");
    }
}
