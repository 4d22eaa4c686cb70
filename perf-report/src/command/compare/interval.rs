//! The confidence interval of a change: the symmetric bootstrap-t interval.
//!
//! Runs are drawn with replacement from each side, and the spread of Yuen's t over the drawings gives the width (B. Efron,
//! R. J. Tibshirani, "An Introduction to the Bootstrap", 1993; with trimmed means: R. R. Wilcox, "Introduction to Robust
//! Estimation and Hypothesis Testing", 2012, section 5.3). The interval is for one metric alone: it is not corrected for the
//! number of metrics.
//!
//! A drawing of few runs may have the same one nearly every time, and hardly any error then. So errors are steadied as those of the
//! [test](super::deals) are. An interval that is wide all the same says nothing, and there is none.

use fastrand::Rng;

use super::{
    deals::steadied,
    sample::{Centre, Sample, trimmed},
};

const DRAWINGS: usize = 1_000;

/// The widest interval that says anything: up to ten times as much and as little as was measured.
const WIDEST: f64 = std::f64::consts::LN_10;

/// The interval of the difference of the logarithms at this confidence level, where differences count from a threshold on; `None` if
/// the runs do not vary, or too much for an interval.
pub(super) fn interval(sides: [&Sample; 2], confidence: f64, threshold: f64, rng: &mut Rng) -> Option<[f64; 2]> {
    let error = |[before, after]: [Centre; 2]| steadied((before.error2 + after.error2).sqrt(), threshold);
    let centres = [sides[0].centre()?, sides[1].centre()?];
    let difference = centres[1].mean - centres[0].mean;
    let mut times = vec![0_u16; sides[0].len().max(sides[1].len())];
    let mut drawings: Vec<f64> = (0..DRAWINGS)
        .map(|_| {
            let drawn = sides.map(|runs| draw(runs, &mut times, rng));
            let strays = (drawn[1].mean - drawn[0].mean - difference).abs();
            let error = error(drawn);
            if error > 0.0 { strays / error } else { f64::INFINITY }
        })
        .collect();
    drawings.sort_by(f64::total_cmp);
    let width = drawings[((DRAWINGS as f64 * confidence) as usize).min(DRAWINGS - 1)] * error(centres);
    (width <= WIDEST).then_some([difference - width, difference + width])
}

/// The centre of a drawing of as many runs from these.
fn draw(runs: &Sample, times: &mut [u16], rng: &mut Rng) -> Centre {
    let count = runs.len();
    times[..count].fill(0);
    for _ in 0..count {
        times[rng.usize(..count)] += 1;
    }
    trimmed(runs.values(), count, |index| usize::from(times[index]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_side_drawn_from_the_other_is_within_it_as_often_as_promised() {
        let mut rng = Rng::with_seed(7);
        let mut inside = 0;
        for _ in 0..300 {
            // A long tail to the right, as run times have.
            let mut runs = || Sample::new((0..12).map(|run| (run, 100.0 + 5.0 * -(1.0 - rng.f64()).ln())));
            let (before, after) = (runs(), runs());
            let [low, high] = interval([&before, &after], 0.95, 0.05, &mut Rng::with_seed(3)).unwrap();
            inside += usize::from(low <= 0.0 && 0.0 <= high);
        }
        assert!((276..=299).contains(&inside), "{inside} of 300");
    }

    #[test]
    fn few_runs_of_which_most_are_alike_have_no_interval_that_says_nothing() {
        let side = |values: [f64; 6]| Sample::new(values.into_iter().enumerate());
        // Drawings of the first five alone have hardly any error.
        let before = side([100.0, 100.000_1, 100.000_2, 100.000_3, 100.000_4, 400.0]);
        let after = side([140.0, 140.000_1, 140.000_2, 140.000_3, 140.000_4, 500.0]);
        for seed in 0..20 {
            let ends = interval([&before, &after], 0.95, 0.05, &mut Rng::with_seed(seed));
            if let Some([low, high]) = ends {
                assert!(high - low <= 2.0 * WIDEST, "{low} to {high}");
            }
        }
        let alike = |ns: f64| side([0.0, 1.0, 2.0, 3.0, 4.0, 5.0].map(|more| ns + more * 1e-9));
        let [low, high] = interval([&alike(100.0), &alike(140.0)], 0.95, 0.05, &mut Rng::with_seed(1)).unwrap();
        assert!(0.3 < low && high < 0.4, "runs that are alike have a narrow one: {low} to {high}");
    }
}
