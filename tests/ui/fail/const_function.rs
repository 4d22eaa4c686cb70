use perf_runtime::profile;

#[profile]
const fn f() {}

fn main() {}
