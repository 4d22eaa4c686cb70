use perf_runtime::profile;

#[profile]
enum E {
    A,
}

fn main() {}
