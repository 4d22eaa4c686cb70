use perf_runtime::lazy_resource;

#[lazy_resource(evict)]
static INDEX: Vec<u32> = vec![1];

fn main() {
    let _: &'static Vec<u32> = INDEX.get();
}
