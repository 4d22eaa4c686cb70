//! The verdict of a history on each series: the level now, where it changed, and which changes are worth a word.

use super::{
    change_points::{Values, change_points, least_steps},
    series::{HistoryMetric, Series, median},
    store::Commit,
};

/// How to judge a history.
#[derive(Clone, Debug)]
pub(crate) struct TrendOptions {
    /// The smallest change of what was recorded that counts, whatever is learnt.
    pub(crate) threshold: f64,
    /// The same of counted instructions.
    pub(crate) counted_threshold: f64,
    /// The probability of any false alarm among all series.
    pub(crate) alpha: f64,
    pub(crate) seed: u64,
    /// A change at one of so many of the newest commits fails a check.
    pub(crate) newest: usize,
}

/// A series, judged.
#[derive(Clone, Debug)]
pub(crate) struct Trend {
    pub(crate) series: Series,
    /// The smallest change of this series that counts: what was asked for, or what it did on unchanged commits if that is more.
    pub(crate) threshold: f64,
    /// The changes that count, the oldest first.
    pub(crate) changes: Vec<Change>,
    /// The median since the last change point.
    pub(crate) level: f64,
    /// Of a series with few values, the least step at the newest commits, as a fraction, that chance does not explain.
    pub(crate) least_step: Option<f64>,
    pub(crate) verdict: TrendVerdict,
}

/// A change of a series' level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Change {
    /// The first commit of the new level, by its place among all.
    pub(crate) commit: usize,
    /// The level before.
    pub(crate) before: f64,
    /// The level since.
    pub(crate) after: f64,
}

impl Change {
    /// The change as a fraction of the level before.
    pub(crate) fn change(&self) -> f64 {
        self.after / self.before - 1.0
    }
}

/// Verdicts on a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum TrendVerdict {
    /// It became worse at one of the newest commits, and still is.
    Regressed(Change),
    /// The newest commit is worse than any threshold allows, but one commit may be chance.
    SeemsWorse(Change),
    /// It became better at one of the newest commits.
    Improved(Change),
    /// Nothing happened at the newest commits.
    Steady,
    /// There are too few values.
    TooShort,
    /// There is no value at the newest commit: the function did not run, or was not counted.
    Gone,
}

/// Fewest commits with which a history is judged, and fewest values of a series.
pub(crate) const FEWEST_COMMITS: usize = 8;

/// The step, as a fraction, that few values must show for a verdict: one to twice the value.
pub(crate) const DOUBLED: f64 = 1.0;

/// The part of the deviations on unchanged commits that a threshold must lie above, and how far.
const QUANTILE: f64 = 0.95;
const MARGIN: f64 = 2.0;

/// Judges all series.
pub(crate) fn trends(series: Vec<Series>, commits: &[Commit], options: &TrendOptions) -> Vec<Trend> {
    let logs: Vec<Values> = series
        .iter()
        .map(|series| match series.points.len() {
            ..FEWEST_COMMITS => Values::default(),
            _ => {
                let logs = series.points.iter().map(|point| (point.commit, libm::log(point.value)));
                Values { points: logs.collect(), error: series.error() }
            }
        })
        .collect();
    let found = change_points(&logs, commits.len(), options.alpha, options.seed);
    let least_steps = least_steps(&logs, &found, options.alpha);
    let all = series.into_iter().zip(found).zip(least_steps);
    all.map(|((series, places), step)| trend(series, &places, step, commits.len(), options)).collect()
}

fn trend(series: Series, places: &[usize], least_step: Option<f64>, commits: usize, options: &TrendOptions) -> Trend {
    let values: Vec<f64> = series.points.iter().map(|point| point.value).collect();
    let bounds: Vec<usize> = std::iter::once(0).chain(places.iter().copied()).chain([values.len()]).collect();
    let segments: Vec<&[f64]> = bounds.windows(2).map(|bound| &values[bound[0]..bound[1]]).collect();
    let levels: Vec<f64> = segments.iter().map(|segment| median(&mut segment.to_vec())).collect();
    let asked = match series.metric {
        HistoryMetric::Instructions => options.counted_threshold,
        HistoryMetric::Recorded(_) => options.threshold,
    };
    let threshold = asked.max(learnt(&segments, &levels));
    let mut changes = Vec::new();
    for (number, &place) in places.iter().enumerate() {
        let change = Change { commit: series.points[place].commit, before: levels[number], after: levels[number + 1] };
        if counts(&change, threshold) {
            changes.push(change);
        }
    }
    let level = levels.last().copied().unwrap_or(0.0);
    let least_step = least_step.map(libm::expm1);
    let verdict = if series.points.last().is_none_or(|last| last.commit + 1 != commits) {
        TrendVerdict::Gone
    } else if values.len() < FEWEST_COMMITS {
        TrendVerdict::TooShort
    } else {
        verdict(&series, &changes, level, threshold, commits, options)
    };
    Trend { series, threshold, changes, level, least_step, verdict }
}

fn verdict(
    series: &Series,
    changes: &[Change],
    level: f64,
    threshold: f64,
    commits: usize,
    options: &TrendOptions,
) -> TrendVerdict {
    let is_new = |change: &&Change| change.commit + options.newest >= commits;
    // A change that was taken back is no reason to fail.
    let lasts = |change: &&Change| counts(&Change { after: level, ..**change }, threshold);
    let worse = changes
        .iter()
        .rfind(|change| is_new(change) && change.change() > 0.0 && lasts(change) && level > change.before);
    if let Some(change) = worse {
        return TrendVerdict::Regressed(*change);
    }
    if let Some(last) = series.points.last() {
        let change = Change { commit: last.commit, before: level, after: last.value };
        if change.change() > 0.0 && counts(&change, threshold) {
            return TrendVerdict::SeemsWorse(change);
        }
    }
    match changes.iter().rfind(|change| is_new(change) && change.change() < 0.0 && lasts(change)) {
        Some(change) => TrendVerdict::Improved(*change),
        None => TrendVerdict::Steady,
    }
}

/// Whether a change is large enough: by so much more, or by as much less that going back would be so much more.
fn counts(change: &Change, threshold: f64) -> bool {
    let ratio = change.after / change.before;
    ratio.max(1.0 / ratio) - 1.0 >= threshold
}

/// The noise of the series on commits that did not change it: hardly any value was further from its level than half of this.
fn learnt(segments: &[&[f64]], levels: &[f64]) -> f64 {
    let mut deviations: Vec<f64> = segments
        .iter()
        .zip(levels)
        .flat_map(|(segment, level)| segment.iter().map(move |value| (value / level).max(level / value) - 1.0))
        // The newest value is the one in question.
        .collect();
    deviations.pop();
    deviations.sort_by(f64::total_cmp);
    let place = (deviations.len() as f64 * QUANTILE) as usize;
    MARGIN * deviations.get(place.min(deviations.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{history::series::Point, metric::FunctionMetric};

    fn judged(values: &[f64], newest: usize) -> Trend {
        judged_of(HistoryMetric::Recorded(FunctionMetric::Total), values, newest)
    }

    fn judged_of(metric: HistoryMetric, values: &[f64], newest: usize) -> Trend {
        let points =
            values.iter().enumerate().map(|(commit, &value)| Point { commit, value, error: Some(0.0) }).collect();
        let series = Series { function: "f".into(), file: String::new(), line: 1, metric, sampled: false, points };
        judged_series(series, values.len(), newest)
    }

    fn judged_series(series: Series, commits: usize, newest: usize) -> Trend {
        let commit = |number: usize| Commit { id: number.to_string(), time: number as u64, runs: Vec::new() };
        let commits: Vec<Commit> = (0..commits).map(commit).collect();
        trends(vec![series], &commits, &options(newest)).remove(0)
    }

    fn options(newest: usize) -> TrendOptions {
        TrendOptions { threshold: 0.05, counted_threshold: 0.005, alpha: 0.02, seed: 1, newest }
    }

    /// Twenty values around a level that wobble by a part of it, then the others.
    fn after_twenty(level: f64, wobble: f64, more: &[f64]) -> Vec<f64> {
        let wave = [0.0, 1.0, -0.5, 0.3, -1.0, 0.6, -0.2, 0.8, -0.7, 0.1];
        let steady = (0..20).map(|at| level * (1.0 + wobble * wave[at % wave.len()]));
        steady.chain(more.iter().copied()).collect()
    }

    #[test]
    fn a_change_fails_while_it_is_new_and_lasts() {
        let risen = after_twenty(100.0, 0.01, &[120.0, 121.0, 119.5, 120.3]);
        assert!(matches!(judged(&risen, 10).verdict, TrendVerdict::Regressed(change) if change.commit == 20));
        assert_eq!(judged(&risen, 3).verdict, TrendVerdict::Steady, "it is old");
        let back = after_twenty(100.0, 0.01, &[120.0, 121.0, 119.5, 120.3, 100.2, 99.9, 100.4, 100.0, 99.8]);
        assert!(!matches!(judged(&back, 20).verdict, TrendVerdict::Regressed(_)), "it was taken back");
        let fallen = after_twenty(100.0, 0.01, &[80.0, 80.4, 79.9, 80.1]);
        assert!(matches!(judged(&fallen, 10).verdict, TrendVerdict::Improved(_)));
    }

    #[test]
    fn counted_instructions_have_a_threshold_of_their_own() {
        let values = after_twenty(1e6, 0.0001, &[1.01e6, 1.0101e6, 1.0099e6, 1.01e6]);
        let counted = judged_of(HistoryMetric::Instructions, &values, 10);
        assert!(matches!(counted.verdict, TrendVerdict::Regressed(change) if change.commit == 20), "{counted:?}");
        assert_eq!(counted.threshold, 0.005);
        assert_eq!(judged(&values, 10).verdict, TrendVerdict::Steady, "1 % is little for a time");
        let wobbling = judged_of(HistoryMetric::Instructions, &after_twenty(1e6, 0.02, &[1.01e6; 4]), 10);
        assert!(wobbling.threshold > 0.02, "{}", wobbling.threshold);
    }

    #[test]
    fn one_commit_is_a_suspicion() {
        let last = after_twenty(100.0, 0.01, &[130.0]);
        assert!(matches!(judged(&last, 10).verdict, TrendVerdict::SeemsWorse(change) if change.after == 130.0));
    }

    #[test]
    fn a_series_that_always_wobbles_must_change_by_more() {
        let trend = judged(&after_twenty(100.0, 0.1, &[112.0, 113.0, 111.0, 112.5]), 10);
        assert!(trend.threshold > 0.12 && trend.threshold < 0.4, "{}", trend.threshold);
        assert!(!matches!(trend.verdict, TrendVerdict::Regressed(_)), "{:?}", trend.verdict);
        assert_eq!(judged(&after_twenty(100.0, 0.001, &[]), 10).threshold, 0.05);
    }

    #[test]
    fn a_function_that_did_not_run_at_the_newest_commit_is_not_judged() {
        let risen = after_twenty(100.0, 0.01, &[120.0, 121.0, 119.5, 120.3]);
        let mut series = judged(&risen, 10).series;
        assert_eq!(judged_series(series.clone(), 25, 10).verdict, TrendVerdict::Gone, "24 commits ran it");
        series.points.truncate(3);
        assert_eq!(
            judged_series(series, 25, 10).verdict,
            TrendVerdict::Gone,
            "nor is it too short: it will have no more values"
        );
    }

    #[test]
    fn few_values_tell_the_least_step_that_they_show() {
        let step_of = |wobble: f64| judged(&after_twenty(100.0, wobble, &[])[..10], 10).least_step.unwrap();
        assert!(step_of(0.01) > 0.02 && step_of(0.01) < 0.2, "{}", step_of(0.01));
        assert!(step_of(0.02) > 1.5 * step_of(0.01));
        assert!(step_of(0.0) < 1e-9);
        assert_eq!(judged(&after_twenty(100.0, 0.01, &[100.0; 2]), 10).least_step, None);
    }

    #[test]
    fn values_of_a_coarse_clock_are_not_taken_for_steps() {
        // Three runs of some 10 ns, in whole ns: eight values often fall into those of 10 and, behind them, those of 11.
        let alarms = (0..20).filter(|&seed| {
            let mut rng = fastrand::Rng::with_seed(seed);
            let of_function = |_| {
                let level = 9.5 + 3.0 * rng.f64();
                let mut series = judged(&[], 10).series;
                for commit in 0..8 {
                    series.add(commit, (0..3).map(|_| (level - 0.4 + 0.8 * rng.f64()).round()).collect());
                }
                series
            };
            let all = (0..40).map(of_function).collect();
            let commit = |number: usize| Commit { id: number.to_string(), time: number as u64, runs: Vec::new() };
            let commits = Vec::from_iter((0..8).map(commit));
            trends(all, &commits, &options(10)).iter().any(|trend| !trend.changes.is_empty())
        });
        let alarms = alarms.count();
        assert!(alarms <= 3, "{alarms} of 20");
    }

    #[test]
    fn a_function_that_is_new_is_not_judged() {
        assert_eq!(judged(&[1.0, 2.0, 3.0], 10).verdict, TrendVerdict::TooShort);
    }
}
