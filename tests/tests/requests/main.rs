//! The feature `http`: requests that a server answers, and requests to other services.

mod clients;
mod servers;

use std::sync::Once;

use perf_report::{Function, Snapshot};

fn recorded() {
    static START: Once = Once::new();
    START.call_once(|| {
        perf_tests::environment::is_cleared();
        perf_runtime::enable();
    });
}

fn snapshot() -> Snapshot {
    perf_runtime::snapshot().expect("it records")
}

#[track_caller]
fn row<'a>(snapshot: &'a Snapshot, name: &str) -> &'a Function {
    let names = || snapshot.functions.iter().map(|function| &function.name).collect::<Vec<_>>();
    let found = snapshot.functions.iter().find(|function| function.name == name);
    found.unwrap_or_else(|| panic!("no row {name} in {:?}", names()))
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
