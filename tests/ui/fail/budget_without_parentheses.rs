use perf_runtime::profile;

#[profile(budget = "2ms")]
fn f() {}

fn main() {}
