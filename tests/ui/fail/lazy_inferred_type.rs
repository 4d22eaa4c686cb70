use perf_runtime::lazy_resource;

#[lazy_resource]
static COUNT: _ = 1;

fn main() {}
