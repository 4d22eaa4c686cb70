use perf_runtime::lazy_resource;

#[lazy_resource(depends())]
static COUNT: u32 = 1;

fn main() {}
