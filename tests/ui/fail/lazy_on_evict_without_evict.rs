use perf_runtime::lazy_resource;

#[lazy_resource(on_evict = |_| {})]
static COUNT: u32 = 1;

fn main() {}
