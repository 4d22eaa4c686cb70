use perf_runtime::profile;

#[profile(nam = "a", budget(p99 = "2", p95 = "2ms", calls = 0), timing = never, by_type)]
pub const fn f(a: u32) -> u32 {
    a
}

// The function is there all the same: no error here.
pub const N: u32 = f(1);

fn main() {}
