use perf_runtime::profile;

#[profile(budget(p99 = "2"))]
fn f() {}

fn main() {}
