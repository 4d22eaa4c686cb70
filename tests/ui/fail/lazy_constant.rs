use perf_runtime::lazy_resource;

#[lazy_resource]
const COUNT: u32 = 1;

fn main() {}
