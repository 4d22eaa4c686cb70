use perf_runtime::profile;

#[profile(timing = adaptive)]
async fn f() {}

fn main() {}
