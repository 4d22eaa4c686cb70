use perf_runtime::profile;

#[profile(budget(p95 = "2ms"))]
fn f() {}

fn main() {}
