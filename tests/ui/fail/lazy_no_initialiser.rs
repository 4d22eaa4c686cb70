use perf_runtime::lazy_resource;

#[lazy_resource]
static COUNT: u32;

fn main() {}
