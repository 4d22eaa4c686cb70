"use strict";
// Draws the page from the data in it. Names reach the document as text nodes and attributes only, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const BINS_PER_OCTAVE = 8;
  const ROWS_AT_ONCE = 100;
  const by = (id) => document.getElementById(id);

  // ---- elements ----
  const SVG = "http://www.w3.org/2000/svg";
  function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "onclick") node.addEventListener("click", value);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false && value != null) node.setAttribute(name, value);
    }
    node.append(...children.flat().filter((child) => child != null));
    return node;
  }
  const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
  const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

  // ---- figures, written as the terminal's views write them ----
  const TIME = [["ns", 1, 1e3], ["µs", 1e3, 1e3], ["ms", 1e6, 1e3], ["s", 1e9, 60], ["min", 6e10, 60], ["h", 3.6e12, Infinity]];
  const MANY = [["M", 1e6, 1e3], ["G", 1e9, 1e3], ["T", 1e12, 1e3], ["P", 1e15, 1e3], ["E", 1e18, Infinity]];
  const whole = (number) => Math.round(number).toLocaleString("en-US");
  function scaled(value, units) {
    for (const [unit, size, next] of units) {
      const number = value / size;
      const decimals = size === 1 ? 0 : number < 9.995 ? 2 : number < 99.95 ? 1 : 0;
      const rounded = Number(number.toFixed(decimals));
      if (rounded < next) return `${rounded >= 1000 ? whole(rounded) : number.toFixed(decimals)} ${unit}`;
    }
  }
  const duration = (ns) => scaled(ns, TIME);
  const count = (number) => (number < 1e7 ? whole(number) : scaled(number, MANY));
  const percent = (part) => (part <= 0 ? "0.0%" : part < 0.0005 ? "<0.1%" : `${(part * 100).toFixed(1)}%`);

  // ---- the functions ----
  const KINDS = ["function", "future", "block"];
  const functions = data.functions.map((row, index) => {
    const [name, kind, file, line, calls = 0, timed, unwound, flags, total, self, mean, min, max, quantiles, bins, futures] = row;
    const place = file < 0 ? "" : `${data.files[file]}:${line}`;
    return {
      index, name, kind: KINDS[kind], place, calls, timed, unwound, total, self, mean, min, max, quantiles, bins, futures,
      ran: row.length > 4, sampled: (flags & 1) > 0, selfSampled: (flags & 2) > 0, callers: [], callees: [], outside: null,
      parts: split(name), p: (quantile) => quantiles[data.quantiles.indexOf(quantile)],
    };
  });
  const ran = functions.filter((f) => f.ran);
  const allSelf = ran.reduce((sum, f) => sum + f.self, 0);
  for (const [caller, callee, calls, ns] of data.edges) {
    if (caller < 0) functions[callee].outside = { calls, ns };
    else {
      functions[callee].callers.push({ f: functions[caller], calls, ns });
      functions[caller].callees.push({ f: functions[callee], calls, ns });
    }
  }
  for (const f of functions) {
    for (const links of [f.callers, f.callees]) links.sort((a, b) => b.ns - a.ns || b.calls - a.calls);
    const links = f.outside ? [...f.callers, f.outside] : f.callers;
    f.all = { calls: links.reduce((sum, link) => sum + link.calls, 0), ns: links.reduce((sum, link) => sum + link.ns, 0) };
    f.below = f.callees.reduce((sum, link) => sum + (link.f === f ? 0 : link.ns), 0);
  }

  // The path before the last two segments (the type and the method), and those. `::` within `<...>` separates nothing.
  function split(name) {
    const ends = [];
    let depth = 0;
    for (let at = 0; at < name.length; at++) {
      const letter = name[at];
      if (letter === "<") depth++;
      else if (letter === ">" && name[at - 1] !== "-") depth = Math.max(0, depth - 1);
      else if (letter === ":" && name[at + 1] === ":" && depth === 0) ends.push(++at + 1);
    }
    // A method says little without its type, whose name begins with a capital.
    const last = ends.at(-1) || 0, before = ends.at(-2) || 0;
    const cut = ends.length > 0 && /^[A-Z<]/.test(name.slice(before, last)) ? before : last;
    return [name.slice(0, cut), name.slice(cut)];
  }
  const named = (f) => el("span", { class: "name", title: f.name }, el("i", {}, f.parts[0]), el("b", {}, f.parts[1] || "(no name)"));
  const short = (f) => f.parts[1] || "(no name)";
  const estimated = (text, sampled) => el("span", { class: sampled ? "figure estimate" : "figure" }, text);
  function hue(f) {
    let hash = 7;
    for (const letter of f.parts[0] || f.name) hash = (hash * 31 + letter.codePointAt(0)) % 100003;
    return (hash * 137.5) % 360;
  }

  // ---- the table ----
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

  // ---- one function ----
  function choose(f, remember) {
    chosen = f;
    for (const other of document.querySelectorAll(".chosen")) other.classList.remove("chosen");
    for (const same of document.querySelectorAll(`[data-function="${f.index}"]`)) same.classList.add("chosen");
    document.querySelector(".columns").classList.add("open");
    const panel = by("detail");
    panel.hidden = false;
    panel.replaceChildren(...detail(f));
    panel.scrollTop = 0;
    links(f);
    if (remember) try { history.replaceState(null, "", `#f${f.index}`); } catch { /* a page without an address */ }
  }
  function close() {
    by("detail").hidden = true;
    document.querySelector(".columns").classList.remove("open");
  }
  function detail(f) {
    const parts = [
      el("header", {}, el("h2", {}, f.name || "(no name)"), el("button", { class: "close", type: "button", "aria-label": "Close", onclick: close }, "✕")),
      el("p", { class: "place" }, [f.kind, f.place].filter(Boolean).join(" · ")),
    ];
    if (!f.ran) parts.push(el("p", { class: "soft" }, "No call of it has ended."));
    else {
      const figure = (name, text, sampled) => el("div", {}, el("dt", {}, name), el("dd", {}, sampled == null ? text : el("span", { class: sampled ? "estimate" : null }, text)));
      const calls = f.sampled ? `${count(f.calls)}` : count(f.calls);
      parts.push(el("dl", { class: "figures" },
        figure("Calls", calls), figure("Total", duration(f.total), f.sampled), figure("Self", duration(f.self), f.selfSampled),
        figure("Mean", duration(f.mean), f.sampled), figure("Min", duration(f.min), f.sampled), figure("p50", duration(f.p(0.5)), f.sampled),
        figure("p90", duration(f.p(0.9)), f.sampled), figure("p99", duration(f.p(0.99)), f.sampled), figure("Max", duration(f.max), f.sampled),
        f.sampled ? figure("Timed calls", count(f.timed)) : null, f.unwound ? figure("Panicked", count(f.unwound)) : null));
      parts.push(distribution(f), percentiles(f));
    }
    parts.push(...neighbours("Called by", f.callers, f.outside), ...neighbours("Calls", f.callees, null));
    return parts;
  }
  function neighbours(title, all, outside) {
    const list = outside ? [...all, { f: null, ...outside }].sort((a, b) => b.ns - a.ns) : all;
    if (list.length === 0) return [];
    const most = list[0].ns || 1;
    const lines = list.slice(0, 12).map((link) => {
      const name = link.f ? named(link.f) : el("span", { class: "soft" }, "code that is not annotated");
      const figures = el("span", {}, `${duration(link.ns)} `, el("span", { class: "soft" }, `× ${count(link.calls)}`));
      const meter = el("span", { class: "meter" }, el("span", { style: `width:${(100 * link.ns) / most}%` }));
      return link.f
        ? el("button", { type: "button", class: "neighbour", onclick: () => choose(link.f, true) }, name, figures, meter)
        : el("div", { class: "neighbour" }, name, figures, meter);
    });
    if (list.length > lines.length) lines.push(el("div", { class: "neighbour soft" }, `${count(list.length - lines.length)} more`));
    return [el("h3", {}, title), ...lines];
  }

  // ---- charts ----
  const edge = (bin) => 2 ** (bin / BINS_PER_OCTAVE);
  function ticks(low, high) {
    const list = [];
    const steps = high / low < 4 ? [1, 1.2, 1.5, 2, 3, 4, 5, 7] : high / low < 30 ? [1, 2, 5] : [1];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      for (const step of steps) {
        const value = step * 10 ** power;
        if (value >= low * 0.999 && value <= high * 1.001) list.push(value);
      }
    }
    while (list.length > 8) list.splice(0, list.length, ...list.filter((_, at) => at % 2 === 0));
    return list;
  }
  const tick = (ns) => duration(ns).replace(/\.0+ /, " ").replace(/(\.\d*?)0+ /, "$1 ");
  let logarithmic = true;
  function distribution(f) {
    const [width, height, top, bottom] = [400, 150, 18, 20];
    const list = bins(f);
    let low = list[0][0], high = list.at(-1)[0] + 1;
    const widen = Math.ceil(Math.max(0, 10 - (high - low)) / 2);
    low = Math.max(0, low - widen); high += widen;
    const most = Math.max(...list.map((bin) => bin[1]));
    const sum = list.reduce((all, bin) => all + bin[1], 0);
    const x = (bin) => ((bin - low) / (high - low)) * width;
    const level = (calls) => (logarithmic ? Math.log1p(calls) / Math.log1p(most) : calls / most) * (height - top - bottom);
    const at = (ns) => x(Math.log2(Math.max(ns, 1)) * BINS_PER_OCTAVE);
    const bars = list.map(([bin, calls]) => {
      const tall = Math.max(1, level(calls));
      return svg("rect", { class: "bin", x: x(bin).toFixed(2), width: Math.max(0.6, width / (high - low) - 0.6).toFixed(2), y: (height - bottom - tall).toFixed(2), height: tall.toFixed(2) },
        svg("title", {}, `${duration(edge(bin))} to ${duration(edge(bin + 1))}: ${f.sampled ? "about " : ""}${count(calls)} calls, ${percent(calls / sum)}`));
    });
    const axis = ticks(edge(low), edge(high)).map((ns) => [
      svg("line", { class: "axis", x1: at(ns), x2: at(ns), y1: top, y2: height - bottom + 3 }),
      svg("text", { x: at(ns), y: height - 5, "text-anchor": at(ns) < 16 ? "start" : at(ns) > width - 16 ? "end" : "middle" }, tick(ns)),
    ]);
    let free = Infinity;
    const marks = [[0.999, "p99.9"], [0.99, "p99"], [0.9, "p90"], [0.5, "p50"]].map(([quantile, name]) => {
      const left = at(f.p(quantile));
      const line = svg("line", { class: "quantile", x1: left, x2: left, y1: top, y2: height - bottom });
      if (free - left < 30) return [line];
      free = left;
      return [line, svg("text", { class: "quantile-name", x: left, y: top - 6, "text-anchor": left < 14 ? "start" : left > width - 14 ? "end" : "middle" }, name)];
    });
    const scale = (name, value) => el("button", { type: "button", "aria-pressed": String(logarithmic === value), onclick: () => { logarithmic = value; block.replaceWith(distribution(f)); } }, name);
    const block = el("div", { id: "distribution" },
      el("div", { class: "chart-head" }, el("h3", {}, "Distribution"), el("div", { class: "tabs", title: "Scale of the numbers of calls" }, scale("log", true), scale("linear", false))),
      svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Distribution of the durations of ${count(f.calls)} calls` },
        axis.flat(), svg("line", { class: "axis", x1: 0, x2: width, y1: height - bottom, y2: height - bottom }), bars, marks.flat()));
    return block;
  }
  function percentiles(f) {
    const [width, height, left, bottom, top] = [400, 150, 52, 20, 8];
    const points = [[0, f.min], ...data.quantiles.map((quantile, at) => [quantile, f.quantiles[at]])];
    const low = Math.max(1, f.min) / 1.15, high = Math.max(f.max, f.min * 2, 2) * 1.15;
    const x = (quantile) => left + (-Math.log10(1 - quantile) / 5) * (width - left);
    const y = (ns) => top + (1 - Math.log(Math.max(ns, 1) / low) / Math.log(high / low)) * (height - top - bottom);
    let path = "";
    points.forEach(([quantile, ns], at) => { path += at ? `H${x(quantile).toFixed(1)}V${y(ns).toFixed(1)}` : `M${x(0)} ${y(ns).toFixed(1)}`; });
    const levels = ticks(low, high).filter((_, at, all) => all.length < 6 || at % 2 === 0);
    return el("div", { id: "percentiles" },
      el("div", { class: "chart-head" }, el("h3", {}, "Latency by percentile")),
      svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Latency from the 1st to the 99.999th percentile" },
        levels.map((ns) => [svg("line", { class: "axis", x1: left, x2: width, y1: y(ns), y2: y(ns) }), svg("text", { x: left - 6, y: y(ns) + 3.5, "text-anchor": "end" }, tick(ns))]).flat(),
        [0, 0.9, 0.99, 0.999, 0.9999, 0.99999].map((quantile) => svg("text", { x: x(quantile), y: height - 5, "text-anchor": quantile === 0 ? "start" : quantile > 0.9999 ? "end" : "middle" }, `${+(quantile * 100).toFixed(3)}%`)),
        svg("path", { class: "under", d: `${path}V${height - bottom}H${left}z` }), svg("path", { class: "curve", d: path }),
        points.slice(1).map(([quantile, ns]) => svg("circle", { class: "dot", cx: x(quantile).toFixed(1), cy: y(ns).toFixed(1), r: 2.6 }, svg("title", {}, `${+(quantile * 100).toFixed(3)} % of the calls took at most ${duration(ns)}`)))));
  }

  // ---- the call graph, apportioned along paths: exact where a function has one caller ----
  const start = (f, calls, ns, open) => ({ f, calls, ns, open, exact: true, parent: null });
  function roots() {
    const list = functions.filter((f) => f.outside).map((f) => start(f, f.outside.calls, f.outside.ns, false));
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
  const top = roots();
  const allTime = top.reduce((sum, node) => sum + node.ns, 0);
  const told = (node) => {
    const about = node.exact && !node.f.sampled ? "" : "about ";
    return `${node.f.name}\n${about}${duration(node.ns)}, ${percent(node.ns / (allTime || 1))} of all, ${count(node.calls)} calls${node.open ? "\nnot ended" : ""}`;
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
    const columns = [[], [], [{ f, ns: f.all.ns || f.below, calls: f.all.calls }], [], []];
    const edges = [];
    const grow = (column, next, key) => {
      const found = new Map();
      for (const node of columns[column]) {
        for (const link of node.f[key]) {
          if (link.f === f || columns.some((nodes, at) => at !== next && nodes.some((other) => other.f === link.f))) continue;
          const seen = found.get(link.f) || { f: link.f, ns: 0, calls: 0 };
          seen.ns += link.ns; seen.calls += link.calls;
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
    const longest = Math.max(1, ...[...at.keys()].flatMap((from) => from.callees.filter((link) => at.has(link.f)).map((link) => link.ns)));
    for (const [from, here] of at) {
      for (const link of from.callees) {
        const there = at.get(link.f);
        if (!there || there.column !== here.column + 1) continue;
        const [x1, y1, x2, y2] = [here.x + wide, here.y + high / 2, there.x, there.y + high / 2];
        const middle = (x1 + x2) / 2;
        edges.push(svg("path", { d: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`, "stroke-width": (1 + 13 * Math.sqrt(link.ns / longest)).toFixed(1) },
          svg("title", {}, `${short(from)} → ${short(link.f)}\n${duration(link.ns)}, ${count(link.calls)} calls`)));
      }
    }
    const cut = (text, letters) => { const all = [...text]; return all.length > letters ? `${all.slice(0, letters - 1).join("")}…` : text; };
    const nodes = columns.flatMap((list, column) => [
      ...list.map((node) => {
        const here = at.get(node.f);
        const share = allTime ? Math.min(1, (node.f.all.ns || node.f.below) / allTime) : 0;
        return svg("g", { class: `node${node.f === f ? " focus" : ""}`, tabindex: "0", role: "button", transform: `translate(${here.x} ${here.y})`, onclick: () => choose(node.f, true) },
          svg("title", {}, node.f.name), svg("rect", { width: wide, height: high, rx: 7 }), svg("rect", { class: "share-bar", x: 8, y: high - 6, height: 2.5, rx: 1, width: Math.max(1, (wide - 16) * share).toFixed(1) }),
          svg("text", { x: 10, y: 18 }, cut(short(node.f), 25)), svg("text", { class: "small", x: 10, y: 33 }, `${duration(node.ns)} · ${count(node.calls)} ${node.calls === 1 ? "call" : "calls"}`));
      }),
      list.more > 0 ? svg("text", { class: "small", x: columnX[column] + 10, y: (height + rowsOf(list) * (high + gap)) / 2 - 10 }, `${count(list.more)} more`) : null,
    ]);
    by("links").replaceChildren(svg("svg", { viewBox: `-2 -2 ${width + 4} ${height + 4}`, role: "img", "aria-label": `Callers and callees of ${f.name}` }, edges, nodes));
  }

  function branch(node, depth) {
    const below = children(node);
    const share = allTime ? node.ns / allTime : 0;
    const estimate = !node.exact || node.f.sampled;
    const twist = el("button", { type: "button", class: "twist", "aria-expanded": "false", "aria-label": "Expand", disabled: below.length === 0 }, isCycle(node) ? "↻" : below.length ? "▸" : "·");
    const line = el("div", { class: `branch${node.f === chosen ? " chosen" : ""}`, "data-function": node.f.index },
      el("span", { class: "who", style: `padding-left:${depth * 16}px` }, twist, el("button", { type: "button", class: "name", onclick: () => choose(node.f, true) }, named(node.f))),
      el("span", { class: "meter" }, el("span", { style: `width:${Math.min(100, share * 100)}%` })),
      el("span", {}, estimated(duration(node.ns), estimate)), el("span", { class: "soft" }, percent(share)), el("span", { class: "soft" }, `${node.exact ? "" : "~"}${count(node.calls)}×`));
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
    flame: "Width is time, depth is calls; choose a frame to go into it. Times of a function with several callers are divided among them by their shares.",
    links: "Who calls the chosen function, and whom it calls, two steps far. Width is time over all contexts; choose a box to move there.",
    tree: "~ marks estimates: times of a function with several callers are divided among them by their shares. ↻ marks recursion.",
  };
  function tab(name) {
    for (const button of document.querySelectorAll("[data-tab]")) button.setAttribute("aria-selected", String(button.dataset.tab === name));
    for (const panel of Object.keys(HINTS)) by(panel).hidden = panel !== name;
    by("graph-hint").textContent = HINTS[name];
    if (name === "tree" && !by("tree").firstChild) tree();
  }

  // ---- what not every run has ----
  function plain(section, titles, lines) {
    if (lines.length === 0) return;
    by(section).hidden = false;
    const body = lines.map(([f, ...cells]) => {
      const line = el("tr", { "data-function": f.index }, el("td", {}, named(f)), ...cells.map((cell) => el("td", {}, cell)));
      line.addEventListener("click", () => choose(f, true));
      return line;
    });
    by(section).querySelector(".scroll").append(el("table", {}, el("thead", {}, el("tr", {}, ...titles.map((title) => el("th", { scope: "col" }, el("span", {}, title))))), el("tbody", {}, ...body)));
  }
  plain("futures", ["Future", "Started", "Completed", "Cancelled", "Polls", "Busy", "Busy per poll"],
    ran.filter((f) => f.futures).sort((a, b) => b.futures[3] - a.futures[3]).map((f) => {
      const [started, cancelled, polls, busy] = f.futures;
      return [f, count(started), count(Math.max(0, f.calls - cancelled)), count(cancelled), count(polls), duration(busy), duration(polls ? busy / polls : 0)];
    }));
  plain("in-flight", ["Function", "Thread", "Depth", "Running for"],
    [...data.in_flight].sort((a, b) => b[3] - a[3]).map(([index, thread, depth, ns]) => [functions[index], thread, String(depth), duration(ns)]));
  const bytes = (number) => scaled(number, [["B", 1, 1024], ["KiB", 1024, 1024], ["MiB", 2 ** 20, 1024], ["GiB", 2 ** 30, 1024], ["TiB", 2 ** 40, Infinity]]);
  if (data.resources.length) {
    // Each on a lane of the time in which they came to be; those that were never used come last.
    const used = data.resources.filter((resource) => resource.first_use != null).sort((a, b) => a.first_use - b.first_use);
    const last = Math.max(1, ...used.map((resource) => resource.first_use + resource.init));
    const some = (value, show) => (value == null || value === 0 ? el("span", { class: "soft" }, "–") : show(value));
    const lines = [...used, ...data.resources.filter((resource) => resource.first_use == null)].map((resource) => {
      const [at, long] = [(100 * resource.first_use) / last, (100 * resource.init) / last];
      const lane = resource.first_use == null ? null : el("div", { class: "lane", title: `asked for ${duration(resource.first_use)} after the start, there ${duration(resource.init)} later` }, el("span", { style: `left:min(${at.toFixed(2)}%, 100% - 4px);width:${long.toFixed(2)}%` }));
      const uses = resource.uses.map((index) => data.resources[index]?.name ?? "?").join(", ");
      const f = functions[resource.function];
      const line = el("tr", f ? { "data-function": f.index } : {},
        el("td", {}, named({ name: resource.name, parts: split(resource.name) }), uses ? el("div", { class: "soft", style: "white-space:normal;font-size:12px" }, `uses ${uses}`) : null),
        el("td", {}, el("span", { class: `state ${resource.state.split(" ")[0]}` }, resource.state)), el("td", {}, lane),
        el("td", {}, some(resource.first_use, duration)), el("td", {}, some(resource.init, duration)), el("td", {}, `${count(resource.inits)}${resource.failures ? ` (${count(resource.failures)} failed)` : ""}`),
        el("td", {}, some(resource.accesses, count)), el("td", {}, some(resource.weight, bytes)), el("td", {}, some(resource.evictions, count)), el("td", {}, some(resource.teardown, duration)));
      if (f) line.addEventListener("click", () => choose(f, true));
      return line;
    });
    const titles = ["Resource", "State", `From the start to ${duration(last)}`, "First use", "Init", "Inits", "Accesses", "Weight", "Evictions", "Teardown"];
    by("resources").hidden = false;
    by("resources").querySelector(".scroll").append(el("table", {}, el("thead", {}, el("tr", {}, ...titles.map((title) => el("th", { scope: "col" }, el("span", {}, title))))), el("tbody", {}, ...lines)));
  }
  const waiting = new Set(data.in_flight.map((call) => call[0]));
  const idle = functions.filter((f) => !f.ran && !waiting.has(f.index));
  if (idle.length) {
    by("idle").hidden = false;
    by("idle-title").textContent = `${count(idle.length)} never ran`;
    by("idle").querySelector("details").addEventListener("toggle", () => by("idle").querySelector("ul").replaceChildren(...idle.slice(0, 2000).map((f) => el("li", {}, named(f)))));
  }

  // ---- light and dark ----
  const root = document.documentElement;
  try { const kept = localStorage.getItem("perf-report-theme"); if (kept) root.dataset.theme = kept; } catch { /* no storage for this page */ }
  by("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("perf-report-theme", root.dataset.theme); } catch { /* no storage for this page */ }
  });

  // ---- begin ----
  if (data.started_ms > 0) {
    const started = new Date(data.started_ms);
    by("started").hidden = false;
    by("started").dateTime = started.toISOString();
    by("started").textContent = started.toLocaleString([], { dateStyle: "medium", timeStyle: "medium" });
  }
  for (const button of document.querySelectorAll("[data-tab]")) button.addEventListener("click", () => tab(button.dataset.tab));
  by("filter").addEventListener("input", draw);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== by("filter")) { event.preventDefault(); by("filter").focus(); }
    if (event.key === "Escape") { if (by("filter").value && document.activeElement === by("filter")) { by("filter").value = ""; draw(); } else close(); }
  });
  draw();
  flame(null);
  tab("flame");
  const addressed = functions[Number(/^#f(\d+)$/.exec(location.hash)?.[1] ?? -1)];
  if (addressed) choose(addressed, false);
  else if (shown[0]) {
    // There is room for it beside the table only on a wide screen.
    if (matchMedia("(min-width: 1180px)").matches) choose(shown[0], false);
    else links(shown[0]);
  }
  root.dataset.ready = "yes";
})();
