use perf_runtime::lazy_resource;

#[lazy_resource]
fn words() -> impl Iterator<Item = u32> {
    0..3
}

fn main() {}
