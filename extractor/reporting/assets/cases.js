"use strict";
// Draws labelled abstracts, what people say on the left and what the system says on the right.
const cases = (() => {
  const { element, abstractText, claimFields, outcomeChip, link } = components;
  const TITLES = { baselines: "against", baseline_value: "their value", delta: "difference", datasets: "data" };
  const VERDICTS = {
    missed: ["missed", "wrong"], invented: ["invented", "wrong"], repeated: ["said twice", "wrong"],
    optional: ["optional", "plain"],
  };

  function verdictOf(row) {
    if (row.cause && row.kind !== "paired") return [row.cause, "wrong"];
    if (row.kind === "paired") return row.wrong.length ? [row.cause, "wrong"] : ["right", "right"];
    return VERDICTS[row.kind];
  }

  /** One side of a row: the claim, its wrong fields marked, or what its absence means. */
  function side(claim, index, wrong, absence) {
    if (!claim) return element("div", { class: "claim absent" }, absence);
    const fields = claimFields(claim);
    const titles = new Set(wrong.map((name) => TITLES[name] ?? name));
    for (const term of fields.querySelectorAll("dt")) {
      if (titles.has(term.textContent)) term.parentNode.classList.add("wrong");
    }
    return element("div", { class: "claim", tabindex: "0", "data-claim": index },
      element("div", { class: "claim-head" },
        element("span", { class: `claim-method foreign${wrong.includes("method") ? " wrong" : ""}` }, claim.method || "(no method)"),
        outcomeChip(claim.outcome)),
      fields,
      claim.span || !claim.evidence ? null : element("p", { class: "claim-evidence foreign" }, `“${claim.evidence}”`));
  }

  function drawRow(row, entry, cause) {
    const [verdict, kind] = verdictOf(row);
    const wrong = row.wrong ?? [];
    const others = wrong.map((name) => TITLES[name] ?? name.replace("_", " "));
    return element("li", { class: cause && row.cause === cause ? "pair chosen" : "pair" },
      element("p", { class: "verdict" },
        element("span", { class: `chip ${kind}` }, verdict),
        row.similarity === undefined ? null
          : element("span", { class: "small muted tabular" }, `${Math.round(100 * row.similarity)}% alike`),
        others.length ? element("span", { class: "small muted" }, `differs in ${others.join(", ")}`) : null),
      side(entry.gold[row.gold], row.gold, wrong, "no such label"),
      side(entry.predicted[row.predicted], row.predicted === null ? null : entry.gold.length + row.predicted, wrong,
        entry.failed ? "no answer" : "not found"));
  }

  function drawCase(entry, cause) {
    const article = element("article", { class: "case" },
      element("header", { class: "abstract-head" },
        element("h3", { class: "foreign" }, entry.title || entry.id),
        entry.title ? element("p", { class: "meta foreign" }, entry.id) : null),
      entry.text ? abstractText(entry.text, [...entry.gold, ...entry.predicted])
        : element("p", { class: "muted" }, "The labels came without this text."));
    if (!entry.rows.length) article.append(element("p", { class: "muted" }, entry.failed ? "No label and no answer." : "No claim, and none was found."));
    else {
      article.append(
        element("div", { class: "sides small muted", "aria-hidden": "true" }, element("span", {}, "labelled"), element("span", {}, "extracted")),
        element("ol", { class: "pairs" }, ...entry.rows.map((row) => drawRow(row, entry, cause))));
    }
    return link(article);
  }

  return { drawCase };
})();
