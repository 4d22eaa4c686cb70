use perf_runtime::profile;

unsafe extern "C" {
    #[profile]
    fn abs(n: i32) -> i32;
}

fn main() {}
