//! Resources that live through everything that a report tells of them; then the program is killed, or ends. The tests are in
//! `tests/resource_report.rs`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use perf_runtime::{lazy_resource, profile};

/// At least 5 ms.
#[profile]
fn parse() {
    thread::sleep(Duration::from_millis(5));
}

#[lazy_resource(name = "config")]
static CONFIG: u32 = {
    parse();
    1
};

#[lazy_resource(name = "pool", retry(times = 1))]
static POOL: Result<u32, String> = {
    static TRIED: AtomicBool = AtomicBool::new(false);
    if TRIED.swap(true, Ordering::Relaxed) { Ok(*CONFIG + 1) } else { Err("not yet".into()) }
};

#[lazy_resource(name = "index", evict(idle = "1h"), weight = |words| words.capacity())]
static INDEX: Vec<u8> = {
    // Ready before, and noticed all the same.
    let _ = *CONFIG;
    Vec::with_capacity(1_000 + *POOL.try_get().unwrap() as usize - 2)
};

#[lazy_resource(name = "never", depends(INDEX))]
static NEVER: u32 = 0;

#[lazy_resource(name = "hung")]
static HUNG: u32 = {
    println!("ready");
    loop {
        thread::park();
    }
};

fn main() {
    CONFIG.warm().unwrap();
    let leases: Vec<_> = (0..7).map(|_| INDEX.lease()).collect();
    assert_eq!(leases[0].len(), 0);
    INDEX.evict();
    drop(leases);
    drop(INDEX.lease());
    if std::env::args().nth(1).as_deref() == Some("hang") {
        let _ = *HUNG.get();
    }
    // A resource that nobody used is in the report too.
    assert_eq!(NEVER.state(), perf_runtime::resource::ResourceState::Declared);
}
