use perf_runtime::profile;

#[profile(crate)]
fn f() {}

fn main() {}
