use perf_runtime::lazy_resource;

#[lazy_resource(on_init = "log")]
static COUNT: u32 = 1;

fn main() {}
