"use strict";
// The cards beside an abstract: suggestions, labels, and what was rejected.
const cards = (() => {
  const { element } = components;
  const SIGNS = { about: "~", at_least: "≥ ", at_most: "≤ ", up_to: "up to " };
  const ARROWS = { increase: " ↑", decrease: " ↓" };

  /** Write a figure as it might stand in a text. */
  function printFigure(figure) {
    if (!figure) return "";
    const end = figure.high === null ? "" : `–${figure.high}`;
    const space = !figure.unit || ["%", "x"].includes(figure.unit) ? "" : " ";
    return `${SIGNS[figure.qualifier] ?? ""}${figure.number ?? "?"}${end}${space}${figure.unit ?? ""}${ARROWS[figure.direction] ?? ""}`;
  }

  function printClaim(claim) {
    const shown = { method: claim.method, outcome: claim.outcome, task: claim.task, metric: claim.metric };
    for (const name of ["datasets", "baselines"]) shown[name] = claim[name].join(", ");
    for (const role of ["value", "baseline_value", "delta"]) shown[role] = printFigure(claim[role]);
    return Object.fromEntries(
      Object.entries(shown).map(([name, text]) => [name, passage.visible(text ?? "")]));
  }

  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  /** Put what belongs to an abstract into the order of its text, rivals side by side. */
  function arrange(view) {
    const labels = new Map(view.labels.map((label) => [label.key, label]));
    const starts = new Map([...view.suggestions, ...view.labels]
      .map((label) => [label.key, label.span?.[0] ?? Infinity]));
    const entries = view.suggestions.map((suggestion) => {
      const label = labels.get(suggestion.key);
      labels.delete(suggestion.key);
      const kind = label ? "label" : suggestion.rejected ? "rejected" : "suggested";
      const isEdited = Boolean(label) && !same(label.claim, suggestion.claim);
      return { kind, key: suggestion.key, label: label ?? suggestion, suggestion, isEdited };
    });
    for (const label of labels.values()) entries.push({ kind: "label", key: label.key, label });
    const place = (entry) => Math.min(
      starts.get(entry.key), ...(entry.suggestion?.rivals ?? []).map((key) => starts.get(key) ?? Infinity));
    return entries.map((entry, index) => ({ entry, index, at: place(entry) }))
      .sort((a, b) => (a.at === b.at ? a.index - b.index : a.at - b.at))
      .map(({ entry }) => entry);
  }

  function remarks(label) {
    return label.remarks.map((remark) => components.problemLine({
      severity: remark.blocks ? "error" : "warning", check: remark.check, message: passage.visible(remark.message),
    }));
  }

  function action(name, title, key) {
    return element("button", { type: "button", "data-action": name, "aria-keyshortcuts": key },
      title, " ", element("kbd", {}, key));
  }

  function actions(entry) {
    if (entry.kind === "suggested") {
      return [action("accept", "Accept", "a"), action("edit", "Edit", "e"), action("reject", "Reject", "x")];
    }
    if (entry.kind === "rejected") return [action("accept", "Accept after all", "a")];
    const other = entry.label.status === "optional" ? "Make required" : "Make optional";
    return [action("edit", "Edit", "e"), action("optional", other, "o"), action("reject", "Remove", "x")];
  }

  function chips(entry) {
    const listed = [];
    const chip = (kind, title) => listed.push(element("span", { class: `chip ${kind}` }, title));
    if (entry.kind === "suggested") chip("asked", "suggested");
    if (entry.kind === "rejected") chip("", "rejected");
    if (entry.kind === "label") {
      chip("kept", entry.isEdited ? "edited" : entry.suggestion ? "accepted" : "added");
    }
    if (entry.kind !== "rejected" && entry.label.status === "optional") chip("", "optional");
    if (server.config.settles && entry.suggestion) {
      for (const source of entry.suggestion.sources) chip("source", source);
    }
    return listed;
  }

  /** Say in one line which claim it is. */
  function summarise(shown) {
    const figure = shown.value || shown.delta;
    return [shown.method || "(no method)", shown.metric, figure].filter(Boolean).join(" · ");
  }

  function draw(entry, index) {
    const shown = printClaim(entry.label.claim);
    const isShort = entry.kind === "rejected";
    const body = components.claimFields(shown);
    const differs = new Set(entry.suggestion?.differs ?? []);
    if (!isShort) mark(body, shown, differs);
    return element("li", {
      class: `claim ${entry.kind}${entry.suggestion?.rivals.length ? " rival" : ""}`,
      tabindex: "0", "data-claim": index, "data-key": entry.key,
    },
    element("div", { class: "claim-head" },
      element("span", { class: `claim-method foreign${differs.has("method") ? " differs" : ""}` },
        isShort ? summarise(shown) : shown.method || "(no method)"),
      element("span", { class: "chips" }, ...chips(entry),
        isShort ? null : components.outcomeChip(shown.outcome))),
    isShort ? null : body,
    isShort || entry.label.span ? null
      : element("p", { class: "claim-evidence foreign" }, `“${passage.visible(entry.label.claim.evidence)}”`),
    ...(isShort ? [] : remarks(entry.label)),
    differs.size && !isShort ? element("p", { class: "small muted" }, `differs in ${[...differs].join(", ").replaceAll("_", " ")}`) : null,
    element("div", { class: "toolbar actions" }, ...actions(entry)));
  }

  /** Mark the fields in which two annotators differ. */
  function mark(body, shown, differs) {
    const names = ["task", "metric", "datasets", "value", "baselines", "baseline_value", "delta"]
      .filter((name) => shown[name]);
    body.querySelectorAll("dd").forEach((field, at) => field.classList.toggle("differs", differs.has(names[at])));
  }

  return { arrange, draw, remarks, printClaim, printFigure };
})();
