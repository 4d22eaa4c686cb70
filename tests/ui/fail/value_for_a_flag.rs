use perf_runtime::profile;

#[profile(skip = true)]
fn f() {}

fn main() {}
