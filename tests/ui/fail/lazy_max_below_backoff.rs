use perf_runtime::lazy_resource;

#[lazy_resource(retry(times = 2, backoff = "1s", max = "500ms"))]
static COUNT: u32 = 1;

fn main() {}
