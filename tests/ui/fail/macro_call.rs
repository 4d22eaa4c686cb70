use perf_runtime::profile;

macro_rules! m {
    () => {
        fn f() {}
    };
}

#[profile]
m!();

fn main() {
    f();
}
