use perf_runtime::lazy_resource;

#[lazy_resource(timeout = "1s")]
static COUNT: u32 = 1;

fn main() {}
