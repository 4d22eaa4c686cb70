use perf_runtime::profile;

#[profile]
#[profile(name = "a")]
fn f() {}

fn main() {}
