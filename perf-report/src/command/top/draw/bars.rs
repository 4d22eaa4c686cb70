//! Values over time as small bars, the newest at the right.

const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One line of at most `columns` bars. The scale goes from 0 to the highest value shown; 0 is the lowest bar.
pub(super) fn line(values: &[f64], columns: usize) -> String {
    chart(values, columns, 1).concat()
}

/// `lines` lines of at most `columns` bars, from the top.
pub(super) fn chart(values: &[f64], columns: usize, lines: usize) -> Vec<String> {
    let seen = &values[values.len().saturating_sub(columns)..];
    let highest = seen.iter().copied().fold(0.0, f64::max);
    let eighths = |value: &f64| {
        let all = (lines * 8) as f64;
        // A value above 0 must be visible.
        if highest > 0.0 { (value.max(0.0) / highest * all).ceil().clamp(1.0, all) as usize } else { 1 }
    };
    let heights: Vec<usize> = seen.iter().map(eighths).collect();
    let bar = |height: usize, below: usize| match height.saturating_sub(below) {
        0 => ' ',
        part => HEIGHTS[part.min(8) - 1],
    };
    (0..lines).rev().map(|line| heights.iter().map(|&height| bar(height, line * 8)).collect()).collect()
}

/// The highest value in each of `columns` parts; all values if there are fewer.
pub(super) fn squeeze(values: &[f64], columns: usize) -> Vec<f64> {
    if values.len() <= columns {
        return values.to_vec();
    }
    let column = |number: usize| number * values.len() / columns;
    let highest = |number| values[column(number)..column(number + 1)].iter().copied().fold(0.0, f64::max);
    (0..columns).map(highest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_grow_from_zero_to_the_highest_value() {
        assert_eq!(line(&[0.0, 1.0, 4.0, 8.0], 10), "▁▁▄█");
        assert_eq!(line(&[9.0, 1.0, 4.0, 8.0], 3), "▁▄█", "the newest");
        assert_eq!(line(&[0.0, 0.0], 10), "▁▁");
        assert_eq!((line(&[], 10), line(&[1.0], 0)), (String::new(), String::new()));
        assert_eq!(line(&[f64::NAN, -1.0, f64::INFINITY], 3).chars().count(), 3);
        assert_eq!(chart(&[1.0, 8.0, 16.0], 3, 2), ["  █", "▁██"]);
    }

    #[test]
    fn squeezed_values_keep_their_peaks() {
        let values: Vec<f64> = (0..100).map(|n| if n == 37 { 9.0 } else { 1.0 }).collect();
        let squeezed = squeeze(&values, 10);
        assert_eq!((squeezed.len(), squeezed[3], squeezed[4]), (10, 9.0, 1.0));
        assert!(squeeze(&values, 0).is_empty());
    }
}
