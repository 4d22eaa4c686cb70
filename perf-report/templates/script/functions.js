// The functions with their callers and callees, and how names are shown.
const KINDS = ["function", "future", "block", "lock", "channel", "query", "io", "request", "span", "hold", "client", "age", "poll", "wake", "alone"];
// Rows beside calls: their time is no thread's, so they are nobody's callees.
const BESIDE = ["hold", "age", "poll", "wake", "alone"];
const functions = data.functions.map((row, index) => {
  const [name, kind, file, line, calls = 0, timed, unwound, flags, total, self, waiting, mean, min, max, quantiles, bins, futures, sizes] = row;
  const place = file < 0 ? "" : `${data.files[file]}:${line}`;
  return {
    index, name, kind: KINDS[kind], beside: BESIDE.includes(KINDS[kind]), place, calls, timed, unwound, total, self, waiting, mean, min, max, quantiles, bins, futures, sizes,
    ran: calls > 0, sampled: (flags & 1) > 0, selfSampled: (flags & 2) > 0, fromStacks: (flags & 4) > 0, waitingSampled: (flags & 8) > 0, callers: [], callees: [], outside: null, slowest: [],
    parts: split(name), p: (quantile) => quantiles[data.quantiles.indexOf(quantile)],
  };
});
const ran = functions.filter((f) => f.ran);
const anyWaits = ran.some((f) => f.waiting > 0);
const allSelf = ran.reduce((sum, f) => sum + f.self, 0);
for (const [caller, callee, calls, ns] of data.edges) {
  if (caller < 0) functions[callee].outside = { calls, ns };
  else {
    functions[callee].callers.push({ f: functions[caller], calls, ns });
    if (!functions[callee].beside) functions[caller].callees.push({ f: functions[callee], calls, ns });
  }
}
for (const [callee, ns, end, thread, label, callers, more] of data.slowest || []) {
  functions[callee].slowest.push({ ns, end, thread, label, callers: callers.map((caller) => functions[caller]), more });
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
