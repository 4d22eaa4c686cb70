use perf_runtime::profile;

#[profile(budget(p99 = "2ms", p99 = "3ms"))]
fn f() {}

fn main() {}
