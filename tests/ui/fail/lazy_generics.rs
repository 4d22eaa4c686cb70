use perf_runtime::lazy_resource;

#[lazy_resource]
fn make<T: Default>() -> T {
    T::default()
}

fn main() {}
