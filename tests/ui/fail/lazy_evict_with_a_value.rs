use perf_runtime::lazy_resource;

#[lazy_resource(evict = "30s")]
static COUNT: u32 = 1;

fn main() {}
