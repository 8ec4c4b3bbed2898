"use strict";
// What opens above the page: keys, the list of abstracts, the summary, conflicts.
const dialogs = (() => {
  const { element } = components;
  const KEYS = [
    ["j, ↓ / k, ↑", "next / previous claim"], ["a", "accept the suggestion"], ["e, Enter", "edit the claim"],
    ["x", "reject the suggestion, remove the label"], ["o", "optional or required"],
    ["s", "go to the text: arrows select words and sentences, Shift extends, Enter makes a claim"],
    ["m", "make a claim of the selection"], ["v", "use the selection as evidence of the claim"],
    ["n", "the abstract has no claim"], ["d", "done, next open abstract"], ["g", "take what both annotators agree on (differences)"],
    ["[ / ]", "previous / next abstract"], ["l", "list of abstracts"], ["u / Shift+U", "undo / redo; also Ctrl+Z"],
    ["Esc", "close the form or the dialog"], ["?", "these keys"],
  ];
  let single = true;

  /** Open a dialog; it is gone when it is closed. */
  function open(title, ...content) {
    const opener = document.activeElement;
    const dialog = element("dialog", { "aria-labelledby": "dialog-title" },
      element("div", { class: "claim-head" },
        element("h2", { id: "dialog-title" }, title),
        element("button", { type: "button", class: "quiet", "data-close": true, "aria-label": "Close" }, "×")),
      ...content);
    dialog.addEventListener("click", (event) => { if (event.target.closest("[data-close]")) dialog.close(); });
    dialog.addEventListener("close", () => { dialog.remove(); if (opener?.isConnected) opener.focus(); });
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
  }

  function help() {
    const list = element("dl", { class: "keys" });
    for (const [keys, meaning] of KEYS) {
      list.append(element("dt", {}, ...keys.split(/(, | \/ )/).map((part) => (
        /^(, | \/ )$/.test(part) ? part : element("kbd", {}, part)))), element("dd", {}, meaning));
    }
    const toggle = element("input", { type: "checkbox", checked: single });
    toggle.checked = single;
    toggle.addEventListener("change", () => { single = toggle.checked; });
    open("Keys", list, element("label", { class: "inline" }, toggle, "single letters are shortcuts"));
  }

  /** Let someone choose an abstract by title, identifier or progress. */
  function list(abstracts, current, choose) {
    const search = element("input", { type: "search", placeholder: "Find by title or id", "aria-label": "Find", autofocus: true });
    const filter = element("select", { "aria-label": "Show" },
      ...["all", "open", "done"].map((name) => element("option", { value: name }, name)));
    const found = element("ol", { class: "found" });
    const MOST = 200;
    const dialog = open("Abstracts", element("div", { class: "toolbar" }, search, filter), found);
    const draw = () => {
      const words = search.value.toLowerCase();
      const fitting = abstracts.filter((one) => `${one.title} ${one.id}`.toLowerCase().includes(words)
        && (filter.value === "all" || one.finished === (filter.value === "done")));
      found.replaceChildren(...fitting.slice(0, MOST).map((one) => element("li", {},
        element("button", { type: "button", class: "quiet", "data-key": one.key, "aria-current": one.key === current ? "true" : null },
          element("span", { class: "foreign" }, passage.visible(one.title || one.id)),
          element("span", { class: `chip ${one.finished ? "kept" : ""}` }, progress(one))))));
      if (fitting.length > MOST) found.append(element("li", { class: "muted small" }, `and ${fitting.length - MOST} more`));
      if (!fitting.length) found.append(element("li", { class: "muted" }, "none"));
    };
    search.addEventListener("input", draw);
    filter.addEventListener("change", draw);
    found.addEventListener("click", (event) => {
      const button = event.target.closest("[data-key]");
      if (button) { dialog.close(); choose(button.dataset.key); }
    });
    search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); found.querySelector("button")?.click(); }
    });
    draw();
    search.focus();
  }

  function progress(one) {
    if (one.finished) return one.labels ? `done, ${one.labels}` : "done, no claim";
    return one.version ? "begun" : "open";
  }

  function duration(seconds) {
    const rounded = Math.round(seconds);
    const rest = rounded % 60;
    return rounded < 60 ? `${rest} s` : `${(rounded - rest) / 60} min ${String(rest).padStart(2, "0")} s`;
  }

  function table(head, rows) {
    return element("div", { class: "table-frame" }, element("table", {},
      element("thead", {}, element("tr", {}, ...head.map((title) => element("th", { scope: "col" }, title)))),
      element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, String(cell))))))));
  }

  async function summary() {
    const said = await server.summary();
    const sets = said.sets.map((set) => [
      set.label_set, `${set.finished} of ${said.abstracts}`, set.labels, set.accepted, set.edited, set.added, set.rejected, set.empty]);
    const paces = said.paces.map((pace) => [
      pace.label_set, pace.annotator, pace.suggestions ? "with" : "without", pace.abstracts, duration(pace.median_s), duration(pace.total_s)]);
    open("Summary",
      table(["labels of", "done", "labels", "as suggested", "edited", "added", "rejected", "without a claim"], sets),
      element("h3", {}, "Time, pauses left out"),
      table(["labels of", "by", "suggestions", "abstracts", "median each", "in all"], paces));
  }

  /** Show both versions of what two people changed, and let choose. */
  function conflict(message, mine, theirs) {
    return new Promise((resolve) => {
      const side = (title, node, value) => element("div", { class: "panel" }, element("h3", {}, title), node,
        element("button", { type: "button", value }, `Keep ${title.toLowerCase()}`));
      const dialog = open("Changed by someone else", element("p", {}, message),
        element("div", { class: "sides" }, side("Theirs", theirs, "theirs"), side("Mine", mine, "mine")));
      dialog.addEventListener("click", (event) => {
        const { value } = event.target;
        if (value === "mine" || value === "theirs") { dialog.returnValue = value; dialog.close(value); }
      });
      dialog.addEventListener("close", () => resolve(dialog.returnValue || "theirs"));
      dialog.querySelector("button[value=theirs]").focus();
    });
  }

  return { help, list, summary, conflict, isOpen: () => Boolean(document.querySelector("dialog[open]")), lettersAreKeys: () => single };
})();
