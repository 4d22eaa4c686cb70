use perf_runtime::profile;

#[profile(name = "a")]
mod m {}

fn main() {}
