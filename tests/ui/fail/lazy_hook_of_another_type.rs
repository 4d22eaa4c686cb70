use perf_runtime::lazy_resource;

#[lazy_resource(on_init = |value: &String| drop(value.len()))]
static COUNT: u32 = 1;

fn main() {}
