use perf_runtime::{lazy_resource, profile};

#[profile(budget(calls = 18446744073709551616))]
fn f() {}

#[lazy_resource(retry(times = 4294967296))]
static COUNT: u32 = 1;

fn main() {}
