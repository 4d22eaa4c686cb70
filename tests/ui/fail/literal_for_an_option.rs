use perf_runtime::profile;

#[profile("load")]
fn f() {}

fn main() {}
