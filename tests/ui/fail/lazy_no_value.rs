use perf_runtime::lazy_resource;

#[lazy_resource]
fn prepare() {}

fn main() {}
