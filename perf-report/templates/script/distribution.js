// The charts of one function: how its durations are distributed, and its latency by percentile.
const BINS_PER_OCTAVE = 8;
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
