use perf_runtime::lazy_resource;

#[lazy_resource]
static CONFIG: u32 = 1;

fn main() {
    CONFIG.evict();
}
