use perf_runtime::profile;

#[profile(future)]
async fn f() {}

fn main() {}
