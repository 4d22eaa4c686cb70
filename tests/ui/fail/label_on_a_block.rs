use perf_runtime::profile;

struct Shop;

#[profile(label = order)]
impl Shop {
    fn sell(&self, order: u64) {
        drop(order);
    }
}

fn main() {}
