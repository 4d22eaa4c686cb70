use perf_runtime::profile;

#[profile]
pub struct S {
    a: u32,
}

fn main() {}
