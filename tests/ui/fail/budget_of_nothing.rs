use perf_runtime::profile;

#[profile(budget(max = "0s"))]
fn f() {}

fn main() {}
