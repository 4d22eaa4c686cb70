use perf_runtime::profile;

#[profile]
static N: u32 = 1;

fn main() {}
