"use strict";
(() => {
  const { element, webAddress, abstractText, claimCard, outcomeChip, problemLine, link } = components;
  const ROWS = 100;
  const ABSTRACTS = 20;
  const COLUMNS = [
    { name: "method", title: "method" }, { name: "metric", title: "metric" },
    { name: "datasets", title: "data" }, { name: "value", title: "value", number: true },
    { name: "baselines", title: "against" },
    { name: "baseline_value", title: "their value", number: true },
    { name: "delta", title: "difference", number: true },
    { name: "outcome", title: "outcome" }, { name: "problems", title: "problems" },
    { name: "paper", title: "paper" },
  ];
  const { abstracts } = components.readData();
  const view = { name: "tab-table", page: 0, column: null, direction: "none" };
  const filters = document.getElementById("filters");
  const pager = document.getElementById("pager");
  const found = document.getElementById("found");

  for (const abstract of abstracts) {
    abstract.claims ??= [];
    abstract.words = `${abstract.id}\n${abstract.title ?? ""}`.toLowerCase();
  }
  const claims = abstracts.flatMap((abstract) => abstract.claims.map((claim, index) => {
    claim.abstract = abstract;
    claim.index = index;
    claim.words = [claim.method, claim.task, claim.datasets, claim.metric, claim.baselines, abstract.words]
      .join("\n").toLowerCase();
    return claim;
  }));

  const sortKeys = {
    value: (claim) => claim.ranks?.value,
    baseline_value: (claim) => claim.ranks?.baseline_value,
    delta: (claim) => claim.ranks?.delta,
    problems: (claim) => -(claim.problems?.length ?? 0) || null,
    paper: (claim) => (claim.abstract.title || claim.abstract.id).toLowerCase(),
  };
  const keyOf = (claim, column) => (sortKeys[column] ? sortKeys[column](claim) : claim[column]?.toLowerCase());

  const read = () => Object.fromEntries(new FormData(filters));
  const claimTests = {
    words: (wanted) => {
      const parts = wanted.toLowerCase().split(/\s+/).filter(Boolean);
      return (claim) => parts.every((part) => claim.words.includes(part));
    },
    outcome: (wanted) => (claim) => claim.outcome === wanted,
    figures: (wanted) => (wanted === "none" ? (claim) => !claim.ranks : (claim) => claim.ranks?.[wanted] !== undefined),
    problem: (wanted) => {
      if (wanted === "*") return (claim) => Boolean(claim.problems);
      if (wanted === "rejected") return (claim) => Boolean(claim.abstract.rejected);
      const names = (listed) => listed?.some((problem) => problem.check === wanted);
      return (claim) => names(claim.problems);
    },
  };

  function filterClaims(wanted) {
    const tests = Object.entries(claimTests)
      .filter(([name]) => wanted[name]).map(([name, make]) => make(wanted[name]));
    return claims.filter((claim) => tests.every((test) => test(claim))
      && (!wanted.status || claim.abstract.status === wanted.status));
  }

  /** Abstracts with a claim that fits; those without claims where nothing asks about claims. */
  function filterAbstracts(wanted) {
    const fitting = new Set(filterClaims(wanted).map((claim) => claim.abstract));
    const parts = wanted.words.toLowerCase().split(/\s+/).filter(Boolean);
    const keptOut = (abstract) => wanted.problem === "rejected" ? abstract.rejected
      : abstract.rejected?.some((entry) => entry.problems.some((problem) => problem.check === wanted.problem));
    return abstracts.filter((abstract) => {
      if (wanted.status && abstract.status !== wanted.status) return false;
      if (fitting.has(abstract)) return true;
      if (wanted.outcome || wanted.figures || !parts.every((part) => abstract.words.includes(part))) return false;
      return wanted.problem ? Boolean(keptOut(abstract)) : abstract.claims.length === 0;
    });
  }

  function drawHead(abstract) {
    const address = webAddress(abstract.url);
    const title = abstract.title || abstract.id;
    return element("header", { class: "abstract-head" },
      element("h3", { class: "foreign" },
        address ? element("a", { href: address, rel: "noreferrer noopener", target: "_blank" }, title) : title),
      element("p", { class: "meta" },
        ...[abstract.title ? abstract.id : null, abstract.published, abstract.source, abstract.model]
          .filter(Boolean).map((text) => element("span", { class: "foreign" }, text))));
  }

  function drawKeptOut(rejected) {
    if (!rejected) return null;
    return element("details", { class: "kept-out" },
      element("summary", {}, `${rejected.length} kept out`),
      element("ul", {}, ...rejected.map((entry) => element("li", {},
        element("p", { class: "foreign" }, entry.method || "(no method)"),
        entry.evidence ? element("p", { class: "claim-evidence foreign" }, `“${entry.evidence}”`) : null,
        ...entry.problems.map(problemLine)))));
  }

  function drawAbstract(abstract, withHead = true) {
    const state = abstract.status === "failed"
      ? element("p", {}, element("span", { class: "chip failed" }, "failed"), ` ${abstract.reason ?? ""}`)
      : abstract.claims.length === 0
        ? element("p", { class: "muted" }, abstract.reason === "screened" ? "No claims: screened, no model was asked." : "No claims.")
        : element("ol", { class: "claims" }, ...abstract.claims.map(claimCard));
    return link(element("article", { class: "abstract" },
      withHead ? drawHead(abstract) : null,
      abstract.text ? abstractText(abstract.text, abstract.claims)
        : element("p", { class: "muted" }, "The text was not stored."),
      element("div", { class: "claims" }, state, drawKeptOut(abstract.rejected))));
  }

  function drawRow(claim, columns) {
    const cell = (column, ...children) => element("td", {
      role: "cell", "data-title": column.name === "method" ? null : column.title,
      class: [column.number ? "number" : "", column.name === "paper" ? "paper" : "", "foreign"].join(" ").trim(),
    }, ...children);
    const button = element("button", { type: "button", class: "row-button", "aria-expanded": "false" },
      claim.method || "(no method)");
    const content = {
      method: [button],
      outcome: [outcomeChip(claim.outcome)],
      problems: [(claim.problems ?? []).map((problem) => problem.check).join(", ")],
      paper: [element("span", {}, claim.abstract.title || claim.abstract.id)],
    };
    const row = element("tr", { role: "row" }, ...columns.map((column) => {
      const children = (content[column.name] ?? [claim[column.name] ?? ""]).filter((child) => child !== "");
      return cell(column, ...children);
    }));
    button.addEventListener("click", () => toggleDetail(row, button, claim, columns.length));
    return row;
  }

  function toggleDetail(row, button, claim, width) {
    const isOpen = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!isOpen));
    row.classList.toggle("open", !isOpen);
    if (isOpen) { row.nextElementSibling.remove(); return; }
    const article = drawAbstract(claim.abstract);
    row.after(element("tr", { role: "row", class: "detail" },
      element("td", { role: "cell", colspan: width }, article)));
    components.light(article, claim.index);
  }

  function drawTable(panel, shown) {
    const filled = (column) => ["method", "outcome", "paper"].includes(column.name)
      || claims.some((claim) => claim[column.name]?.length);
    const columns = COLUMNS.filter(filled);
    if (!shown.length) { panel.replaceChildren(element("p", { class: "empty" }, "No claim fits.")); return; }
    if (view.column) {
      const keyed = shown.map((claim) => [keyOf(claim, view.column), claim]);
      keyed.sort((one, other) => tables.compare(one[0], other[0], view.direction));
      shown = keyed.map(([, claim]) => claim);
    }
    const sort = (column, direction) => {
      Object.assign(view, { column, direction, page: 0 });
      draw();
      panel.querySelector(`th[data-column="${column}"] button`).focus();
    };
    const page = shown.slice(view.page * ROWS, (view.page + 1) * ROWS);
    panel.replaceChildren(element("div", { class: "table-frame" },
      element("table", { class: "claims-table", role: "table", "aria-label": "Claims" },
        element("thead", { role: "rowgroup" }, tables.headerRow(columns, view, sort)),
        element("tbody", { role: "rowgroup" }, ...page.map((claim) => drawRow(claim, columns))))));
  }

  function drawList(panel, shown) {
    if (!shown.length) { panel.replaceChildren(element("p", { class: "empty" }, "No abstract fits.")); return; }
    const page = shown.slice(view.page * ABSTRACTS, (view.page + 1) * ABSTRACTS);
    panel.replaceChildren(element("ol", { class: "case-list" },
      ...page.map((abstract) => element("li", {}, drawAbstract(abstract)))));
  }

  function draw() {
    const wanted = read();
    const inTable = view.name === "tab-table";
    const shown = inTable ? filterClaims(wanted) : filterAbstracts(wanted);
    const [all, size, noun] = inTable ? [claims, ROWS, "claims"] : [abstracts, ABSTRACTS, "abstracts"];
    (inTable ? drawTable : drawList)(
      document.getElementById(inTable ? "view-table" : "view-abstracts"), shown);
    found.textContent = `${shown.length.toLocaleString("en")} of ${all.length.toLocaleString("en")} ${noun}`;
    tables.drawPager(pager, view.page, Math.ceil(shown.length / size), (page) => {
      view.page = page;
      draw();
      document.getElementById("filters").scrollIntoView();
    });
  }

  const restart = () => { view.page = 0; draw(); };
  filters.addEventListener("input", restart);
  filters.addEventListener("submit", (event) => event.preventDefault());
  filters.addEventListener("reset", () => queueMicrotask(restart));
  tables.wireTabs(document.querySelector("[role=tablist]"), (name) => { view.name = name; restart(); });
  draw();
})();
