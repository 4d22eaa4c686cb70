use perf_runtime::lazy_resource;

#[lazy_resource]
const unsafe extern "C" fn make() -> u32 {
    1
}

fn main() {}
