use perf_runtime::profile;

#[profile(budget(p99 = "2 days"))]
fn f() {}

fn main() {}
