use perf_runtime::profile;

struct Order;

#[profile(label = order)]
fn f(order: &Order) {
    let _ = order;
}

fn main() {}
