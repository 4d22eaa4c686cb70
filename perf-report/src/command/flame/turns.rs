//! Which looks a thread is asked at: at each of them as long as it does something, more rarely while it rests.
//!
//! The looks of a thread come in turns of one or four. Within a turn it is asked once, at a look that chance picks, and what it
//! does then stands for the whole turn. How long a turn is depends on the past alone, and each of its looks is as likely as the others to be the
//! one, so of all that a thread does the expected share is the true one: short work after long rest is met more rarely, and weighs more.
//! (Asking at the end of a turn would favour what comes after a rest; halving the time between before and after, what came before.)
//!
//! Of a thread that rested all the time until it is asked again, which the system's counter of its runs tells, nothing is estimated.

/// Looks of a turn of a thread that rests.
const LONG: u32 = 4;

/// Whether to ask a thread at a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Later in this turn.
    Later,
    Now,
    /// It was asked in this turn before, and is said to do the same still.
    Over,
}

/// The turns of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turns {
    /// Looks that go by before the one at which it is asked.
    before: u32,
    /// Looks of the turn that follow that one.
    after: u32,
    is_asked: bool,
    /// Length of the next turn.
    next: u32,
}

impl Default for Turns {
    /// A turn of one look, at which the thread is asked.
    fn default() -> Turns {
        Turns { before: 0, after: 0, is_asked: true, next: 1 }
    }
}

impl Turns {
    /// Goes to the next look.
    pub(super) fn next(&mut self) -> Turn {
        if self.is_asked {
            if self.after > 0 {
                self.after -= 1;
                return Turn::Over;
            }
            self.before = fastrand::u32(0..self.next);
            self.after = self.next - 1 - self.before;
            self.is_asked = false;
        }
        if self.before > 0 {
            self.before -= 1;
            return Turn::Later;
        }
        self.is_asked = true;
        Turn::Now
    }

    /// It was asked, and had rested: the next turn is long.
    pub(super) fn rested(&mut self) {
        self.next = LONG;
    }

    /// It was asked, and had done something: the next turn has one look.
    pub(super) fn moved(&mut self) {
        self.next = 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_does_something_is_asked_at_each_look() {
        let mut turns = Turns::default();
        for _ in 0..10 {
            assert_eq!(turns.next(), Turn::Now);
            turns.moved();
        }
    }

    #[test]
    fn a_thread_that_rests_is_asked_once_in_each_turn() {
        let mut turns = Turns::default();
        for len in [1, 4, 4, 4] {
            let mut seen = Vec::new();
            for _ in 0..len {
                seen.push(turns.next());
                if seen.last() == Some(&Turn::Now) {
                    turns.rested();
                }
            }
            let asked = seen.iter().position(|&turn| turn == Turn::Now).expect("it is asked");
            assert!(seen[..asked].iter().all(|&turn| turn == Turn::Later), "{seen:?}");
            assert!(seen[asked + 1..].iter().all(|&turn| turn == Turn::Over), "{seen:?}");
        }
    }

    /// A thread rests for so many looks and works for so many, over and over: the shares of what is seen are those of what is done.
    #[test]
    fn shares_are_those_of_what_a_thread_does() {
        const LOOKS: u64 = 400_000;
        for (rests, works) in [(20, 1), (20, 7), (3, 2), (100, 30)] {
            let (mut turns, mut last_asked, mut works_now) = (Turns::default(), 0, false);
            let (mut passed, mut worked) = (0_u64, 0_u64);
            for look in 0..LOOKS {
                let does_work = |look: u64| look % (rests + works) >= rests;
                match turns.next() {
                    Turn::Later => passed += 1,
                    Turn::Over => worked += u64::from(works_now),
                    Turn::Now => {
                        let has_moved = (last_asked..=look).any(does_work);
                        if has_moved {
                            turns.moved()
                        } else {
                            turns.rested()
                        }
                        (last_asked, works_now) = (look, does_work(look));
                        worked += u64::from(works_now) * (1 + std::mem::take(&mut passed));
                    }
                }
            }
            let (share, truth) = (worked as f64 / LOOKS as f64, works as f64 / (rests + works) as f64);
            // Of some 3,000 periods or more, each of which adds at most three looks too many or too few.
            assert!((share / truth - 1.0).abs() < 0.1, "{rests} and {works}: {share} instead of {truth}");
        }
    }
}
