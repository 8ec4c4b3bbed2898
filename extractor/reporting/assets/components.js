"use strict";
// Draws abstracts and claims. Text only ever becomes text nodes, so no text becomes markup.
const components = (() => {
  const FIELDS = [
    ["task", "task"], ["metric", "metric"], ["datasets", "data"], ["value", "value"],
    ["baselines", "against"], ["baseline_value", "their value"], ["delta", "difference"],
  ];
  const QUANTITIES = new Set(["value", "baseline_value", "delta"]);

  /** Make an element; children are elements or text. */
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === undefined || value === null || value === false) continue;
      made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  }

  /** The address if it is one of the web, else null: never a script. */
  function webAddress(text) {
    return /^https?:\/\//i.test(text ?? "") ? text : null;
  }

  /** Cut a text wherever a quote or a figure begins or ends. Offsets count characters. */
  function segment(text, claims) {
    const characters = Array.from(text);
    const marks = claims.flatMap((claim, index) => [
      ...(claim.span ? [{ start: claim.span[0], end: claim.span[1], index, kind: "quotes" }] : []),
      ...(claim.figures ?? []).map(([start, end]) => ({ start, end, index, kind: "figures" })),
    ]).filter((mark) => mark.start < mark.end && mark.start < characters.length);
    const cuts = [...new Set([0, characters.length, ...marks.flatMap((mark) => [mark.start, mark.end])])]
      .filter((cut) => cut >= 0 && cut <= characters.length).sort((a, b) => a - b);
    return cuts.slice(0, -1).map((start, place) => {
      const end = cuts[place + 1];
      const covering = marks.filter((mark) => mark.start <= start && end <= mark.end);
      const listed = (kind) => [...new Set(
        covering.filter((mark) => mark.kind === kind).map((mark) => mark.index))];
      return { text: characters.slice(start, end).join(""), start, quotes: listed("quotes"), figures: listed("figures") };
    });
  }

  /** The text of an abstract, evidence and figures marked with the numbers of their claims. */
  function abstractText(text, claims) {
    const paragraph = element("p", { class: "abstract-text foreign", lang: "en" });
    for (const part of segment(text, claims)) {
      if (!part.quotes.length && !part.figures.length) {
        paragraph.append(part.text);
        continue;
      }
      const classes = [
        ...(part.quotes.length ? ["quoted"] : []),
        ...(part.quotes.length > 1 ? ["overlap"] : []),
        ...(part.figures.length ? ["in-figure"] : []),
      ];
      paragraph.append(element("mark", {
        class: classes.join(" "),
        "data-quotes": part.quotes.join(" "),
        "data-figures": part.figures.join(" "),
        "data-start": part.start,
      }, part.text));
    }
    return paragraph;
  }

  function outcomeChip(outcome) {
    return element("span", { class: `chip ${outcome.replace(/\W/g, "")}` }, outcome);
  }

  function problemLine(problem) {
    return element("p", { class: `problem ${problem.severity === "error" ? "error" : ""}` },
      element("b", {}, problem.check), `: ${problem.message}`);
  }

  /** The fields of a claim that say something, as a list of terms. */
  function claimFields(claim) {
    const list = element("dl", { class: "claim-body" });
    for (const [name, title] of FIELDS) {
      if (!claim[name]) continue;
      const kind = QUANTITIES.has(name) ? "foreign quantity" : "foreign";
      list.append(element("div", {},
        element("dt", {}, title), element("dd", { class: kind }, claim[name])));
    }
    return list;
  }

  /** A claim as a card that can be focused; `claim.evidence` is shown where it has no place. */
  function claimCard(claim, index) {
    return element("li", { class: "claim", tabindex: "0", "data-claim": index },
      element("div", { class: "claim-head" },
        element("span", { class: "claim-method foreign" }, claim.method || "(no method)"),
        outcomeChip(claim.outcome)),
      claimFields(claim),
      claim.span || !claim.evidence ? null
        : element("p", { class: "claim-evidence foreign" }, `“${claim.evidence}”`),
      ...(claim.problems ?? []).map(problemLine));
  }

  /** Light up the quote and the figures of a claim, or of none. */
  function light(root, index) {
    const wanted = String(index);
    const holds = (list) => index !== null && list.split(" ").includes(wanted);
    for (const mark of root.querySelectorAll("mark")) {
      mark.classList.toggle("lit", holds(mark.dataset.quotes));
      mark.classList.toggle("lit-figure", holds(mark.dataset.figures));
    }
    for (const card of root.querySelectorAll("[data-claim]")) {
      card.classList.toggle("lit", card.dataset.claim === wanted);
    }
  }

  /** Let hover and focus of a claim light its evidence, and hover of evidence its claims. */
  function link(root) {
    const indexOf = (target) => target.closest?.("[data-claim]")?.dataset.claim ?? null;
    const focused = () => (root.contains(document.activeElement) ? indexOf(document.activeElement) : null);
    root.addEventListener("pointerover", (event) => {
      const index = indexOf(event.target);
      if (index !== null) { light(root, index); return; }
      const mark = event.target.closest?.("mark");
      light(root, focused());
      if (!mark) return;
      const belonging = new Set(`${mark.dataset.quotes} ${mark.dataset.figures}`.trim().split(/\s+/));
      for (const card of root.querySelectorAll("[data-claim]")) {
        card.classList.toggle("lit", belonging.has(card.dataset.claim));
      }
    });
    root.addEventListener("pointerleave", () => light(root, focused()));
    root.addEventListener("focusin", (event) => light(root, indexOf(event.target)));
    root.addEventListener("focusout", () => light(root, null));
    root.addEventListener("click", (event) => {
      const mark = event.target.closest?.("mark");
      if (!mark || !document.getSelection().isCollapsed) return;
      const index = (mark.dataset.quotes || mark.dataset.figures).split(" ")[0];
      root.querySelector(`[data-claim="${index}"]`)?.focus();
    });
    return root;
  }

  /** The data that the page came with. */
  function readData() {
    return JSON.parse(document.getElementById("data").textContent);
  }

  return { element, webAddress, segment, abstractText, outcomeChip, problemLine, claimFields, claimCard, light, link, readData };
})();
