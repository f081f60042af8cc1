// @ts-check
// Overlays: what can be shown on top of the picture, a checkbox and a sentence for each.

import { fold, make, tick } from "../../../browser/elements.js";

/** @import { ExplorerState, Option, Say } from "../../../browser/types.js" */
/** @import { Panel } from "./controls.js" */

/**
 * @param {Say} say
 * @param {Panel} panel
 */
export function overlayPanel(say, panel) {
  const title = say("explorer.also_show");
  const ticks = make("div", { role: "group", ariaLabel: title });
  const root = fold(title, ticks);
  const sentences = make("ul", { className: "pv-insights" });
  /** @type {ReturnType<typeof tick>[]} */
  let boxes = [];

  const isShown = (/** @type {string} */ name) => panel.settings.show.includes(name);
  /**
   * Put the overlay that was chosen last on top of the others.
   *
   * @param {string} name
   * @param {boolean} isWanted
   */
  const setShown = (name, isWanted) => {
    const others = panel.settings.show.filter((other) => other !== name);
    panel.settings.show = isWanted ? [...others, name] : others;
  };
  const overlayTick = (/** @type {Option} */ [name, text]) =>
    tick(
      text,
      () => isShown(name),
      (isWanted) => setShown(name, isWanted),
      () => panel.send(),
    );
  panel.offersToo({ root: ticks, next: () => boxes.flatMap((box) => box.next()) });

  return {
    root,
    sentences,
    /** @param {ExplorerState} state */
    show(state) {
      if (boxes.length === 0) {
        boxes = state.layers.map(overlayTick);
        ticks.append(...boxes.map((box) => box.root));
      }
      for (const box of boxes) box.set();
      root.hidden = state.offers != null && !("show" in state.offers);
      sentences.replaceChildren(...state.insights.map((text) => make("li", { textContent: text })));
    },
  };
}
