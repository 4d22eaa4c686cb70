//! Cycles: an error that names every resource on it, in order, and never a deadlock.

use std::thread;
use std::time::Duration;

use perf_runtime::lazy_resource;
use perf_runtime::resource::ResourceError;

fn cycle(error: &ResourceError) -> Vec<String> {
    match error {
        ResourceError::Cycle { resources, .. } => resources.iter().map(|name| name.to_string()).collect(),
        other => panic!("no cycle: {other}"),
    }
}

#[test]
fn a_resource_that_needs_itself_is_a_cycle() {
    #[lazy_resource(name = "self")]
    static SELF: Result<u32, ResourceError> = SELF.try_get().map(|value| value + 1);

    let error = SELF.try_get().unwrap_err();
    assert_eq!(cycle(error.cause().unwrap()), ["self", "self"]);
}

#[test]
fn a_cycle_within_a_thread_names_every_resource_in_order() {
    #[lazy_resource(name = "a")]
    static A: Result<u32, ResourceError> = B.try_get().copied();
    #[lazy_resource(name = "b")]
    static B: Result<u32, ResourceError> = C.try_get().copied();
    #[lazy_resource(name = "c")]
    static C: Result<u32, ResourceError> = A.try_get().copied();

    let error = A.try_get().unwrap_err();
    let of_b = error.cause::<ResourceError>().unwrap();
    let of_c = of_b.cause::<ResourceError>().unwrap();
    let of_a = of_c.cause::<ResourceError>().unwrap();
    assert_eq!(cycle(of_a), ["a", "b", "c", "a"]);
}

#[test]
fn get_panics_with_the_cycle() {
    #[lazy_resource(name = "first")]
    static FIRST: u32 = *SECOND.get();
    #[lazy_resource(name = "second")]
    static SECOND: u32 = *FIRST.get();

    let panic = thread::spawn(|| *FIRST.get()).join().unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.contains("a cycle of resources, each of which waits for the next: first → second → first"), "{text}");
}

#[test]
fn a_cycle_across_threads_is_an_error_in_each_of_them() {
    // Each thread is in an initialiser of its own before it asks for the next one's.
    static MEETING: std::sync::Barrier = std::sync::Barrier::new(3);
    #[lazy_resource(name = "x")]
    static X: Result<u32, ResourceError> = {
        MEETING.wait();
        Y.try_get().copied()
    };
    #[lazy_resource(name = "y")]
    static Y: Result<u32, ResourceError> = {
        MEETING.wait();
        Z.try_get().copied()
    };
    #[lazy_resource(name = "z")]
    static Z: Result<u32, ResourceError> = {
        MEETING.wait();
        // Perhaps not the last to ask; whoever is, is told.
        thread::sleep(Duration::from_millis(5));
        X.try_get().copied()
    };

    let threads = [|| X.try_get().unwrap_err(), || Y.try_get().unwrap_err(), || Z.try_get().unwrap_err()];
    let errors: Vec<ResourceError> =
        threads.map(thread::spawn).into_iter().map(|thread| thread.join().unwrap()).collect();
    for error in errors {
        let mut last = error;
        while let Some(cause) = last.cause::<ResourceError>() {
            last = cause.clone();
        }
        let names = cycle(&last);
        assert_eq!(names.first(), names.last());
        let start = ["x", "y", "z"].iter().position(|name| *name == names[0]).unwrap();
        let expected: Vec<_> = (0..4).map(|step| ["x", "y", "z"][(start + step) % 3]).collect();
        assert_eq!(names, expected);
    }
}
