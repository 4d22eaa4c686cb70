//! Which sides cannot be compared, and why.

use std::fmt;

use super::{CompareOptions, Side, counts::WHY_UNCOUNTED, pairs::Pairs};
use crate::{
    Function,
    command::{
        identity::without_hash,
        nearest::{listed, nearest},
        pattern::Pattern,
    },
};

/// Why two sides cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CompareError {
    /// No annotated function ran in any run of a side.
    Nothing {
        /// The first or the second side.
        side: &'static str,
    },
    /// The runs are of different programs.
    Programs {
        /// A run and its program.
        one: [String; 2],
        /// Another run and its program.
        other: [String; 2],
    },
    /// One side has the same run twice, which would look like two runs that agree.
    SameRun {
        /// One label of the run.
        one: String,
        /// Its other label.
        other: String,
    },
    /// No function ran on both sides.
    NothingInCommon {
        /// A function of the first side.
        before: String,
        /// A function of the second side.
        after: String,
    },
    /// A pattern that selects functions selects none that ran on both sides.
    SelectsNothing {
        /// The pattern.
        pattern: String,
        /// A function that matches, and where it ran; else the names nearest to the pattern.
        found: Result<(String, &'static str), Vec<String>>,
    },
    /// Functions ran on both sides, and of none of them there are instructions on both.
    NothingCounted {
        /// How many, and their names.
        functions: String,
    },
    /// A threshold is for a function that neither side has.
    ThresholdUnused {
        /// The pattern.
        pattern: String,
        /// The names nearest to it.
        nearest: Vec<String>,
    },
}

impl fmt::Display for CompareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompareError::Nothing { side } => write!(
                f,
                "no annotated function ran on the {side} side; annotate the program with #[profile], and run it with \
                 PERF_REPORT=json:FILE or PERF_RECORDING=FILE"
            ),
            CompareError::Programs { one, other } => write!(
                f,
                "{} is a run of {:?}, {} a run of {:?}; give runs of one program, or --any-program to compare different ones",
                one[0], one[1], other[0], other[1]
            ),
            CompareError::SameRun { one, other } => write!(
                f,
                "{one} and {other} are the same run, which would look as if runs did not vary; remove one of them"
            ),
            CompareError::NothingInCommon { before, after } => write!(
                f,
                "no function ran on both sides: the first has for example {before:?}, the second {after:?}; give runs of one \
                 program"
            ),
            CompareError::SelectsNothing { pattern, found: Ok((name, ran)) } => write!(
                f,
                "--only {pattern:?} matches no function that ran on both sides ({name:?} ran {ran}); correct the pattern, or \
                 give runs in which the function runs"
            ),
            CompareError::SelectsNothing { pattern, found: Err(nearest) } => {
                write!(f, "--only {pattern:?} matches no function; correct the pattern{}", suggestion(nearest))
            }
            CompareError::NothingCounted { functions } => {
                write!(f, "no instructions can be compared of {functions}; {WHY_UNCOUNTED}, or remove --count")
            }
            CompareError::ThresholdUnused { pattern, nearest } => write!(
                f,
                "the threshold for {pattern:?} matches no function; correct or remove it{}",
                suggestion(nearest)
            ),
        }
    }
}

impl CompareError {
    /// The error for a pattern that matches none of the names.
    pub(super) fn selects_nothing<'a>(pattern: &Pattern, names: impl Iterator<Item = &'a str>) -> CompareError {
        let pattern = pattern.as_str();
        CompareError::SelectsNothing { pattern: pattern.to_owned(), found: Err(nearest(names, pattern)) }
    }
}

fn suggestion(nearest: &[String]) -> String {
    if nearest.is_empty() { String::new() } else { format!("; the nearest names: {}", listed(nearest)) }
}

impl std::error::Error for CompareError {}

/// Refuses sides whose runs cannot be compared.
pub(super) fn refuse(before: &Side, after: &Side, options: &CompareOptions) -> Result<(), CompareError> {
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

/// The error for sides that have no function in common.
pub(super) fn nothing_in_common(pairs: &Pairs, functions: [&[Function]; 2]) -> CompareError {
    let name = |functions: &[Function], only: &[usize]| only.first().map(|&at| functions[at].name.clone());
    match (name(functions[0], &pairs.before_only), name(functions[1], &pairs.after_only)) {
        (Some(before), Some(after)) => CompareError::NothingInCommon { before, after },
        (None, _) => CompareError::Nothing { side: "first" },
        (_, None) => CompareError::Nothing { side: "second" },
    }
}

/// Refuses patterns that match nothing: with one a function that was renamed would go unnoticed from then on.
pub(super) fn refuse_idle_patterns(
    pairs: &Pairs,
    functions: [&[Function]; 2],
    options: &CompareOptions,
) -> Result<(), CompareError> {
    let [before, after] = functions;
    let all = || before.iter().chain(after).map(|function| function.name.as_str());
    for only in &options.only {
        let mut both = pairs.both.iter().flat_map(|&(old, new)| [&before[old].name, &after[new].name]);
        if both.any(|name| only.matches(name)) {
            continue;
        }
        let first = |side: &[Function], places: &[usize], ran: &'static str| {
            let mut names = places.iter().map(|&place| &side[place].name).filter(|name| only.matches(name));
            names.next().map(|name| (name.clone(), ran))
        };
        let never = || all().find(|name| only.matches(name)).map(|name| (name.to_owned(), "on neither"));
        let found = first(before, &pairs.before_only, "only before")
            .or_else(|| first(after, &pairs.after_only, "only after"))
            .or_else(never);
        return Err(match found {
            Some(found) => CompareError::SelectsNothing { pattern: only.as_str().to_owned(), found: Ok(found) },
            None => CompareError::selects_nothing(only, all()),
        });
    }
    match options.thresholds.iter().find(|rule| !all().any(|name| rule.functions.matches(name))) {
        Some(rule) => {
            let pattern = rule.functions.as_str().to_owned();
            Err(CompareError::ThresholdUnused { nearest: nearest(all(), &pattern), pattern })
        }
        None => Ok(()),
    }
}
