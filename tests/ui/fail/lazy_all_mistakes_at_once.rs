use perf_runtime::lazy_resource;

#[lazy_resource(naem = "a", warm, warm, retry(tims = 1), evict(idle = 30))]
static COUNT: u32 = 1;

fn main() {
    let _ = COUNT.lease();
}
