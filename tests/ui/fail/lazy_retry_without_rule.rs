use perf_runtime::lazy_resource;

#[lazy_resource(retry)]
static COUNT: u32 = 1;

fn main() {}
