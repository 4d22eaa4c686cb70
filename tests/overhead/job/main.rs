//! The job: reads a file with the crate csv, and writes every record to nowhere. `cargo run -- job` builds it once for each way to
//! annotate the crate; the line with `_guard` is another one where a contender has to be started.
//!
//! usage: job FILE [record]

use std::{env, fs, io, time::Instant};

fn main() {
    let path = env::args().nth(1).expect("the file to read");
    let (job, on_processor) = {
        let _guard = ();
        let (start, on_processor) = (Instant::now(), on_processor_ms());
        copy(&path).expect("the file is sound");
        (start.elapsed(), on_processor_ms() - on_processor)
    };
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()).unwrap_or("0");
    println!("job_ms={} processor_ms={on_processor} peak_kib={peak}", job.as_secs_f64() * 1e3);
}

fn copy(path: &str) -> Result<u64, csv::Error> {
    let mut reader = csv::Reader::from_path(path)?;
    let mut writer = csv::Writer::from_writer(io::sink());
    let mut record = csv::StringRecord::new();
    let mut bytes = 0;
    while reader.read_record(&mut record)? {
        bytes += record.iter().map(|field| field.len() as u64).sum::<u64>();
        writer.write_record(&record)?;
    }
    Ok(bytes)
}

/// The time that this thread has had of a processor, in ms.
fn on_processor_ms() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok()).map_or(0.0, |ns| ns / 1e6)
}
