use perf_runtime::lazy_resource;

#[lazy_resource]
static PORT: Result<u16, std::num::ParseIntError> = "80".parse();

fn main() {
    let _ = PORT.get();
}
