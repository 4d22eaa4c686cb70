use perf_runtime::lazy_resource;

#[lazy_resource(retry(times = 2, max = "1s"))]
static COUNT: u32 = 1;

fn main() {}
