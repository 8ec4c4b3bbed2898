"use strict";
// Sorting, paging and tabs, by mouse and keyboard.
const tables = (() => {
  const { element } = components;

  /** Compare two values: numbers by size, texts by letters; what is absent comes last either way. */
  function compare(one, other, direction) {
    const absent = (value) => value === undefined || value === null || value === "";
    if (absent(one) || absent(other)) return absent(one) - absent(other);
    const order = one < other ? -1 : Number(one > other);
    return direction === "descending" ? -order : order;
  }

  /** Header cells that sort: `change` is told which column and in which direction. */
  function headerRow(columns, state, change) {
    return element("tr", { role: "row" }, ...columns.map((column) => {
      const direction = state.column === column.name ? state.direction : "none";
      const button = element("button", { type: "button" }, column.title);
      button.addEventListener("click", () => change(column.name,
        direction === "ascending" ? "descending" : "ascending"));
      return element("th", {
        role: "columnheader", scope: "col", "aria-sort": direction, "data-column": column.name,
        class: column.number ? "number" : null,
      }, button);
    }));
  }

  /** Buttons for the pages of a list; nothing if there is but one. */
  function drawPager(nav, page, pages, turn) {
    nav.replaceChildren();
    if (pages < 2) return;
    const button = (title, target, disabled) => {
      const made = element("button", { type: "button", disabled }, title);
      made.addEventListener("click", () => turn(target));
      return made;
    };
    nav.append(
      button("First", 0, page === 0),
      button("Previous", page - 1, page === 0),
      element("span", { class: "tabular small" }, `${(page + 1).toLocaleString("en")} of ${pages.toLocaleString("en")}`),
      button("Next", page + 1, page === pages - 1),
      button("Last", pages - 1, page === pages - 1));
  }

  /** Tabs as the keyboard expects them: arrows move, the panel follows. */
  function wireTabs(list, show) {
    const tabs = [...list.querySelectorAll("[role=tab]")];
    const select = (tab) => {
      for (const each of tabs) {
        const chosen = each === tab;
        each.setAttribute("aria-selected", chosen);
        each.tabIndex = chosen ? 0 : -1;
        document.getElementById(each.getAttribute("aria-controls")).hidden = !chosen;
      }
      show(tab.id);
    };
    list.addEventListener("click", (event) => {
      const tab = event.target.closest("[role=tab]");
      if (tab) select(tab);
    });
    list.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
      next.focus();
      select(next);
    });
  }

  return { compare, headerRow, drawPager, wireTabs };
})();
