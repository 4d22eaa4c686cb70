use perf_runtime::profile;

#[profile(timing = adaptive, label = order)]
fn f(order: u64) {
    drop(order);
}

fn main() {}
