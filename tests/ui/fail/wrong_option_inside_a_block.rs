use perf_runtime::profile;

struct S;

#[profile]
impl S {
    fn right(&self) {}

    #[profile(nmae = "a")]
    fn wrong(&self) {}
}

fn main() {}
