use super::*;
use crate::{Function, StackNode, Stacks};

/// Two threads: `main` runs in `app::parse` and waits in `app::lock`, `worker` waits without a call. Names may hold anything.
pub(crate) fn some() -> StackProfile {
    let mut main = Frame::named("app::main");
    (main.file, main.line) = ("src/main.rs".into(), 12);
    main.figures = Some(Figures { calls: 7, p50_ns: 1_000, p99_ns: 2_000 });
    let mut profile = StackProfile {
        program: "app".into(),
        pid: 42,
        looks: Looks { period_ns: 2_000_000, watched_ns: 100_000_000, looks: 50, samples: 100, ..Looks::default() },
        threads: vec![
            Thread { name: "main".into(), tid: 42 },
            Thread { name: "wor\u{1b}[31mker;\n\"<b>\"".into(), tid: 43 },
        ],
        frames: vec![main, Frame::named("app::parse::<[u8; 3]>"), Frame::named("app::lock\n\u{1b}\"</script>")],
        ..StackProfile::default()
    };
    let mut tree = TreeBuilder::new(&mut profile);
    let root = tree.root(Some(0));
    let main = tree.child(root, 0);
    let parse = tree.child(main, 1);
    let lock = tree.child(main, 2);
    let worker = tree.root(Some(1));
    tree.add(main, &Weights::of(ThreadState::Running, 10_000_000, 5));
    tree.add(parse, &Weights::of(ThreadState::Running, 50_000_000, 25));
    tree.add(parse, &Weights::of(ThreadState::Runnable, 2_000_000, 1));
    tree.add(lock, &Weights::of(ThreadState::Waiting, 38_000_000, 19));
    tree.add(worker, &Weights::of(ThreadState::Waiting, 100_000_000, 50));
    profile
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn totals_are_those_of_all_below() {
    let profile = some();
    let totals = profile.totals();
    let ns: Vec<u64> = totals.iter().map(Weights::all_ns).collect();
    assert_eq!(ns, [100_000_000, 100_000_000, 52_000_000, 38_000_000, 100_000_000]);
    assert_eq!(profile.all().all_samples(), 100);
    assert_eq!(totals[1].ns(ThreadState::Waiting), 38_000_000);
    assert_eq!(profile.path(3), [0, 1, 3]);
    assert_eq!((profile.name(0), profile.name(1)), ("main (42)".into(), "app::main".into()));
}

#[test]
fn a_recursive_call_counts_once_per_stack() {
    let mut profile = some();
    let mut tree = TreeBuilder::new(&mut profile);
    let again = tree.child(2, 0);
    tree.add(again, &Weights::of(ThreadState::Running, 7, 1));
    let ns: Vec<u64> = profile.by_frame().iter().map(Weights::all_ns).collect();
    assert_eq!(ns, [100_000_007, 52_000_007, 38_000_000]);
}

#[test]
fn one_tree_for_all_threads_has_the_same_sum() {
    let merged = some().merged();
    assert_eq!(merged.all(), some().all());
    assert!(!merged.has_threads() && some().has_threads());
    assert_eq!(merged.nodes.iter().filter(|node| node.parent.is_none()).count(), 1);
    assert_eq!(merged.nodes[0].own.ns(ThreadState::Waiting), 100_000_000, "the worker had no call");
}

#[test]
fn states_become_frames_where_there_are_several() {
    let profile = some().with_states_as_frames();
    assert_eq!(profile.all(), some().all());
    let leaves: Vec<String> = (5..profile.nodes.len()).map(|node| profile.name(node).into_owned()).collect();
    assert_eq!(leaves, ["[runnable]", "[waiting]", "[waiting]"]);
    assert!(profile.nodes[..5].iter().all(|node| node.own.ns(ThreadState::Waiting) == 0));
    let waiting = some().only(&[ThreadState::Waiting]);
    assert_eq!((waiting.all().all_ns(), waiting.all().all_samples()), (138_000_000, 69));
    assert_eq!(waiting.with_states_as_frames(), waiting, "all of it is waiting");
}

#[test]
fn own_samples_have_no_state_and_recursion_stays() {
    let mut snapshot = Snapshot::empty();
    assert_eq!(StackProfile::of_own_samples(&snapshot), None);
    snapshot.functions = vec![Function::new("a"), Function::new("b")];
    let node = |parent, function, ns| StackNode { ns, samples: 1, ..StackNode::new(parent, function) };
    let nodes = vec![
        node(None, None, 1),
        node(Some(0), Some(0), 2),
        node(Some(1), Some(0), 4),
        node(Some(2), Some(1), 8),
        node(Some(9), Some(1), 16),
        node(Some(1), Some(7), 32),
    ];
    snapshot.stacks = Some(Stacks { samples: 6, nodes, ..Stacks::default() });
    let profile = StackProfile::of_own_samples(&snapshot).expect("there are stacks");
    let chains: Vec<(Vec<String>, u64)> = (0..profile.nodes.len())
        .map(|at| (profile.path(at)[1..].iter().map(|&node| profile.name(node).into_owned()).collect(), at))
        .map(|(names, at)| (names, profile.nodes[at].own.ns(ThreadState::Unknown)))
        .collect();
    let expected: [(&[&str], u64); 5] = [(&[], 1), (&["a"], 34), (&["a", "a"], 4), (&["a", "a", "b"], 8), (&["b"], 16)];
    assert_eq!(chains.len(), 5);
    for ((names, ns), (expected, expected_ns)) in chains.iter().zip(expected) {
        assert_eq!((names.as_slice(), *ns), (owned(expected).as_slice(), expected_ns));
    }
}

/// Calls of two functions at such lines, the first for 1 ms and the second for 2 ms.
fn two(names: [&str; 2], lines: [u32; 2]) -> StackProfile {
    let frames = names.iter().zip(lines).map(|(name, line)| Frame { line, ..Frame::named(*name) }).collect();
    let mut profile = StackProfile { frames, ..StackProfile::default() };
    let mut tree = TreeBuilder::new(&mut profile);
    let root = tree.root(None);
    for frame in 0..2 {
        let node = tree.child(root, frame);
        tree.add(node, &Weights::of(ThreadState::Running, 1_000_000 * (frame as u64 + 1), 1));
    }
    profile
}

#[test]
fn functions_that_moved_are_the_same_and_namesakes_go_by_their_order() {
    let before = two(["app::a", "app::b"], [10, 20]);
    let sum = before.plus(&two(["app::b", "app::a"], [23, 13]));
    let ns = |profile: &StackProfile| profile.by_frame().iter().map(Weights::all_ns).collect::<Vec<u64>>();
    assert_eq!((sum.frames.len(), ns(&sum)), (2, vec![3_000_000, 3_000_000]));
    let namesakes = two(["app::f", "app::f"], [10, 20]).plus(&two(["app::f", "app::f"], [24, 14]));
    assert_eq!((namesakes.frames.len(), ns(&namesakes)), (2, vec![3_000_000, 3_000_000]));
    let (before, after) = aligned(&before, &two(["app::b", "app::c"], [20, 10]));
    assert_eq!(after.frames.len(), 3);
    // In the order of the later one: b, c, a.
    assert_eq!((ns(&before), ns(&after)), (vec![2_000_000, 0, 1_000_000], vec![1_000_000, 2_000_000, 0]));
}

#[test]
fn functions_that_get_one_name_become_one() {
    let renamed = two(["a;b", "a:b"], [1, 2]).renamed(|name| name.replace(';', ":"));
    assert_eq!((renamed.frames.len(), renamed.nodes.len()), (1, 2));
    assert_eq!(renamed.all().all_ns(), 3_000_000);
}
