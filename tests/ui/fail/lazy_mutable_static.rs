use perf_runtime::lazy_resource;

#[lazy_resource]
static mut COUNT: u32 = 1;

fn main() {}
