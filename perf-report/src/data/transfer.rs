//! Figures that only files, streams and requests have.

use serde::Serialize;

/// The bytes that the calls of a row moved, and calls that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Transfer {
    /// Bytes read, written, or answered, as far as their number was known.
    pub bytes: u64,
    /// Calls that returned an error.
    pub failed: u64,
}

/// The answers of requests by class of their status; all others succeeded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Statuses {
    /// Answers from 300 to 399.
    pub redirections: u64,
    /// Answers from 400 to 499.
    pub client_errors: u64,
    /// Answers from 500 to 599.
    pub server_errors: u64,
}

impl Transfer {
    fn figures(&mut self) -> [&mut u64; 2] {
        [&mut self.bytes, &mut self.failed]
    }

    /// Adds those of another process.
    pub(super) fn add(&mut self, mut more: Transfer) {
        add(self.figures(), more.figures());
    }

    /// Takes off those of an earlier moment.
    pub(super) fn subtract(&mut self, mut before: Transfer) {
        subtract(self.figures(), before.figures());
    }
}

impl Statuses {
    fn figures(&mut self) -> [&mut u64; 3] {
        [&mut self.redirections, &mut self.client_errors, &mut self.server_errors]
    }

    /// Adds those of another process.
    pub(super) fn add(&mut self, mut more: Statuses) {
        add(self.figures(), more.figures());
    }

    /// Takes off those of an earlier moment.
    pub(super) fn subtract(&mut self, mut before: Statuses) {
        subtract(self.figures(), before.figures());
    }
}

fn add<const N: usize>(sums: [&mut u64; N], more: [&mut u64; N]) {
    sums.into_iter().zip(more).for_each(|(sum, more)| *sum = sum.saturating_add(*more));
}

fn subtract<const N: usize>(sums: [&mut u64; N], before: [&mut u64; N]) {
    sums.into_iter().zip(before).for_each(|(sum, before)| *sum = sum.saturating_sub(*before));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_add_up_and_are_subtracted() {
        let mut transfer = Transfer { bytes: u64::MAX - 1, failed: 1 };
        transfer.add(Transfer { bytes: 5, failed: 2 });
        assert_eq!(transfer, Transfer { bytes: u64::MAX, failed: 3 });
        let mut statuses = Statuses { redirections: 1, client_errors: 2, server_errors: 3 };
        statuses.add(Statuses { redirections: 4, client_errors: 5, server_errors: 6 });
        statuses.subtract(Statuses { redirections: 9, client_errors: 2, server_errors: 3 });
        assert_eq!(statuses, Statuses { redirections: 0, client_errors: 5, server_errors: 6 });
    }
}
