"use strict";
(() => {
  const { element } = components;
  const PAGE = 10;
  const entries = components.readData().cases;
  const filters = document.getElementById("filters");
  const list = document.getElementById("list");
  const bars = [...document.querySelectorAll(".cause")];
  let page = 0;

  for (const entry of entries) {
    const claims = [...entry.gold, ...entry.predicted];
    entry.words = [entry.id, entry.title, ...claims.flatMap((claim) =>
      [claim.method, claim.metric, claim.datasets, claim.baselines, claim.task])].join("\n").toLowerCase();
    entry.causes = new Set(entry.rows.map((row) => row.cause).filter(Boolean));
  }

  const kinds = {
    lost: (entry) => entry.causes.size > 0,
    clean: (entry) => entry.causes.size === 0,
    failed: (entry) => entry.failed,
  };

  function draw() {
    const wanted = Object.fromEntries(new FormData(filters));
    const parts = wanted.words.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = entries.filter((entry) => parts.every((part) => entry.words.includes(part))
      && (!wanted.cause || entry.causes.has(wanted.cause))
      && (!wanted.kind || kinds[wanted.kind](entry)));
    for (const bar of bars) bar.setAttribute("aria-pressed", String(bar.dataset.cause === wanted.cause));
    const claims = wanted.cause ? shown.flatMap((entry) => entry.rows).filter((row) => row.cause === wanted.cause).length : 0;
    document.getElementById("found").textContent =
      `${shown.length.toLocaleString("en")} of ${entries.length.toLocaleString("en")} abstracts`
      + (wanted.cause ? `, ${claims.toLocaleString("en")} times ${wanted.cause}` : "");
    list.replaceChildren(...shown.slice(page * PAGE, (page + 1) * PAGE)
      .map((entry) => element("li", {}, cases.drawCase(entry, wanted.cause))));
    if (!shown.length) list.append(element("li", { class: "empty" }, "No case fits."));
    tables.drawPager(document.getElementById("pager"), page, Math.ceil(shown.length / PAGE), (target) => {
      page = target;
      draw();
      document.getElementById("cases").scrollIntoView();
    });
  }

  const restart = () => { page = 0; draw(); };
  filters.addEventListener("input", restart);
  filters.addEventListener("submit", (event) => event.preventDefault());
  filters.addEventListener("reset", () => queueMicrotask(restart));
  for (const bar of bars) {
    bar.addEventListener("click", () => {
      filters.elements.cause.value = bar.getAttribute("aria-pressed") === "true" ? "" : bar.dataset.cause;
      restart();
      if (filters.elements.cause.value) document.getElementById("cases").scrollIntoView();
    });
  }
  draw();
})();
