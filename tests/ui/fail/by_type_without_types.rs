use perf_runtime::profile;

#[profile(by_type)]
fn f(a: u32) -> u32 {
    a
}

fn main() {}
