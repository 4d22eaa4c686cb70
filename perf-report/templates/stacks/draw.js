// Frames as buttons, one below the other. Only what is wide enough to be seen is an element.
const HIGH = 25;
const LEAST = 0.0012;
let root = null;
let focus = null;
let current = null;
let shownFrames = [];
const hash = (text) => { let h = 7; for (const c of text) h = (h * 31 + c.codePointAt(0)) % 360; return h; };
const share = (node) => sum(node.total) / Math.max(1, sum(root.total));
const shareBefore = (node) => node.before / Math.max(1, root.before);
// A name without the modules before it: `word::<u8>` of `app::text::word::<u8>`.
function short(name) {
  const at = name.search(/(::)?</);
  const head = at < 0 ? name : name.slice(0, at);
  return (head.slice(head.lastIndexOf("::") + 1).replace(/^:/, "") || head) + (at < 0 ? "" : name.slice(at));
}
const points = (change) => `${change > 0 ? "+" : change < 0 ? "−" : "±"}${(Math.abs(change) * 100).toFixed(1)} points`;
function lines(node) {
  const total = sum(node.total);
  const figures = [`${duration(total)}, ${percent(share(node))} of all`];
  const own = sum(node.own);
  if (own > 0 && own < total) figures.push(`itself ${duration(own)}`);
  if (compared) figures.push(`before ${percent(shareBefore(node))}, ${points(share(node) - shareBefore(node))}`);
  else if (node.samples > 0) {
    const part = share(node);
    const error = Math.sqrt(Math.max(0, part * (1 - part)) / Math.max(1, root.samples));
    figures.push(`${count(node.samples)} samples, ± ${(error * 100).toFixed(1)} points`);
  }
  const states = byState ? [["running", RUNNING], ["runnable", RUNNABLE], ["waiting", WAITING]].filter(([, at]) => node.total[at] > 0).map(([name, at]) => `${name} ${duration(node.total[at])}`).join(", ") : "";
  const recorded = node.frame?.calls > 0 ? `of the whole recording: ${count(node.frame.calls)} calls, p50 ${duration(node.frame.p50)}, p99 ${duration(node.frame.p99)}` : "";
  const where = node.frame?.file ? `${node.frame.file}:${node.frame.line}` : "";
  const poll = node.frame?.future ? "async: the stack is that of its poll" : "";
  return [figures.join(" · "), states, recorded, [where, poll].filter(Boolean).join(" · ")].filter(Boolean);
}
function paint(node) {
  if (compared) {
    const change = share(node) - shareBefore(node);
    return ["by-change", `--hue:${change > 0 ? "var(--more)" : "var(--less)"};--strength:${Math.min(1, Math.sqrt(Math.abs(change) * 8)).toFixed(3)}`];
  }
  if (!byState) return ["", `--hue:${hash(node.name)}`];
  const total = Math.max(1, sum(node.total));
  const [a, b, c] = [RUNNING, RUNNABLE, WAITING].map((_, index) => sum(node.total.slice(0, index + 1)) / total);
  return ["by-state", `--a:${(a * 100).toFixed(2)}%;--b:${(b * 100).toFixed(2)}%;--c:${(c * 100).toFixed(2)}%`];
}
function matches(node) {
  const text = by("search").value.trim().toLowerCase();
  return text !== "" && node.name.toLowerCase().includes(text);
}
function found() {
  if (by("search").value.trim() === "") { by("found").textContent = ""; return; }
  let all = 0;
  let many = 0;
  const walk = (node) => {
    for (const child of node.children.values()) {
      if (matches(child)) { all += sum(child.total); many += 1; } else walk(child);
    }
  };
  walk(root);
  by("found").textContent = many ? `${percent(all / Math.max(1, sum(root.total)))} in ${count(many)} ${many === 1 ? "place" : "places"}` : "nothing found";
}
function tell(node) {
  current = node;
  if (!node) { by("told").replaceChildren(); return; }
  by("told").replaceChildren(el("b", {}, node === root ? "everything" : node.name), ...lines(node).map((line) => el("p", {}, line)));
}
function drawFrames() {
  shownFrames = [];
  const searching = by("search").value.trim() !== "";
  let deepest = 0;
  const place = (node, left, width, row, outer) => {
    deepest = Math.max(deepest, row);
    const [kind, style] = paint(node);
    const hit = matches(node);
    const button = el("button", {
      type: "button", role: "treeitem", tabindex: "-1", "aria-level": row + 1,
      class: `frame ${kind}${width < 0.012 ? " narrow" : ""}${outer ? " outer" : ""}${hit ? " match" : searching ? " unmatched" : ""}`,
      title: [node.name, ...lines(node)].join("\n"),
      style: `left:${(left * 100).toFixed(3)}%;width:${(width * 100).toFixed(3)}%;top:${row * HIGH}px;${style}`,
      onclick: () => { go(node); },
    }, node === root ? "everything" : short(node.name));
    button.node = node;
    button.addEventListener("focus", () => tell(node));
    button.addEventListener("mouseenter", () => tell(node));
    node.button = button;
    shownFrames.push(button);
    if (outer) return;
    let at = left;
    const below = sorted(node);
    const scale = width / Math.max(1, weight(node), sum(below.map(weight)));
    for (const child of below) {
      const wide = weight(child) * scale;
      if (wide < LEAST) break;
      place(child, at, wide, row + 1, false);
      at += wide;
    }
  };
  const path = [];
  for (let up = focus.parent; up; up = up.parent) path.unshift(up);
  path.forEach((node, row) => place(node, 0, 1, row, true));
  place(focus, 0, 1, path.length, false);
  by("frames").style.height = `${(deepest + 1) * HIGH}px`;
  by("frames").replaceChildren(...shownFrames);
  by("crumbs").replaceChildren(...path.slice(1).concat(focus === root ? [] : [focus]).map((node, at) => [at ? "›" : null, el("button", { type: "button", onclick: () => go(node) }, short(node.name))]).flat().filter(Boolean));
  (focus.button || shownFrames[0]).tabIndex = 0;
}
function go(node) {
  focus = node;
  drawFrames();
  focus.button.focus({ preventScroll: true });
  tell(node);
}
