// The panel with everything about one function.
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
  if (!f.ran) {
    const [begun = 0, , , , , , unpolled = 0] = f.futures || [];
    const futures = [begun ? `${count(begun)} began` : "", unpolled ? `${count(unpolled)} never polled` : ""].filter(Boolean);
    parts.push(el("p", { class: "soft" }, ["No call of it has ended.", ...(futures.length ? [`Futures: ${futures.join(", ")}.`] : [])].join(" ")));
  } else {
    const figure = (name, text, sampled) => el("div", {}, el("dt", {}, name), el("dd", {}, sampled == null ? text : el("span", { class: sampled ? "estimate" : null }, text)));
    const calls = f.sampled ? `${count(f.calls)}` : count(f.calls);
    parts.push(el("dl", { class: "figures" },
      figure("Calls", calls), figure("Total", duration(f.total), f.sampled), figure("Self", duration(f.self), f.selfSampled),
      anyWaits ? figure("Waiting", duration(f.waiting), f.waitingSampled) : null,
      figure("Mean", duration(f.mean), f.sampled), figure("Min", duration(f.min), f.sampled), figure("p50", duration(f.p(0.5)), f.sampled),
      figure("p90", duration(f.p(0.9)), f.sampled), figure("p99", duration(f.p(0.99)), f.sampled), figure("Max", duration(f.max), f.sampled),
      f.sampled ? figure("Timed calls", count(f.timed)) : null, f.fromStacks ? figure("Times from", "sampled stacks") : null, f.unwound ? figure("Panicked", count(f.unwound)) : null,
      ...sizeFigures(f).map(([name, text]) => figure(name, text))));
    parts.push(distribution(f), percentiles(f));
  }
  parts.push(...slowest(f.slowest));
  parts.push(...neighbours("Called by", f.callers, f, f.outside), ...neighbours("Calls", f.callees, null, null));
  return parts;
}
// Rows of a statement's results, or the messages that waited in a channel.
function sizeFigures(f) {
  if (!f.sizes) return [];
  const [number, sum, greatest, capacity, latest] = f.sizes;
  const mean = number ? sum / number : 0;
  const each = mean >= 10 ? count(Math.round(mean)) : String(Math.round(mean * 10) / 10);
  if (f.kind === "query") return [["Rows", count(sum)], ["Rows each", each], ["Most rows", count(greatest)]];
  const of = capacity == null ? "" : ` of ${count(capacity)}`;
  return [["Most waiting", count(greatest) + of], ["Waiting, mean", each], ["Last seen", count(latest)]];
}
// `called` is whose callers these are; callees are called themselves. Of a function that is timed adaptively, calls by caller are estimates.
function neighbours(title, all, called, outside) {
  const list = outside ? [...all, { f: null, ...outside }].sort((a, b) => b.ns - a.ns) : all;
  if (list.length === 0) return [];
  const most = list[0].ns || 1;
  const lines = list.slice(0, 12).map((link) => {
    const name = link.f ? named(link.f) : el("span", { class: "soft" }, "code that is not annotated");
    const { sampled, futures } = called || link.f;
    const about = sampled ? "~" : "";
    // The calls of a future have the time of its polls, which is not that of its life.
    const figures = el("span", {}, `${futures ? "busy " : ""}${about}${duration(link.ns)} `, el("span", { class: "soft" }, `× ${about}${count(link.calls)}`));
    const meter = el("span", { class: "meter" }, el("span", { style: `width:${(100 * link.ns) / most}%` }));
    return link.f
      ? el("button", { type: "button", class: "neighbour", onclick: () => choose(link.f, true) }, name, figures, meter)
      : el("div", { class: "neighbour" }, name, figures, meter);
  });
  if (list.length > lines.length) lines.push(el("div", { class: "neighbour soft" }, `${count(list.length - lines.length)} more`));
  return [el("h3", {}, title), ...lines];
}
// The slowest calls, one by one. The callers stand in one line, from the nearest outwards; each leads to its function.
function slowest(calls) {
  if (calls.length === 0) return [];
  const chain = (call) => {
    const names = call.callers.flatMap((f, at) => [at ? " < " : null, el("button", { type: "button", title: f.name, onclick: () => choose(f, true) }, short(f))]);
    return el("div", { class: "chain" }, "in ", names, call.more ? ` < ${count(call.more)} more` : null);
  };
  const lines = calls.map((call) => el("li", {},
    el("span", { class: "time" }, duration(call.ns)), el("span", { class: "soft when" }, `ended at ${duration(call.end)}`),
    el("span", { class: "thread" }, call.thread), call.label ? el("span", { class: "label" }, call.label) : null,
    call.callers.length || call.more ? chain(call) : null));
  return [el("h3", {}, "Slowest calls"), el("ol", { class: "slowest" }, lines)];
}
