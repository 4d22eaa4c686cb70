use perf_runtime::profile;

#[profile]
mod elsewhere;

fn main() {}
