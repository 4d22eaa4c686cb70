use perf_runtime::profile;

#[profile(by_type, by_type)]
fn f<T>(_: T) {}

fn main() {}
