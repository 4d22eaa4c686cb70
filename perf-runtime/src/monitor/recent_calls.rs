//! Recent figures of a function: differences between what its slots hold now and what they held a while ago. Nothing is added
//! to the record path, and only functions that an alert watches are read.

use std::collections::VecDeque;

use super::watched::FunctionMetric;
use crate::process::site::{Registered, Site};
use crate::recording::{Recording, SiteTotals};

/// Moments kept of a window, at most: so far its length is uncertain by a thirty-second.
const MOMENTS: u64 = 32;

/// The figures of one function over a piece of time.
#[derive(Debug)]
pub(crate) struct RecentCalls {
    name: String,
    site: Option<&'static Site>,
    length_ns: u64,
    /// What the totals were, oldest first.
    moments: VecDeque<(u64, SiteTotals)>,
}

impl RecentCalls {
    pub(crate) fn new(name: &str, length_ns: u64) -> RecentCalls {
        RecentCalls { name: name.to_owned(), site: None, length_ns: length_ns.max(1), moments: VecDeque::new() }
    }

    /// Whether the program has the function.
    pub(crate) fn is_known(&mut self) -> bool {
        self.site = self.site.or_else(|| find_site(&self.name));
        self.site.is_some()
    }

    /// A figure of the calls that ended within the window up to now.
    pub(crate) fn figure(&mut self, recording: &Recording, now_ns: u64, figure: FunctionMetric) -> Option<f64> {
        self.is_known();
        let totals = recording.totals(self.site?.registered_id()?);
        self.take(now_ns, totals, figure, recording.ns_per_tick())
    }

    /// The same, of totals that were just read. `None` at the first time.
    fn take(&mut self, now_ns: u64, totals: SiteTotals, figure: FunctionMetric, ns_per_tick: f64) -> Option<f64> {
        let begin = now_ns.saturating_sub(self.length_ns);
        while self.moments.get(1).is_some_and(|second| second.0 <= begin) {
            self.moments.pop_front();
        }
        let value = self.moments.front().map(|(then_ns, before)| {
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

/// A figure of what came between two moments; 0 where there was no call.
fn difference(before: &SiteTotals, after: &SiteTotals, seconds: f64, figure: FunctionMetric, ns_per_tick: f64) -> f64 {
    let calls = after.calls.saturating_sub(before.calls);
    let share = |part: u64| if calls == 0 { 0.0 } else { part as f64 * 1e6 / calls as f64 };
    let quantile = |quantile| after.latency.since(&before.latency).quantile(quantile) as f64;
    match figure {
        FunctionMetric::Calls => calls as f64 / seconds,
        FunctionMetric::Mean if calls == 0 => 0.0,
        FunctionMetric::Mean => after.ticks.wrapping_sub(before.ticks) as f64 * ns_per_tick / calls as f64,
        FunctionMetric::P50 => quantile(0.5),
        FunctionMetric::P90 => quantile(0.9),
        FunctionMetric::P99 => quantile(0.99),
        FunctionMetric::P999 => quantile(0.999),
        FunctionMetric::Max => quantile(1.0),
        FunctionMetric::Unwound => share(after.unwound.saturating_sub(before.unwound)),
        FunctionMetric::Cancelled => share(after.cancelled.saturating_sub(before.cancelled)),
    }
}

/// The site of a name, or the first whose path ends so.
fn find_site(name: &str) -> Option<&'static Site> {
    let sites = || inventory::iter::<Registered>.into_iter().map(|registered| registered.0);
    sites()
        .find(|site| site.report_name() == name)
        .or_else(|| sites().find(|site| site.report_name().strip_suffix(name).is_some_and(|path| path.ends_with("::"))))
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
            let figure =
                |window: &mut RecentCalls, figure| window.take(tenth * SECOND / 10, totals.clone(), figure, 0.5);
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
    fn without_calls_all_figures_are_0() {
        let mut window = RecentCalls::new("query", SECOND);
        assert_eq!(window.take(0, SiteTotals::default(), FunctionMetric::Mean, 1.0), None);
        for &figure in FunctionMetric::ALL {
            assert_eq!(window.take(1, SiteTotals::default(), figure, 1.0), Some(0.0), "{figure:?}");
        }
    }
}
