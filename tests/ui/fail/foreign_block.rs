use perf_runtime::profile;

#[profile]
unsafe extern "C" {
    fn abs(n: i32) -> i32;
}

fn main() {}
