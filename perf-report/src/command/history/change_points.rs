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

use fastrand::Rng;

/// Fewest values on each side of a change point. A single value may be an outlier, and two that agree hardly are.
pub(super) const FEWEST: usize = 2;

/// Fewest permutations, with which a probability of 1 % is still known well.
const PERMUTATIONS: usize = 499;

/// A part of a series, by the places of its values.
type Segment = (usize, std::ops::Range<usize>);

/// The change points of each series: the places of the first values after each change, in rising order.
///
/// A series is its values (logarithms, so that changes are relative) with the numbers of their commits.
pub(super) fn change_points(series: &[Vec<(usize, f64)>], commits: usize, alpha: f64, seed: u64) -> Vec<Vec<usize>> {
    let mut found = vec![Vec::new(); series.len()];
    let mut rng = Rng::with_seed(seed);
    let mut open: Vec<Segment> = series.iter().enumerate().map(|(number, series)| (number, 0..series.len())).collect();
    while !open.is_empty() {
        let mut next = Vec::new();
        for ((number, range), place) in significant(series, &open, commits, alpha, &mut rng) {
            found[number].push(range.start + place);
            next.push((number, range.start..range.start + place));
            next.push((number, range.start + place..range.end));
        }
        open = next;
    }
    found.iter_mut().for_each(|places| places.sort_unstable());
    found
}

/// The segments that chance does not explain, each with the place of its split.
fn significant(
    series: &[Vec<(usize, f64)>],
    open: &[Segment],
    commits: usize,
    alpha: f64,
    rng: &mut Rng,
) -> Vec<(Segment, usize)> {
    let values = |(number, range): &Segment| series[*number][range.clone()].iter().map(|point| point.1).collect();
    let mut splits: Vec<(f64, usize, &Segment)> = open
        .iter()
        .filter_map(|segment| {
            best_split(&Vec::from_iter::<Vec<f64>>(values(segment))).map(|(at, size)| (size, at, segment))
        })
        .collect();
    splits.sort_by(|a, b| b.0.total_cmp(&a.0));
    let Some(&(greatest, ..)) = splits.first() else { return Vec::new() };
    // With fewer, a small probability could not be told from none, and nothing would ever be found.
    let permutations = PERMUTATIONS.max((2.0 / alpha).ceil() as usize);
    // A split is significant if fewer permutations than this have as great a one.
    let allowed = (alpha * (permutations + 1) as f64).floor() as usize;
    let mut order: Vec<usize> = (0..commits).collect();
    let (mut rank, mut maxima, mut exceeding) = (vec![0; commits], Vec::with_capacity(permutations), 0);
    for _ in 0..permutations {
        rng.shuffle(&mut order);
        order.iter().enumerate().for_each(|(place, &commit)| rank[commit] = place);
        let maximum = splits.iter().filter_map(|(_, _, (number, range))| {
            let mut permuted: Vec<(usize, f64)> =
                series[*number][range.clone()].iter().map(|&(commit, value)| (rank[commit], value)).collect();
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
