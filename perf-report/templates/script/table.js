// The table of functions: sorted by a column, filtered by name, drawn as far as it is looked at.
const ROWS_AT_ONCE = 100;
const time = (id, title, value, hint) => ({ id, title, hint, key: value, cell: (f) => estimated(duration(value(f)), f.sampled) });
const COLUMNS = [
  { id: "name", title: "Function", key: (f) => f.name, cell: named },
  { id: "calls", title: "Calls", key: (f) => f.calls, cell: (f) => count(f.calls) },
  time("total", "Total", (f) => f.total, "Time in which at least one call was running in its thread"),
  {
    id: "self", title: "Self", hint: "Time in the function itself, without the annotated functions it called", key: (f) => f.self,
    cell: (f) => el("span", { class: "share", title: `${percent(f.self / (allSelf || 1))} of all self time` },
      el("span", {}, el("span", { style: `width:${(100 * f.self) / (allSelf || 1)}%` })), estimated(duration(f.self), f.selfSampled)),
  },
  ...(anyWaits ? [{
    id: "waiting", title: "Waiting", hint: "Time in which it waited, itself or in what it called: for locks, channels, queries, files, requests; of a future, the time outside its polls too",
    key: (f) => f.waiting, cell: (f) => estimated(duration(f.waiting), f.waitingSampled),
  }] : []),
  time("mean", "Mean", (f) => f.mean),
  time("p50", "p50", (f) => f.p(0.5), "Half of the calls took at most this long"),
  time("p99", "p99", (f) => f.p(0.99), "99 % of the calls took at most this long"),
  time("max", "Max", (f) => f.max),
  { id: "shape", title: "Shape", hint: "Distribution of the durations, from the shortest to the longest call", cell: spark },
];
let order = { column: COLUMNS[3], descending: true };
let shown = [];
let rows = 0;
let chosen = null;

function bins(f) {
  const list = [];
  let bin = f.bins[0];
  for (const number of f.bins.slice(1)) {
    if (number < 0) bin -= number;
    else list.push([bin++, number]);
  }
  return list;
}
function spark(f) {
  const list = bins(f);
  let low = list[0][0], high = list.at(-1)[0] + 1;
  const widen = Math.max(0, 12 - (high - low)) / 2;
  low -= widen; high += widen;
  const parts = new Array(28).fill(0);
  for (const [bin, calls] of list) parts[Math.floor(((bin - low) / (high - low)) * parts.length)] += calls;
  const most = Math.max(...parts);
  const path = parts.map((calls, at) => {
    const height = calls ? Math.max(1.5, 20 * Math.sqrt(calls / most)) : 0;
    return height ? `M${at * 3} 20v-${height.toFixed(1)}h2.4v${height.toFixed(1)}z` : "";
  });
  return svg("svg", { class: "spark", viewBox: "0 0 84 20", "aria-hidden": "true" }, svg("path", { d: path.join("") }));
}

function header() {
  const cells = COLUMNS.map((column) => {
    const sort = order.column === column ? (order.descending ? "descending" : "ascending") : null;
    const title = column.key
      ? el("button", { type: "button", title: column.hint, onclick: () => sortBy(column) }, column.title)
      : el("span", { title: column.hint }, column.title);
    return el("th", { class: `c-${column.id}`, scope: "col", "aria-sort": sort, "data-column": column.id }, title);
  });
  by("table").tHead.replaceChildren(el("tr", {}, ...cells));
}
function sortBy(column) {
  const first = column.id !== "name";
  order = { column, descending: order.column === column ? !order.descending : first };
  draw();
}
// Words that all must occur, or a pattern that the whole name must match.
function matcher(text) {
  const wanted = text.trim().toLowerCase();
  if (/[*?]/.test(wanted)) {
    const pattern = wanted.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*+/g, ".*").replace(/\?/g, ".");
    const expression = new RegExp(`^${pattern}$`, "s");
    return (f) => expression.test(f.name.toLowerCase());
  }
  const words = wanted.split(/\s+/);
  return (f) => words.every((word) => f.name.toLowerCase().includes(word));
}
function draw() {
  const key = order.column.key;
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  shown = ran.filter(matcher(by("filter").value)).sort((a, b) => compare(key(a), key(b)) || a.index - b.index);
  if (order.descending) shown.reverse();
  header();
  rows = 0;
  by("table").tBodies[0].replaceChildren();
  append();
  by("count").textContent = shown.length === ran.length ? `${count(ran.length)} ran` : `${count(shown.length)} of ${count(ran.length)}`;
}
const watcher = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && append(), { root: document.querySelector("#functions .scroll"), rootMargin: "600px" });
function append() {
  const body = by("table").tBodies[0];
  watcher.disconnect();
  body.querySelector(".more, .none")?.closest("tr").remove();
  const next = shown.slice(rows, rows + ROWS_AT_ONCE);
  rows += next.length;
  body.append(...next.map(row));
  const line = (kind, text) => el("tr", {}, el("td", { colspan: COLUMNS.length, class: kind }, text));
  if (shown.length === 0) body.append(line("none", ran.length ? "No function matches." : "No call of an annotated function has ended."));
  else if (rows < shown.length) {
    const more = line("more", `${count(shown.length - rows)} more`);
    body.append(more);
    watcher.observe(more);
  }
}
function row(f) {
  const share = f.self / (allSelf || 1);
  const heat = share >= 0.3 ? "hot" : share >= 0.1 ? "warm" : "";
  const cells = COLUMNS.map((column) => el("td", { class: `c-${column.id}` }, column.cell(f)));
  const line = el("tr", { class: `${heat}${f === chosen ? " chosen" : ""}`, "data-function": f.index, tabindex: "0" }, ...cells);
  line.addEventListener("click", () => choose(f, true));
  line.addEventListener("keydown", (event) => {
    if (event.key === "Enter") choose(f, true);
    const beside = { ArrowDown: line.nextElementSibling, ArrowUp: line.previousElementSibling }[event.key];
    if (beside?.dataset.function) { event.preventDefault(); beside.focus(); }
  });
  return line;
}
