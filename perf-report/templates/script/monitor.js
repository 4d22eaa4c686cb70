// The process over time: memory and processor time as charts with the alerts in them, the other metrics as small ones.
const LABELS = {
  rss: "resident", peak_rss: "peak resident", virtual: "address space", private: "private memory", shared: "shared memory", heap: "heap", cgroup: "cgroup memory",
  cpu: "total", cpu_user: "program", cpu_system: "system", threads: "threads", files: "open files", faults: "page faults", major_faults: "major page faults",
  switches: "context switches", preemptions: "preemptions", read: "read", written: "written", memory_pressure: "memory pressure", cpu_pressure: "CPU pressure",
  tokio_workers: "tokio: workers", tokio_tasks: "tokio: tasks", tokio_queue: "tokio: global queue", tokio_busy: "tokio: busy", tokio_busiest: "tokio: busiest worker",
  tokio_parks: "tokio: parks",
};
const CHARTS = [
  { id: "memory", title: "Memory", metrics: ["rss", "heap"], fallback: ["cgroup"] },
  { id: "cpu", title: "CPU", metrics: ["cpu", "cpu_system"], fallback: [] },
];
const lowest = (value) => (Array.isArray(value) ? value[0] : value);
const middle = (value) => (Array.isArray(value) ? value[1] : value);
const highest = (value) => (Array.isArray(value) ? value[2] : value);

function monitor(timeline) {
  const { ends, alerts } = timeline;
  const last = Math.max(data.recorded, ends.at(-1) ?? 0, ...alerts.flatMap((alert) => alert.events.map((event) => event.cleared ?? event.at)), 1);
  const begins = ends.map((_, at) => (at ? ends[at - 1] : timeline.begin));
  const find = (metric) => timeline.series.find((series) => series.metric === metric);
  const shown = CHARTS.map((chart) => {
    const series = chart.metrics.map(find).filter(Boolean);
    return { ...chart, series: series.length ? series : chart.fallback.map(find).filter(Boolean) };
  }).filter((chart) => chart.series.length);
  const inCharts = new Set(shown.flatMap((chart) => chart.series.map((series) => series.metric)));
  const others = timeline.series.filter((series) => !inCharts.has(series.metric) && !["peak_rss", "cpu_user"].includes(series.metric) && series.highest > 0);
  let hovered = null;

  // What is the same in all charts: where a moment is, and which span it falls into.
  const scale = (width, left) => {
    const right = width - 10;
    const x = (ns) => left + (Math.min(ns, last) / last) * (right - left);
    return { x, left, right, spanAt: (px) => ends.findIndex((end) => x(end) >= px), center: (at) => x((begins[at] + ends[at]) / 2) };
  };

  function chart({ id, title, series }, width) {
    const [high, top, bottom] = [156, 10, 22];
    const s = scale(width, GUTTER);
    const unit = series[0].unit;
    const drawn = new Set(series.map((line) => line.metric));
    const watching = alerts.filter((alert) => alert.level && drawn.has(alert.level.metric));
    const most = Math.max(...series.map((line) => line.highest), 1);
    // A level far above everything that happened would flatten the chart, and is left out.
    const levelsIn = watching.flatMap((alert) => [alert.level.raise, alert.level.clear]).filter((level) => level != null && level <= most * 1.6);
    const marks = levels(unit, Math.max(most, ...levelsIn) * 1.04, 4);
    const y = (value) => high - bottom - (value / marks.at(-1)) * (high - top - bottom);
    const parts = [
      marks.map((value) => [
        svg("line", { class: "axis", x1: s.left, x2: s.right, y1: y(value), y2: y(value) }),
        svg("text", { x: s.left - 8, y: y(value) + 3.5, "text-anchor": "end" }, onAxis(unit, value)),
      ]),
      moments(0, last, (s.right - s.left) / 90).map((ns) => svg("text", { x: s.x(ns), y: high - 6, "text-anchor": anchor(s.x(ns), s.left, s.right) }, moment(ns))),
      watching.flatMap((alert) => alert.events.map((event) => {
        const [from, to] = [s.x(event.at), s.x(event.cleared ?? last)];
        return svg("g", { class: "raised" },
          svg("rect", { class: "band", x: from, y: top, width: Math.max(1.5, to - from), height: high - top - bottom }, svg("title", {}, `${alert.rule}\n${event.told}`)),
          svg("line", { class: "rise", x1: from, x2: from, y1: top, y2: high - bottom }),
          event.cleared == null ? null : svg("line", { class: "cleared", x1: to, x2: to, y1: top, y2: high - bottom }));
      })),
      series.map((line, number) => [
        number ? null : svg("path", { class: "under", d: area(line.values.map((value) => (value == null ? null : 0)), line.values.map(middle), s.center, y) }),
        svg("path", { class: `range s${number}`, d: area(line.values.map(lowest), line.values.map(highest), s.center, y) }),
        svg("path", { class: `line s${number}`, d: steps(line.values.map(middle), s.center, y) }),
      ]),
      levelLines(watching, levelsIn, s, y, unit),
      watching.flatMap((alert) => alert.events.flatMap((event) => event.actions.map((action) => svg("path", { class: "action", d: `M${s.x(action.at) - 4.5} ${top - 7}h9l-4.5 7z` }, svg("title", {}, `${action.kind} after ${duration(action.at)}: ${action.told}`))))),
      svg("line", { class: "cursor", y1: top, y2: high - bottom, hidden: true }),
    ];
    const legend = series.map((line, number) => el("span", { class: `key s${number}` }, el("i", {}), series.length > 1 || LABELS[line.metric] !== "total" ? `${LABELS[line.metric]} ` : "", el("b", { "data-metric": line.metric }), " ", el("span", { class: "soft" }, summary(line))));
    const drawing = svg("svg", { class: "chart time", width, height: high, viewBox: `0 0 ${width} ${high}`, role: "img", "aria-label": `${title} over ${duration(last)}` }, parts.flat(4).filter(Boolean));
    hover(drawing, s);
    return el("figure", { id: `chart-${id}` }, el("figcaption", {}, el("h3", {}, title), ...legend), drawing);
  }
  function summary(line) {
    // What the system kept itself misses no peak between two samples.
    const most = Math.max(line.highest, line.metric === "rss" ? find("peak_rss")?.highest ?? 0 : 0);
    const other = line.unit === "bytes" ? `last ${inUnit(line.unit, line.last)}` : `mean ${inUnit(line.unit, line.mean)}`;
    return `highest ${inUnit(line.unit, most)}, ${other}`;
  }
  // Where alerts are raised and cleared; a word on each line that has room for one.
  function levelLines(watching, allowed, s, y, unit) {
    const used = [];
    return watching.flatMap((alert) => [["raise", alert.level.raise], ["clear", alert.level.clear]]).filter(([, level]) => allowed.includes(level)).map(([kind, level]) => {
      const at = y(level);
      const isFree = used.every((other) => Math.abs(other - at) > 12);
      if (isFree) used.push(at);
      const word = isFree ? svg("text", { class: "level-name", x: s.right - 4, y: at - 4, "text-anchor": "end" }, `${kind === "raise" ? "raised at" : "cleared at"} ${onAxis(unit, level)}`) : null;
      return [svg("line", { class: `level ${kind}`, x1: s.left, x2: s.right, y1: at, y2: at }), word];
    });
  }
  function hover(drawing, s) {
    const at = (event) => {
      const span = s.spanAt(event.clientX - drawing.getBoundingClientRect().left);
      point(span < 0 ? ends.length - 1 : span);
    };
    drawing.addEventListener("pointermove", at);
    drawing.addEventListener("pointerdown", at);
    drawing.addEventListener("pointerleave", () => point(null));
  }
  // Shows one span in all charts.
  function point(span) {
    if (span === hovered) return;
    hovered = span;
    for (const drawing of document.querySelectorAll("#charts svg.time")) {
      const line = drawing.querySelector(".cursor");
      line.toggleAttribute("hidden", span == null);
      if (span == null) continue;
      const center = scale(drawing.clientWidth, GUTTER).center(span);
      line.setAttribute("x1", center); line.setAttribute("x2", center);
    }
    for (const figure of document.querySelectorAll("#charts [data-metric]")) {
      const line = find(figure.dataset.metric);
      const value = span == null ? null : middle(line.values[span]);
      figure.textContent = span == null ? "" : value == null ? "–" : inUnit(line.unit, value);
      figure.closest(".key").classList.toggle("pointed", span != null);
    }
    by("moment").textContent = span == null ? "" : `${duration(begins[span])} to ${duration(ends[span])}`;
  }

  // Each alert on a lane below the charts.
  function lane(alert, width) {
    const s = scale(width, GUTTER);
    const bars = alert.events.map((event) => {
      const [from, to] = [s.x(event.at), s.x(event.cleared ?? last)];
      return [
        svg("rect", { class: event.cleared == null ? "bar open" : "bar", x: from, y: 3, width: Math.max(3, to - from), height: 10, rx: 2 }, svg("title", {}, event.told)),
        event.actions.map((action) => svg("path", { class: "action", d: `M${s.x(action.at) - 4} 0h8l-4 6z` }, svg("title", {}, `${action.kind} after ${duration(action.at)}: ${action.told}`))),
      ];
    });
    return svg("svg", { class: "chart times", width, height: 16, viewBox: `0 0 ${width} 16`, role: "img", "aria-label": `When it was raised` },
      svg("line", { class: "axis", x1: s.left, x2: s.right, y1: 8, y2: 8 }), bars.flat(2));
  }
  function alarm(alert, width) {
    const times = alert.raised === 0 ? "never raised" : `raised ${alert.raised === 1 ? "once" : `${count(alert.raised)} times`}${alert.events.some((event) => event.cleared == null) ? ", not cleared" : ""}`;
    const head = [el("code", {}, alert.rule), el("span", { class: alert.raised ? "raised" : "soft" }, times)];
    if (alert.raised === 0) return el("div", { class: "alert" }, el("div", { class: "rule" }, head));
    const told = alert.events.map((event) => el("li", {}, event.told));
    if (alert.raised > alert.events.length) told.unshift(el("li", { class: "soft" }, `${count(alert.raised - alert.events.length)} earlier ones are not kept`));
    if (alert.dropped) told.push(el("li", { class: "soft" }, `${count(alert.dropped)} messages were not delivered, as those before were not dealt with`));
    return el("details", { class: "alert" }, el("summary", {}, el("div", { class: "rule" }, head), lane(alert, width)), el("ul", {}, told));
  }

  // The rest: each a line without an axis, with its highest value.
  function small(line, width) {
    const [high, top] = [44, 4];
    const s = scale(width, 0);
    const y = (value) => high - 2 - (value / Math.max(line.highest, 1)) * (high - top - 2);
    return el("figure", {}, el("figcaption", {}, el("h3", {}, LABELS[line.metric] ?? line.metric), el("span", { class: "soft" }, summary(line))),
      svg("svg", { class: "chart", width, height: high, viewBox: `0 0 ${width} ${high}`, role: "img", "aria-label": `${LABELS[line.metric] ?? line.metric} over ${duration(last)}` },
        svg("path", { class: "under", d: area(line.values.map((value) => (value == null ? null : 0)), line.values.map(middle), s.center, y) }),
        svg("path", { class: "line s0", d: steps(line.values.map(middle), s.center, y) }), svg("line", { class: "axis", x1: 0, x2: width, y1: high - 1.5, y2: high - 1.5 })));
  }

  let drawnFor = 0;
  function render() {
    const width = Math.floor(by("charts").clientWidth - 32);
    if (width < 100 || width === drawnFor) return;
    drawnFor = width;
    by("charts").replaceChildren(...shown.map((one) => chart(one, width)));
    const open = [...document.querySelectorAll("#alerts details")].map((details) => details.open);
    by("alerts").replaceChildren(el("h3", {}, "Alerts"), ...alerts.map((alert) => alarm(alert, width)));
    [...document.querySelectorAll("#alerts details")].forEach((details, at) => { details.open = open[at] ?? false; });
    rest();
  }
  function rest() {
    const all = by("more-charts");
    if (!all.open) return;
    const columns = Math.max(1, Math.floor(drawnFor / 240));
    const width = Math.floor((drawnFor - (columns - 1) * 20) / columns);
    all.lastElementChild.replaceChildren(...others.map((line) => small(line, width)));
  }
  by("monitor").hidden = false;
  by("alerts").hidden = alerts.length === 0;
  by("more-charts").hidden = others.length === 0;
  by("more-charts").firstElementChild.textContent = `${count(others.length)} more ${others.length === 1 ? "metric" : "metrics"}`;
  by("more-charts").addEventListener("toggle", rest);
  const each = timeline.samples ? `, each in ${duration(timeline.sampling / timeline.samples)}` : "";
  const cores = `${count(timeline.cores)} ${timeline.cores === 1 ? "core" : "cores"}`;
  by("monitor-hint").textContent = `${count(timeline.samples)} samples, one per ${tick(timeline.interval)}${each}. 100% of CPU is one core of the ${cores} that the process may use. Light areas reach from the lowest to the highest sample of a stretch of time${alerts.length ? "; bands are times in which an alert was raised, ▾ is what was done about it" : ""}.`;
  render();
  new ResizeObserver(render).observe(by("charts"));
}
if (data.monitor && data.monitor.ends.length) monitor(data.monitor);
