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
    #[lazy_resource(evict, on_shutdown = |_| CLOSED.lock().unwrap().push("leased"))]
    static LEASED: u32 = 1;
    static LEASES: Mutex<Vec<Option<u64>>> = Mutex::new(Vec::new());

    environment::is_cleared();
    let closed = || CLOSED.lock().unwrap().clone();
    BEFORE.get();
    let told = |snapshot: &perf_report::Snapshot| {
        let leased = snapshot.resources.iter().filter(|resource| resource.name.ends_with("LEASED"));
        LEASES.lock().unwrap().extend(leased.map(|resource| resource.accesses));
        String::new()
    };
    let session = perf_runtime::session().report(perf_runtime::Report::custom(told)).start();
    WITHIN.get();
    (0..3).for_each(|_| assert_eq!(*LEASED.lease(), 1));
    drop(session);
    assert_eq!(closed(), ["leased", "within"]);
    assert_eq!(*LEASES.lock().unwrap(), [Some(3)], "that of the hook is no use of the value");
    resources().shutdown();
    assert_eq!(closed(), ["leased", "within", "before"]);
}
