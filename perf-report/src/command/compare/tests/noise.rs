//! Runs of a program of many functions, with the noise that real runs have.
//!
//! - A run as a whole is faster or slower by 2 % (standard deviation), and one in twenty is disturbed by 10 to 40 %: all
//!   its functions together, so that they are not independent.
//! - Each function varies from run to run by 1 to 4 % of its own, more in its tail.
//! - The calls within a run spread over a lognormal distribution with a tail of ten times the median.
//! - Half of the functions are called equally often in each run, half vary by 2 %.

use fastrand::Rng;

use crate::{
    Snapshot,
    command::{
        compare::Side,
        programs::{function, process},
    },
};

/// A program: the durations of its functions, and how much they vary.
pub(super) struct Program {
    functions: Vec<Profile>,
    /// The function that is slower, and by which factor.
    pub(super) slow: Option<(usize, f64)>,
}

struct Profile {
    name: String,
    median_ns: f64,
    calls: f64,
    noise: f64,
    varies_in_calls: bool,
}

fn normal(rng: &mut Rng) -> f64 {
    (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos()
}

impl Program {
    pub(super) fn new(functions: usize, rng: &mut Rng) -> Program {
        let functions = (0..functions).map(|index| Profile {
            name: format!("app::f{index}"),
            median_ns: 10_f64.powf(2.0 + 5.0 * rng.f64()),
            calls: 10_f64.powf(2.5 + 2.0 * rng.f64()).round(),
            noise: 0.01 + 0.03 * rng.f64(),
            varies_in_calls: rng.bool(),
        });
        Program { functions: functions.collect(), slow: None }
    }

    pub(super) fn run(&self, number: u32, rng: &mut Rng) -> Snapshot {
        let disturbed = if rng.f64() < 0.05 { 1.1 + 0.3 * rng.f64() } else { 1.0 };
        let whole = (0.02 * normal(rng)).exp() * disturbed;
        let functions = self.functions.iter().enumerate().map(|(index, profile)| {
            let slower = self.slow.filter(|slow| slow.0 == index).map_or(1.0, |slow| slow.1);
            let own = (profile.noise * normal(rng)).exp();
            let tail = (profile.noise * normal(rng)).exp();
            let calls = profile.calls * if profile.varies_in_calls { (0.02 * normal(rng)).exp() } else { 1.0 };
            // Steps of a lognormal distribution's quantiles, the last of them the tail.
            const STEPS: [(f64, f64); 10] = [
                (0.05, 0.66),
                (0.15, 0.77),
                (0.2, 0.88),
                (0.2, 1.0),
                (0.15, 1.13),
                (0.1, 1.28),
                (0.08, 1.5),
                (0.05, 2.0),
                (0.012, 5.0),
                (0.008, 10.0),
            ];
            let calls: Vec<(u64, u64)> = STEPS
                .iter()
                .map(|&(share, times)| {
                    let tail = if times > 1.9 { tail } else { 1.0 };
                    let ns = profile.median_ns * times * whole * slower * own * tail;
                    (ns as u64, (calls * share).round() as u64)
                })
                .collect();
            function(&profile.name, &calls)
        });
        process(number, functions.collect())
    }

    pub(super) fn side(&self, runs: u32, rng: &mut Rng) -> Side {
        let mut side = Side::new();
        for number in 1..=runs {
            side.add(format!("run{number}"), self.run(number, rng));
        }
        side
    }
}
