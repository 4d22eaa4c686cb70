use perf_runtime::profile;

#[profile(crate = "perf_runtime")]
fn f() {}

fn main() {}
