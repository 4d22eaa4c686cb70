use perf_runtime::profile;

struct S;

#[profile(future)]
impl S {}

fn main() {}
