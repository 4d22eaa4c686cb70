// The page kept up to date: a new one is fetched, its body takes this one's place, and the script draws it. What the reader chose stays.
const EVERY = 2000;
let zoomed = null;
document.addEventListener("click", (event) => {
  const frame = event.target.closest?.("#flame button");
  if (frame) zoomed = frame.dataset.function ?? (frame.textContent === "everything" ? null : zoomed);
});
const one = (selector) => document.querySelector(selector);
function choices() {
  const filter = one("#filter");
  return {
    filter: filter.value, typing: document.activeElement === filter ? [filter.selectionStart, filter.selectionEnd] : null,
    sorted: one("th[aria-sort]")?.dataset.column, order: one("th[aria-sort]")?.ariaSort,
    tabs: ["tab", "life"].map((kind) => [kind, one(`[data-${kind}][aria-selected=true]`)?.dataset[kind]]),
    closed: one("#detail").hidden, detail: one("#detail").scrollTop, zoomed,
    open: [...document.querySelectorAll("details")].map((details) => details.open),
    scrolled: [...document.querySelectorAll(".scroll")].map((box) => [box.scrollLeft, box.scrollTop]), page: [scrollX, scrollY],
  };
}
function choose_again(kept) {
  for (let turns = 0; turns < 2 && kept.sorted; turns++) {
    const column = one(`th[data-column="${kept.sorted}"]`);
    if (column && column.ariaSort !== kept.order) column.querySelector("button")?.click();
  }
  const filter = one("#filter");
  if (kept.filter) { filter.value = kept.filter; filter.dispatchEvent(new Event("input")); }
  for (const [kind, name] of kept.tabs) {
    const tab = one(`[data-${kind}="${name}"]`);
    if (tab && tab.getAttribute("aria-selected") !== "true") tab.click();
  }
  const frame = kept.zoomed === null ? null : one(`#flame [data-function="${kept.zoomed}"]`);
  const address = location.href;
  if (frame) frame.click();
  zoomed = kept.zoomed;
  if (location.href !== address) history.replaceState(null, "", address);
  if (kept.closed && !one("#detail").hidden) one("#detail .close")?.click();
  [...document.querySelectorAll("details")].forEach((details, at) => { details.open = kept.open[at] ?? details.open; });
  [...document.querySelectorAll(".scroll")].forEach((box, at) => box.scrollTo(...(kept.scrolled[at] ?? [0, 0])));
  one("#detail").scrollTop = kept.detail;
  scrollTo(...kept.page);
  if (kept.typing) { filter.focus({ preventScroll: true }); filter.setSelectionRange(...kept.typing); }
}
const tell = (text, lost) => { const line = one("#live"); line.textContent = text; line.classList.toggle("lost", lost); };
// Somebody who selects text or holds the button down would lose it.
const busy = () => document.hidden || holding || !getSelection().isCollapsed;
let holding = false;
addEventListener("pointerdown", () => { holding = true; });
for (const end of ["pointerup", "pointercancel", "blur"]) addEventListener(end, () => { holding = false; });
async function refresh() {
  const begun = performance.now();
  try {
    if (!busy()) {
      const answer = await fetch(location.pathname + location.search, { cache: "no-store" });
      if (!answer.ok) throw new Error((await answer.text()).trim() || `status ${answer.status}`);
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!next.getElementById("data")) return location.reload();
      if (!busy()) {
        const kept = choices();
        drawn.abort();
        drawn = new AbortController();
        document.title = next.title;
        document.body.replaceChildren(...[...next.body.childNodes].filter((node) => node.nonce !== "report" && node.getAttribute?.("nonce") !== "report"));
        report(drawn.signal);
        choose_again(kept);
      }
      document.documentElement.dataset.refreshed = String(Number(document.documentElement.dataset.refreshed ?? 0) + 1);
      tell("live", false);
    }
  } catch (error) {
    tell(`not up to date: ${error.message}`, true);
  }
  // A large page takes at most a fifth of the time.
  setTimeout(refresh, Math.max(EVERY, 5 * (performance.now() - begun)));
}
setTimeout(refresh, EVERY);
