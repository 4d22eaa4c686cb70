//! Which words of a recording belong to a block that was met before.
//!
//! Kept apart from the words, so that several threads can each claim what they meet, and find out afterwards whether two
//! of them met the same.

use super::layout::ALIGN;

/// The claimed parts of a recording.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// One bit per [`ALIGN`] words: whether a block was claimed there.
    claimed: Vec<u64>,
    /// Groups of [`ALIGN`] words that may still be looked at. A sound recording needs each once, since its blocks share
    /// none; without a limit a forged one could have long stretches looked at again for every pointer.
    looks_left: usize,
}

/// Why something cannot be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Part of it is another block's.
    Taken,
    /// Too much was looked at that is.
    Exhausted,
}

impl Claims {
    /// Nothing is claimed of so many words yet. `used` gives its memory.
    pub(super) fn new(words: usize, used: Claims) -> Claims {
        Claims::empty(words.div_ceil(ALIGN * 64), words / ALIGN * 2 + 1024, used)
    }

    /// Nothing is claimed yet, with as many looks as are left here. `used` gives its memory.
    pub(super) fn fork(&self, used: Claims) -> Claims {
        Claims::empty(self.claimed.len(), self.looks_left, used)
    }

    fn empty(len: usize, looks_left: usize, Claims { mut claimed, .. }: Claims) -> Claims {
        claimed.clear();
        claimed.resize(len, 0);
        Claims { claimed, looks_left }
    }

    /// Claims the words from `at`, which is a multiple of [`ALIGN`], to `end`; all of them or none.
    pub(super) fn take(&mut self, at: usize, end: usize) -> Result<(), Refusal> {
        let groups = at / ALIGN..end.div_ceil(ALIGN);
        if groups.is_empty() {
            return Ok(());
        }
        let seen = groups.len().min(self.looks_left);
        let taken = parts(groups.start..groups.start + seen).find_map(|(word, mask)| {
            let taken = self.claimed[word] & mask;
            (taken != 0).then(|| word * 64 + taken.trailing_zeros() as usize)
        });
        let looks = taken.map_or(groups.len(), |group| group - groups.start + 1);
        if looks >= self.looks_left {
            self.looks_left = 0;
            return Err(Refusal::Exhausted);
        }
        self.looks_left -= looks;
        if taken.is_some() {
            return Err(Refusal::Taken);
        }
        parts(groups).for_each(|(word, mask)| self.claimed[word] |= mask);
        Ok(())
    }

    /// Takes over what was claimed by forks of this. If they claimed something twice, or looked at more than was left, nothing
    /// is taken over, and the answer is `false`.
    pub(super) fn join(&mut self, forks: &[&Claims]) -> bool {
        let looks = forks.iter().map(|fork| self.looks_left - fork.looks_left).sum::<usize>();
        let disjoint = |(word, &claimed): (usize, &u64)| {
            let add = |sum: u64, fork: &&Claims| (sum & fork.claimed[word] == 0).then_some(sum | fork.claimed[word]);
            forks.iter().try_fold(claimed, add).is_some()
        };
        if looks >= self.looks_left || !self.claimed.iter().enumerate().all(disjoint) {
            return false;
        }
        self.looks_left -= looks;
        for fork in forks {
            self.claimed.iter_mut().zip(&fork.claimed).for_each(|(sum, claimed)| *sum |= claimed);
        }
        true
    }
}

/// The words of the bit map that a range of bits stands in, each with a mask of its part.
fn parts(bits: std::ops::Range<usize>) -> impl Iterator<Item = (usize, u64)> {
    (bits.start / 64..bits.end.div_ceil(64)).map(move |word| {
        let from = bits.start.saturating_sub(word * 64);
        let unused = ((word + 1) * 64).saturating_sub(bits.end);
        (word, u64::MAX << from & u64::MAX >> unused)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A model of the claims, group by group.
    struct Model {
        claimed: Vec<bool>,
        looks_left: usize,
    }

    impl Model {
        fn take(&mut self, at: usize, end: usize) -> Result<(), Refusal> {
            let groups = at / ALIGN..end.div_ceil(ALIGN);
            for group in groups.clone() {
                self.looks_left = self.looks_left.saturating_sub(1);
                if self.looks_left == 0 {
                    return Err(Refusal::Exhausted);
                }
                if self.claimed[group] {
                    return Err(Refusal::Taken);
                }
            }
            groups.for_each(|group| self.claimed[group] = true);
            Ok(())
        }
    }

    const WORDS: usize = 5_000;

    fn ranges() -> impl Strategy<Value = Vec<(usize, usize)>> {
        let range = (0..WORDS / ALIGN, 0_usize..1_200).prop_map(|(group, len)| {
            let at = group * ALIGN;
            (at, (at + len).min(WORDS))
        });
        prop::collection::vec(range, 0..60)
    }

    proptest! {
        #[test]
        fn claims_are_as_if_made_group_by_group(ranges in ranges(), looks in 0_usize..2_000) {
            let mut claims = Claims { looks_left: looks, ..Claims::new(WORDS, Claims::default()) };
            let mut model = Model { claimed: vec![false; WORDS.div_ceil(ALIGN)], looks_left: looks };
            for (at, end) in ranges {
                prop_assert_eq!(claims.take(at, end), model.take(at, end));
                prop_assert_eq!(claims.looks_left, model.looks_left);
            }
        }

        #[test]
        fn forks_are_joined_as_if_there_were_one(ranges in ranges(), forks in 1_usize..4) {
            let mut together = Claims::new(WORDS, Claims::default());
            let mut base = Claims::new(WORDS, Claims::default());
            let mut forks: Vec<Claims> = (0..forks).map(|_| base.fork(Claims::default())).collect();
            let (mut in_forks, mut in_one) = (true, true);
            for (number, &(at, end)) in ranges.iter().enumerate() {
                let count = forks.len();
                in_forks &= forks[number % count].take(at, end).is_ok();
                in_one &= together.take(at, end).is_ok();
            }
            let joined = base.join(&forks.iter().collect::<Vec<_>>());
            prop_assert_eq!(in_forks && joined, in_one);
            if in_one {
                prop_assert_eq!((base.claimed, base.looks_left), (together.claimed, together.looks_left));
            }
        }
    }
}
