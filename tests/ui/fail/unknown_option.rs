use perf_runtime::profile;

#[profile(colour = "red")]
fn f() {}

fn main() {}
