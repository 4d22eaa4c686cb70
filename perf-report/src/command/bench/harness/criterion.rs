//! Results of criterion: a folder per benchmark, in which `new` has the newest run. `benchmark.json` has its name, `sample.json` how
//! many iterations each sample had and how long they took.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use serde::Deserialize;

use super::{Benchmark, HarnessError, text};

#[derive(Deserialize)]
struct Name {
    full_id: String,
}

/// Iterations and nanoseconds of each sample.
#[derive(Deserialize)]
struct Samples {
    iters: Vec<f64>,
    times: Vec<f64>,
}

/// All benchmarks in a folder, by name, and when the newest was written.
pub(super) fn read(folder: &Path) -> Result<(Vec<Benchmark>, SystemTime), HarnessError> {
    let mut results = Vec::new();
    find(folder, &mut results)?;
    let mut newest = SystemTime::UNIX_EPOCH;
    let mut benchmarks = Vec::new();
    for result in results {
        let (name, _) = text(&result.join("benchmark.json"))?;
        let name: Name = parse(&result.join("benchmark.json"), &name)?;
        let path = result.join("sample.json");
        let (samples, written) = text(&path)?;
        let samples: Samples = parse(&path, &samples)?;
        newest = newest.max(written);
        benchmarks.push(benchmark(name.full_id, &samples).map_err(|wrong| HarnessError::Format(path, wrong))?);
    }
    benchmarks.sort_by(|one, other| one.name.cmp(&other.name));
    Ok((benchmarks, newest))
}

/// The folders `new` in a folder and those below it.
fn find(folder: &Path, results: &mut Vec<PathBuf>) -> Result<(), HarnessError> {
    let error = |error| HarnessError::Io(folder.to_owned(), error);
    for entry in fs::read_dir(folder).map_err(error)? {
        let entry = entry.map_err(error)?;
        // Links are not followed: they could lead round.
        if !entry.file_type().map_err(error)?.is_dir() {
            continue;
        }
        let path = entry.path();
        if entry.file_name() == "new" && path.join("sample.json").is_file() {
            results.push(path);
        } else {
            find(&path, results)?;
        }
    }
    Ok(())
}

fn parse<'a, T: Deserialize<'a>>(path: &Path, text: &'a str) -> Result<T, HarnessError> {
    serde_json::from_str(text).map_err(|error| HarnessError::Format(path.to_owned(), error.to_string()))
}

fn benchmark(name: String, samples: &Samples) -> Result<Benchmark, String> {
    let is_sound = |value: &f64| value.is_finite() && *value >= 0.0;
    let Samples { iters, times } = samples;
    if iters.len() != times.len() || iters.is_empty() {
        return Err(format!("it has {} numbers of iterations and {} times", iters.len(), times.len()));
    }
    if !times.iter().all(is_sound) || !iters.iter().all(|iterations| is_sound(iterations) && *iterations > 0.0) {
        return Err("a time or a number of iterations is not a positive number".into());
    }
    let mean = times.iter().sum::<f64>() / iters.iter().sum::<f64>();
    let each = iters.iter().zip(times).map(|(iterations, time)| (time / iterations, 1)).collect();
    Ok(Benchmark { name, samples: each, mean })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn the_newest_run_of_each_benchmark_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let sample = r#"{"sampling_mode":"Linear","iters":[10.0,20.0],"times":[150.0,330.0]}"#;
        for (place, name) in [("b", "b"), ("group_a/fib/8", "group/a/fib/8")] {
            put(
                folder.path(),
                &format!("{place}/new/benchmark.json"),
                &format!(r#"{{"full_id":"{name}","title":"x"}}"#),
            );
            put(folder.path(), &format!("{place}/new/sample.json"), sample);
            put(folder.path(), &format!("{place}/base/sample.json"), "an older run");
        }
        put(folder.path(), "report/index.html", "");
        let (benchmarks, written) = read(folder.path()).unwrap();
        assert!(written > SystemTime::UNIX_EPOCH);
        let names: Vec<_> = benchmarks.iter().map(|benchmark| benchmark.name.as_str()).collect();
        assert_eq!(names, ["b", "group/a/fib/8"]);
        assert_eq!((benchmarks[0].mean, &*benchmarks[0].samples), (16.0, &[(15.0, 1), (16.5, 1)][..]));
    }

    #[test]
    fn other_files_are_refused_with_their_place() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "b/new/benchmark.json", r#"{"full_id":"b"}"#);
        for (text, wrong) in [
            (r#"{"iters":[1.0],"times":[]}"#, "1 numbers of iterations and 0 times"),
            (r#"{"iters":[0.0],"times":[1.0]}"#, "not a positive number"),
            ("[]", "line 1"),
        ] {
            put(folder.path(), "b/new/sample.json", text);
            let error = read(folder.path()).unwrap_err().to_string();
            assert!(error.contains(wrong) && error.contains("sample.json"), "{error}");
        }
    }
}
