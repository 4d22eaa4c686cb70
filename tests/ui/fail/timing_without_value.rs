use perf_runtime::profile;

#[profile(timing)]
fn f() {}

fn main() {}
