//! Variables that nobody reads, because their names are not quite those of ours.

/// Most letters that make the difference.
const MOST: usize = 2;

/// The variable that a name was probably meant to be. Others use the prefix `PERF_` too, and their variables are not looked at
/// unless they come close.
pub(super) fn meant(name: &str, ours: &[&'static str]) -> Option<&'static str> {
    if !name.starts_with("PERF_") || ours.contains(&name) {
        return None;
    }
    let nearest = ours.iter().map(|own| (distance(name, own), *own)).min()?;
    (nearest.0 <= MOST).then_some(nearest.1)
}

/// The number of letters to insert, remove or replace (V. I. Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[row.len() - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_close_is_meant_and_nothing_else() {
        let ours = ["PERF_REPORT", "PERF_RECORDING", "PERF_ALERT", "PERF_CLOCK"];
        let meant = |name: &str| meant(name, &ours);
        assert_eq!(meant("PERF_REPROT"), Some("PERF_REPORT"));
        assert_eq!(meant("PERF_REPORTS"), Some("PERF_REPORT"));
        assert_eq!(meant("PERF_ALERTS"), Some("PERF_ALERT"));
        assert_eq!(meant("PERF_RECORDIG"), Some("PERF_RECORDING"));
        // Ours, and what the tool of Linux reads, and what is no variable of this kind.
        for other in
            ["PERF_REPORT", "PERF_PAGER", "PERF_CONFIG", "PERF_COLOR", "PERF_BUILDID_DIR", "PREF_REPORT", "PERF_"]
        {
            assert_eq!(meant(other), None, "{other}");
        }
    }
}
