use perf_runtime::lazy_resource;

#[lazy_resource]
fn open(path: &str) -> String {
    path.to_owned()
}

fn main() {}
