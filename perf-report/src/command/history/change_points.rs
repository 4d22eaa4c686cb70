//! Change points: the commits at which the values of a series began to come from another distribution.
//!
//! The method is E-divisive (D. S. Matteson, N. A. James, "A nonparametric approach for multiple change point analysis of
//! multivariate data", Journal of the American Statistical Association 109, 2014), which MongoDB uses for this purpose
//! (D. Daly et al., "The use of change point detection to identify software performance regressions in a continuous integration
//! system", ICPE 2020): split a series where the energy distance between both parts is greatest, ask by permutations whether
//! chance gives a split as great, and go on in both parts if not.
//!
//! One thing is different. There are hundreds of series, and each would have its own false alarms. So the *commits* are permuted,
//! the same way for all series, and each permutation is represented by the greatest distance in any of them (P. H. Westfall,
//! S. S. Young, "Resampling-Based Multiple Testing", 1993). Then the probability of any false alarm among all series is at most
//! `alpha`. For that the distances must be comparable, so each is divided by the mean distance of its series' values.
//!
//! Permuting stops early once it is clear that nothing will be found (J. Besag, P. Clifford, Biometrika 78, 1991).
//!
//! Few values have few orders, and none of them is rare. So permutations find no step in them, however large. Where they cannot, a second
//! test looks for large shifts (`large_shift.rs`). It assumes normal noise, and has a small part of `alpha`: of many values, of which some
//! were disturbed, it would raise more alarms than that, and there it is not needed. Nor is it used where no commit has several runs, because
//! nothing tells then whether values agree by chance.

mod large_shift;

use fastrand::Rng;

use large_shift::{deviation, largest_shift, least_shift, places};

/// Fewest values on each side of a change point. A single value may be an outlier, and two that agree hardly are.
pub(super) const FEWEST: usize = 2;

/// Fewest permutations, with which a probability of 1 % is still known well.
const PERMUTATIONS: usize = 499;

/// The part of `alpha` that the test for large shifts has; permutations have the rest.
const FOR_LARGE: f64 = 0.1;

/// A series as change points are looked for in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    /// The values (logarithms, so that changes are relative) with the numbers of their commits.
    pub(super) points: Vec<(usize, f64)>,
    /// The standard error of a value by its runs; `None` if no commit has several.
    pub(super) error: Option<f64>,
}

/// A part of a series, by the places of its values.
type Segment = (usize, std::ops::Range<usize>);

impl Values {
    fn of(&self, range: std::ops::Range<usize>) -> Vec<f64> {
        self.points[range].iter().map(|point| point.1).collect()
    }
}

/// The change points of each series: the places of the first values after each change, in rising order.
pub(super) fn change_points(series: &[Values], commits: usize, alpha: f64, seed: u64) -> Vec<Vec<usize>> {
    let mut found = vec![Vec::new(); series.len()];
    let mut rng = Rng::with_seed(seed);
    let for_each_place = for_each_place(series, alpha);
    let large = |(number, range): &Segment| {
        let (at, probability) = largest_shift(&series[*number].of(range.clone()), series[*number].error?)?;
        (probability < for_each_place).then(|| ((*number, range.clone()), at))
    };
    let whole = |(number, series): (usize, &Values)| (number, 0..series.points.len());
    let mut open: Vec<Segment> = series.iter().enumerate().map(whole).collect();
    while !open.is_empty() {
        let mut splits = by_permutations(series, &open, commits, alpha * (1.0 - FOR_LARGE), &mut rng);
        // A second series may have two odd values, which look like a step in as many orders again.
        open.retain(|segment| {
            are_few(segment.1.len(), alpha, ORDERS + ORDERS) && splits.iter().all(|split| split.0 != *segment)
        });
        splits.extend(open.drain(..).filter_map(|segment| large(&segment)));
        for ((number, range), place) in splits {
            found[number].push(range.start + place);
            open.push((number, range.start..range.start + place));
            open.push((number, range.start + place..range.end));
        }
    }
    found.iter_mut().for_each(|places| places.sort_unstable());
    found
}

/// The part of `alpha` that the test for large shifts has at each place of each series.
fn for_each_place(series: &[Values], alpha: f64) -> f64 {
    let places: usize = series.iter().map(|series| places(series.points.len())).sum();
    alpha * FOR_LARGE / places.max(1) as f64
}

/// A perfect step is as large in two of all orders: as it is, and with its ends exchanged.
const ORDERS: f64 = 2.0;

/// Whether permutations of so few values explain a step of any size at the newest of them, if so many orders have as large a one.
fn are_few(values: usize, alpha: f64, orders: f64) -> bool {
    let all = (values * values.saturating_sub(1)) as f64 / 2.0;
    orders > alpha * (1.0 - FOR_LARGE) * all
}

/// The least step at the newest commits (of logarithms) that is found in each series, if it goes on as since its last change point:
/// infinite if there is none, `None` where there are values enough for permutations.
pub(super) fn least_steps(series: &[Values], found: &[Vec<usize>], alpha: f64) -> Vec<Option<f64>> {
    let for_each_place = for_each_place(series, alpha);
    let of_series = |(series, places): (&Values, &Vec<usize>)| {
        let level = series.of(places.last().copied().unwrap_or(0)..series.points.len());
        let Some(error) = series.error else {
            return are_few(series.points.len(), alpha, ORDERS).then_some(f64::INFINITY);
        };
        let step = match level.len() {
            count if count < 2 * FEWEST => f64::INFINITY,
            count => least_shift(error.max(deviation(&[&level])), count, FEWEST, for_each_place),
        };
        are_few(series.points.len(), alpha, ORDERS + ORDERS).then_some(step)
    };
    series.iter().zip(found).map(of_series).collect()
}

/// The segments that permutations do not explain, each with the place of its split.
fn by_permutations(
    series: &[Values],
    open: &[Segment],
    commits: usize,
    alpha: f64,
    rng: &mut Rng,
) -> Vec<(Segment, usize)> {
    let split = |segment| {
        let (number, range): &Segment = segment;
        best_split(&series[*number].of(range.clone())).map(|(at, size)| (size, at, segment))
    };
    let mut splits: Vec<(f64, usize, &Segment)> = open.iter().filter_map(split).collect();
    splits.sort_by(|a, b| b.0.total_cmp(&a.0));
    let Some(&(greatest, ..)) = splits.first() else { return Vec::new() };
    // With fewer, a small probability could not be told from none, and nothing would ever be found.
    let permutations = PERMUTATIONS.max((2.0 / alpha).ceil() as usize);
    // A split is significant if fewer permutations than this have as great a one. The product may lie just below a whole number.
    let allowed = (alpha * (permutations + 1) as f64 + 1e-9).floor() as usize;
    let mut order: Vec<usize> = (0..commits).collect();
    let (mut rank, mut maxima, mut exceeding) = (vec![0; commits], Vec::with_capacity(permutations), 0);
    for _ in 0..permutations {
        rng.shuffle(&mut order);
        order.iter().enumerate().for_each(|(place, &commit)| rank[commit] = place);
        let maximum = splits.iter().filter_map(|(_, _, (number, range))| {
            let mut permuted: Vec<(usize, f64)> =
                series[*number].points[range.clone()].iter().map(|&(commit, value)| (rank[commit], value)).collect();
            permuted.sort_by_key(|point| point.0);
            best_split(&permuted.into_iter().map(|point| point.1).collect::<Vec<_>>()).map(|split| split.1)
        });
        let maximum = maximum.fold(0.0, f64::max);
        maxima.push(maximum);
        exceeding += usize::from(maximum >= greatest);
        if exceeding >= allowed {
            return Vec::new();
        }
    }
    let is_significant = |size: f64| maxima.iter().filter(|&&maximum| maximum >= size).count() < allowed;
    splits.into_iter().filter(|split| is_significant(split.0)).map(|(_, at, segment)| (segment.clone(), at)).collect()
}

/// Where a series is split best, and how great the distance between both parts is; `None` if it is too short or constant.
fn best_split(values: &[f64]) -> Option<(usize, f64)> {
    let count = values.len();
    if count < 2 * FEWEST {
        return None;
    }
    let distance = |a: usize, b: usize| (values[a] - values[b]).abs();
    let to_all = |of: usize, others: std::ops::Range<usize>| others.map(|other| distance(of, other)).sum::<f64>();
    // Sums of the distances within the left part, within the right one, and between both, while values move from right to left.
    let (mut left, mut between) = (0.0, 0.0);
    let mut right: f64 = (0..count).map(|of| to_all(of, of + 1..count)).sum();
    let pairs = |count: usize| (count * (count - 1)) as f64 / 2.0;
    let mean = right / pairs(count);
    if mean <= f64::EPSILON {
        return None;
    }
    let mut best: Option<(usize, f64)> = None;
    for at in 1..=count - FEWEST {
        let moved = at - 1;
        let (to_left, to_right) = (to_all(moved, 0..moved), to_all(moved, at..count));
        left += to_left;
        right -= to_right;
        between += to_right - to_left;
        if at < FEWEST {
            continue;
        }
        let (m, n) = (at as f64, (count - at) as f64);
        let energy = 2.0 * between / (m * n) - left / pairs(at) - right / pairs(count - at);
        let size = energy * m * n / (m + n) / mean;
        if best.is_none_or(|best| size > best.1) {
            best = Some((at, size));
        }
    }
    best.filter(|best| best.1 > 0.0)
}

#[cfg(test)]
mod tests;
