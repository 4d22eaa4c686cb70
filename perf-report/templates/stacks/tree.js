// The tree that is drawn: from the outermost calls inwards, or from the innermost outwards, of the states that were chosen.
const [RUNNING, RUNNABLE, WAITING, UNKNOWN] = [0, 1, 2, 3];
const STATES = { all: [RUNNING, RUNNABLE, WAITING, UNKNOWN], running: [RUNNING, RUNNABLE], waiting: [WAITING] };
const frames = data.frames.map(([name, file, line, flags, calls, p50, p99]) => ({ name, file, line, future: flags === 1, state: flags === 2, calls, p50, p99 }));
const byState = data.by_state;
const compared = data.compared;
const sum = (list) => list.reduce((all, one) => all + one, 0);
const fresh = (name, frame, parent) => ({ name, frame, parent, children: new Map(), total: [0, 0, 0, 0], own: [0, 0, 0, 0], samples: 0, before: 0, depth: parent ? parent.depth + 1 : 0 });
function within(node, key, name, frame) {
  let child = node.children.get(key);
  if (!child) { child = fresh(name, frame, node); node.children.set(key, child); }
  return child;
}
function add(node, ns, samples, before) {
  for (let up = node; up; up = up.parent) {
    ns.forEach((one, state) => { up.total[state] += one; });
    up.samples += samples; up.before += before;
  }
}
const threadName = (thread) => (thread < 0 ? null : `${data.threads[thread][0]} (${data.threads[thread][1]})`);
function grow(direction, state) {
  const root = fresh("all", null, null);
  const chosen = STATES[state];
  // For each node of the data: its chain of steps, outermost first.
  const chains = [];
  data.nodes.forEach(([parent, frame, thread, running, runnable, waiting, unknown, samples, before], at) => {
    const outer = parent < 0 ? [] : chains[parent];
    const step = parent < 0 ? (thread < 0 ? null : [`t${thread}`, threadName(thread), null]) : [frame, frames[frame].name, frames[frame]];
    chains[at] = step ? [...outer, step] : outer;
    const ns = [running, runnable, waiting, unknown].map((one, index) => (chosen.includes(index) ? one : 0));
    const all = sum(ns);
    const old = state === "all" ? before || 0 : 0;
    if (all + old === 0) return;
    const calls = chains[at].filter((one) => one[2] && !one[2].state);
    let chain = chains[at];
    if (!calls.length) chain = [...chain.filter((one) => !one[2]), ["none", "[no annotated call]", null], ...chain.filter((one) => one[2])];
    if (direction === "callers") chain = [...chain].reverse();
    let node = root;
    for (const [key, name, of] of chain) node = within(node, key, name, of);
    ns.forEach((one, index) => { node.own[index] += one; });
    add(node, ns, state === "all" ? samples : Math.round(samples * (all / Math.max(1, running + runnable + waiting + unknown))), old);
  });
  return root;
}
const weight = (node) => Math.max(sum(node.total), compared ? node.before * scaleOfBefore : 0);
// Both sides of a difference are shown as if they had lasted equally long.
let scaleOfBefore = 0;
function measure(root) { scaleOfBefore = root.before > 0 ? (sum(root.total) || root.before) / root.before : 0; }
const sorted = (node) => [...node.children.values()].sort((a, b) => weight(b) - weight(a) || (a.name < b.name ? -1 : 1));
