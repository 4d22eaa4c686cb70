//! Divan's output, which is all that it leaves: a tree of benchmarks with the fastest, the slowest and the median sample, the mean, and
//! the number of samples.

use std::{path::Path, time::SystemTime};

use super::{Benchmark, HarnessError, text};

/// Benchmarks in a file with divan's output, and when it was written.
pub(super) fn read(path: &Path) -> Result<(Vec<Benchmark>, SystemTime), HarnessError> {
    let (text, written) = text(path)?;
    let benchmarks = parse(&text).map_err(|wrong| HarnessError::Format(path.to_owned(), wrong))?;
    Ok((benchmarks, written))
}

/// Reads the trees in a text; lines of others are passed over.
fn parse(text: &str) -> Result<Vec<Benchmark>, String> {
    let mut benchmarks = Vec::new();
    // The names from the root of the tree to the line.
    let mut path: Vec<&str> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if let Some((root, _)) = line.split_once("fastest").filter(|(_, rest)| rest.contains("│ slowest")) {
            path = vec![root.trim()];
            continue;
        }
        let Some((depth, row)) = branch(line).filter(|_| !path.is_empty()) else { continue };
        // From the right, because a name may have the mark of a column in it.
        let mut cells: Vec<&str> = row.rsplitn(6, '│').map(str::trim).collect();
        cells.reverse();
        let [first, slowest, median, mean, samples, _] = cells[..] else {
            return Err(format!("line {number}: a row of the tree has {} columns instead of 6", cells.len()));
        };
        path.truncate(depth);
        if median.is_empty() {
            path.push(first);
            continue;
        }
        let unreadable = || format!("line {number}: {row:?} is not a name with four times and a number of samples");
        let (name, fastest) = split_time(first).ok_or_else(unreadable)?;
        let times = [fastest, slowest, median, mean].map(nanoseconds);
        let [Some(fastest), Some(slowest), Some(median), Some(mean)] = times else { return Err(unreadable()) };
        let samples: u64 = samples.parse().map_err(|_| unreadable())?;
        path.push(name);
        benchmarks.push(Benchmark {
            name: path.join("::"),
            samples: spread([fastest, median, slowest], samples),
            mean,
        });
    }
    Ok(benchmarks)
}

/// How deep a line is in the tree, from 1, and what stands behind its branch.
fn branch(line: &str) -> Option<(usize, &str)> {
    let (mut depth, mut rest) = (1, line);
    loop {
        if let Some(row) = rest.strip_prefix("├─ ").or_else(|| rest.strip_prefix("╰─ ")) {
            return Some((depth, row));
        }
        rest = rest.strip_prefix("│  ").or_else(|| rest.strip_prefix("   "))?;
        depth += 1;
    }
}

/// A name and the time behind it.
fn split_time(cell: &str) -> Option<(&str, &str)> {
    let (before, _unit) = cell.rsplit_once(' ')?;
    let (name, _) = before.rsplit_once(' ')?;
    Some((name.trim_end(), cell[name.len()..].trim()))
}

fn nanoseconds(text: &str) -> Option<f64> {
    let (value, unit) = text.split_once(' ')?;
    let unit = match unit {
        "ps" => 1e-3,
        "ns" => 1.0,
        "µs" | "us" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "m" => 60e9,
        "h" => 3_600e9,
        "d" => 86_400e9,
        _ => return None,
    };
    Some(value.parse::<f64>().ok().filter(|value| value.is_finite() && *value >= 0.0)? * unit)
}

/// Samples of which three are known: all others are taken as the median one.
fn spread([fastest, median, slowest]: [f64; 3], samples: u64) -> Vec<(f64, u64)> {
    match samples {
        0..=2 => vec![(median, 1)],
        _ => vec![(fastest, 1), (median, samples - 2), (slowest, 1)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As divan 0.1.21 printed it.
    const OUTPUT: &str = "Timer precision: 20 ns
with_divan     fastest       │ slowest       │ median        │ mean          │ samples │ iters
├─ args                      │               │               │               │         │
│  ├─ 5        11.89 ns      │ 11.97 ns      │ 11.93 ns      │ 11.93 ns      │ 100     │ 25600
│  ╰─ a │ b    47.91 ns      │ 48.08 ns      │ 47.93 ns      │ 47.98 ns      │ 100     │ 6400
├─ ignored     (ignored)     │               │               │               │         │
╰─ inner                     │               │               │               │         │
   ├─ bytes    325.1 ns      │ 326.4 ns      │ 326.4 ns      │ 325.9 ns      │ 100     │ 800
   │           3.075 GB/s    │ 3.062 GB/s    │ 3.062 GB/s    │ 3.067 GB/s    │         │
   ╰─ threads  125.5 ns      │ 1.013 µs      │ 126.1 ns      │ 135.1 ns      │ 2       │ 1600

";

    #[test]
    fn the_tree_is_read_with_the_paths_of_its_benchmarks() {
        let benchmarks = parse(&format!("running 0 tests\n{OUTPUT}other  text\n├─ no tree\n")).unwrap_err();
        assert!(benchmarks.starts_with("line 14: a row of the tree has 1 columns"), "{benchmarks}");
        let benchmarks = parse(OUTPUT).unwrap();
        let names: Vec<_> = benchmarks.iter().map(|benchmark| benchmark.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "with_divan::args::5",
                "with_divan::args::a │ b",
                "with_divan::inner::bytes",
                "with_divan::inner::threads"
            ]
        );
        assert_eq!(benchmarks[0].samples, [(11.89, 1), (11.93, 98), (11.97, 1)]);
        assert_eq!((benchmarks[3].mean, &*benchmarks[3].samples), (135.1, &[(126.1, 1)][..]));
    }

    #[test]
    fn times_have_units() {
        assert!((nanoseconds("1.013 µs").unwrap() - 1_013.0).abs() < 1e-6);
        assert_eq!(nanoseconds("2 s"), Some(2e9));
        assert_eq!([nanoseconds("3 GB/s"), nanoseconds("inf ns"), nanoseconds("")], [None; 3]);
    }

    #[test]
    fn no_tree_is_no_benchmark() {
        assert_eq!(parse("│ slowest\n├─ a 1 ns │ 1 ns\n").map(|all| all.len()), Ok(0));
    }
}
