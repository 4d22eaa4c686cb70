use perf_runtime::profile;

#[profile(name = load)]
fn f() {}

fn main() {}
