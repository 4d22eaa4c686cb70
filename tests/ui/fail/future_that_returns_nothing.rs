use perf_runtime::profile;

#[profile(future)]
fn f() {}

fn main() {}
