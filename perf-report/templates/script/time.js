// Charts over time, of one width and one axis, drawn as wide as there is room so that letters keep their size.
const GUTTER = 64;
const BYTES = [["B", 1, 1024], ["KiB", 1024, 1024], ["MiB", 2 ** 20, 1024], ["GiB", 2 ** 30, 1024], ["TiB", 2 ** 40, Infinity]];
const bytes = (number) => scaled(number, BYTES);

// A value of a metric, as the terminal's views write it.
function inUnit(unit, value) {
  switch (unit) {
    case "bytes": return bytes(value);
    case "bytes_per_second": return `${bytes(value)}/s`;
    case "ppm": return value > 0 && value < 500 ? "<0.1%" : `${value < 999500 ? (value / 1e4).toFixed(1) : whole(value / 1e4)}%`;
    case "per_second": return `${value < 100 ? value.toFixed(1) : count(value)}/s`;
    case "nanoseconds": return duration(value);
    default: return count(value);
  }
}
// The same for an axis, where round values need no decimals.
const onAxis = (unit, value) => (value === 0 && unit === "ppm" ? "0%" : inUnit(unit, value)).replace(/(\.\d*?)0+(?=[ %/]|$)/, "$1").replace(/\.(?=[ %/]|$)/, "");

// Round values from 0 to at least `high`, at most so many.
function levels(unit, high, most) {
  const sized = unit.startsWith("bytes");
  const base = sized ? 1024 ** Math.max(0, Math.floor(Math.log2(Math.max(high, 1)) / 10)) : unit === "ppm" ? 1e4 : 1;
  const steps = [];
  for (let power = -3; power < 18; power++) for (const step of sized && power === 0 ? [1, 2, 4, 5, 8] : [1, 2, 5]) steps.push(step * 10 ** power);
  const least = unit === "count" ? 1 : 0;
  const step = steps.filter((step) => step >= least).find((step) => step * base * most >= high) * base;
  const list = [];
  for (let value = 0; value < high + step * 0.999; value += step) list.push(value);
  return list;
}
// Round moments of a stretch of time, as many as there is room for.
function moments(from, to, room) {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500].flatMap((n) => [n, n * 1e3, n * 1e6]).concat([1, 2, 5, 10, 15, 30].map((n) => n * 1e9), [1, 2, 5, 10, 15, 30, 60, 120, 300, 720, 1440, 10080].map((n) => n * 6e10)).sort((a, b) => a - b);
  const step = steps.find((step) => (to - from) / step <= Math.max(1, room)) || (to - from) / 4;
  const list = [];
  for (let moment = Math.ceil(from / step) * step; moment <= to; moment += step) list.push(moment);
  return list;
}
const moment = (ns) => (ns === 0 ? "0" : tick(ns));
// Where a word at `x` may begin, so that it does not leave the chart.
const anchor = (x, left, right) => (x < left + 14 ? "start" : x > right - 20 ? "end" : "middle");

// The line of a value per span, and the area between two of them; gaps where nothing was read.
function steps(values, x, y) {
  let path = "", open = false;
  values.forEach((value, at) => {
    if (value == null) open = false;
    else {
      path += `${open ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
      // One that stands alone is a dot.
      if (!open && values[at + 1] == null) path += "h.1";
      open = true;
    }
  });
  return path;
}
function area(low, high, x, y) {
  let path = "";
  for (let from = 0; from < high.length; from++) {
    if (high[from] == null) continue;
    let to = from;
    while (to + 1 < high.length && high[to + 1] != null) to++;
    const point = (list, at) => `${x(at).toFixed(1)} ${y(list[at]).toFixed(1)}`;
    path += `M${point(high, from)}`;
    for (let at = from + 1; at <= to; at++) path += `L${point(high, at)}`;
    for (let at = to; at >= from; at--) path += `L${point(low, at)}`;
    path += "z";
    from = to;
  }
  return path;
}
