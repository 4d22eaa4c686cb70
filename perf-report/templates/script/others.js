// What not every run has: futures, calls in flight, functions that never ran.
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
plain("futures", ["Future", "Started", "Completed", "Cancelled", "Never polled", "Polls", "Busy", "Busy per poll", "Longest poll", "Size"],
  functions.filter((f) => f.futures).sort((a, b) => b.futures[3] - a.futures[3]).map((f) => {
    const [started, cancelled, polls, busy, longest, size, unpolled] = f.futures;
    return [f, count(started), count(Math.max(0, f.calls - cancelled)), count(cancelled), count(unpolled), count(polls), duration(busy), duration(polls ? busy / polls : 0), longest ? duration(longest) : "", size ? bytes(size) : ""];
  }));
plain("in-flight", ["Function", "Thread", "Depth", "Running for"],
  [...data.in_flight].sort((a, b) => b[3] - a[3]).map(([index, thread, depth, ns]) => [functions[index], thread, String(depth), duration(ns)]));
const idle = data.idle.map((index) => functions[index]);
if (idle.length) {
  by("idle").hidden = false;
  by("idle-title").textContent = `${count(idle.length)} never ran`;
  by("idle").querySelector("details").addEventListener("toggle", () => by("idle").querySelector("ul").replaceChildren(...idle.slice(0, 2000).map((f) => el("li", {}, named(f)))));
}
