// Light and dark, the keyboard, and the first drawing of everything.
const root = document.documentElement;
try { const kept = localStorage.getItem("perf-report-theme"); if (kept) root.dataset.theme = kept; } catch { /* no storage for this page */ }
by("theme").addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("perf-report-theme", root.dataset.theme); } catch { /* no storage for this page */ }
});


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
}, { signal: listening });
// Ways to the sections that this page has.
const sections = [...document.querySelectorAll("main > section:not([hidden])")];
if (sections.length > 2) {
  by("jump").hidden = false;
  by("jump").append(...sections.map((section) => {
    const way = el("a", { href: `#${section.id}` }, section.querySelector("h2").textContent);
    way.addEventListener("click", (event) => { event.preventDefault(); section.scrollIntoView({ block: "start" }); });
    return way;
  }));
}
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
