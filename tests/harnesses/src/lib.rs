//! A function to measure in three ways.

use perf_runtime::profile;

/// The sum of the digits of all numbers below `end`.
#[profile]
#[inline(never)]
pub fn digits(end: u64) -> u64 {
    (0..end).map(|number| number.to_string().bytes().map(|digit| u64::from(digit - b'0')).sum::<u64>()).sum()
}

#[cfg(test)]
mod tests {
    #[test]
    fn few() {
        assert_eq!(super::digits(10), 45);
    }

    #[test]
    fn many() {
        assert_eq!(super::digits(100), 900);
    }
}
