use perf_runtime::lazy_resource;

#[lazy_resource(evict(idle = "30"))]
static COUNT: u32 = 1;

fn main() {}
