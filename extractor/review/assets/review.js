"use strict";
// The page as a whole: what is shown, what the keys do, what others have changed.
(() => {
  const POLL_MS = 1500;
  const { config } = server;
  const { element } = components;
  const at = (id) => document.getElementById(id);
  const now = { index: [], sequence: 0, view: null, entries: [], claim: null, editor: null, closing: null, isStale: false };

  const say = (text) => {
    at("status").textContent = text;
    clearTimeout(say.timer);
    say.timer = setTimeout(() => { at("status").textContent = ""; }, 6000);
  };
  const rowOf = (key) => now.index.find((row) => row.key === key);
  const cardOf = (key) => at("cards").querySelector(`[data-key="${CSS.escape(key ?? "")}"]`);
  const entryOf = (key) => now.entries.find((entry) => entry.key === key);

  // ---- showing

  function show(view) {
    now.view = view;
    const row = rowOf(view.key);
    if (row) {
      Object.assign(row, { version: view.version, finished: view.finished, labels: view.labels.length, annotator: view.annotator });
    }
    now.entries = cards.arrange(view);
    drawHead();
    drawPassage();
    if (now.editor) {
      const saved = view.labels.find((label) => label.key === now.editor.key);
      if (saved) { now.editor.update(saved); return; }
      now.editor = null;
    }
    drawCards();
  }

  function drawHead() {
    const { view } = now;
    const place = now.index.findIndex((row) => row.key === view.key);
    const done = now.index.filter((row) => row.finished).length;
    at("list").textContent = `${place + 1} of ${now.index.length} · ${done} done`;
    at("previous").disabled = place <= 0;
    at("next").disabled = place >= now.index.length - 1;
    at("undo").disabled = !view.can_undo;
    at("redo").disabled = !view.can_redo;
    at("abstract-title").textContent = passage.visible(view.title || view.id);
    const address = components.webAddress(view.url);
    at("abstract-about").replaceChildren(element("span", { class: "foreign" }, passage.visible(view.id)),
      ...(address ? [" · ", element("a", { href: address, rel: "noreferrer noopener", target: "_blank" }, "paper")] : []),
      ...(view.annotator && view.annotator !== config.annotator ? [` · last changed by ${view.annotator}`] : []));
    document.title = `${passage.visible(view.title || view.id)} · review`;
    at("reopen").hidden = !view.finished;
    at("none").hidden = view.finished || view.labels.length > 0;
    at("finish").firstChild.textContent = view.finished ? "Next " : "Done, next ";
    at("agreed").hidden = !config.settles || !agreed().length;
    const nothing = now.entries.length ? "" : view.finished ? "No claim." : config.blind
      ? "No claims yet. Select a passage in the text to make one." : "Nothing was suggested. Select a passage in the text to make a claim.";
    at("nothing").textContent = nothing;
    at("nothing").hidden = !nothing;
    at("claims").classList.toggle("finished", view.finished);
  }

  function drawPassage() {
    const marked = now.entries.map((entry) => (entry.kind === "rejected" ? { span: null, figures: [] }
      : { span: entry.label.span, figures: Object.values(entry.label.places) }));
    passage.draw(now.view.text, marked, (place) => now.entries[place].kind === "label");
    components.light(at("workbench"), lit());
  }

  function lit() {
    const card = document.activeElement?.closest?.("[data-claim]");
    return card ? card.dataset.claim : null;
  }

  function drawCards() {
    const hadFocus = at("cards").contains(document.activeElement);
    at("cards").replaceChildren(...now.entries.map(cards.draw));
    if (hadFocus) focusCard(now.claim);
  }

  function focusCard(key) {
    const card = cardOf(key) ?? at("cards").querySelector(".claim");
    if (card) card.focus(); else at("abstract-title").focus();
  }

  async function open(key, focus = true) {
    closeEditor();
    // What is still on its way belongs to the abstract that is left.
    await now.closing;
    server.watch(key);
    const view = await server.read(key);
    server.adopt(view);
    now.claim = null;
    passage.clear();
    fields.offer(view.offers);
    history.replaceState(null, "", `#${key}`);
    at("workbench").hidden = false;
    at("message").hidden = true;
    show(view);
    scrollTo({ top: 0 });
    if (focus) focusCard(undecided()[0] ?? now.entries[0]?.key);
  }

  // ---- deciding

  const undecided = () => now.entries.filter((entry) => entry.kind === "suggested").map((entry) => entry.key);
  const agreed = () => now.entries.filter((entry) => entry.kind === "suggested" && entry.suggestion.sources.length > 1)
    .map((entry) => entry.key);

  /** Send a decision on the abstract that is open, and show what it led to. */
  async function decide(decision, said) {
    const { key } = now.view;
    try {
      const view = await server.decide(key, decision, (error) => chooseVersion(key, decision, error));
      if (!view) return null;
      if (now.view.key === key) show(view);
      if (said) say(said);
      return view;
    } catch (error) {
      say(error.message);
      return null;
    }
  }

  async function chooseVersion(key, decision, error) {
    const theirs = describeSide(error.current, decision);
    const mine = decision.label ? describeLabel(decision.label) : element("p", {}, describeDecision(decision));
    const kept = await dialogs.conflict(error.message, mine, theirs);
    if (kept === "mine") return kept;
    now.editor = null;
    if (now.view.key === key) show(error.current);
    focusCard(now.claim);
    return kept;
  }

  function describeLabel(label) {
    const shown = cards.printClaim(label.claim);
    return element("div", {}, element("p", { class: "claim-method foreign" }, shown.method || "(no method)"),
      components.outcomeChip(shown.outcome), components.claimFields(shown),
      element("p", { class: "claim-evidence foreign" }, `“${passage.visible(label.claim.evidence)}”`));
  }

  function describeDecision(decision) {
    const words = { accept: "accept it", reject: "reject it", remove: "remove it", finish: "call the abstract done", undo: "undo the last change", redo: "redo it", reopen: "open it again" };
    return words[decision.action] ?? decision.action;
  }

  function describeSide(view, decision) {
    const key = decision.label?.key ?? decision.key ?? decision.keys?.[0];
    const label = view.labels.find((one) => one.key === key);
    if (label) return describeLabel(label);
    if (view.finished) return element("p", {}, `The abstract is done, with ${view.labels.length} labels.`);
    return element("p", {}, key ? "It is rejected or removed." : `There are ${view.labels.length} labels.`);
  }

  function neighbour(key) {
    const open_ = now.entries.filter((entry) => entry.kind !== "rejected" || entry.key === key);
    const place = open_.findIndex((entry) => entry.key === key);
    const next = open_.slice(place + 1).find((entry) => entry.kind === "suggested");
    const earlier = open_.find((entry) => entry.kind === "suggested" && entry.key !== key);
    return next?.key ?? earlier?.key ?? open_[place + 1]?.key ?? key;
  }

  async function act(name, key) {
    const entry = entryOf(key);
    if (!entry) return;
    now.claim = key;
    if (name === "edit") {
      await startEditing(entry);
    } else if (name === "accept" && entry.kind !== "label") {
      const next = neighbour(key);
      if (await decide({ action: "accept", keys: [key] }, "Accepted.")) focusCard(next);
    } else if (name === "reject" && entry.kind !== "rejected") {
      const next = neighbour(key);
      const decision = entry.suggestion ? { action: "reject", keys: [key] } : { action: "remove", key };
      if (await decide(decision, entry.kind === "label" ? "Removed." : "Rejected.")) focusCard(next);
    } else if (name === "optional" && entry.kind === "label") {
      const { status } = entry.label;
      const label = { ...pick(entry.label), status: status === "optional" ? "required" : "optional" };
      if (await decide({ action: "put", label }, `Now ${label.status}.`)) focusCard(key);
    }
  }

  const pick = ({ key, status, span, claim }) => ({ key, status, span, claim });

  async function startEditing(entry) {
    if (now.editor) closeEditor();
    if (entry.kind !== "label" && !(await decide({ action: "accept", keys: [entry.key] }))) return;
    const current = entryOf(entry.key);
    const card = cardOf(entry.key);
    if (!current || !card) return;
    now.claim = entry.key;
    now.editor = { key: entry.key, ...fields.edit(pick(current.label), now.view.offers.figures, (label, field) => decide({ action: "put", label, field })) };
    now.editor.form.addEventListener("input", () => { at("saved").textContent = "saving…"; });
    card.classList.add("editing");
    card.replaceChildren(now.editor.form);
    now.editor.update(current.label);
    now.editor.form.addEventListener("submit", (event) => { event.preventDefault(); closeEditor(); });
    now.editor.form.querySelector("input").focus();
    at("use-selection").hidden = false;
  }

  function closeEditor() {
    const { editor } = now;
    if (!editor) return;
    const hadFocus = editor.form.contains(document.activeElement);
    now.closing = editor.flush();
    now.editor = null;
    now.claim = editor.key;
    drawCards();
    if (now.isStale) server.settle().then(refresh).catch((error) => say(error.message));
    if (hadFocus) focusCard(editor.key);
  }

  async function makeClaim() {
    const taken = passage.take();
    if (!taken) { say("Select a passage first."); return; }
    closeEditor();
    const key = `new-${crypto.randomUUID()}`;
    const method = now.view.labels[0]?.claim.method ?? "";
    const claim = { method, evidence: taken.evidence, outcome: "reported", datasets: [], baselines: [], metric: null, task: null, value: null, baseline_value: null, delta: null };
    const label = { key, status: "required", span: taken.span, claim };
    passage.clear();
    if (await decide({ action: "put", label }, "Added: fill it in.")) await startEditing(entryOf(key));
  }

  async function useSelection() {
    const taken = passage.take();
    const key = now.editor?.key ?? now.claim;
    const entry = entryOf(key);
    if (!taken || !entry) { say(taken ? "Choose a claim first." : "Select a passage first."); return; }
    passage.clear();
    if (now.editor) { now.editor.quote(taken); now.editor.form.elements.evidence.focus(); return; }
    const label = { ...pick(entry.label), span: taken.span, claim: { ...entry.label.claim, evidence: taken.evidence } };
    if (await decide({ action: "put", label }, "Evidence changed.")) focusCard(key);
  }

  async function finish(rejectRest) {
    closeEditor();
    await now.closing;
    await server.settle();
    if (now.view.finished) { await step(1, true); return; }
    const rest = undecided();
    if (rest.length && !rejectRest) {
      say(`Decide first: ${rest.length} ${rest.length === 1 ? "suggestion is" : "suggestions are"} left.`);
      focusCard(rest[0]);
      return;
    }
    const wrong = now.view.labels.find((label) => label.remarks.some((remark) => remark.blocks));
    if (wrong) {
      say("A label has something wrong that no gold file may have.");
      focusCard(wrong.key);
      return;
    }
    if (await decide({ action: "finish", reject_rest: rejectRest }, "Done.")) await step(1, true);
  }

  async function stepBack(action) {
    closeEditor();
    await now.closing;
    await server.settle();
    if (await decide({ action }, action === "undo" ? "Undone." : "Done again.")) focusCard(now.claim);
  }

  /** Go to another abstract; with `isOpen`, to the next one that is not done. */
  async function step(by, isOpen = false) {
    const place = now.index.findIndex((row) => row.key === now.view.key);
    const order = isOpen ? [...now.index.slice(place + 1), ...now.index.slice(0, place)].filter((row) => !row.finished)
      : [now.index[place + by]];
    if (order[0]) await open(order[0].key);
    else if (isOpen) { say(`All ${now.index.length} abstracts are done.`); at("finish").focus(); }
  }

  // ---- others

  async function poll() {
    try {
      if (!document.hidden && !server.isSaving()) {
        const said = await server.changes(now.sequence);
        now.sequence = said.sequence;
        for (const change of said.abstracts) await notice(change);
      }
    } catch (error) { if (error.status !== undefined) say(error.message); }
    setTimeout(poll, POLL_MS);
  }

  /** Show the abstract as it stands, unless something is on its way that shows it anyway. */
  async function refresh() {
    now.isStale = false;
    const view = await server.read(now.view.key);
    if (now.view.key !== view.key || server.isSaving() || view.version < server.versionOf(view.key)) return;
    // A form that was opened meanwhile shows what was there before.
    if (now.editor) { now.isStale = true; return; }
    server.adopt(view);
    show(view);
  }

  async function notice(change) {
    const row = rowOf(change.key);
    if (row) Object.assign(row, change);
    if (!now.view) return;
    if (change.key !== now.view.key) { drawHead(); return; }
    await server.settle();
    if (change.key !== now.view.key || change.version <= server.versionOf(change.key)) return;
    // A form that is open keeps its base, so that its next change meets theirs and asks.
    if (now.editor) now.isStale = true; else await refresh();
    say(`${change.annotator || "Someone"} has changed this abstract.`);
  }

  // ---- keys

  function moveCard(by) {
    const keys = now.entries.map((entry) => entry.key);
    const focused = document.activeElement?.closest?.("#cards [data-key]")?.dataset.key;
    const place = keys.indexOf(focused ?? now.claim);
    focusCard(keys[Math.max(0, Math.min(keys.length - 1, focused ? place + by : Math.max(place, 0)))]);
  }

  const onCard = (name) => async () => {
    const key = document.activeElement?.closest?.("#cards [data-key]")?.dataset.key ?? now.claim;
    if (key) await act(name, key); else moveCard(0);
  };

  let turn = Promise.resolve();
  /** Do one thing after another, so that fast keys meet the page as the one before left it. */
  const inTurn = (action) => {
    turn = turn.then(action).catch((error) => say(error.message));
    return turn;
  };
  const LETTERS = {
    j: () => moveCard(1), k: () => moveCard(-1), a: onCard("accept"), e: onCard("edit"), x: onCard("reject"), o: onCard("optional"),
    s: () => passage.enter(), m: () => makeClaim(), v: () => useSelection(), n: () => noClaim(), d: () => finish(false), g: () => takeAgreed(),
    "[": () => step(-1), "]": () => step(1), l: () => list(), u: () => stepBack("undo"), U: () => stepBack("redo"), "?": () => dialogs.help(),
  };

  async function noClaim() {
    if (now.view.labels.length) { say("There are labels: remove them first."); return; }
    await finish(true);
  }

  async function takeAgreed() {
    const keys = agreed();
    if (keys.length && await decide({ action: "accept", keys }, `${keys.length} taken.`)) focusCard(undecided()[0]);
  }

  const list = () => dialogs.list(now.index, now.view.key, (key) => {
    if (key === now.view.key) focusCard(now.claim); else inTurn(() => open(key));
  });
  const isField = (target) => target.matches?.("input, textarea, select");

  function onKey(event) {
    if (!now.view || dialogs.isOpen() || event.isComposing) return;
    if (event.key === "Escape" && now.editor) { event.preventDefault(); closeEditor(); return; }
    if (event.ctrlKey && event.key === "Enter" && now.editor) { event.preventDefault(); closeEditor(); return; }
    const isUndo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
    if (isUndo && !isField(event.target)) { event.preventDefault(); inTurn(() => stepBack(event.shiftKey ? "redo" : "undo")); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    const card = event.target.closest?.("#cards .claim");
    if (card === event.target && ["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) {
      event.preventDefault();
      inTurn(event.key === "Enter" ? onCard("edit") : () => moveCard(event.key === "ArrowDown" ? 1 : -1));
    } else if (event.target === passage.holder && event.key === "Enter") {
      event.preventDefault();
      inTurn(makeClaim);
    } else if (LETTERS[event.key] && (dialogs.lettersAreKeys() || event.key === "?")) {
      event.preventDefault();
      // What opens above the page takes the next keys at once.
      if ("l?".includes(event.key)) LETTERS[event.key](); else inTurn(LETTERS[event.key]);
    }
  }

  // ---- beginning

  function listen() {
    document.addEventListener("keydown", onKey);
    components.link(at("workbench"));
    at("workbench").addEventListener("focusin", () => passage.reveal());
    const clicks = {
      previous: () => step(-1), next: () => step(1), list, undo: () => stepBack("undo"), redo: () => stepBack("redo"),
      summary: () => dialogs.summary(), help: () => dialogs.help(), "make-claim": makeClaim, "use-selection": useSelection,
      none: noClaim, finish: () => finish(false), reopen: () => decide({ action: "reopen" }, "Open again."), agreed: takeAgreed,
    };
    for (const [id, click] of Object.entries(clicks)) at(id).addEventListener("click", () => inTurn(click));
    at("cards").addEventListener("click", (event) => {
      const button = event.target.closest("[data-action]");
      if (button) inTurn(() => act(button.dataset.action, button.closest("[data-key]").dataset.key));
    });
    at("cards").addEventListener("focusin", (event) => {
      now.claim = event.target.closest("[data-key]")?.dataset.key ?? now.claim;
    });
    // What is pressed beside the text must not take the selection away.
    at("selection").addEventListener("pointerdown", (event) => event.preventDefault());
    document.addEventListener("selectionchange", () => {
      at("selection").hidden = !passage.take();
      at("use-selection").hidden = !now.claim;
    });
    addEventListener("hashchange", () => {
      const key = location.hash.slice(1);
      if (rowOf(key) && key !== now.view.key) inTurn(() => open(key));
    });
    addEventListener("beforeunload", (event) => {
      now.editor?.flush();
      if (server.isSaving()) event.preventDefault();
    });
    server.onSaving((waiting, trouble) => {
      at("saved").textContent = trouble ? `not saved: ${trouble}` : waiting ? "saving…" : "saved";
      at("saved").classList.toggle("unsaved", Boolean(trouble));
    });
  }

  function refuse(text) {
    at("message").textContent = text;
    at("message").hidden = false;
  }

  async function begin() {
    listen();
    try {
      const said = await server.list();
      Object.assign(now, { index: said.abstracts, sequence: said.sequence });
      if (at("settle")) at("settle").hidden = !said.can_settle;
      if (!now.index.length) { refuse("No abstract is finished by both annotators yet."); return; }
      const wanted = rowOf(location.hash.slice(1)) ?? now.index.find((row) => !row.finished) ?? now.index[0];
      await open(wanted.key);
    } catch (error) {
      refuse(error.message);
      return;
    }
    setTimeout(poll, POLL_MS);
  }

  begin();
})();
