//! The tree of stacks in a recording: every look is in it, at the chain of calls that was in flight.

use perf_report::Stacks;
use perf_report::recording::layout::stacks::{CHUNK_COUNT, NODE_COUNT};

use super::super::StackTree;
use super::*;

/// The stacks of a recording, which add up.
fn stacks(recording: &Recording) -> Stacks {
    let stacks = snapshot(recording).stacks.expect("stacks were sampled");
    assert_eq!(stacks.samples, stacks.nodes.iter().map(|node| node.samples).sum::<u64>());
    for (at, node) in stacks.nodes.iter().enumerate() {
        assert!(if at == 0 { node.parent.is_none() } else { node.parent.is_some_and(|parent| parent < at) });
    }
    stacks
}

/// The chains that samples were taken of, from the innermost call outwards, with samples and ns.
fn chains(stacks: &Stacks) -> Vec<(Vec<usize>, u64, u64)> {
    let nodes = stacks.nodes.iter().enumerate().filter(|(_, node)| node.samples > 0);
    nodes.map(|(at, node)| (stacks.chain(at).collect(), node.samples, node.ns)).collect()
}

#[test]
fn each_look_adds_the_calls_in_flight_of_every_thread() {
    let recording = recording(1 << 18);
    let sites: Vec<usize> = (0..3).map(|_| add_function(&recording).unwrap()).collect();
    let mut tree = StackTree::of(&recording, 1_000).unwrap();
    tree.look(20);
    let shards = [recording.acquire_shard().unwrap(), recording.acquire_shard().unwrap()];
    let slots =
        shards.map(|shard| sites.iter().map(|&site| slot(&recording, shard, site).unwrap()).collect::<Vec<_>>());
    tree.look(20);
    let call =
        |thread: usize, function: usize, tick| begin(shards[thread], slots[thread][function], sites[function], tick);
    call(0, 0, 2_000);
    tree.look(40);
    call(0, 1, 2_100);
    call(0, 1, 2_200);
    call(1, 2, 2_300);
    tree.look(60);
    end(&recording, shards[0], slots[0][1], 2_200, 2_400);
    // A tree that is found again goes on.
    let mut tree = StackTree::of(&recording, 2_000).unwrap();
    tree.look(80);
    recording.release_shard(shards[1]);
    tree.look(2);

    let stacks = stacks(&recording);
    let expected = [
        // Both threads, then one: samples, and half as many ns as ticks.
        (vec![], 3, 10 + 10 + 20),
        (vec![0], 1, 20),
        (vec![1, 1, 0], 1, 30),
        (vec![2], 2, 30 + 40),
        (vec![1, 0], 2, 40 + 1),
    ];
    let mut found = chains(&stacks);
    found.sort_by_key(|chain| expected.iter().position(|expected| expected.0 == chain.0));
    assert_eq!(found, expected);
    assert_eq!((stacks.period_ns, stacks.looks, stacks.samples), (2_000, 6, 9));
    assert_eq!((stacks.in_motion, stacks.folded, stacks.cut), (0, 0, 0));
    assert_eq!(stacks.watched_ns, (20 + 20 + 40 + 60 + 80 + 2) / 2);
}

#[test]
fn a_stack_as_high_as_can_be_is_one_of_its_outer_calls_and_the_innermost() {
    let recording = recording(1 << 18);
    let site = add_function(&recording).unwrap();
    let shard = recording.acquire_shard().unwrap();
    let slot = slot(&recording, shard, site).unwrap();
    (0..2_000).for_each(|depth| begin(shard, slot, site, 2_000 + depth));
    let mut tree = StackTree::of(&recording, 1_000).unwrap();
    (0..3).for_each(|_| tree.look(20));
    let stacks = stacks(&recording);
    assert_eq!(chains(&stacks), [(vec![0; 128], 3, 30)]);
    assert_eq!((stacks.cut, stacks.nodes.len()), (3, 129));
}

#[test]
fn samples_that_a_full_tree_has_no_node_for_are_those_of_an_outer_call() {
    let most = CHUNK_COUNT * NODE_COUNT;
    let recording = recording(1 << 20);
    let shard = recording.acquire_shard().unwrap();
    let mut tree = StackTree::of(&recording, 1_000).unwrap();
    // One after the other within the first: so many that the tree is full before the last ones.
    let sites: Vec<usize> = (0..260).map(|_| add_function(&recording).unwrap()).collect();
    let slots: Vec<Slot> = sites.iter().map(|&site| slot(&recording, shard, site).unwrap()).collect();
    let mut looks = 0;
    for outer in 0..sites.len() {
        begin(shard, slots[outer], sites[outer], 1_000_000);
        for inner in 0..sites.len() {
            begin(shard, slots[inner], sites[inner], 1_000_001);
            tree.look(2);
            looks += 1;
            end(&recording, shard, slots[inner], 1_000_001, 1_000_002);
        }
        end(&recording, shard, slots[outer], 1_000_000, 1_000_003);
    }
    let stacks = stacks(&recording);
    assert_eq!(stacks.nodes.len(), most);
    assert_eq!((stacks.samples, stacks.looks, stacks.ns()), (looks, looks, looks));
    // The first node, and one for each outer call as long as there was room; the others are of one look each.
    let outer = (most - 1).div_ceil(1 + sites.len());
    assert_eq!(stacks.folded, looks - (most - 1 - outer) as u64);
}

#[test]
fn in_a_full_recording_there_is_no_tree_or_a_small_one() {
    let small = recording(1 << 13);
    while small.allocate(64).is_some() {}
    assert!(StackTree::of(&small, 1_000).is_none());
    assert_eq!(snapshot(&small).stacks, None);

    let recording = recording(1 << 16);
    let shard = recording.acquire_shard().unwrap();
    let site = add_function(&recording).unwrap();
    let slot = slot(&recording, shard, site).unwrap();
    let mut tree = StackTree::of(&recording, 1_000).unwrap();
    while recording.allocate(64).is_some() {}
    begin(shard, slot, site, 2_000);
    tree.look(2);
    assert_eq!(chains(&stacks(&recording)), [(vec![0], 1, 1)]);
}
