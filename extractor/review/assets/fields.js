"use strict";
// The form of one label: every field offers what the abstract prints.
const fields = (() => {
  const { element } = components;
  const FIGURES = { value: "Value", baseline_value: "Baseline value", delta: "Difference" };
  const QUALIFIERS = { exact: "exactly", about: "about", at_least: "at least", at_most: "at most", up_to: "up to" };
  const DIRECTIONS = { "": "up or down?", increase: "up", decrease: "down" };
  const OUTCOMES = ["better", "worse", "similar", "mixed", "reported"];
  const UNITS = ["%", "points", "x", "s", "ms", "hours", "GB", "MB", "parameters", "tokens", "tokens/s", "GPU-hours", "FLOPs"];
  let numbering = 0;

  function datalist(id, options) {
    return element("datalist", { id }, ...options);
  }

  /** Lay out what fields offer. */
  function offer(offers) {
    const option = (value, label) => element("option", { value, label });
    document.getElementById("offers").replaceChildren(
      datalist("offered-names", offers.names.map((name) => option(name))),
      datalist("offered-metrics", offers.metrics.map((name) => option(name))),
      datalist("offered-units", UNITS.map((name) => option(name))),
      datalist("offered-figures", offers.figures.map((figure) => option(figure.printed, passage.visible(figure.around)))),
    );
  }

  function labelled(title, control) {
    return element("label", {}, title, control);
  }

  function textField(name, title, value, list) {
    return labelled(title, element("input", { name, value: value ?? "", list, autocomplete: "off", spellcheck: "false", dir: "auto" }));
  }

  function choice(name, options, chosen, label) {
    const listed = Array.isArray(options) ? options.map((one) => [one, one]) : Object.entries(options);
    const select = element("select", { name, "aria-label": label },
      ...listed.map(([value, title]) => element("option", { value }, title)));
    select.value = chosen ?? "";
    return select;
  }

  /** A list of names: one field each, and always one more that is empty. */
  function nameList(name, title, names) {
    const group = element("fieldset", { class: "names", "data-list": name }, element("legend", {}, title));
    const add = (value) => group.append(element("input", {
      value, list: "offered-names", autocomplete: "off", spellcheck: "false", dir: "auto",
      "aria-label": `${title} ${group.querySelectorAll("input").length + 1}`,
    }));
    [...names, ""].forEach(add);
    group.addEventListener("input", () => {
      if ([...group.querySelectorAll("input")].at(-1).value.trim()) add("");
    });
    return group;
  }

  function print(number) {
    return number === null || number === undefined ? "" : String(number);
  }

  function figureRow(role, figure, printed) {
    const title = FIGURES[role];
    const input = (part, label, list, size) => element("input", {
      "data-part": part, "aria-label": `${title}: ${label}`, placeholder: label, list, size,
      value: print(figure?.[part]), autocomplete: "off", spellcheck: "false",
    });
    return element("fieldset", { class: "figure", "data-figure": role },
      element("legend", {}, title),
      choice(null, QUALIFIERS, figure?.qualifier ?? "exact", `${title}: precision`),
      input("number", "number", "offered-figures", 10),
      input("high", "to", null, 5),
      input("unit", "unit", "offered-units", 8),
      role === "delta" ? choice(null, DIRECTIONS, figure?.direction ?? "", `${title}: direction`) : null,
      // For the pointer; the keyboard has the same in the list of the number's field.
      element("div", { class: "offered" }, ...printed.map((one, place) => element("button",
        { type: "button", tabindex: "-1", "data-printed": place, title: passage.visible(one.around) }, passage.visible(one.printed)))));
  }

  function readNumber(text) {
    const plain = text.trim().replace(/,(?=\d{3}(?!\d))/g, "");
    return /^[-+−]?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(plain) ? Number(plain.replace("−", "-")) : text.trim() || null;
  }

  function readFigure(row) {
    const part = (name) => row.querySelector(`[data-part=${name}]`).value;
    const [qualifier, direction] = row.querySelectorAll("select");
    const figure = {
      number: readNumber(part("number")), high: readNumber(part("high")), unit: part("unit").trim() || null,
      qualifier: qualifier.value, direction: direction?.value || null,
    };
    return figure.number === null && figure.high === null && figure.unit === null ? null : figure;
  }

  function fill(row, figure) {
    for (const part of ["number", "high", "unit"]) {
      row.querySelector(`[data-part=${part}]`).value = print(figure[part]);
    }
    const [qualifier, direction] = row.querySelectorAll("select");
    qualifier.value = figure.qualifier;
    if (direction && figure.direction) direction.value = figure.direction;
  }

  /** Take a figure apart that is typed or chosen as it is printed: "91.2%" or "about 3x". */
  async function spread(row, typed) {
    const figure = await server.readFigure(typed).catch(() => null);
    if (figure && row.querySelector("[data-part=number]").value === typed) fill(row, figure);
  }

  function build(label, figures) {
    const claim = label.claim;
    return element("form", { class: "editor", "aria-label": "Claim", novalidate: true },
      element("div", { class: "row" },
        textField("method", "Method", claim.method, "offered-names"),
        labelled("Outcome", choice("outcome", OUTCOMES, claim.outcome)),
        labelled("In the gold file", choice("status", ["required", "optional"], label.status))),
      element("div", { class: "pair" },
        textField("metric", "Metric", claim.metric, "offered-metrics"), nameList("datasets", "Data set", claim.datasets)),
      figureRow("value", claim.value, figures),
      figureRow("delta", claim.delta, figures),
      element("div", { class: "pair" },
        nameList("baselines", "Baseline", claim.baselines), textField("task", "Task", claim.task)),
      figureRow("baseline_value", claim.baseline_value, figures),
      labelled("Evidence", element("textarea", { name: "evidence", rows: "3", spellcheck: "false", dir: "auto" })),
      element("div", { class: "remarks", "aria-live": "polite" }),
      element("div", { class: "toolbar" },
        element("button", { type: "submit", class: "primary" }, "Close ", element("kbd", {}, "Esc"))));
  }

  /** Open the form of a label; `figures` are those that the text prints, `changed` gets the label and the field, whenever one is edited. */
  function edit(label, figures, changed) {
    const form = build(label, figures);
    form.elements.evidence.value = label.claim.evidence;
    let span = label.span;
    let evidence = label.claim.evidence;
    let visit = 0;
    let timer = null;
    const nameOf = (control) => control.name || control.closest("fieldset")?.dataset.list
      || control.closest("fieldset")?.dataset.figure || "";

    function read() {
      const list = (name) => [...form.querySelectorAll(`[data-list=${name}] input`)]
        .map((input) => input.value.trim()).filter(Boolean);
      const figure = (role) => readFigure(form.querySelector(`[data-figure=${role}]`));
      const { method, metric, task, outcome, status } = form.elements;
      const typed = form.elements.evidence.value;
      return {
        key: label.key, status: status.value, span: typed === evidence ? span : null,
        claim: {
          method: method.value.trim(), metric: metric.value.trim() || null, task: task.value.trim() || null,
          outcome: outcome.value, datasets: list("datasets"), baselines: list("baselines"),
          value: figure("value"), baseline_value: figure("baseline_value"), delta: figure("delta"),
          evidence: typed,
        },
      };
    }

    function report(field) {
      clearTimeout(timer);
      timer = null;
      const typed = read();
      // Leaving a field tells again what typing has told.
      if (JSON.stringify(typed) === told) { server.tell(); return; }
      told = JSON.stringify(typed);
      changed(typed, `${field}-${visit}`);
    }

    let told = JSON.stringify(read());
    let reading = Promise.resolve();

    const isPrinted = (input) => input.dataset.part === "number" && typeof readNumber(input.value) === "string";

    /** Take figures apart that stand in one field as they are printed, then tell of it. */
    function takeApart(inputs, field) {
      const spreading = inputs.map((input) => spread(input.closest("fieldset"), input.value));
      reading = Promise.all([reading, ...spreading]).then(() => report(field));
    }

    form.addEventListener("focusin", () => { visit = numbering; numbering += 1; });
    form.addEventListener("input", (event) => {
      clearTimeout(timer);
      const field = nameOf(event.target);
      // A figure that was chosen from the list is whole at once.
      const isChosen = event.inputType === undefined || event.inputType === "insertReplacementText";
      if (isChosen && event.target.dataset.part === "number") return;
      timer = setTimeout(() => report(field), 350);
    });
    form.addEventListener("change", ({ target }) => {
      if (isPrinted(target)) takeApart([target], nameOf(target)); else report(nameOf(target));
    });

    form.addEventListener("pointerdown", (event) => {
      if (event.target.closest("[data-printed]")) event.preventDefault();
    });
    form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-printed]");
      if (!button) return;
      const row = button.closest("fieldset");
      fill(row, figures[button.dataset.printed]);
      report(row.dataset.figure);
    });

    return {
      form,
      /** Bring what is typed on its way now; what is returned ends when all of it is. */
      flush() {
        if (timer !== null) report("flush");
        takeApart([...form.querySelectorAll("[data-part=number]")].filter(isPrinted), "flush");
        return reading;
      },
      /** Take a passage as evidence. */
      quote(taken) {
        ({ span, evidence } = taken);
        form.elements.evidence.value = evidence;
        report("evidence");
      },
      /** Show what there is to say about the label as it was saved. */
      update(saved) {
        form.querySelector(".remarks").replaceChildren(...cards.remarks(saved));
        if (saved.span && form.elements.evidence.value === saved.claim.evidence) {
          ({ span } = saved);
          ({ evidence } = saved.claim);
        }
      },
    };
  }

  return { offer, edit, QUALIFIERS };
})();
