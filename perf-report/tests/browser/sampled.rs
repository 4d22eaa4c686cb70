//! The call graph of the report where stacks were sampled, and where they were not.

use perf_report::{Caller, Function, Snapshot, StackNode, Stacks};

use super::Page;

/// main and serve call parse; by the edges alone nobody knows that only serve's parse calls word.
fn snapshot() -> Snapshot {
    let mut snapshot = Snapshot::empty();
    let function = |name: &str, calls: u64, callers: &[(Option<usize>, u64)]| {
        let mut function = Function::new(name);
        function.latency.record(1_000, calls);
        (function.calls, function.timed_calls, function.total_ns, function.self_ns) =
            (calls, calls, calls * 1_000, calls * 500);
        function.callers = callers.iter().map(|&(caller, calls)| Caller::new(caller, calls, calls * 1_000)).collect();
        function
    };
    snapshot.functions = vec![
        function("app::main", 1, &[(None, 1)]),
        function("app::serve", 1, &[(None, 1)]),
        function("app::parse", 100, &[(Some(0), 50), (Some(1), 50)]),
        function("app::word", 80, &[(Some(2), 80)]),
    ];
    snapshot
}

fn stacks() -> Stacks {
    let node = |parent, function, samples| {
        let mut node = StackNode::new(parent, function);
        (node.samples, node.ns) = (samples, samples * 1_000_000);
        node
    };
    let mut stacks = Stacks::default();
    stacks.samples = 100;
    stacks.nodes = vec![
        node(None, None, 10),
        node(Some(0), Some(0), 10),
        node(Some(1), Some(2), 20),
        node(Some(0), Some(1), 5),
        node(Some(3), Some(2), 15),
        node(Some(4), Some(3), 40),
    ];
    stacks
}

#[test]
fn sampled_stacks_are_the_true_tree() {
    let mut snapshot = snapshot();
    snapshot.stacks = Some(stacks());
    let page = Page::of(&snapshot);
    assert_eq!(page.each("#flame .frame", "e.textContent"), ["serve", "parse", "word", "main", "parse"]);
    let titles = page.each("#flame .frame", "e.title");
    assert_eq!(titles[1], "app::parse\n55.0 ms, 61.1% of all, 55 samples");
    assert!(page.text("#graph-hint").starts_with("The stacks that were sampled"));
    page.browser.click("[data-tab=tree]");
    assert!(page.text("#tree").contains("40 samples"), "{}", page.text("#tree"));
    page.end();
}

#[test]
fn without_stacks_the_page_says_that_the_tree_is_unrolled() {
    let page = Page::of(&snapshot());
    // Both branches have all that parse calls, though only one of them does.
    assert_eq!(page.each("#flame .frame", "e.textContent").iter().filter(|name| *name == "word").count(), 2);
    assert!(page.text("#graph-hint").starts_with("No stacks were sampled (PERF_STACKS), so this is unrolled"));
    page.end();
}
