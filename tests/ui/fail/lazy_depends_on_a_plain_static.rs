use perf_runtime::lazy_resource;

static LIMIT: u32 = 1;

#[lazy_resource(depends(LIMIT))]
static COUNT: u32 = 1;

fn main() {}
