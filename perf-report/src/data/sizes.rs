//! Sizes that the calls of a row tell of: the rows of results, and the messages that wait in a channel.

use serde::Serialize;

/// Rows that a statement returned or changed, as far as the program told of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Rows {
    /// Results whose number of rows is known.
    pub results: u64,
    /// Rows of all of them.
    pub sum: u64,
    /// Most rows of one result.
    ///
    /// Of a stretch of time, it is that of the whole process.
    pub most: u64,
}

/// Messages that wait in the channels of a place, as one of their ends has seen it.
///
/// Depths are sampled: at the first message of a thread, at every 64th one after it, and at each wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Depth {
    /// Messages and waits for which the readings stand.
    pub messages: u64,
    /// The sum of the depths that they found.
    pub sum: u64,
    /// The greatest depth of all readings.
    ///
    /// Of a stretch of time, it is that of the whole process.
    pub deepest: u64,
    /// Most messages that one of the channels has room for; `None` if it has no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u64>,
    /// The depth that was read last.
    pub latest: u64,
}

impl Rows {
    /// Rows per result; 0 if there was none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        mean(self.sum, self.results)
    }

    /// Adds those of another process.
    pub(crate) fn add(&mut self, more: Rows) {
        self.results = self.results.saturating_add(more.results);
        self.sum = self.sum.saturating_add(more.sum);
        self.most = self.most.max(more.most);
    }

    /// Takes off those of an earlier moment.
    pub(super) fn subtract(&mut self, before: Rows) {
        self.results = self.results.saturating_sub(before.results);
        self.sum = self.sum.saturating_sub(before.sum);
    }
}

impl Depth {
    /// Messages that one of them found waiting, on average.
    #[must_use]
    pub fn mean(&self) -> f64 {
        mean(self.sum, self.messages)
    }

    /// Adds that of another process, or of the other end: the greater of two depths counts.
    pub(crate) fn add(&mut self, more: Depth) {
        self.messages = self.messages.saturating_add(more.messages);
        self.sum = self.sum.saturating_add(more.sum);
        self.deepest = self.deepest.max(more.deepest);
        self.capacity = self.capacity.max(more.capacity);
        self.latest = self.latest.max(more.latest);
    }

    /// Takes off that of an earlier moment.
    pub(super) fn subtract(&mut self, before: Depth) {
        self.messages = self.messages.saturating_sub(before.messages);
        self.sum = self.sum.saturating_sub(before.sum);
    }
}

fn mean(sum: u64, number: u64) -> f64 {
    if number == 0 { 0.0 } else { sum as f64 / number as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_add_up_and_the_greatest_stays() {
        let mut rows = Rows { results: 2, sum: 10, most: 9 };
        rows.add(Rows { results: 1, sum: u64::MAX, most: 4 });
        assert_eq!(rows, Rows { results: 3, sum: u64::MAX, most: 9 });
        rows.subtract(Rows { results: 1, sum: u64::MAX - 6, most: 4 });
        assert_eq!(rows, Rows { results: 2, sum: 6, most: 9 });
        assert_eq!((rows.mean(), Rows::default().mean()), (3.0, 0.0));
        let mut depth = Depth { messages: 4, sum: 8, deepest: 3, capacity: None, latest: 1 };
        depth.add(Depth { messages: 1, sum: 2, deepest: 64, capacity: Some(64), latest: 0 });
        assert_eq!(depth, Depth { messages: 5, sum: 10, deepest: 64, capacity: Some(64), latest: 1 });
        depth.subtract(Depth { messages: 4, sum: 9, deepest: 64, capacity: Some(64), latest: 5 });
        assert_eq!(depth, Depth { messages: 1, sum: 1, deepest: 64, capacity: Some(64), latest: 1 });
        assert_eq!(depth.mean(), 1.0);
    }
}
