//! Snapshots of programs that never ran, to be exported: here to our own readers, in `tests/exports` to the tools.

use perf_report::{Caller, Function, Futures, InFlight, Kind, Snapshot, StackNode, Stacks};

use crate::programs::{function, process};

/// A program with recursion, namesakes, a future and a function that never ran.
pub(crate) fn ordinary() -> Snapshot {
    let mut functions = vec![
        function("app::main", &[(9_000_000, 1)]),
        function("app::tree::visit", &[(1_000, 20), (40_000, 3)]),
        function("app::read", &[(2_500, 100)]),
        function("app::read", &[(700, 1)]),
        function("app::serve", &[(3_000_000, 1)]),
        Function::new("app::idle"),
    ];
    let places = [("main.rs", 3), ("tree.rs", 12), ("io.rs", 20), ("io.rs", 44), ("net.rs", 7), ("main.rs", 30)];
    for (function, (file, line)) in functions.iter_mut().zip(places) {
        (function.file, function.line) = (format!("src/{file}"), line);
    }
    functions[0].self_ns = 8_600_000;
    functions[0].callers = vec![Caller::new(None, 1, 9_000_000)];
    (functions[1].total_ns, functions[1].self_ns) = (120_000, 95_300);
    functions[1].callers = vec![Caller::new(Some(0), 3, 120_000), Caller::new(Some(1), 20, 0)];
    functions[2].callers = vec![Caller::new(Some(0), 90, 225_000), Caller::new(Some(1), 10, 25_000)];
    functions[3].callers = vec![Caller::new(Some(4), 1, 700)];
    functions[4].kind = Kind::Future;
    functions[4].self_ns = 1_300;
    functions[4].futures = Some(with!(Futures::default(), { started: 1, cancelled: 0, polls: 4, busy_ns: 2_000 }));
    functions[4].callers = vec![Caller::new(None, 1, 2_000)];
    let mut snapshot = process(4242, functions);
    snapshot.in_flight = vec![InFlight::new(0, "main", 5)];
    snapshot
}

/// Names with which a format could be broken, and that look alike when they are escaped.
pub(crate) fn hostile() -> Vec<String> {
    let mut names: Vec<String> = [
        "",
        " ",
        "(3)",
        "(3) app::f",
        "# comment",
        "fn=(1) app::f",
        "12 34",
        "calls=1 2",
        "app::f\nfn=(9) forged\n1 1000000",
        "app::f\r\n\tTag=forged,0,1,1,HISTF",
        "app::f\0\u{1b}[31m\u{7f}\u{85}",
        "app::\u{202e}f\u{2028}\u{feff}",
        "<A as B<C, D>>::f",
        "a,b;c d|e",
        "a%2Cb",
        "\"quoted\" 'n' \\back\\n",
        "{\"json\":1}<script>&amp;</script>",
        "größe::数える",
        "same",
        "same",
        "same#2",
        "file:name",
    ]
    .map(String::from)
    .into();
    names.push("long".repeat(2_500));
    names
}

/// A program of functions of these names, each with figures of its own.
pub(crate) fn named(names: &[String]) -> Snapshot {
    let functions = (1..).zip(names).map(|(number, name)| {
        let mut function = function(name, &[(1_000 * number, number)]);
        function.callers = vec![Caller::new(None, number, function.total_ns)];
        function
    });
    process(7, functions.collect())
}

/// The ordinary program with sampled stacks, recursive ones too: parents, functions, and samples of 2 ms.
pub(crate) fn sampled() -> Snapshot {
    let mut snapshot = ordinary();
    snapshot.stacks = Some(stacks(&[
        (None, None, 40),
        (Some(0), Some(0), 100),
        (Some(1), Some(1), 50),
        (Some(2), Some(1), 20),
        (Some(3), Some(2), 7),
        (Some(1), Some(2), 30),
        (Some(0), Some(4), 0),
        (Some(6), Some(3), 3),
    ]));
    snapshot
}

/// A program whose functions have these names, each of which was seen alone, as often as its number.
pub(crate) fn named_and_sampled(names: &[String]) -> Snapshot {
    let mut snapshot = named(names);
    let seen = (0..names.len()).map(|at| (Some(0), Some(at), at as u64 + 1));
    snapshot.stacks = Some(stacks(&std::iter::once((None, None, 0)).chain(seen).collect::<Vec<_>>()));
    snapshot
}

fn stacks(nodes: &[(Option<usize>, Option<usize>, u64)]) -> Stacks {
    const PERIOD_NS: u64 = 2_000_000;
    let node = |&(parent, function, samples): &(Option<usize>, Option<usize>, u64)| with!(StackNode::new(parent, function), { samples, ns: samples * PERIOD_NS });
    let nodes: Vec<StackNode> = nodes.iter().map(node).collect();
    let samples = nodes.iter().map(|node| node.samples).sum();
    with!(Stacks::default(), { period_ns: PERIOD_NS, looks: samples, watched_ns: samples * PERIOD_NS, samples, nodes })
}
