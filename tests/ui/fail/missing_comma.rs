use perf_runtime::profile;

#[profile(by_type name = "a")]
fn f<T>(_: T) {}

fn main() {}
