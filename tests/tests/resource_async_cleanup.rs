//! Clean-up that needs an executor.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use perf_runtime::lazy_resource;
use perf_runtime::resource::resources;
use tokio::runtime::Handle;

static CLOSED: AtomicU32 = AtomicU32::new(0);

struct Client {
    executor: Handle,
}

impl Client {
    async fn close(&self) {
        tokio::time::sleep(Duration::from_millis(1)).await;
        CLOSED.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_hook_blocks_on_the_executor_of_its_value() {
    #[lazy_resource(on_shutdown = |client| client.executor.block_on(client.close()))]
    static CLIENT: Client = async { Client { executor: Handle::current() } };

    let executor = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    executor.block_on(CLIENT.get());
    resources().shutdown();
    assert_eq!(CLOSED.load(Ordering::Relaxed), 1);
}
