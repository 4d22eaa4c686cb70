use perf_runtime::profile;

#[profile]
const N: u32 = 1;

fn main() {}
