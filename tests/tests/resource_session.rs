//! The end of a session, and the resources that end with it.

use std::sync::Mutex;

use perf_runtime::lazy_resource;
use perf_runtime::resource::resources;
use perf_tests::environment;

#[test]
fn the_end_of_a_session_is_not_that_of_what_was_there_before() {
    static CLOSED: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    #[lazy_resource(on_shutdown = |_| CLOSED.lock().unwrap().push("before"))]
    static BEFORE: u32 = 1;
    #[lazy_resource(on_shutdown = |_| CLOSED.lock().unwrap().push("within"))]
    static WITHIN: u32 = 1;

    environment::is_cleared();
    let closed = || CLOSED.lock().unwrap().clone();
    BEFORE.get();
    let session = perf_runtime::session().report(perf_runtime::Report::custom(|_| String::new())).start();
    WITHIN.get();
    drop(session);
    assert_eq!(closed(), ["within"]);
    resources().shutdown();
    assert_eq!(closed(), ["within", "before"]);
}
