use perf_runtime::lazy_resource;

#[lazy_resource(warm)]
static COUNT: u32 = async { 1 };

fn main() {}
