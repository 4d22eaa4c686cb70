use perf_runtime::profile;

#[profile(budget(calls = "1000"))]
fn f() {}

fn main() {}
