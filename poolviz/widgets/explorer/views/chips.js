// @ts-check
// The same call in each framework: one line of chips, which opens the table.

import { make } from "../../../browser/elements.js";

/** @import { ExplorerState, Say } from "../../../browser/types.js" */

/** @param {Say} say */
export function frameworkChips(say) {
  const summary = make("summary");
  const table = make("table", { className: "pv-frameworks" });
  const root = make("details", { className: "pv-chips" }, summary, table);

  /**
   * @param {ExplorerState["frameworks"][number]} entry
   * @param {string} current
   */
  function frameworkRow(entry, current) {
    const head = make("th", { scope: "row", textContent: entry.title, title: entry.version });
    const row = make("tr", { className: `pv-${entry.outcome}` }, head, make("td", { textContent: entry.text }));
    if (entry.name === current) row.setAttribute("aria-current", "true");
    return row;
  }

  /**
   * @param {ExplorerState["frameworks"][number]} entry
   * @param {string} current
   */
  function chip(entry, current) {
    const own = entry.name === current ? " pv-own" : "";
    const name = make("b", { textContent: entry.title });
    return make("span", { className: `pv-chip pv-${entry.outcome}${own}`, title: entry.text }, name, ` ${entry.short}`);
  }

  return {
    root,
    /** @param {ExplorerState} state */
    show({ frameworks, settings }) {
      summary.replaceChildren(...frameworks.map((entry) => chip(entry, settings.framework)));
      table.replaceChildren(
        make("caption", { textContent: say("explorer.frameworks") }),
        make("tbody", {}, ...frameworks.map((entry) => frameworkRow(entry, settings.framework))),
      );
    },
  };
}
