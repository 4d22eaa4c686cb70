use perf_runtime::lazy_resource;

#[lazy_resource]
struct Pool;

fn main() {}
