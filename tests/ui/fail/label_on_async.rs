use perf_runtime::profile;

#[profile(label = order)]
async fn f(order: u64) {
    drop(order);
}

fn main() {}
