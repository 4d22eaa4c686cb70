//! Random graphs of dependencies, with initialisers that fail at first, against a model: everything is initialised once, after
//! what it depends on; what fails takes its dependents with it and nothing else; the teardown is the other way round.
//!
//! Resources are statics, so there are as many as the largest graph has; each run rewires them. They are evictable, so that a run
//! can leave them as it found them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use perf_runtime::lazy_resource;
use perf_runtime::resource::{EvictableResource, ResourceError, ResourceState, resources};
use proptest::prelude::*;

const MOST: usize = 8;

/// The wiring of this run.
static EDGES: Mutex<Vec<Vec<usize>>> = Mutex::new(Vec::new());
/// How often each still fails.
static FAILURES: [AtomicUsize; MOST] = [const { AtomicUsize::new(0) }; MOST];
static INITIALISED: Mutex<Vec<usize>> = Mutex::new(Vec::new());
static TORN_DOWN: Mutex<Vec<usize>> = Mutex::new(Vec::new());

fn make(node: usize) -> Result<usize, ResourceError> {
    let on = EDGES.lock().unwrap()[node].clone();
    for other in on {
        let _lease = RESOURCES[other].try_lease()?;
    }
    let fails = FAILURES[node].fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
    assert!(!fails, "node {node} fails");
    INITIALISED.lock().unwrap().push(node);
    Ok(node)
}

macro_rules! nodes {
    ($($name:ident = $number:literal),*) => {
        $(
            #[lazy_resource(evict, on_shutdown = |node| TORN_DOWN.lock().unwrap().push(*node))]
            static $name: Result<usize, ResourceError> = make($number);
        )*
        static RESOURCES: [&EvictableResource<usize, ResourceError>; MOST] = [$(&$name),*];
    };
}

nodes!(N0 = 0, N1 = 1, N2 = 2, N3 = 3, N4 = 4, N5 = 5, N6 = 6, N7 = 7);

/// For each node those it depends on, all of a lower number, so there is no cycle.
fn graphs() -> impl Strategy<Value = Vec<Vec<usize>>> {
    let node = |number: usize| prop::collection::vec(any::<prop::sample::Index>(), 0..=number.min(3));
    let nodes: Vec<_> = (0..MOST).map(node).collect();
    nodes.prop_map(|nodes| {
        let resolve = |(number, on): (usize, Vec<prop::sample::Index>)| {
            let mut on: Vec<usize> = on.into_iter().map(|index| index.index(number)).collect();
            on.sort_unstable();
            on.dedup();
            on
        };
        nodes.into_iter().enumerate().map(resolve).collect()
    })
}

/// All that `node` needs, itself included.
fn needs(edges: &[Vec<usize>], node: usize, all: &mut [bool; MOST]) {
    if !std::mem::replace(&mut all[node], true) {
        edges[node].iter().for_each(|on| needs(edges, *on, all));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_graphs_behave_as_the_model(edges in graphs(), asked in prop::collection::vec(0..MOST, 1..4), failing in prop::option::of(0..MOST)) {
        *EDGES.lock().unwrap() = edges.clone();
        if let Some(node) = failing {
            FAILURES[node].store(1, Ordering::Relaxed);
        }
        let mut needed = [false; MOST];
        asked.iter().for_each(|node| needs(&edges, *node, &mut needed));

        // At once, from threads of their own. A second time if somebody's initialiser failed.
        let ask = || -> Vec<Result<usize, ResourceError>> {
            thread::scope(|scope| {
                let threads: Vec<_> = asked.iter().map(|node| scope.spawn(|| RESOURCES[*node].try_lease().map(|lease| *lease))).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            })
        };
        let first = ask();
        for (node, result) in asked.iter().zip(&first) {
            let mut own = [false; MOST];
            needs(&edges, *node, &mut own);
            match result {
                Ok(value) => prop_assert_eq!(value, node),
                Err(error) => {
                    prop_assert!(failing.is_some_and(|failing| own[failing]), "only what needs the failing one fails");
                    let mut last = error;
                    while let Some(cause) = last.cause::<ResourceError>() {
                        last = cause;
                    }
                    let text = format!("panicked: node {} fails", failing.unwrap());
                    prop_assert!(last.to_string().contains(&text), "{}", last);
                }
            }
        }
        for result in ask() {
            prop_assert!(result.is_ok(), "the next access tries again");
        }

        // Once each, exactly what was needed, dependencies first.
        let initialised = std::mem::take(&mut *INITIALISED.lock().unwrap());
        let mut sorted = initialised.clone();
        sorted.sort_unstable();
        let expected: Vec<usize> = (0..MOST).filter(|node| needed[*node]).collect();
        prop_assert_eq!(sorted, expected);
        let place = |order: &[usize], node: usize| order.iter().position(|other| *other == node);
        for (node, on) in edges.iter().enumerate() {
            for other in on.iter().filter(|_| needed[node]) {
                prop_assert!(place(&initialised, *other) < place(&initialised, node));
            }
        }

        // The other way round. Edges of earlier runs are known too, and all lead to lower numbers as these do.
        resources().shutdown();
        let torn_down = std::mem::take(&mut *TORN_DOWN.lock().unwrap());
        prop_assert_eq!(torn_down.len(), initialised.len());
        for (node, on) in edges.iter().enumerate() {
            for other in on.iter().filter(|_| needed[node]) {
                prop_assert!(place(&torn_down, node) < place(&torn_down, *other));
            }
        }
        FAILURES.iter().for_each(|left| left.store(0, Ordering::Relaxed));
        for resource in RESOURCES {
            prop_assert_ne!(resource.state(), ResourceState::Ready);
        }
    }
}
