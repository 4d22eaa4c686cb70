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
