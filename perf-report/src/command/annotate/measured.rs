//! Profiles, joined to the functions of the sources.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
};

use crate::{Function as Row, Kind, Snapshot};

use super::source::Function;

/// A function takes less than measuring it is worth if its own work takes less than this many timed calls cost.
const CLOCK_READINGS: f64 = 3.0;

/// Measuring a function costs too much if it takes this share of the recorded time.
const TOO_MUCH: f64 = 0.005;

/// A function is hot from this share of the recorded time on.
const HOT: f64 = 0.05;

/// Cost of a timed call where a profile does not say, in ns.
const USUAL_COST: f64 = 20.0;

/// Figures of a function in a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// Measuring it costs more than it takes, and it is called often.
    TooSmall,
    /// Its own work is a good part of the time, and may be in functions that are not annotated.
    Hot,
    Worth,
    NeverRan,
}

/// Rows of profiles, found by their place in the sources.
#[derive(Default)]
pub(super) struct Measured {
    rows: HashMap<Key, Vec<Known>>,
    crates: HashSet<String>,
    /// Rows of functions that had their names from their place in the sources.
    count: usize,
}

/// File name, and name of the function: what stays when lines move.
type Key = (String, String);

/// A row.
struct Known {
    /// Its place among all rows.
    number: usize,
    file: PathBuf,
    line: usize,
    /// The crate; empty where the profile does not say it.
    of: String,
    finding: Finding,
}

impl Known {
    /// Whether it may be a function's row: by the crate, and by the path below the workspace, or in full.
    fn fits(&self, function: &Function) -> bool {
        let (row, whole) = (&self.file, &function.file);
        let is_in_crate = self.of.is_empty() || function.crates.contains(&self.of);
        is_in_crate && (whole.ends_with(row) || row.ends_with(whole))
    }
}

fn last(path: &str, separator: &str) -> String {
    path.rsplit(separator).next().unwrap_or(path).to_owned()
}

impl Measured {
    /// Adds a profile. The figures of an earlier one about a function stay, unless it never ran there.
    pub(super) fn add(&mut self, snapshot: &Snapshot) {
        let recorded = snapshot.recorded_ns.max(snapshot.process.recorded_ns).max(1) as f64;
        let cost = match snapshot.overhead.ns_per_timed_call {
            cost if cost > 0.0 => cost,
            _ => USUAL_COST,
        };
        // The initialiser of a resource has a row under the name of the resource.
        let resources: HashSet<&str> = snapshot.resources.iter().map(|resource| resource.name.as_str()).collect();
        let is_function = |row: &&Row| row.kind != Kind::Block && !resources.contains(row.name.as_str());
        for row in snapshot.functions.iter().filter(is_function) {
            let finding = finding(row, recorded, cost);
            let of = row.module.split("::").next().unwrap_or_default();
            self.crates.insert(of.to_owned());
            let file = PathBuf::from(row.file.replace('\\', "/"));
            let key = (last(&file.to_string_lossy(), "/"), last(without_generics(&row.name), "::"));
            let (line, rows) = (row.line as usize, self.rows.entry(key).or_default());
            match rows.iter_mut().find(|known| (known.line, &known.file, known.of.as_str()) == (line, &file, of)) {
                Some(known) if known.finding == Finding::NeverRan => known.finding = finding,
                Some(_) => {}
                None => {
                    rows.push(Known { number: self.count, file, line, of: of.to_owned(), finding });
                    self.count += 1;
                }
            }
        }
    }

    /// The rows of a function: several where crates have its file in common.
    ///
    /// Its line decides between functions of one name in a file. Where there is only one, the line may have moved.
    fn rows_of(&self, function: &Function) -> Vec<&Known> {
        let key = (last(&function.file.to_string_lossy(), "/"), function.ident.clone());
        let rows = self.rows.get(&key).into_iter().flatten();
        let mut rows: Vec<&Known> = rows.filter(|known| known.fits(function)).collect();
        if rows.iter().any(|known| known.line == function.line) {
            rows.retain(|known| known.line == function.line);
        } else if rows.len() != 1 || !function.is_only {
            rows.clear();
        }
        rows
    }

    /// The figures of a function, if a profile has it: of several crates, those of one in which it ran.
    pub(super) fn finding(&self, function: &Function) -> Option<Finding> {
        let findings = || self.rows_of(function).into_iter().map(|known| known.finding);
        findings().find(|finding| *finding != Finding::NeverRan).or_else(|| findings().next())
    }

    /// How many rows are of these functions.
    pub(super) fn found(&self, functions: &[Function]) -> usize {
        let rows = functions.iter().flat_map(|function| self.rows_of(function));
        rows.map(|known| known.number).collect::<HashSet<_>>().len()
    }

    /// Whether a profile has functions of the crate that a path begins with.
    pub(super) fn knows_crate(&self, path: &str) -> bool {
        path.split("::").next().is_some_and(|name| self.crates.contains(name))
    }

    /// How many functions the profiles have.
    pub(super) fn len(&self) -> usize {
        self.count
    }
}

fn finding(row: &Row, recorded: f64, cost: f64) -> Finding {
    if row.calls == 0 {
        return Finding::NeverRan;
    }
    let calls = row.calls as f64;
    let own = row.self_ns as f64;
    if row.futures.is_none() && own / calls < CLOCK_READINGS * cost && calls * cost > TOO_MUCH * recorded {
        return Finding::TooSmall;
    }
    if own > HOT * recorded { Finding::Hot } else { Finding::Worth }
}

/// A name without the types of an instance: `sorted<i32>`.
fn without_generics(name: &str) -> &str {
    match name.find('<') {
        Some(at) if at > 0 && !name[at..].contains(">::") => name[..at].trim_end_matches("::"),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(calls: u64, self_ns: u64) -> Row {
        let mut row = Row::new("app::get");
        (row.calls, row.self_ns) = (calls, self_ns);
        row
    }

    #[test]
    fn small_and_frequent_is_too_small_and_a_great_share_is_hot() {
        for (calls, own, expected) in [
            (0, 0, Finding::NeverRan),
            (1_000_000, 10_000_000, Finding::TooSmall),
            (100, 1_000, Finding::Worth),
            (1_000_000, 100_000_000, Finding::Hot),
            (10, 10_000_000, Finding::Worth),
        ] {
            assert_eq!(finding(&row(calls, own), 1e9, 20.0), expected, "{calls} calls, {own} ns");
        }
    }

    #[test]
    fn instances_are_found_by_the_name_of_their_function() {
        for (name, short) in [
            ("app::sorted<i32>", "app::sorted"),
            ("app::Reader<R>::read", "app::Reader<R>::read"),
            ("<app::A as app::B>::run", "<app::A as app::B>::run"),
        ] {
            assert_eq!(without_generics(name), short);
        }
    }
}
