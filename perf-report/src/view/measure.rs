//! The figures of a function that views show as columns, sort by and write to files: what each is called, and what it is.

use std::{fmt, str::FromStr};

use super::{shape, units};
use crate::{Function, Snapshot};

/// A figure of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Measure {
    /// `calls`: calls that ended.
    Calls,
    /// `timed`: those of them whose duration was measured.
    Timed,
    /// `unwound`: those of them that ended by a panic.
    Unwound,
    /// `total`: time in which at least one call was running in its thread.
    Total,
    /// `wall`: the total as a share of the recorded time.
    Wall,
    /// `self`: time in the function itself.
    SelfTime,
    /// `share`: the self time as a share of the self time of all functions.
    SelfShare,
    /// `waiting`: time in which it waited, itself or in what it called.
    Waiting,
    /// `mean`: mean duration of a call.
    Mean,
    /// `min`: shortest call.
    Min,
    /// `p50`, `p99`, `p999`, ...: the duration that so many calls did not exceed.
    Quantile(Percentile),
    /// `max`: longest call.
    Max,
    /// `shape`: the distribution as small bars.
    Shape,
    /// `module`: path of the module.
    Module,
    /// `file`: source file.
    File,
    /// `line`: line in it.
    Line,
    /// `kind`: function, future, block, lock, channel, ...
    Kind,
    /// `rows`: rows of the results of a statement.
    Rows,
    /// `allocs`: allocations during its calls.
    Allocations,
    /// `bytes`: bytes allocated during its calls.
    Allocated,
    /// `self_allocs`: allocations by the function itself.
    SelfAllocations,
    /// `self_bytes`: bytes allocated by the function itself.
    SelfAllocated,
}

/// A percentile below 100 with up to seven decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percentile {
    /// In billionths of the whole.
    billionths: u32,
}

impl Percentile {
    /// A whole or decimal percentile from its billionths of the whole: 990 million for the 99th.
    pub(super) const fn new(billionths: u32) -> Percentile {
        Percentile { billionths }
    }

    /// As a fraction of 1.
    #[must_use]
    pub fn quantile(self) -> f64 {
        f64::from(self.billionths) / 1e9
    }

    /// How many of so many calls lie above it.
    #[cfg(feature = "command")]
    pub(super) fn above(self, calls: u64) -> u64 {
        (u128::from(calls) * u128::from(1_000_000_000 - self.billionths) / 1_000_000_000) as u64
    }

    /// Digits of the percentage: two or more, without a point.
    fn digits(self) -> String {
        let digits = format!("{:09}", self.billionths);
        let (whole, decimals) = digits.split_at(2);
        format!("{whole}{}", decimals.trim_end_matches('0'))
    }

    /// `p50`, `p99`, `p999`: mostly without a point, so that it can name a column anywhere.
    fn name(self) -> String {
        let digits = self.digits();
        if Percentile::is_ambiguous(&digits) {
            return self.title();
        }
        // `p5` is what people write for the fifth.
        match digits.strip_prefix('0') {
            Some(digit) if digit.len() == 1 => format!("p{digit}"),
            _ => format!("p{digits}"),
        }
    }

    /// `p50`, `p99`, `p99.9`.
    pub(super) fn title(self) -> String {
        let percent = format!("{}.{}", self.billionths / 10_000_000, &format!("{:09}", self.billionths)[2..]);
        format!("p{}", percent.trim_end_matches('0').trim_end_matches('.'))
    }

    /// Whether digits without a point are no percentile that anybody writes so: `999` and `005` are common, and who writes `101`
    /// hardly means 10.1.
    fn is_ambiguous(digits: &str) -> bool {
        digits.len() > 2 && !digits.starts_with(['0', '9'])
    }

    /// Reads what follows the `p`: `5`, `50`, `99.9`, `999` (for 99.9).
    fn parse(digits: &str) -> Option<Percentile> {
        let (whole, decimals) = match digits.split_once('.') {
            Some(parts) => parts,
            None if Percentile::is_ambiguous(digits) => return None,
            None => digits.split_at(digits.len().min(2)),
        };
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !(1..=2).contains(&whole.len()) || decimals.len() > 7 || !number(whole) || !number(decimals) {
            return None;
        }
        let billionths = format!("{whole:0>2}{decimals:0<7}").parse().ok()?;
        (billionths > 0).then_some(Percentile { billionths })
    }
}

/// A figure's value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Count(u64),
    Ns(u64),
    Bytes(u64),
    /// Part and whole.
    Share(u64, u64),
    Text(String),
}

impl Measure {
    /// All but the percentiles, of which there are many.
    const PLAIN: [Measure; 21] = [
        Measure::Calls,
        Measure::Timed,
        Measure::Unwound,
        Measure::Total,
        Measure::Wall,
        Measure::SelfTime,
        Measure::SelfShare,
        Measure::Waiting,
        Measure::Mean,
        Measure::Min,
        Measure::Max,
        Measure::Shape,
        Measure::Module,
        Measure::File,
        Measure::Line,
        Measure::Kind,
        Measure::Rows,
        Measure::Allocations,
        Measure::Allocated,
        Measure::SelfAllocations,
        Measure::SelfAllocated,
    ];

    /// The median.
    pub const P50: Measure = Measure::Quantile(Percentile::new(500_000_000));
    /// The 90th percentile.
    pub const P90: Measure = Measure::Quantile(Percentile::new(900_000_000));
    /// The 99th percentile.
    pub const P99: Measure = Measure::Quantile(Percentile::new(990_000_000));
    /// The 99.9th percentile.
    pub const P999: Measure = Measure::Quantile(Percentile::new(999_000_000));

    /// Its name in options and in columns of files.
    ///
    /// ```
    /// use perf_report::view::Measure;
    /// assert_eq!(Measure::P999.name(), "p999");
    /// assert_eq!("p99.9".parse(), Ok(Measure::P999));
    /// ```
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Measure::Calls => "calls",
            Measure::Timed => "timed",
            Measure::Unwound => "unwound",
            Measure::Total => "total",
            Measure::Wall => "wall",
            Measure::SelfTime => "self",
            Measure::SelfShare => "share",
            Measure::Waiting => "waiting",
            Measure::Mean => "mean",
            Measure::Min => "min",
            Measure::Quantile(percentile) => return percentile.name(),
            Measure::Max => "max",
            Measure::Shape => "shape",
            Measure::Module => "module",
            Measure::File => "file",
            Measure::Line => "line",
            Measure::Kind => "kind",
            Measure::Rows => "rows",
            Measure::Allocations => "allocs",
            Measure::Allocated => "bytes",
            Measure::SelfAllocations => "self_allocs",
            Measure::SelfAllocated => "self_bytes",
        }
        .into()
    }

    /// Its heading in a table for people.
    pub(super) fn title(self) -> String {
        match self {
            Measure::Wall => "% wall".into(),
            Measure::SelfShare => "% self".into(),
            Measure::Quantile(percentile) => percentile.title(),
            Measure::SelfAllocations => "self allocs".into(),
            Measure::SelfAllocated => "self bytes".into(),
            _ => self.name(),
        }
    }

    /// Its heading in a file for programs: the unit is part of it.
    #[cfg(feature = "command")]
    pub(super) fn field(self) -> String {
        let unit = match self {
            Measure::Wall | Measure::SelfShare => "_percent",
            Measure::Calls
            | Measure::Timed
            | Measure::Unwound
            | Measure::Shape
            | Measure::Module
            | Measure::File
            | Measure::Line
            | Measure::Kind
            | Measure::Rows
            | Measure::Allocations
            | Measure::Allocated
            | Measure::SelfAllocations
            | Measure::SelfAllocated => "",
            _ => "_ns",
        };
        self.name() + unit
    }

    /// Whether it is a word and not a number.
    #[cfg(feature = "command")]
    pub(super) fn is_text(self) -> bool {
        matches!(self, Measure::Shape | Measure::Module | Measure::File | Measure::Kind)
    }

    /// Its value for a function, whose shares are of `whole`.
    pub(super) fn of(self, function: &Function, whole: Whole) -> Value {
        match self {
            Measure::Calls => Value::Count(function.calls),
            Measure::Timed => Value::Count(function.timed_calls),
            Measure::Unwound => Value::Count(function.unwound),
            Measure::Total => Value::Ns(function.total_ns),
            Measure::Wall => Value::Share(function.total_ns, whole.recorded_ns),
            Measure::SelfTime => Value::Ns(function.self_ns),
            Measure::SelfShare => Value::Share(function.self_ns, whole.self_ns),
            Measure::Waiting => Value::Ns(function.waiting_ns),
            Measure::Mean => Value::Ns(function.mean_ns()),
            Measure::Min => Value::Ns(function.min_ns),
            Measure::Quantile(percentile) => Value::Ns(function.quantile_ns(percentile.quantile())),
            Measure::Max => Value::Ns(function.max_ns),
            Measure::Shape => Value::Text(shape::bars(function)),
            Measure::Module => Value::Text(function.module.clone()),
            Measure::File => Value::Text(function.file.clone()),
            Measure::Line => Value::Count(function.line.into()),
            Measure::Kind => Value::Text(function.kind.word().into()),
            Measure::Rows => Value::Count(function.rows.unwrap_or_default().sum),
            Measure::Allocations => Value::Count(function.allocations.unwrap_or_default().count),
            Measure::Allocated => Value::Bytes(function.allocations.unwrap_or_default().bytes),
            Measure::SelfAllocations => Value::Count(function.allocations.unwrap_or_default().self_count),
            Measure::SelfAllocated => Value::Bytes(function.allocations.unwrap_or_default().self_bytes),
        }
    }

    /// Whether its value for a function is an estimate.
    pub(super) fn is_estimate(self, function: &Function) -> bool {
        match self {
            Measure::SelfTime | Measure::SelfShare => function.self_sampled,
            Measure::Waiting => function.waiting_sampled,
            Measure::Total | Measure::Wall | Measure::Mean | Measure::Min | Measure::Quantile(_) | Measure::Max => {
                function.is_sampled()
            }
            _ => false,
        }
    }

    /// Its value for a function as text for people.
    pub(super) fn text(self, function: &Function, whole: Whole) -> String {
        let text = match self.of(function, whole) {
            Value::Count(number) if self == Measure::Line => number.to_string(),
            Value::Count(number) => units::count(number),
            Value::Ns(ns) => units::duration_cell(ns),
            Value::Bytes(number) => units::bytes(number),
            Value::Share(part, whole) => units::share(part, whole),
            Value::Text(text) => super::text::escape(&text),
        };
        // Estimated figures are never shown as exact ones.
        if self.is_estimate(function) { format!("~{text}") } else { text }
    }

    /// How two functions order by it, the smaller value first.
    #[cfg(feature = "command")]
    pub(super) fn compare(self, a: &Function, b: &Function) -> std::cmp::Ordering {
        // A measure that is compared by a number sorts by the number that its text shows.
        let key = |function: &Function| match self.of(function, Whole::default()) {
            Value::Count(number) | Value::Ns(number) | Value::Bytes(number) | Value::Share(number, _) => {
                (number, String::new())
            }
            Value::Text(text) => (0, text),
        };
        key(a).cmp(&key(b))
    }
}

/// The wholes that shares are parts of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Whole {
    recorded_ns: u64,
    pub(super) self_ns: u64,
}

impl Whole {
    pub(super) fn of(snapshot: &Snapshot) -> Whole {
        Whole {
            recorded_ns: match snapshot.recorded_ns {
                // Of a snapshot that was put together by hand.
                0 => snapshot.process.recorded_ns,
                own => own,
            },
            self_ns: snapshot.functions.iter().fold(0, |sum, function| sum.saturating_add(function.self_ns)),
        }
    }
}

/// There is no figure of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMeasure(String);

impl fmt::Display for UnknownMeasure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Measure::PLAIN.map(Measure::name).join(", ");
        write!(f, "{:?} is not a column; write one of {names}, or a percentile below 100: p50, p99, p99.9, ...", self.0)
    }
}

impl std::error::Error for UnknownMeasure {}

impl FromStr for Measure {
    type Err = UnknownMeasure;

    /// The figure of a name.
    ///
    /// # Errors
    /// If there is none; the message lists those there are.
    fn from_str(name: &str) -> Result<Measure, UnknownMeasure> {
        let plain = || Measure::PLAIN.into_iter().find(|measure| measure.name() == name);
        let percentile = || name.strip_prefix('p').and_then(Percentile::parse).map(Measure::Quantile);
        plain().or_else(percentile).ok_or_else(|| UnknownMeasure(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for measure in Measure::PLAIN {
            assert_eq!(measure.name().parse(), Ok(measure));
        }
        for (text, name, title) in [
            ("p1", "p1", "p1"),
            ("p5", "p5", "p5"),
            ("p05", "p5", "p5"),
            ("p50", "p50", "p50"),
            ("p0.5", "p005", "p0.5"),
            ("p005", "p005", "p0.5"),
            ("p99.9", "p999", "p99.9"),
            ("p99999", "p99999", "p99.999"),
            ("p12.5", "p12.5", "p12.5"),
        ] {
            let measure: Measure = text.parse().expect(text);
            assert_eq!((measure.name().as_str(), measure.title().as_str()), (name, title));
            assert_eq!(measure.name().parse(), Ok(measure));
        }
        for wrong in
            ["p", "p0", "p100", "p100.0", "p101", "p125", "p1000", "p1e3", "p-1", "pp", "p99.99999999", "P50", ""]
        {
            assert!(wrong.parse::<Measure>().is_err(), "{wrong}");
        }
    }
}
