use perf_runtime::profile;

#[profile]
macro_rules! m {
    () => {};
}

fn main() {
    m!();
}
