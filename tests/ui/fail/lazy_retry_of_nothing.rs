use perf_runtime::lazy_resource;

#[lazy_resource(retry(times = 0, backoff = "0ms"))]
static COUNT: u32 = 1;

fn main() {}
