//! Recent figures of a function: differences between what its slots hold now and what they held a while ago. Nothing is added
//! to the record path, and only functions that an alert watches are read.

use std::collections::VecDeque;

use perf_report::Latency;

use super::course::Bounds;
use super::watched::FunctionMetric;
use crate::platform::clock;
use crate::process::registration;
use crate::process::site::{Kind, Registered, Site};
use crate::recording::{Recording, SiteTotals};

/// Moments kept of a window, at most: so far its length is uncertain by a thirty-second.
const MOMENTS: u64 = 32;

/// The figures of one function over a piece of time.
#[derive(Debug)]
pub(crate) struct RecentCalls {
    name: String,
    /// The row of that name, or those that may be meant: none, or several.
    found: Result<&'static Site, Vec<String>>,
    /// How many rows there were when it was looked for.
    rows: Option<usize>,
    length_ns: u64,
    /// Whether at the last look no call had ended within the window and none was in flight.
    pub(crate) is_idle: bool,
    /// The totals at earlier moments, oldest first.
    moments: VecDeque<(u64, SiteTotals)>,
}

impl RecentCalls {
    pub(crate) fn new(name: &str, length_ns: u64) -> RecentCalls {
        RecentCalls {
            name: name.to_owned(),
            found: Err(Vec::new()),
            rows: None,
            length_ns: length_ns.max(1),
            is_idle: false,
            moments: VecDeque::new(),
        }
    }

    /// Looks for the row, once more if there are new ones since: many are made while the program runs. Says whether it looked.
    pub(crate) fn look_up(&mut self, recording: &Recording) -> bool {
        let rows = Some(recording.sites());
        let looks = self.rows != rows;
        if looks {
            self.found = find_site(&self.name);
            self.rows = rows;
        }
        looks
    }

    /// The rows that have the name, unless it is exactly one.
    pub(crate) fn misnamed(&self) -> Option<&[String]> {
        self.found.as_ref().err().map(Vec::as_slice)
    }

    /// A figure of the calls within the window up to now. `None` where there was none, or where no more is known of calls in flight than
    /// that they may get there.
    pub(crate) fn figure(
        &mut self,
        recording: &Recording,
        now_ns: u64,
        figure: FunctionMetric,
        bounds: Bounds,
    ) -> Option<f64> {
        let Some(id) = self.found.as_ref().ok().and_then(|site| site.registered_id()) else {
            // Until there is a row, there is no call: those that come before the next look are within the window.
            self.take(now_ns, SiteTotals::default(), figure, 1.0);
            self.is_idle = true;
            return None;
        };
        // First: a call that ends in between is in the totals then, and not in neither.
        let in_flight = recording.in_flight_ns(id, clock::now());
        let ended = self.take(now_ns, recording.totals(id), figure, recording.ns_per_tick());
        self.is_idle = ended.is_none() && in_flight.is_empty();
        with_in_flight(ended, &in_flight, figure, bounds)
    }

    /// The metric of the calls that ended within the window, from totals that were just read.
    fn take(&mut self, now_ns: u64, totals: SiteTotals, figure: FunctionMetric, ns_per_tick: f64) -> Option<Ended> {
        let begin = now_ns.saturating_sub(self.length_ns);
        while self.moments.get(1).is_some_and(|second| second.0 <= begin) {
            self.moments.pop_front();
        }
        let value = self.moments.front().and_then(|(then_ns, before)| {
            let elapsed = now_ns.saturating_sub(*then_ns).max(1) as f64 / 1e9;
            difference(before, &totals, elapsed, figure, ns_per_tick)
        });
        let spacing = self.length_ns / MOMENTS;
        if self.moments.back().is_none_or(|last| now_ns.saturating_sub(last.0) >= spacing) {
            self.moments.push_back((now_ns, totals));
        }
        value
    }
}

/// A figure of calls that ended, and what it is made of.
#[derive(Clone, Debug)]
struct Ended {
    value: f64,
    calls: u64,
    latency: Latency,
}

/// A figure of what came between two moments. Without a call there is a rate, and nothing else.
fn difference(
    before: &SiteTotals,
    after: &SiteTotals,
    seconds: f64,
    figure: FunctionMetric,
    ns_per_tick: f64,
) -> Option<Ended> {
    let calls = after.calls.saturating_sub(before.calls);
    if calls == 0 && figure != FunctionMetric::Calls {
        return None;
    }
    let latency = after.latency.since(&before.latency);
    let share = |part: u64| part as f64 * 1e6 / calls as f64;
    let value = match figure {
        FunctionMetric::Calls => calls as f64 / seconds,
        FunctionMetric::Mean => after.ticks.wrapping_sub(before.ticks) as f64 * ns_per_tick / calls as f64,
        FunctionMetric::Unwound => share(after.unwound.saturating_sub(before.unwound)),
        FunctionMetric::Cancelled => share(after.cancelled.saturating_sub(before.cancelled)),
        _ => quantile(&latency, figure)?,
    };
    Some(Ended { value, calls, latency })
}

/// A percentile of durations; `None` of a figure that is none.
fn quantile(latency: &Latency, figure: FunctionMetric) -> Option<f64> {
    let quantile = match figure {
        FunctionMetric::P50 => 0.5,
        FunctionMetric::P90 => 0.9,
        FunctionMetric::P99 => 0.99,
        FunctionMetric::P999 => 0.999,
        FunctionMetric::Max => 1.0,
        _ => return None,
    };
    (latency.count() > 0).then(|| latency.quantile(quantile) as f64)
}

/// A figure with the calls in flight as far as they have come: those alone that have come beyond it already, since how long the others will
/// take nobody knows. Where no call ended, they count if they settle on which side of the bounds the figure is.
fn with_in_flight(ended: Option<Ended>, in_flight: &[u64], figure: FunctionMetric, bounds: Bounds) -> Option<f64> {
    let of_durations = !matches!(figure, FunctionMetric::Calls | FunctionMetric::Unwound | FunctionMetric::Cancelled);
    let Some(ended) = ended else {
        let longest = in_flight.iter().copied().max().filter(|_| of_durations)? as f64;
        let settles = if bounds.above { longest > bounds.raise } else { bounds.cleared(longest) };
        return settles.then_some(longest);
    };
    let beyond = || in_flight.iter().copied().filter(|&ns| ns as f64 > ended.value);
    if !of_durations || beyond().next().is_none() {
        return Some(ended.value);
    }
    if figure == FunctionMetric::Mean {
        let (number, sum) = beyond().fold((0_u64, 0_u64), |(number, sum), ns| (number + 1, sum.saturating_add(ns)));
        return Some((ended.value * ended.calls as f64 + sum as f64) / (ended.calls + number) as f64);
    }
    let mut latency = ended.latency.clone();
    beyond().for_each(|ns| latency.record(ns, 1));
    quantile(&latency, figure)
}

/// The site of a name, or that whose path ends so.
///
/// # Errors
/// The names of the sites, if there is not exactly one.
fn find_site(name: &str) -> Result<&'static Site, Vec<String>> {
    // Of those that were made at run time, one that lost a race was left behind without an id.
    let made = || registration::made().filter(|site| site.id() != 0);
    let sites = || inventory::iter::<Registered>.into_iter().map(|registered| registered.0).chain(made());
    // A statement has no path, though it may hold `::`.
    let is_path = |site: &Site| site.description.kind != Kind::Query;
    let ends_so = |site: &Site| site.report_name().strip_suffix(name).is_some_and(|path| path.ends_with("::"));
    let mut found: Vec<&'static Site> = sites().filter(|site| site.report_name() == name).collect();
    if found.is_empty() {
        found = sites().filter(|site| is_path(site) && ends_so(site)).collect();
    }
    if let [generic] = found[..] {
        // The calls of a function that is measured by type are in the rows of its types.
        let types: Vec<&'static Site> = made().filter(|site| site.is_of_a_type_of(generic)).collect();
        if !types.is_empty() {
            return Err(types.into_iter().map(in_full).collect());
        }
    }
    match found[..] {
        [site] => Ok(site),
        _ => Err(found.into_iter().map(in_full).collect()),
    }
}

/// The name of a site and where it stands, if that is known.
fn in_full(site: &Site) -> String {
    let (name, description) = (site.report_name(), &site.description);
    if description.file.is_empty() {
        return format!("{name} ({})", description.kind.word());
    }
    format!("{name} ({}:{})", description.file, description.line)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn figures_are_of_the_window_alone_and_it_keeps_a_bounded_number_of_moments() {
        let mut window = RecentCalls::new("query", 10 * SECOND);
        let mut totals = SiteTotals::default();
        for tenth in 0..2_000_u64 {
            // Slow for 100 s, then fast; a panic in every tenth call.
            let ns = if tenth < 1_000 { 80_000_000 } else { 1_000_000 };
            totals.calls += 10;
            totals.ticks += 20 * ns;
            totals.unwound += 1;
            totals.latency.record(ns, 10);
            let figure = |window: &mut RecentCalls, figure| {
                let ended = window.take(tenth * SECOND / 10, totals.clone(), figure, 0.5);
                ended.map(|ended| ended.value)
            };
            let p99 = figure(&mut window, FunctionMetric::P99);
            let calls = figure(&mut window, FunctionMetric::Calls);
            assert!(window.moments.len() <= MOMENTS as usize + 2, "{}", window.moments.len());
            match tenth {
                0 => assert_eq!(p99, None, "nothing to compare with"),
                200..1_000 => assert!(p99.unwrap() >= 8e7 && p99.unwrap() <= 8.1e7),
                // The slow calls have left the window.
                1_110.. => {
                    assert!(p99.unwrap() >= 1e6 && p99.unwrap() <= 1.01e6, "{p99:?}");
                    assert!((calls.unwrap() - 100.0).abs() < 1e-6, "{calls:?}");
                    assert_eq!(figure(&mut window, FunctionMetric::Unwound), Some(100_000.0));
                    assert_eq!(figure(&mut window, FunctionMetric::Mean), Some(1e6));
                }
                _ => {}
            }
        }
    }

    #[test]
    fn without_calls_there_is_a_rate_and_nothing_else() {
        let mut window = RecentCalls::new("query", SECOND);
        assert!(window.take(0, SiteTotals::default(), FunctionMetric::Mean, 1.0).is_none());
        for &figure in FunctionMetric::ALL {
            let value = window.take(1, SiteTotals::default(), figure, 1.0).map(|ended| ended.value);
            assert_eq!(value, (figure == FunctionMetric::Calls).then_some(0.0), "{figure:?}");
        }
    }

    #[test]
    fn calls_in_flight_count_as_far_as_they_have_come() {
        let above = Bounds { above: true, raise: 50e6, clear: 45e6 };
        let below = Bounds { above: false, raise: 50e6, clear: 55e6 };
        let none = |in_flight: &[u64], bounds| with_in_flight(None, in_flight, FunctionMetric::P99, bounds);
        // Where none ended, one that hangs settles it, and one that has just begun does not.
        assert_eq!(none(&[1_000, 60_000_000], above), Some(60e6));
        assert_eq!(none(&[1_000], above), None);
        assert_eq!(none(&[1_000], below), None, "it may take longer yet");
        assert_eq!(none(&[60_000_000], below), Some(60e6), "it is no short call");
        assert_eq!(none(&[], above), None);
        let mut latency = Latency::new();
        latency.record(1_000_000, 50);
        let ended = Ended { value: 1e6, calls: 50, latency };
        let with = |in_flight: &[u64], figure| with_in_flight(Some(ended.clone()), in_flight, figure, above).unwrap();
        assert_eq!(with(&[10, 20, 30], FunctionMetric::P99), 1e6, "what has just begun makes nothing quicker");
        assert!(with(&[10, 80_000_000], FunctionMetric::P99) >= 80e6);
        assert!(
            (with(&[52_000_000], FunctionMetric::Mean) - 2e6).abs() < 1.0,
            "{}",
            with(&[52_000_000], FunctionMetric::Mean)
        );
        assert_eq!(with(&[80_000_000], FunctionMetric::Unwound), 1e6);
    }
}
