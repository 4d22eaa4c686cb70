use perf_runtime::profile;

#[profile(bugdet(p99 = "2ms"))]
fn f() {}

fn main() {}
