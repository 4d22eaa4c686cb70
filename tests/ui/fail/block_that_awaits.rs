use perf_runtime::profile_block;

async fn f() -> u32 {
    profile_block!("waits", { g(1).await + g(g(2).await).await });
    profile_block!("waits inside", {
        println!("{}", g(3).await);
        if g(4).await > 3 { g(5).await } else { [g(6).await; 2][0] }
    });
    profile_block!("waits for what it made", {
        let block = async { g(7).await };
        let closure = async |n| g(n).await;
        block.await + closure(8).await
    })
}

async fn g(n: u32) -> u32 {
    n
}

fn main() {
    drop(f());
}
