"use strict";
(() => {
  const { element, abstractText, claimCard, link } = components;
  const PAGE = 10;
  const filters = document.getElementById("filters");
  if (!filters) return;
  const list = document.getElementById("list");
  const entries = components.readData().cases;
  let page = 0;

  for (const entry of entries) {
    entry.words = [entry.id, entry.title, ...entry.gold.flatMap((claim) =>
      [claim.method, claim.metric, claim.datasets, claim.baselines, claim.task])].join("\n").toLowerCase();
  }

  const onlyBy = (claim) => (claim.found.length === 1 ? claim.found[0] : null);
  const tests = {
    one: (claim) => onlyBy(claim) !== null,
    A: (claim) => onlyBy(claim) === "A",
    B: (claim) => onlyBy(claim) === "B",
    none: (claim) => claim.found.length === 0 && claim.status === "required",
    "": () => true,
  };

  function chipOf(claim) {
    if (claim.status === "optional") return ["optional", "plain"];
    const finder = onlyBy(claim);
    if (finder) return [`found by ${finder} alone`, finder === "B" ? "right" : "wrong"];
    return claim.found.length ? ["found by both", "plain"] : ["found by neither", "plain"];
  }

  function drawCase(entry) {
    const cards = entry.gold.map((claim, index) => {
      const card = claimCard(claim, index);
      const [title, kind] = chipOf(claim);
      card.append(element("p", {}, element("span", { class: `chip ${kind}` }, title)));
      return card;
    });
    return link(element("article", { class: "abstract" },
      element("header", { class: "abstract-head" },
        element("h3", { class: "foreign" }, entry.title || entry.id),
        entry.title ? element("p", { class: "meta foreign" }, entry.id) : null),
      entry.text ? abstractText(entry.text, entry.gold)
        : element("p", { class: "muted" }, "The labels came without this text."),
      cards.length ? element("ol", { class: "claims" }, ...cards) : element("p", { class: "muted" }, "No claim.")));
  }

  function draw() {
    const wanted = Object.fromEntries(new FormData(filters));
    const parts = wanted.words.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = entries.filter((entry) => parts.every((part) => entry.words.includes(part))
      && (!wanted.found || entry.gold.some(tests[wanted.found])));
    document.getElementById("found").textContent =
      `${shown.length.toLocaleString("en")} of ${entries.length.toLocaleString("en")} abstracts`;
    list.replaceChildren(...shown.slice(page * PAGE, (page + 1) * PAGE).map((entry) => element("li", {}, drawCase(entry))));
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
  draw();
})();
