use perf_runtime::profile;

#[profile(timing = sampled)]
fn f() {}

fn main() {}
