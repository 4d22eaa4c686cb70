//! Files of rules: budgets, and how much the metrics of some functions may change.
//!
//! ```toml
//! [[budget]]
//! function = "app::db::*"   # `*` is any text, `?` one character
//! p99 = "2ms"
//! calls = 1000
//!
//! [[threshold]]
//! function = "app::cache::*"
//! change = "20%"            # smaller changes pass; "ignore" lets every change pass, also of instructions
//! instructions = "2%"       # the same of counted instructions
//! ```

use std::{fmt, path::Path};

use serde::Deserialize;

use super::{metric::FunctionMetric, pattern::Pattern};
use crate::quantity;

/// The rules of a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    /// Limits of metrics.
    pub(crate) budgets: Vec<BudgetRule>,
    /// Changes that pass.
    pub(crate) thresholds: Vec<ThresholdRule>,
}

/// Limits for the functions that match a pattern.
#[derive(Clone, Debug)]
pub(crate) struct BudgetRule {
    /// The functions.
    pub(crate) functions: Pattern,
    /// Highest value of each metric: nanoseconds, or a number of calls.
    pub(crate) limits: Vec<(FunctionMetric, u64)>,
}

/// How much the metrics of some functions may change.
#[derive(Clone, Debug)]
pub(crate) struct ThresholdRule {
    /// The functions.
    pub(crate) functions: Pattern,
    /// The smallest change that counts, as a fraction; infinite where no change counts, `None` where the usual one does.
    pub(crate) change: Option<f64>,
    /// The same of counted instructions.
    pub(crate) instructions: Option<f64>,
}

/// Why a file of rules cannot be used.
#[derive(Debug)]
pub(crate) enum RulesError {
    /// The file cannot be read.
    Io(std::io::Error),
    /// The file is not TOML, or has an unknown key. The message shows the place.
    Toml(toml::de::Error),
    /// A rule is wrong.
    Rule {
        /// `budget` or `threshold`.
        kind: &'static str,
        /// Which of them, counted from 1.
        number: usize,
        /// The mistake and its remedy.
        mistake: String,
    },
    /// The file has no rule of this kind.
    None {
        /// `budget` or `threshold`.
        kind: &'static str,
    },
}

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RulesError::Io(error) => write!(f, "cannot be read: {error}"),
            RulesError::Toml(error) => write!(f, "{}", error.to_string().trim_end()),
            RulesError::Rule { kind, number, mistake } => write!(f, "[[{kind}]] number {number}: {mistake}"),
            RulesError::None { kind } => {
                let example = if *kind == "budget" { "p99 = \"2ms\"" } else { "change = \"20%\"" };
                write!(f, "no [[{kind}]] in this file; write [[{kind}]], function = \"app::*\" and {example}")
            }
        }
    }
}

impl std::error::Error for RulesError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            RulesError::Io(error) => Some(error),
            RulesError::Toml(error) => Some(error),
            RulesError::Rule { .. } | RulesError::None { .. } => None,
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
    change: Option<toml::Value>,
    instructions: Option<toml::Value>,
}

impl Rules {
    /// Reads the budgets of a file, which must have some.
    pub(crate) fn budgets_of(path: &Path) -> Result<Vec<BudgetRule>, RulesError> {
        let budgets = Rules::open(path)?.budgets;
        if budgets.is_empty() { Err(RulesError::None { kind: "budget" }) } else { Ok(budgets) }
    }

    /// Reads the thresholds of a file, which must have some.
    pub(crate) fn thresholds_of(path: &Path) -> Result<Vec<ThresholdRule>, RulesError> {
        let thresholds = Rules::open(path)?.thresholds;
        if thresholds.is_empty() { Err(RulesError::None { kind: "threshold" }) } else { Ok(thresholds) }
    }

    fn open(path: &Path) -> Result<Rules, RulesError> {
        Rules::parse(&std::fs::read_to_string(path).map_err(RulesError::Io)?)
    }

    /// Reads rules.
    pub(crate) fn parse(text: &str) -> Result<Rules, RulesError> {
        let file: File = toml::from_str(text).map_err(RulesError::Toml)?;
        let (mut budgets, mut thresholds) = (Vec::new(), Vec::new());
        for (number, table) in (1..).zip(file.budget) {
            let error = |mistake| RulesError::Rule { kind: "budget", number, mistake };
            budgets.push(budget(table).map_err(error)?);
        }
        for (number, rule) in (1..).zip(file.threshold) {
            let error = |mistake| RulesError::Rule { kind: "threshold", number, mistake };
            thresholds.push(threshold(&rule).map_err(error)?);
        }
        Ok(Rules { budgets, thresholds })
    }
}

fn budget(table: toml::Table) -> Result<BudgetRule, String> {
    let (mut functions, mut limits) = (None, Vec::new());
    for (key, value) in table {
        if key == "function" {
            let pattern =
                value.as_str().ok_or("`function` must be a pattern in quotes; write function = \"app::*\"")?;
            functions = Some(pattern.parse::<Pattern>().map_err(|error| error.to_string())?);
            continue;
        }
        let metric: FunctionMetric = key.parse().map_err(|error| format!("{error}"))?;
        let limit = match (metric, &value) {
            (FunctionMetric::Calls, toml::Value::Integer(calls)) => u64::try_from(*calls).unwrap_or(0),
            (FunctionMetric::Calls, _) => return Err("`calls` must be a whole number; write calls = 1000".into()),
            (_, toml::Value::String(text)) => {
                quantity::nanoseconds(text).map_err(|error| format!("`{key}`: {error}"))?
            }
            _ => return Err(format!("`{key}` must be a duration in quotes; write {key} = \"2ms\"")),
        };
        if limit == 0 {
            let written =
                value.as_str().map_or_else(|| value.as_integer().unwrap_or(0).to_string(), |text| format!("{text:?}"));
            return Err(format!("`{key} = {written}` can never be met; write a limit above 0"));
        }
        limits.push((metric, limit));
    }
    if limits.is_empty() {
        return Err("the rule has no limit; add one, for example p99 = \"2ms\"".into());
    }
    limits.sort_unstable();
    let functions = functions.ok_or("the rule names no functions; add function = \"app::*\"")?;
    Ok(BudgetRule { functions, limits })
}

fn threshold(rule: &Threshold) -> Result<ThresholdRule, String> {
    let functions = rule.function.parse::<Pattern>().map_err(|error| error.to_string())?;
    if rule.change.is_none() && rule.instructions.is_none() {
        return Err("the rule has no threshold; add change = \"20%\", or instructions = \"2%\"".into());
    }
    let change = rule.change.as_ref().map(|change| smallest_change("change", change)).transpose()?;
    let instructions = rule.instructions.as_ref().map(|change| smallest_change("instructions", change)).transpose()?;
    // A function that is ignored is ignored in all its rows.
    let instructions = instructions.or(change.filter(|change| change.is_infinite()));
    Ok(ThresholdRule { functions, change, instructions })
}

fn smallest_change(key: &str, value: &toml::Value) -> Result<f64, String> {
    match value.as_str() {
        Some("ignore") => Ok(f64::INFINITY),
        Some(text) => quantity::fraction(text).map_err(|error| format!("`{key}`: {error}")),
        None => Err(format!("`{key}` must be a percentage in quotes; write {key} = \"20%\", or \"ignore\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read() {
        let text = "[[budget]]\nfunction = 'app::**'\np99 = '1.5ms'\ncalls = 7\n\
                    [[threshold]]\nfunction = 'a'\nchange = '20%'\n[[threshold]]\nfunction = 'b'\nchange = 'ignore'\n";
        let rules = Rules::parse(text).unwrap();
        assert_eq!(rules.budgets[0].limits, [(FunctionMetric::P99, 1_500_000), (FunctionMetric::Calls, 7)]);
        assert!(rules.budgets[0].functions.matches("app::db::get"));
        assert_eq!(
            rules.thresholds.iter().map(|rule| rule.change).collect::<Vec<_>>(),
            [Some(0.2), Some(f64::INFINITY)]
        );
    }

    #[test]
    fn a_rule_for_instructions_is_apart_from_that_for_times_unless_both_are_ignored() {
        let of = |fields: &str| {
            let rules = Rules::parse(&format!("[[threshold]]\nfunction = 'a'\n{fields}")).unwrap();
            (rules.thresholds[0].change, rules.thresholds[0].instructions)
        };
        assert_eq!(of("change = '20%'"), (Some(0.2), None));
        assert_eq!(of("instructions = '2%'"), (None, Some(0.02)));
        assert_eq!(of("change = '20%'\ninstructions = 'ignore'"), (Some(0.2), Some(f64::INFINITY)));
        assert_eq!(of("change = 'ignore'"), (Some(f64::INFINITY), Some(f64::INFINITY)));
        assert_eq!(of("change = 'ignore'\ninstructions = '1%'"), (Some(f64::INFINITY), Some(0.01)));
    }

    #[test]
    fn every_mistake_is_named_with_its_place_and_a_remedy() {
        let cases = [
            "[[budget]]\np99 = '2ms'",
            "[[budget]]\nfunction = 'app::*'",
            "[[budget]]\nfunction = 'app::[x'\np99 = '2ms'",
            "[[budget]]\nfunction = 7\np99 = '2ms'",
            "[[budget]]\nfunction = 'a'\np95 = '2ms'",
            "[[budget]]\nfunction = 'a'\np99 = '2 fortnights'",
            "[[budget]]\nfunction = 'a'\np99 = 2000",
            "[[budget]]\nfunction = 'a'\np99 = '0ms'",
            "[[budget]]\nfunction = 'a'\ncalls = '7'",
            "[[budget]]\nfunction = 'a'\ncalls = -1",
            "[[budget]]\nfunction = 'a'\np99 = '2ms'\n[[threshold]]\nfunction = 'a'\nchange = 'much'",
            "[[threshold]]\nfunction = 'a'\nchange = '20'",
            "[[threshold]]\nfunction = 'a'\nchange = 0.2",
            "[[threshold]]\nfunction = 'a'",
            "[[threshold]]\nfunction = 'a'\ninstructions = 0.02",
            "[[limit]]\nfunction = 'a'",
            "[[budget]\n",
        ];
        let messages = cases.map(|case| Rules::parse(case).unwrap_err().to_string());
        insta::assert_snapshot!(messages.join("\n---\n"));
    }
}
