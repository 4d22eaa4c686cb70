//! `serve`, asked over HTTP as strangers ask it. The recordings are written by hand, and a lock on one is its living process.
#![cfg(all(feature = "command", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod answers;
mod collector;
mod folders;
mod limits;
mod listener;
#[allow(dead_code, reason = "each test file needs some of it")]
#[path = "../programs/mod.rs"]
mod programs;
mod remote;
mod server;
#[allow(dead_code, reason = "each test file needs some of it")]
#[path = "../support/mod.rs"]
mod support;

use std::{fs::File, path::Path};

use perf_report::recording::layout::{header, slot};
use programs::Folder;
use support::Writer;

/// A recording whose process runs as long as the file is open.
fn running(folder: &Folder, name: &str, writer: &Writer) -> File {
    let path = folder.path(name);
    write_running(&path, writer);
    let file = File::open(&path).unwrap();
    file.lock().unwrap();
    file
}

/// Writes a recording that was not closed, over what is there.
fn write_running(path: &Path, writer: &Writer) {
    let mut words = writer.words.clone();
    words[header::STATE] = header::STATE_RUNNING;
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
    std::fs::write(path, bytes).unwrap();
}

/// A program whose function `app::work` did so many calls of 1,000 ns.
fn program(calls: u64) -> Writer {
    let mut writer = Writer::new();
    let work = writer.function("app::work");
    let shard = writer.shard(100, "main");
    let slot = writer.slot(shard, work);
    writer.calls(slot, &[2_000, 2_000]);
    writer.bucket(slot, 1_000, calls - 2);
    writer.set(slot, slot::SUM, calls * 2_000);
    writer
}

/// The value of a series, whose labels are written as they are.
fn value(metrics: &str, series: &str) -> Option<f64> {
    metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
}

/// The labels of `app::work` in a recording.
fn work(recording: &str) -> String {
    format!(
        r#"{{program="wordcount",pid="4242",recording="{recording}",function="app::work",module="app",timing="exact",kind="function"}}"#
    )
}
