use perf_runtime::profile;

#[profile(future, label = order)]
fn f(order: u64) -> impl Future<Output = u64> {
    async move { order }
}

fn main() {}
