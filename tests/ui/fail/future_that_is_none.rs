use perf_runtime::profile;

#[profile(future)]
fn f() -> u32 {
    1
}

fn main() {}
