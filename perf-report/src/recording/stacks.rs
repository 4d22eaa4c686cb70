//! Reads the stacks that were sampled.

use super::{
    blocks::{Block, Blocks},
    functions::Functions,
    layout::{
        header,
        stacks::{self, node},
    },
    scale::Scale,
};
use crate::{StackNode, Stacks};

/// The tree of stacks, if there is one. Nodes that contradict each other are left out.
pub(super) fn read(head: &Block<'_>, blocks: &mut Blocks<'_>, functions: &Functions, scale: Scale) -> Option<Stacks> {
    let offset = head.get(header::STACKS);
    if offset == 0 {
        return None;
    }
    let block = blocks.claim(header::STACKS, 0, offset, stacks::LEN as u64, "block of the sampled stacks")?;
    let mut stacks = Stacks {
        period_ns: block.get(stacks::PERIOD_NS),
        looks: block.get(stacks::LOOKS),
        watched_ns: scale.ns(block.get(stacks::WATCHED).into()),
        samples: 0,
        in_motion: block.get(stacks::IN_MOTION),
        folded: block.get(stacks::FOLDED),
        cut: block.get(stacks::CUT),
        nodes: Vec::new(),
    };
    let most = (stacks::CHUNK_COUNT * stacks::NODE_COUNT) as u64;
    let mut left = block.get(stacks::NODES);
    if left > most {
        blocks.damage(block.at + stacks::NODES, || format!("{left} stacks were sampled, of at most {most}"));
        left = most;
    }
    // Where the nodes of the recording stand in the tree; those that cannot be are part of their parents.
    let mut places: Vec<usize> = Vec::new();
    for chunk in 0..stacks::CHUNK_COUNT {
        let count = left.min(stacks::NODE_COUNT as u64) as usize;
        left -= count as u64;
        if count == 0 {
            break;
        }
        let (pointer, len) = (block.at + stacks::CHUNKS_AT + chunk, (stacks::NODE_COUNT * node::LEN) as u64);
        let Some(nodes) = blocks.claim(pointer, 0, block.get(stacks::CHUNKS_AT + chunk), len, "chunk of stacks") else {
            break;
        };
        for (index, words) in nodes.words.as_chunks::<{ node::LEN }>().0.iter().take(count).enumerate() {
            let at = nodes.at + index * node::LEN;
            let place = place(&mut stacks, &places, words, at, functions, blocks);
            let sum = &mut stacks.nodes[place];
            sum.samples = sum.samples.saturating_add(words[node::SAMPLES]);
            sum.ns = sum.ns.saturating_add(scale.ns(words[node::TICKS].into()));
            places.push(place);
        }
    }
    stacks.samples = stacks.nodes.iter().fold(0, |sum, node| sum.saturating_add(node.samples));
    Some(stacks)
}

/// Where a node stands in the tree, to which it is added unless it contradicts itself.
fn place(
    stacks: &mut Stacks,
    places: &[usize],
    words: &[u64; node::LEN],
    at: usize,
    functions: &Functions,
    blocks: &mut Blocks<'_>,
) -> usize {
    if places.is_empty() {
        stacks.nodes.push(StackNode::new(None, None));
        return 0;
    }
    let Some(&parent) = usize::try_from(words[node::PARENT]).ok().and_then(|parent| places.get(parent)) else {
        let (number, parent) = (places.len(), words[node::PARENT]);
        blocks
            .damage(at + node::PARENT, || format!("stack {number} would be within stack {parent}, which comes later"));
        return 0;
    };
    let site = words[node::SITE];
    let Some(function) = functions.index_of(site) else {
        // In a recording that grows, it may be younger than the list of sites.
        if site == 0 || !blocks.growing() {
            blocks.damage(at + node::SITE, || format!("site {site} of a stack does not exist"));
        }
        return parent;
    };
    stacks.nodes.push(StackNode::new(Some(parent), Some(function)));
    stacks.nodes.len() - 1
}
