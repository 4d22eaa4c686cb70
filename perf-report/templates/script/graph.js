// The call graph as flame, neighbours and tree. Where stacks were sampled, flame and tree are those of the stacks; otherwise they are
// unrolled from who called whom, apportioned along paths, exact where a function has one caller.
const start = (f, calls, ns, open) => ({ f, calls, ns, open, exact: true, parent: null });
function roots() {
  const list = functions.filter((f) => f.outside && !f.beside).map((f) => start(f, f.outside.calls, f.outside.ns, false));
  const reached = new Set();
  const stack = list.map((node) => node.f);
  const others = functions.filter((f) => f.callees.length).sort((a, b) => (a.callers.length > 0) - (b.callers.length > 0) || b.below - a.below);
  for (let next = 0; ;) {
    while (stack.length) {
      const f = stack.pop();
      if (!reached.has(f)) { reached.add(f); stack.push(...f.callees.map((link) => link.f)); }
    }
    while (next < others.length && reached.has(others[next])) next++;
    if (next === others.length) break;
    const f = others[next];
    list.push(start(f, f.all.calls, Math.max(f.all.ns, f.below), true));
    stack.push(f);
  }
  return list.sort((a, b) => b.ns - a.ns);
}
const isCycle = (node) => { for (let up = node.parent; up; up = up.parent) if (up.f === node.f) return true; return false; };
function children(node) {
  if (node.children) return node.children;
  const part = (of, all) => (all > 0 ? Math.min(1, of / all) : 1);
  const [calls, ns] = [part(node.calls, node.f.all.calls), part(node.ns, node.f.all.ns)];
  const exact = node.open || (calls >= 1 && ns >= 1);
  const links = isCycle(node) ? [] : node.f.callees;
  node.children = links.map((link) => ({
    f: link.f, calls: exact ? link.calls : link.calls * calls, ns: exact ? link.ns : link.ns * ns, exact: exact && node.exact, open: false, parent: node,
  }));
  return node.children;
}
// The tree of the sampled stacks: times of whole branches, samples instead of calls.
function sampledRoots() {
  const nodes = data.stacks.map(([, f, samples, ns]) => ({ f: functions[f], ns, calls: samples, samples: true, exact: true, open: false, parent: null, children: [] }));
  data.stacks.forEach(([parent], at) => { if (nodes[parent]?.f && nodes[at].f) { nodes[at].parent = nodes[parent]; nodes[parent].children.push(nodes[at]); } });
  for (const node of [...nodes].reverse()) {
    node.children.sort((a, b) => b.ns - a.ns);
    if (node.parent) { node.parent.ns += node.ns; node.parent.calls += node.calls; }
  }
  return nodes.filter((node) => node.f && !node.parent && node.ns > 0).sort((a, b) => b.ns - a.ns);
}
const unrolled = roots();
const edgeTime = unrolled.reduce((sum, node) => sum + node.ns, 0);
const sampledTop = data.stacks ? sampledRoots() : [];
const isSampled = sampledTop.length > 0;
const top = isSampled ? sampledTop : unrolled;
const allTime = top.reduce((sum, node) => sum + node.ns, 0);
const told = (node) => {
  if (node.samples) return `${node.f.name}\n${duration(node.ns)}, ${percent(node.ns / (allTime || 1))} of all, ${count(node.calls)} samples`;
  const about = node.exact && !node.f.sampled ? "" : "about ";
  return `${node.f.name}\n${about}${duration(node.ns)}, ${percent(node.ns / (allTime || 1))} of all, ${about}${count(node.calls)} calls${node.open ? "\nnot ended" : ""}`;
};

const HIGH = 25;
const LEAST = 0.0015;
function flame(focus) {
  const frames = [];
  let deepest = 0;
  const place = (node, left, width, depth) => {
    const cycle = isCycle(node);
    deepest = Math.max(deepest, depth);
    frames.push(el("button", {
      type: "button", class: `frame${width < 0.03 ? " narrow" : ""}${node.f === chosen ? " chosen" : ""}`, title: told(node), "data-function": node.f.index,
      style: `left:${(left * 100).toFixed(3)}%;width:${(width * 100).toFixed(3)}%;top:${depth * HIGH}px;--hue:${hue(node.f).toFixed(0)}`,
      onclick: () => { choose(node.f, true); flame(node); },
    }, `${cycle ? "↻ " : ""}${short(node.f)}`));
    if (depth > 60) return;
    let at = left;
    const below = children(node);
    const sum = below.reduce((all, child) => all + child.ns, 0);
    // Calls that have not ended know less time than those below them.
    const scale = width / Math.max(node.ns, sum, 1);
    for (const child of below) {
      const wide = child.ns * scale;
      if (wide < LEAST) break;
      place(child, at, wide, depth + 1);
      at += wide;
    }
  };
  if (focus) place(focus, 0, 1, 0);
  else {
    let at = 0;
    for (const node of top) {
      const wide = allTime ? node.ns / allTime : 1 / top.length;
      if (wide >= LEAST) place(node, at, wide, 0);
      at += wide;
    }
  }
  const path = [];
  for (let up = focus?.parent; up; up = up.parent) path.unshift(up);
  const crumbs = focus
    ? el("div", { class: "crumbs" }, el("button", { type: "button", onclick: () => flame(null) }, "everything"),
        path.map((node) => ["›", el("button", { type: "button", onclick: () => { choose(node.f, true); flame(node); } }, short(node.f))]).flat(), `› ${short(focus.f)}`)
    : null;
  const body = top.length
    ? el("div", { class: "frames", style: `height:${(deepest + 1) * HIGH}px` }, ...frames)
    : el("p", { class: "none" }, "No call of an annotated function has ended.");
  by("flame").replaceChildren(...[crumbs, body].filter(Boolean));
}

// Two steps towards the callers on the left, two towards the callees on the right.
function links(f) {
  const [wide, high, gap, most] = [196, 46, 12, 7];
  const apart = 231;
  const columns = [[], [], [{ f, ns: f.all.ns || f.below, calls: f.all.calls, about: "", timed: f.sampled ? "~" : "" }], [], []];
  const edges = [];
  const grow = (column, next, key) => {
    const found = new Map();
    for (const node of columns[column]) {
      for (const link of node.f[key]) {
        if (link.f === f || columns.some((nodes, at) => at !== next && nodes.some((other) => other.f === link.f))) continue;
        const seen = found.get(link.f) || { f: link.f, ns: 0, calls: 0, about: "" };
        seen.ns += link.ns; seen.calls += link.calls;
        if ((key === "callers" ? node.f : link.f).sampled) seen.about = "~";
        found.set(link.f, seen);
      }
    }
    const all = [...found.values()].sort((a, b) => b.ns - a.ns);
    columns[next] = all.slice(0, most);
    columns[next].more = all.length - columns[next].length;
  };
  grow(2, 1, "callers"); grow(1, 0, "callers"); grow(2, 3, "callees"); grow(3, 4, "callees");
  // Only the columns that have something; fewer than four would make the boxes large.
  const used = columns.map((nodes, at) => (nodes.length ? at : -1)).filter((at) => at >= 0);
  const width = Math.max(used.length, 4) * apart - (apart - wide);
  const free = (width - (used.length * apart - (apart - wide))) / 2;
  const columnX = columns.map((_, at) => free + used.indexOf(at) * apart);
  const rowsOf = (nodes) => nodes.length + (nodes.more > 0 ? 0.5 : 0);
  const height = Math.max(...columns.map(rowsOf), 2) * (high + gap);
  const at = new Map();
  columns.forEach((nodes, column) => nodes.forEach((node, index) => {
    const first = (height - rowsOf(nodes) * (high + gap)) / 2 + gap / 2;
    at.set(node.f, { x: columnX[column], y: first + index * (high + gap), column });
  }));
  const longest = Math.max(1, ...[...at.keys()].flatMap((to) => to.callers.filter((link) => at.has(link.f)).map((link) => link.ns)));
  // By callers, because those of a row beside calls do not have it among their callees.
  for (const [to, there] of at) {
    for (const link of to.callers) {
      const here = at.get(link.f);
      if (!here || there.column !== here.column + 1) continue;
      const [x1, y1, x2, y2] = [here.x + wide, here.y + high / 2, there.x, there.y + high / 2];
      const middle = (x1 + x2) / 2;
      edges.push(svg("path", { d: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`, "stroke-width": (1 + 13 * Math.sqrt(link.ns / longest)).toFixed(1) },
        svg("title", {}, `${short(link.f)} → ${short(to)}\n${to.sampled ? "about " : ""}${duration(link.ns)}, ${to.sampled ? "about " : ""}${count(link.calls)} calls`)));
    }
  }
  const cut = (text, letters) => { const all = [...text]; return all.length > letters ? `${all.slice(0, letters - 1).join("")}…` : text; };
  const nodes = columns.flatMap((list, column) => [
    ...list.map((node) => {
      const here = at.get(node.f);
      const share = edgeTime ? Math.min(1, (node.f.all.ns || node.f.below) / edgeTime) : 0;
      return svg("g", { class: `node${node.f === f ? " focus" : ""}`, tabindex: "0", role: "button", transform: `translate(${here.x} ${here.y})`, onclick: () => choose(node.f, true) },
        svg("title", {}, node.f.name), svg("rect", { width: wide, height: high, rx: 7 }), svg("rect", { class: "share-bar", x: 8, y: high - 6, height: 2.5, rx: 1, width: Math.max(1, (wide - 16) * share).toFixed(1) }),
        svg("text", { x: 10, y: 18 }, cut(short(node.f), 25)), svg("text", { class: "small", x: 10, y: 33 }, `${node.timed ?? node.about}${duration(node.ns)} · ${node.about}${count(node.calls)} ${node.calls === 1 ? "call" : "calls"}`));
    }),
    list.more > 0 ? svg("text", { class: "small", x: columnX[column] + 10, y: (height + rowsOf(list) * (high + gap)) / 2 - 10 }, `${count(list.more)} more`) : null,
  ]);
  by("links").replaceChildren(svg("svg", { viewBox: `-2 -2 ${width + 4} ${height + 4}`, role: "img", "aria-label": `Callers and callees of ${f.name}` }, edges, nodes));
}

function branch(node, depth) {
  const below = children(node);
  const share = allTime ? node.ns / allTime : 0;
  const estimate = !node.samples && (!node.exact || node.f.sampled);
  const twist = el("button", { type: "button", class: "twist", "aria-expanded": "false", "aria-label": "Expand", disabled: below.length === 0 }, isCycle(node) ? "↻" : below.length ? "▸" : "·");
  const line = el("div", { class: `branch${node.f === chosen ? " chosen" : ""}`, "data-function": node.f.index },
    el("span", { class: "who", style: `padding-left:${depth * 16}px` }, twist, el("button", { type: "button", class: "name", onclick: () => choose(node.f, true) }, named(node.f))),
    el("span", { class: "meter" }, el("span", { style: `width:${Math.min(100, share * 100)}%` })),
    el("span", {}, estimated(duration(node.ns), estimate)), el("span", { class: "soft" }, percent(share)), el("span", { class: "soft" }, node.samples ? `${count(node.calls)} samples` : `${estimate ? "~" : ""}${count(node.calls)}×`));
  const item = el("li", {}, line);
  const expand = () => {
    const open = item.querySelector("ul");
    if (open) open.remove();
    else {
      const list = below.slice(0, 40).map((child) => branch(child, depth + 1));
      if (below.length > 40) list.push(el("li", {}, el("div", { class: "branch soft" }, el("span", { class: "who", style: `padding-left:${depth * 16 + 36}px` }, `${below.length - 40} more`))));
      item.append(el("ul", {}, ...list));
    }
    twist.textContent = open ? "▸" : "▾";
    twist.setAttribute("aria-expanded", String(!open));
  };
  twist.addEventListener("click", expand);
  item.expand = below.length ? expand : null;
  return item;
}
function tree() {
  const list = top.slice(0, 100).map((node) => branch(node, 0));
  by("tree").replaceChildren(el("ul", {}, ...list));
  // The way that takes most time is open.
  for (let item = list[0], depth = 0; item?.expand && depth < 6; depth++) {
    item.expand();
    item = item.querySelector("ul > li");
  }
}
const HINTS = {
  flame: isSampled
    ? "The stacks that were sampled: width is time, depth is calls; choose a frame to go into it."
    : "No stacks were sampled (PERF_STACKS), so this is unrolled from who called whom: times of a function with several callers are divided among them by their shares. Width is time, depth is calls; choose a frame to go into it.",
  links: "Who calls the chosen function, and whom it calls, two steps far. Width is time over all contexts; choose a box to move there.",
  tree: isSampled ? "The stacks that were sampled, with their samples. ↻ marks recursion." : "~ marks estimates: calls by caller of functions that are timed adaptively, and times of a function with several callers, which are divided among them by their shares. ↻ marks recursion.",
};
function tab(name) {
  for (const button of document.querySelectorAll("[data-tab]")) button.setAttribute("aria-selected", String(button.dataset.tab === name));
  for (const panel of Object.keys(HINTS)) by(panel).hidden = panel !== name;
  by("graph-hint").textContent = HINTS[name];
  if (name === "tree" && !by("tree").firstChild) tree();
}
