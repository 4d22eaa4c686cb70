//! Counts that could not be compared, and those that may be of other work: a row that is missing must not look as one that is well.

use super::{CompareError, CompareOptions, MetricSource, Side, pairs::NamePairs};
use crate::{
    Function,
    view::text::{escape, plural},
};

/// Functions that a sentence names at most.
const NAMED: usize = 3;

/// The reason why a function has no count, and the remedy.
pub(super) const WHY_UNCOUNTED: &str = "a function is counted by the name of its symbol, or by debug information where it was inlined, if it ran \
                                        in every counted run: set `debug = \"line-tables-only\"` in the profile of each build (`debug = true` \
                                        where functions in one file share the last part of their names), and do not strip it";

/// The limits of a comparison of counts.
#[derive(Debug, Default)]
pub(super) struct CountGaps {
    /// How many functions have instructions on both sides.
    compared: usize,
    /// Functions that ran on both sides and whose instructions were counted only before, only after, or on neither side.
    only_before: Vec<String>,
    only_after: Vec<String>,
    neither: Vec<String>,
    /// Renamed ones whose instructions are counted together with those of others, because they share a name.
    shared: Vec<String>,
    /// Code that has no symbol of its name, and so no count.
    without_symbol: Vec<String>,
    /// Functions of which calls were inlined on a side: it is not known whether their counts are of as many calls as were recorded.
    inlined: Vec<String>,
    /// Metrics of the whole process that only one side has: they and the functions' were not compared.
    metrics_before: Vec<&'static str>,
    metrics_after: Vec<&'static str>,
}

impl CountGaps {
    /// Looks through the functions that are on both sides.
    pub(super) fn of(sides: [&Side; 2], named: &NamePairs<'_>, options: &CompareOptions) -> CountGaps {
        let [before, after] = sides;
        let only = |side: &Side, other: &Side| {
            let is_missing = |name: &&str| other.processes.iter().all(|metric| metric.name != *name);
            side.processes.iter().map(|metric| metric.name).filter(is_missing).collect()
        };
        let mut gaps = CountGaps {
            metrics_before: only(before, after),
            metrics_after: only(after, before),
            ..CountGaps::default()
        };
        if !sides.iter().all(|side| side.has(MetricSource::Counted)) {
            return gaps;
        }
        let counts = sides.map(|side| side.counts_by_name(MetricSource::Counted));
        let is_selected = |[old, new]: &&[&Function; 2]| options.selects(&[&old.name, &new.name]);
        let without_symbol = named.without_symbol.iter().filter(is_selected);
        gaps.without_symbol.extend(without_symbol.map(|[_, new]| new.name.clone()));
        gaps.shared.extend(named.shared.iter().filter(is_selected).map(|[_, new]| new.name.clone()));
        for [old, new] in named.clear.iter().filter(is_selected) {
            let name = || new.name.clone();
            match (counts[0].get(&*old.name), counts[1].get(&*new.name)) {
                (Some(old), Some(new)) => {
                    gaps.compared += 1;
                    gaps.inlined.extend((old.inlined || new.inlined).then(name));
                }
                (Some(_), None) => gaps.only_before.push(name()),
                (None, Some(_)) => gaps.only_after.push(name()),
                (None, None) => gaps.neither.push(name()),
            }
        }
        gaps
    }

    /// Refuses sides of which no function can be compared: with a count of the whole process alone, all would seem well.
    pub(super) fn refuse_nothing_counted(&self, options: &CompareOptions) -> Result<(), CompareError> {
        let missing: Vec<&str> = self.missing().flat_map(|(_, names)| names.iter().map(String::as_str)).collect();
        match options.needs_counts && self.compared == 0 && !missing.is_empty() {
            true => Err(CompareError::NothingCounted { functions: functions(&missing) }),
            false => Ok(()),
        }
    }

    /// The functions that were not compared, by where they were counted.
    fn missing(&self) -> impl Iterator<Item = (&'static str, &[String])> {
        let all: [(&str, &[String]); 4] = [
            ("only before", &self.only_before),
            ("only after", &self.only_after),
            ("on neither side", &self.neither),
            ("together with others of the same name", &self.shared),
        ];
        all.into_iter().filter(|(_, names)| !names.is_empty())
    }

    /// The sentences that apply.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for (side, other, metrics) in
            [("before", "after", &self.metrics_before), ("after", "before", &self.metrics_after)]
        {
            if !metrics.is_empty() {
                notes.push(format!(
                    "Warning: only the runs {side} have {}, so nothing of that is compared; make the runs {other} with the same options \
                     of `bench`, such as --count.",
                    metrics.join(", ")
                ));
            }
        }
        let missing: Vec<String> =
            self.missing().map(|(sides, names)| format!("{}, counted {sides}", functions(names))).collect();
        if !missing.is_empty() {
            notes.push(format!("Warning: no instructions were compared of {}; {WHY_UNCOUNTED}.", missing.join(", ")));
        }
        if !self.without_symbol.is_empty() {
            notes.push(format!(
                "No count of their own: {}. Async functions, blocks, rows by type and initialisers of resources have no symbol of their name; \
                 their instructions are among those of their callers.",
                number_of(&self.without_symbol, "row", "rows")
            ));
        }
        notes.extend(inlined(&self.inlined));
        notes
    }
}

/// Says that no instructions were counted of functions; `None` if there are none.
pub(crate) fn uncounted(names: &[&str]) -> Option<String> {
    (!names.is_empty()).then(|| format!("no instructions were counted of {}; {WHY_UNCOUNTED}", functions(names)))
}

/// Says of which functions it is not known how many calls were counted; `None` if there are none.
pub(crate) fn inlined(names: &[impl AsRef<str>]) -> Option<String> {
    (!names.is_empty()).then(|| {
        format!(
            "Calls of {} were inlined, where nothing can count them: it is not known whether their instructions are of as many calls as were \
             recorded.",
            functions(names)
        )
    })
}

/// `2 functions (app::a, app::b)`, with the first few names.
fn functions(names: &[impl AsRef<str>]) -> String {
    number_of(names, "function", "functions")
}

fn number_of(names: &[impl AsRef<str>], one: &'static str, many: &'static str) -> String {
    let mut listed: Vec<String> = names.iter().take(NAMED).map(|name| escape(name.as_ref())).collect();
    if names.len() > NAMED {
        listed.push(format!("and {} more", names.len() - NAMED));
    }
    format!("{} {} ({})", names.len(), plural(names.len() as u64, one, many), listed.join(", "))
}
