// Choices, the keyboard, light and dark, and the first drawing.
const page = document.documentElement;
try { const kept = localStorage.getItem("perf-report-theme"); if (kept) page.dataset.theme = kept; } catch { /* no storage for this page */ }
by("theme").addEventListener("click", () => {
  const dark = page.dataset.theme ? page.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  page.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("perf-report-theme", page.dataset.theme); } catch { /* no storage for this page */ }
});
const choice = { direction: "callees", state: "all" };
function rebuild() {
  root = grow(choice.direction, choice.state);
  measure(root);
  focus = root;
  drawFrames();
  found();
  tell(root);
}
for (const group of ["direction", "state"]) {
  for (const button of by(group).querySelectorAll("button")) {
    button.addEventListener("click", () => {
      choice[group] = button.dataset.value;
      for (const other of by(group).querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
      rebuild();
    });
  }
}
by("search").addEventListener("input", () => { drawFrames(); found(); });
const move = (node) => { if (node?.button?.isConnected) { shownFrames.forEach((button) => { button.tabIndex = -1; }); node.button.tabIndex = 0; node.button.focus(); } };
function beside(node, step) {
  if (!node.parent) return null;
  const list = sorted(node.parent).filter((one) => one.button?.isConnected);
  return list[list.indexOf(node) + step];
}
by("frames").addEventListener("keydown", (event) => {
  const node = event.target.node;
  if (!node) return;
  const to = { ArrowUp: () => node.parent, ArrowDown: () => sorted(node)[0], ArrowLeft: () => beside(node, -1), ArrowRight: () => beside(node, 1), Home: () => root }[event.key];
  if (to) { event.preventDefault(); move(to()); }
});
document.addEventListener("keydown", (event) => {
  const typing = document.activeElement === by("search");
  if (event.key === "/" && !typing) { event.preventDefault(); by("search").focus(); }
  if (event.key !== "Escape") return;
  if (typing && by("search").value) { by("search").value = ""; drawFrames(); found(); }
  else if (typing) by("search").blur();
  else if (focus.parent) go(focus.parent);
});
by("frames").addEventListener("mouseleave", () => tell(focus));
by("state").hidden = !byState;
const legend = (...entries) => by("legend").replaceChildren(...entries.map(([name, color]) => el("span", { style: `--swatch:${color}` }, name)));
if (compared) legend(["more time than before", "oklch(var(--frame) .16 var(--more))"], ["less", "oklch(var(--frame) .16 var(--less))"], ["the same", "oklch(var(--frame) 0 0)"]);
else if (byState) legend(["running", "var(--running)"], ["runnable: waits for a processor", "var(--runnable)"], ["waiting", "var(--waiting)"]);
rebuild();
page.dataset.ready = "yes";
