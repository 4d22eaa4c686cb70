use perf_runtime::profile;

#[profile(skip, name = "a")]
fn f() {}

fn main() {}
