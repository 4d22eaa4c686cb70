use perf_runtime::profile;

#[profile(by_type)]
fn f(a: impl Clone) -> impl Clone {
    a.clone()
}

fn main() {}
