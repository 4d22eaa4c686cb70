use perf_runtime::profile_block;

async fn f() -> u32 {
    let inside = profile_block!("no wait", { async { g().await } });
    profile_block!("waits", { g().await + inside.await })
}

async fn g() -> u32 {
    1
}

fn main() {
    drop(f());
}
