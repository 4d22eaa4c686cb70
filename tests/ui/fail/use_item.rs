use perf_runtime::profile;

#[profile]
pub use std::{fmt, io};

fn main() {}
