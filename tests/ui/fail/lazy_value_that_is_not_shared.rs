use perf_runtime::lazy_resource;

#[lazy_resource]
static COUNT: std::cell::Cell<u32> = std::cell::Cell::new(1);

fn main() {}
