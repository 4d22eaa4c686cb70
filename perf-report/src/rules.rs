//! What people demand of functions, in a file: budgets, and how much a figure may change.
//!
//! ```toml
//! [[budget]]
//! function = "app::db::*"   # `*` any text, `?` one character; braces and brackets as in a shell
//! p99 = "2ms"
//! calls = 1000
//!
//! [[threshold]]
//! function = "app::cache::*"
//! change = "20%"            # smaller changes are no finding; "ignore" for none at all
//! ```

use std::{fmt, path::Path};

use glob::Pattern;
use serde::Deserialize;

use crate::Figure;

/// Rules of a file.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Limits of figures.
    pub budgets: Vec<BudgetRule>,
    /// Changes that are let pass.
    pub thresholds: Vec<ThresholdRule>,
}

/// Limits for the functions that a pattern names.
#[derive(Clone, Debug)]
pub struct BudgetRule {
    /// Which functions.
    pub functions: Pattern,
    /// Highest value of each figure: nanoseconds, or a number of calls.
    pub limits: Vec<(Figure, u64)>,
}

/// How much the figures of some functions may change.
#[derive(Clone, Debug)]
pub struct ThresholdRule {
    /// Which functions.
    pub functions: Pattern,
    /// The smallest change that counts, as a fraction; infinite where none does.
    pub change: f64,
}

/// Why rules cannot be understood.
#[derive(Debug)]
#[non_exhaustive]
pub enum RulesError {
    /// The file cannot be read.
    Io(std::io::Error),
    /// It is not TOML, or not of this form. The message shows the place.
    Toml(toml::de::Error),
    /// A rule, counted from 1, asks for what there is not.
    Rule {
        /// `budget` or `threshold`.
        kind: &'static str,
        /// Which of them.
        number: usize,
        /// What is wrong with it.
        what: String,
    },
}

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RulesError::Io(error) => write!(f, "cannot be read: {error}"),
            RulesError::Toml(error) => write!(f, "{}", error.to_string().trim_end()),
            RulesError::Rule { kind, number, what } => write!(f, "[[{kind}]] number {number}: {what}"),
        }
    }
}

impl std::error::Error for RulesError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            RulesError::Io(error) => Some(error),
            RulesError::Toml(error) => Some(error),
            RulesError::Rule { .. } => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    budget: Vec<toml::Table>,
    #[serde(default)]
    threshold: Vec<Threshold>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Threshold {
    function: String,
    change: String,
}

impl Rules {
    /// Reads a file of rules.
    ///
    /// # Errors
    /// If it cannot be read or understood.
    pub fn open(path: &Path) -> Result<Rules, RulesError> {
        Rules::parse(&std::fs::read_to_string(path).map_err(RulesError::Io)?)
    }

    /// Reads rules.
    ///
    /// # Errors
    /// If the text is not TOML, or asks for what there is not.
    ///
    /// ```
    /// use perf_report::{Figure, Rules};
    /// let rules = Rules::parse("[[budget]]\nfunction = 'app::*'\np99 = '2ms'\n").unwrap();
    /// assert_eq!(rules.budgets[0].limits, [(Figure::P99, 2_000_000)]);
    /// let error = Rules::parse("[[budget]]\nfunction = 'app::*'\np95 = '2ms'\n").unwrap_err();
    /// assert!(error.to_string().starts_with("[[budget]] number 1: there is no figure \"p95\""));
    /// ```
    pub fn parse(text: &str) -> Result<Rules, RulesError> {
        let file: File = toml::from_str(text).map_err(RulesError::Toml)?;
        let (mut budgets, mut thresholds) = (Vec::new(), Vec::new());
        for (number, table) in (1..).zip(file.budget) {
            let error = |what| RulesError::Rule { kind: "budget", number, what };
            budgets.push(budget(table).map_err(error)?);
        }
        for (number, Threshold { function, change }) in (1..).zip(file.threshold) {
            let error = |what| RulesError::Rule { kind: "threshold", number, what };
            let functions = pattern(&function).map_err(error)?;
            let change = if change == "ignore" { f64::INFINITY } else { fraction(&change).map_err(error)? };
            thresholds.push(ThresholdRule { functions, change });
        }
        Ok(Rules { budgets, thresholds })
    }
}

fn budget(table: toml::Table) -> Result<BudgetRule, String> {
    let (mut functions, mut limits) = (None, Vec::new());
    for (key, value) in table {
        if key == "function" {
            let name = value.as_str().ok_or("`function` is a pattern in quotes: function = \"app::*\"")?;
            functions = Some(pattern(name)?);
            continue;
        }
        let figure: Figure = key.parse().map_err(|error| format!("{error}"))?;
        let limit = match (figure, &value) {
            (Figure::Calls, toml::Value::Integer(calls)) => u64::try_from(*calls).map_err(|_| NEVER_KEPT)?,
            (Figure::Calls, _) => return Err("`calls` is a whole number without quotes: calls = 1000".into()),
            (_, toml::Value::String(text)) => nanoseconds(text)?,
            _ => return Err(format!("a duration is written in quotes, with its unit: {key} = \"2ms\"")),
        };
        if limit == 0 {
            return Err(NEVER_KEPT.into());
        }
        limits.push((figure, limit));
    }
    if limits.is_empty() {
        return Err("it limits nothing; add a figure, for example p99 = \"2ms\"".into());
    }
    limits.sort_unstable();
    let functions = functions.ok_or("it names no functions; add function = \"app::*\"")?;
    Ok(BudgetRule { functions, limits })
}

const NEVER_KEPT: &str = "a limit of nothing can never be kept; give one above 0";

/// Units of time in ns, as the attribute `budget` knows them; both the micro sign and the Greek letter are in use.
const UNITS: [(&str, f64); 8] =
    [("ns", 1.), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("min", 60e9), ("h", 3600e9)];

/// A duration in ns, from a number and a unit.
pub(crate) fn nanoseconds(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = (&text[..split], text[split..].trim());
    let scale = UNITS.iter().find(|known| known.0 == unit).map(|known| known.1);
    match (number.parse::<f64>(), scale) {
        // What does not fit is centuries long, and the cast saturates.
        (Ok(number), Some(scale)) => Ok((number * scale).round() as u64),
        _ => Err(format!(
            "{text:?} is no duration; write a number and a unit (ns, us, µs, ms, s, min, h), for example \"1.5ms\""
        )),
    }
}

/// A pattern of function names.
///
/// # Errors
/// If it is not one; the message shows the place.
pub fn pattern(text: &str) -> Result<Pattern, String> {
    Pattern::new(text).map_err(|error| {
        format!("{text:?} is no pattern: at character {}: {}; `*` stands for any text", error.pos, error.msg)
    })
}

/// A change as people write it: `5%`, `5 %`, `0.05`.
///
/// # Errors
/// If it is no number, or less than nothing.
pub fn fraction(text: &str) -> Result<f64, String> {
    let (number, scale) = match text.trim().strip_suffix('%') {
        Some(number) => (number.trim_end(), 0.01),
        None => (text.trim(), 1.0),
    };
    match number.parse::<f64>() {
        Ok(number) if number >= 0.0 && number.is_finite() => Ok(number * scale),
        _ => Err(format!("{text:?} is no change; write it as 5% or 0.05")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_with_its_place_and_a_remedy() {
        let cases = [
            "[[budget]]\np99 = '2ms'",
            "[[budget]]\nfunction = 'app::*'",
            "[[budget]]\nfunction = 'app::**x'\np99 = '2ms'",
            "[[budget]]\nfunction = 7\np99 = '2ms'",
            "[[budget]]\nfunction = 'a'\np99 = '2 fortnights'",
            "[[budget]]\nfunction = 'a'\np99 = 2000",
            "[[budget]]\nfunction = 'a'\np99 = '0ms'",
            "[[budget]]\nfunction = 'a'\ncalls = '7'",
            "[[budget]]\nfunction = 'a'\ncalls = -1",
            "[[budget]]\nfunction = 'a'\np99 = '2ms'\n[[threshold]]\nfunction = 'a'\nchange = 'much'",
            "[[threshold]]\nfunction = 'a'",
            "[[limit]]\nfunction = 'a'",
            "[[budget]\n",
        ];
        let messages = cases.map(|case| Rules::parse(case).unwrap_err().to_string());
        insta::assert_snapshot!(messages.join("\n---\n"));
    }

    #[test]
    fn changes_are_percentages_or_fractions() {
        assert_eq!(fraction("5%"), Ok(0.05));
        assert_eq!(fraction(" 12.5 % "), Ok(0.125));
        assert_eq!(fraction("0.2"), Ok(0.2));
        assert!(fraction("-5%").is_err() && fraction("NaN").is_err() && fraction("inf").is_err());
    }
}
