//! Alerts from text: the expressions of `PERF_ALERT`. [`Alert`] shows itself as one.
//!
//! ```text
//! alerts  = alert { ";" alert }
//! alert   = watched [ ( ">" | "<" ) level ] { clause }
//! watched = METRIC | FIGURE "(" name ")"
//! clause  = "for" duration | "over" duration | "clear" level | "cool" duration | "then" action { "," action }
//! action  = "evict" | "trim" | "snapshot" file | "trace" duration file
//! level   = number [ unit ] | number "%" [ "of" "all" ]
//! ```

use std::error::Error;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::time::Duration;

use perf_report::monitor::{Metric, Unit};

use super::action::Action;
use super::alert::Alert;
use super::level::Level;
use super::units::{BYTES, TIME};
use super::watched::{ChannelMetric, FunctionMetric, ResourceMetric, Watched};
use crate::process::trace_window::LONGEST;

/// An error in the text of an alert, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertError {
    text: String,
    place: Range<usize>,
    what: String,
}

impl AlertError {
    /// Returns the wrong bytes of the text; an empty range where something is missing.
    #[must_use]
    pub fn place(&self) -> Range<usize> {
        self.place.clone()
    }
}

/// `at byte 6, "lots": not a number; …, in "rss > lots"`
impl fmt::Display for AlertError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = &self.text[self.place.clone()];
        match found {
            "" if self.place.start == self.text.len() => write!(formatter, "at the end of {:?}", self.text),
            "" => write!(formatter, "at byte {} of {:?}", self.place.start, self.text),
            _ => write!(formatter, "at byte {} of {:?}, {found:?}", self.place.start, self.text),
        }?;
        write!(formatter, ": {}", self.what)
    }
}

impl Error for AlertError {}

impl FromStr for Alert {
    type Err = AlertError;

    /// Reads an expression of `PERF_ALERT`.
    fn from_str(text: &str) -> Result<Alert, AlertError> {
        let mut parser = Parser { text, at: 0 };
        let alert = parser.alert()?;
        match parser.peek() {
            "" => Ok(alert),
            _ => Err(parser.wrong("one alert only; give several to a monitor one by one, or to PERF_ALERT")),
        }
    }
}

/// Reads alerts separated by `;`, and what is wrong with the others.
pub(crate) fn parse_all(text: &str) -> (Vec<Alert>, Vec<AlertError>) {
    let mut parser = Parser { text, at: 0 };
    let (mut alerts, mut errors) = (Vec::new(), Vec::new());
    loop {
        while parser.eat(";") {}
        if parser.peek().is_empty() {
            return (alerts, errors);
        }
        match parser.alert() {
            Ok(alert) => alerts.push(alert),
            Err(error) => {
                errors.push(error);
                parser.at += text[parser.at..].find(';').unwrap_or(text.len() - parser.at);
            }
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    /// The next token, not taken: a word, a number, or one other character. Empty at the end.
    fn peek(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let rest = rest.trim_start();
        self.at = self.text.len() - rest.len();
        let mut letters = rest.char_indices();
        let Some((_, first)) = letters.next() else { return "" };
        let belongs = |letter: char| match first {
            first if first.is_ascii_digit() => letter.is_ascii_digit() || letter == '.',
            first if first.is_alphabetic() => letter.is_alphanumeric() || letter == '_',
            _ => false,
        };
        let end = letters.find(|&(_, letter)| !belongs(letter)).map_or(rest.len(), |(end, _)| end);
        &rest[..end]
    }

    /// Takes the next token if it is this one.
    fn eat(&mut self, token: &str) -> bool {
        let found = self.peek() == token;
        if found {
            self.at += token.len();
        }
        found
    }

    fn expect(&mut self, token: &str) -> Result<(), AlertError> {
        if self.eat(token) { Ok(()) } else { Err(self.wrong(&format!("`{token}` was expected"))) }
    }

    /// An error at the next token.
    fn wrong(&mut self, what: &str) -> AlertError {
        let token = self.peek();
        AlertError { text: self.text.into(), place: self.at..self.at + token.len(), what: what.into() }
    }

    fn alert(&mut self) -> Result<Alert, AlertError> {
        let watched = self.watched()?;
        let yes_or_no = matches!(watched, Watched::Resource(ResourceMetric::Failed | ResourceMetric::Unhealthy, _));
        let above = match self.peek() {
            ">" => true,
            "<" => false,
            _ if yes_or_no => return self.clauses(Alert::of(watched, true, Level::Plain(0.0))),
            _ => return Err(self.wrong("`>` or `<` was expected, and then a threshold")),
        };
        self.at += 1;
        let threshold = self.level(&watched)?;
        self.clauses(Alert::of(watched, above, threshold))
    }

    fn clauses(&mut self, mut alert: Alert) -> Result<Alert, AlertError> {
        let mut seen = Vec::new();
        loop {
            let clause = self.peek();
            if seen.contains(&clause) {
                return Err(self.wrong(&format!("`{clause}` stands there twice")));
            }
            match clause {
                "" | ";" => return Ok(alert),
                "over" if !matches!(alert.watched, Watched::Function(..)) => {
                    return Err(self.wrong("only figures of functions are over a piece of time; did you mean `for`?"));
                }
                "for" | "over" | "clear" | "cool" | "then" => self.at += clause.len(),
                _ => return Err(self.wrong("one of `for`, `over`, `clear`, `cool`, `then` or `;` was expected")),
            }
            seen.push(clause);
            match clause {
                "for" => alert.lasting = self.duration()?,
                "over" => {
                    let place = self.at;
                    alert.window = self.duration()?;
                    if alert.window.is_zero() {
                        self.at = place;
                        return Err(self.wrong("the piece of time must be longer than nothing"));
                    }
                }
                "cool" => alert.cool_down = self.duration()?,
                "clear" => {
                    let place = self.at;
                    let level = self.level(&alert.watched)?;
                    if let (Level::Plain(a), Level::Plain(b)) | (Level::Percent(a), Level::Percent(b)) =
                        (level, alert.threshold)
                        && (if alert.above { a > b } else { a < b })
                    {
                        self.at = place;
                        let side = if alert.above { "above" } else { "below" };
                        return Err(self.wrong(&format!(
                            "cleared {side} its threshold, an alert would be cleared as soon as it is raised"
                        )));
                    }
                    alert.clear = Some(level);
                }
                _ => loop {
                    alert.actions.push(self.action()?);
                    if !self.eat(",") {
                        break;
                    }
                },
            }
        }
    }

    fn watched(&mut self) -> Result<Watched, AlertError> {
        let word = self.peek();
        if let Some(&metric) = Metric::ALL.iter().find(|metric| metric.name() == word) {
            self.at += word.len();
            return Ok(Watched::Metric(metric));
        }
        let function = FunctionMetric::ALL.iter().find(|figure| figure.name() == word);
        let resource = ResourceMetric::ALL.iter().find(|figure| figure.name() == word);
        let channel = ChannelMetric::ALL.iter().find(|figure| figure.name() == word);
        if function.is_none() && resource.is_none() && channel.is_none() {
            let metrics = Metric::ALL.iter().map(|metric| metric.name()).collect::<Vec<_>>().join(", ");
            let functions = FunctionMetric::ALL.iter().map(|figure| figure.name());
            let figures = functions.chain(ResourceMetric::ALL.iter().map(|figure| figure.name()));
            let figures = figures.chain(ChannelMetric::ALL.iter().map(|figure| figure.name()));
            let figures = figures.collect::<Vec<_>>().join(", ");
            return Err(self.wrong(&format!(
                "nothing of that name is watched; there are {metrics}, and with a name in parentheses {figures}"
            )));
        }
        self.at += word.len();
        self.expect("(")?;
        let name = self.name()?;
        Ok(match (function, resource, channel) {
            (Some(&figure), ..) => Watched::Function(figure, name),
            (_, Some(&figure), _) => Watched::Resource(figure, name),
            (.., Some(&figure)) => Watched::Channel(figure, name),
            _ => unreachable!("one of them was found"),
        })
    }

    /// A name up to the parenthesis that closes it; it may hold pairs of its own.
    fn name(&mut self) -> Result<String, AlertError> {
        let rest = &self.text[self.at..];
        let mut depth = 0;
        for (end, letter) in rest.char_indices() {
            match letter {
                '(' => depth += 1,
                ')' if depth > 0 => depth -= 1,
                ')' if rest[..end].trim().is_empty() => {
                    return Err(self.wrong("the name of a function, resource or channel"));
                }
                ')' => {
                    self.at += end + 1;
                    return Ok(rest[..end].trim().to_owned());
                }
                _ => {}
            }
        }
        self.at = self.text.len();
        Err(self.wrong("`)` was expected, after the name"))
    }

    fn number(&mut self) -> Result<f64, AlertError> {
        let token = self.peek();
        match token.parse::<f64>() {
            Ok(number) if token.starts_with(|letter: char| letter.is_ascii_digit()) => {
                self.at += token.len();
                Ok(number)
            }
            _ => Err(self.wrong("a number was expected")),
        }
    }

    fn unit(&mut self, units: &[(&str, f64)], what: &str) -> Result<f64, AlertError> {
        let token = self.peek();
        match units.iter().find(|unit| unit.0 == token) {
            Some(&(_, factor)) => {
                self.at += token.len();
                Ok(factor)
            }
            None => {
                let names = units.iter().rev().map(|unit| unit.0).collect::<Vec<_>>().join(", ");
                Err(self.wrong(&format!("a unit of {what} was expected: {names}")))
            }
        }
    }

    fn duration(&mut self) -> Result<Duration, AlertError> {
        let place = self.at;
        let ns = self.number()? * self.unit(&TIME, "time")?;
        Duration::try_from_secs_f64(ns / 1e9).map_err(|_| {
            self.at = place;
            self.wrong("the duration is too long")
        })
    }

    fn level(&mut self, watched: &Watched) -> Result<Level, AlertError> {
        let number = self.number()?;
        let unit = watched.unit();
        if matches!(unit, Unit::Bytes | Unit::Ppm) && self.eat("%") {
            let cpu = matches!(watched, Watched::Metric(Metric::Cpu | Metric::CpuUser | Metric::CpuSystem));
            if self.peek() != "of" {
                return Ok(Level::Percent(number));
            }
            if !cpu {
                return Err(self.wrong("`of all` is said of processor time only"));
            }
            self.at += 2;
            self.expect("all")?;
            return Ok(Level::PercentOfAll(number));
        }
        let factor = match unit {
            Unit::Bytes | Unit::BytesPerSecond => {
                self.unit(&BYTES, if unit == Unit::Bytes { "memory, or %," } else { "memory" })?
            }
            Unit::Ppm => return Err(self.wrong("`%` was expected")),
            Unit::Nanoseconds => self.unit(&TIME, "time")?,
            Unit::Count | Unit::PerSecond => 1.0,
        };
        if matches!(unit, Unit::BytesPerSecond | Unit::PerSecond) && self.eat("/") {
            self.expect("s")?;
        }
        Ok(Level::Plain(number * factor))
    }

    fn action(&mut self) -> Result<Action, AlertError> {
        let word = self.peek();
        let action = match word {
            "evict" => Action::Evict,
            "trim" => Action::Trim,
            "snapshot" => {
                self.at += word.len();
                return Ok(Action::Snapshot(self.file()?.into()));
            }
            "trace" => {
                self.at += word.len();
                self.peek();
                let place = self.at;
                let length = self.duration()?;
                if length.is_zero() || length > LONGEST {
                    self.at = place;
                    return Err(self.wrong("a trace takes more than nothing, and at most 10 min"));
                }
                return Ok(Action::Trace(length, self.file()?.into()));
            }
            _ => {
                return Err(self.wrong(
                    "there is no such action; there are evict, trim, snapshot with a file name, and trace with a duration and a file name",
                ));
            }
        };
        self.at += word.len();
        Ok(action)
    }

    /// The name of a file, up to the next action or alert.
    fn file(&mut self) -> Result<&'a str, AlertError> {
        let rest = &self.text[self.at..];
        let end = rest.find([',', ';']).unwrap_or(rest.len());
        let file = rest[..end].trim();
        if file.is_empty() {
            return Err(self.wrong("the name of a file was expected"));
        }
        self.at += end;
        Ok(file)
    }
}

#[cfg(test)]
mod tests;
