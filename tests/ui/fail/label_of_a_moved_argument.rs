use perf_runtime::profile;

#[profile(label = order)]
fn f(order: String) {
    drop(order);
}

fn main() {}
