// The resources: each on a lane from the start of the process to the end of the recording, and what uses what.
function resources(all) {
  const end = Math.max(1, data.unrecorded + data.recorded, ...all.map((resource) => (resource.first_use ?? 0) + resource.init));
  const place = (ns) => `${Math.min(100, (100 * ns) / end).toFixed(3)}%`;
  // When the monitor had idle ones evicted; the moments of other evictions are not recorded.
  const evicted = (data.monitor?.alerts ?? []).flatMap((alert) => alert.events).flatMap((event) => event.actions).filter((action) => action.kind === "evict").map((action) => ({ ...action, at: data.unrecorded + action.at }));
  const rightly = (resource) => el("span", { class: "name", title: resource.name }, el("i", {}, split(resource.name)[0]), el("b", {}, split(resource.name)[1] || "(no name)"));
  const state = (resource) => el("span", { class: `state ${resource.state.split(" ")[0]}` }, resource.state);
  const some = (value, show) => (value == null || value === 0 ? el("span", { class: "soft" }, "–") : show(value));
  const initialiser = (resource) => functions[resource.function];

  function lane(resource) {
    if (resource.first_use == null) return null;
    const there = resource.first_use + resource.init;
    const part = (kind, from, to, title) => el("span", { class: kind, style: `left:min(${place(from)}, 100% - 3px);width:${place(Math.max(0, to - from))}`, title });
    const parts = [];
    if (resource.inits > 0) {
      const until = resource.teardown == null ? end : Math.max(there, end - resource.teardown);
      const again = resource.evictions > 0 ? `, given up ${count(resource.evictions)} times since` : "";
      parts.push(part(resource.evictions > 0 ? "there again" : "there", there, until, `there from ${duration(there)} on${again}`));
    }
    parts.push(part(resource.inits > 0 ? "init" : "init failed", resource.first_use, there, resource.inits > 0 ? `asked for ${duration(resource.first_use)} after the start, there ${duration(resource.init)} later` : `asked for ${duration(resource.first_use)} after the start`));
    if (resource.evictions > 0) parts.push(...evicted.filter((action) => action.at > there).slice(0, 200).map((action) => part("evicted", action.at, action.at, `after ${duration(action.at)} the monitor had idle resources evicted: ${action.told}`)));
    if (resource.idle > 0 && resource.idle < end - there) parts.push(part("used", end - resource.idle, end - resource.idle, `last used ${duration(resource.idle)} before the end`));
    if (resource.teardown != null) parts.push(part(`down${resource.trouble ? " failed" : ""}`, end - resource.teardown, end, `torn down in ${duration(resource.teardown)}${resource.trouble ? `, ${resource.trouble}` : ""}`));
    return el("div", { class: "lane" }, parts);
  }
  function axis() {
    return el("span", { class: "axis" }, moments(0, end, 4).filter((ns) => ns < end * 0.8).map((ns) => el("span", { style: `left:${place(ns)}` }, moment(ns))), el("span", { class: "end" }, duration(end)));
  }

  // Title, cell, class, and for columns that say nothing of most resources, whether they say something of one.
  const CELLS = [
    ["State", (r) => [state(r), r.healthy === false ? el("span", { class: "state failed" }, "unhealthy") : null]],
    [axis, lane, "c-lane"],
    ["First use", (r) => some(r.first_use, duration)],
    ["Init", (r) => some(r.init, duration)],
    ["Inits", (r) => [count(r.inits), r.failures ? el("span", { class: "bad" }, ` ${count(r.failures)} failed`) : null], "c-more"],
    ["Waited", (r) => some(r.waited, count), "c-more", (r) => r.waited],
    ["Leases", (r) => [some(r.accesses, count), r.leases ? el("span", { class: "bad" }, ` ${count(r.leases)} out`) : null], "c-more", (r) => r.accesses],
    ["Weight", (r) => some(r.weight, bytes), "c-more", (r) => r.weight],
    ["Evictions", (r) => (r.evictions ? [count(r.evictions), r.freed ? el("span", { class: "soft" }, ` ${bytes(r.freed)}`) : null] : some(0)), "c-more", (r) => r.evictions],
    ["Teardown", (r) => [some(r.teardown, duration), r.trouble ? el("span", { class: "bad" }, ` ${r.trouble}`) : null], "c-more", (r) => r.teardown],
  ].filter(([, , , says]) => !says || all.some(says));
  function row(resource) {
    const f = initialiser(resource);
    const line = el("tr", f ? { "data-function": f.index } : {}, el("td", {}, rightly(resource)), CELLS.map(([, cell, kind]) => el("td", { class: kind }, cell(resource))));
    if (f) line.addEventListener("click", () => choose(f, true));
    return line;
  }
  function lives() {
    const used = all.filter((resource) => resource.first_use != null).sort((a, b) => a.first_use - b.first_use);
    const titles = CELLS.map(([title, , kind]) => el("th", { scope: "col", class: kind }, typeof title === "function" ? title() : el("span", {}, title)));
    return el("table", {}, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, el("span", {}, "Resource")), titles)),
      el("tbody", {}, [...used, ...all.filter((resource) => resource.first_use == null)].map(row)));
  }

  // Roots are those that no other uses; what a resource uses is shown once, then referred to.
  function uses() {
    const isUsed = new Set(all.flatMap((resource) => resource.uses.map(([index]) => index)));
    const seen = new Set();
    const branch = (index, declared, above) => {
      const resource = all[index];
      if (!resource) return null;
      const again = seen.has(index);
      seen.add(index);
      const notes = [declared ? "declared" : null, again && resource.uses.length ? (above.includes(index) ? "a cycle" : "see above") : null].filter(Boolean);
      const f = initialiser(resource);
      const line = el("div", { class: "use", "data-function": f?.index, onclick: f ? () => choose(f, true) : null }, rightly(resource), notes.length ? el("span", { class: "soft" }, `(${notes.join(", ")})`) : null, state(resource), el("span", { class: "figure" }, some(resource.inits > 0 ? resource.last_init : null, duration)));
      const below = again ? [] : resource.uses.map(([next, only]) => branch(next, only, [...above, index])).filter(Boolean);
      return el("li", {}, line, below.length ? el("ul", {}, below) : null);
    };
    const roots = all.map((_, index) => index).filter((index) => !isUsed.has(index) && all[index].uses.length > 0);
    const trees = roots.map((index) => branch(index, false, []));
    // Last, what hangs on no root, because it lies on a cycle.
    all.forEach((resource, index) => { if (!seen.has(index) && resource.uses.length) trees.push(branch(index, false, [])); });
    const alone = all.filter((_, index) => !seen.has(index)).length;
    return [el("ul", { class: "uses" }, trees), alone ? el("p", { class: "soft" }, `${count(alone)} ${alone === 1 ? "resource uses no other and is used by none" : "resources use no other and are used by none"}.`) : null].filter(Boolean);
  }

  by("resources").hidden = false;
  by("lives").append(lives());
  if (all.some((resource) => resource.uses.length)) {
    document.querySelector("#resources .tabs").hidden = false;
    by("uses").append(...uses());
    for (const button of document.querySelectorAll("[data-life]")) {
      button.addEventListener("click", () => {
        for (const other of document.querySelectorAll("[data-life]")) {
          other.setAttribute("aria-selected", String(other === button));
          by(other.dataset.life).hidden = other !== button;
        }
      });
    }
  }
  const key = (kind, text) => el("span", { class: "lane-key" }, el("i", { class: kind }), text);
  const keys = [key("init", "initialising"), key("there", "there"),
    all.some((r) => r.evictions > 0) ? key("there again", "given up and made anew, at moments that are not recorded") : null,
    all.some((r) => r.evictions > 0) && evicted.length ? key("evicted", "the monitor had idle ones evicted") : null,
    all.some((r) => r.idle > 0) ? key("used", "last used") : null, all.some((r) => r.teardown != null) ? key("down", "torn down") : null];
  by("resources-notes").hidden = false;
  by("resources-notes").append(el("li", {}, keys), ...data.resource_notes.map((note) => el("li", {}, note)));
}
if (data.resources.length) resources(data.resources);
