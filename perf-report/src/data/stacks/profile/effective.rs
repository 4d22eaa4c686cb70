//! How many samples of equal weight samples of unequal weight are worth.
//!
//! A sample that stands for more time than others brings its own chance into the sum with more weight. The error of a share is then that of
//! (∑w)² / ∑w² samples: the *effective sample size*, L. Kish, “Survey Sampling”, Wiley 1965, section 11.7.

/// The weights of samples: their sum, and the sum of their squares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SampleWeights {
    sum: u128,
    squares: u128,
}

impl SampleWeights {
    /// Adds time to a sample, which had `before`. Returns what it has now.
    pub(crate) fn grow(&mut self, before: u64, ns: u64) -> u64 {
        let after = before.saturating_add(ns);
        let square = |ns: u64| u128::from(ns) * u128::from(ns);
        self.sum = self.sum.saturating_add(u128::from(after - before));
        self.squares = self.squares.saturating_add(square(after) - square(before));
        after
    }

    pub(super) fn add(&mut self, more: &SampleWeights) {
        self.sum = self.sum.saturating_add(more.sum);
        self.squares = self.squares.saturating_add(more.squares);
    }

    /// So much of the number of samples is effective; all of it if nothing is known of their weights.
    pub(super) fn effective_part(&self, samples: u64) -> f64 {
        if self.squares == 0 || samples == 0 {
            return 1.0;
        }
        let sum = self.sum as f64;
        (sum / samples as f64 * (sum / self.squares as f64)).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::*, *};

    #[test]
    fn samples_of_equal_weight_count_whole() {
        let mut weights = SampleWeights::default();
        assert_eq!(weights.effective_part(10), 1.0);
        for _ in 0..10 {
            // In two parts.
            let begun = weights.grow(0, 3_000_000);
            assert_eq!(weights.grow(begun, 1_000_000), 4_000_000);
        }
        assert!((weights.effective_part(10) - 1.0).abs() < 1e-12);
        // One of four looks beside three of one: (4 + 3)² / (16 + 3) of 4.
        let mut weights = SampleWeights::default();
        for ns in [4, 1, 1, 1] {
            weights.grow(0, ns);
        }
        assert!((weights.effective_part(4) - 49.0 / 19.0 / 4.0).abs() < 1e-12);
    }

    /// Samples of one, two or four looks, as those of threads that rest now and then: how far the share of a function is off in 4,000
    /// profiles, beside the error that each of them states.
    #[test]
    fn the_stated_error_is_that_of_simulated_profiles() {
        const PROFILES: u32 = 4_000;
        const SAMPLES: u64 = 200;
        let (share, mut rng) = (0.3, fastrand::Rng::with_seed(7));
        let (mut squared, mut stated, mut of_equal) = (0.0, 0.0, 0.0);
        for _ in 0..PROFILES {
            let mut profile = StackProfile { frames: vec![Frame::named("f"), Frame::named("g")], ..Default::default() };
            profile.looks.samples = SAMPLES;
            let mut looks = profile.looks;
            let mut tree = TreeBuilder::new(&mut profile);
            let root = tree.root(None);
            let nodes = [tree.child(root, 0), tree.child(root, 1)];
            for _ in 0..SAMPLES {
                let ns = [1, 1, 1, 1, 2, 4, 4][rng.usize(0..7)] * 5_000_000;
                looks.weights.grow(0, ns);
                tree.add(nodes[usize::from(rng.f64() >= share)], &Weights::of(ThreadState::Running, ns, 1));
            }
            profile.looks = looks;
            let seen = profile.nodes[nodes[0]].own.all_ns() as f64 / profile.all().all_ns() as f64;
            squared += (seen - share).powi(2) / f64::from(PROFILES);
            stated += profile.standard_error(share).unwrap() / f64::from(PROFILES);
            of_equal += (share * (1.0 - share) / SAMPLES as f64).sqrt() / f64::from(PROFILES);
        }
        let ratio = squared.sqrt() / stated;
        assert!((0.95..1.05).contains(&ratio), "{ratio}");
        assert!(squared.sqrt() / of_equal > 1.1, "equal weights would have stated too little");
    }
}
