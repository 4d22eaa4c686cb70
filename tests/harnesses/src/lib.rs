//! A function to measure in three ways.

use perf_runtime::profile;

/// The sum of the digits of all numbers below `end`.
#[profile]
#[inline(never)]
pub fn digits(end: u64) -> u64 {
    (0..end).map(of_one).sum()
}

/// The sum of the digits of a number. It has no symbol of its own.
#[profile]
#[inline(always)]
fn of_one(number: u64) -> u64 {
    let mut sum = 0;
    for digit in number.to_string().bytes() {
        sum += u64::from(digit - b'0');
    }
    sum
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
