use perf_runtime::profile;

#[profile(label)]
fn f(order: u64) {
    drop(order);
}

#[profile(label = , name = "g")]
fn g(order: u64) {
    drop(order);
}

fn main() {}
