// @ts-check
// What the layer reads: an example, the values of the input, the depth slice that is shown.

import { fold, make, uniqueId } from "../../../browser/elements.js";
import { around } from "../number.js";

/** @import { ExplorerState, Say } from "../../../browser/types.js" */
/** @import { Panel } from "./controls.js" */

/**
 * Create the list of examples.
 *
 * @param {Say} say
 * @param {Panel} panel
 */
export function examplePicker(say, panel) {
  const id = uniqueId("example");
  const select = make("select", { id });
  select.addEventListener("change", () => {
    if (select.value) panel.send({ name: "example", value: select.value });
    // So that the same example can be chosen again.
    select.value = "";
  });
  const label = make("label", { className: "pv-hidden", htmlFor: id, textContent: say("explorer.example") });
  const root = make("div", { className: "pv-choice" }, label, select);
  const names = () => [...select.options].map(({ value }) => value).filter(Boolean);
  panel.offersToo({ root, next: () => names().map((value) => () => panel.send({ name: "example", value })) });
  return {
    root,
    /** @param {ExplorerState} state */
    show(state) {
      root.hidden = state.offers != null;
      if (select.options.length > 0) return;
      select.append(make("option", { value: "", textContent: say("explorer.choose_example") }));
      for (const [name, text] of state.examples) select.append(make("option", { value: name, textContent: text }));
    },
  };
}

/**
 * Create the editor of the input values: another seed, or typed text, which is kept if rejected.
 *
 * @param {Say} say
 * @param {Panel} panel
 */
export function valueEditor(say, panel) {
  const seed = make("button", { type: "button", textContent: say("explorer.other_numbers") });
  const nextSeed = () => {
    panel.settings.seed += 1;
    // Typed values would hide those of the new seed.
    panel.settings.values = null;
    panel.send();
  };
  seed.addEventListener("click", nextSeed);
  panel.offersToo({ root: seed, next: () => [nextSeed] });
  const id = uniqueId("values");
  const text = make("textarea", { id, rows: 6, spellcheck: false });
  const use = make("button", { type: "button", textContent: say("explorer.use_numbers") });
  /** @type {string | null} */
  let shown = null;
  use.addEventListener("click", () => {
    panel.settings.values = text.value;
    panel.send();
  });
  const label = make("label", { htmlFor: id, textContent: say("explorer.how_to_edit") });
  const editor = make("div", {}, label, text, use);
  const root = fold(say("explorer.edit_numbers"), seed, editor);
  root.className = "pv-values";
  return {
    root,
    /** @param {ExplorerState} state */
    show(state) {
      root.hidden = state.offers != null; // other inputs need a kernel
      editor.hidden = state.valuesText == null;
      if (state.problem === "" && state.valuesText !== shown) {
        shown = state.valuesText;
        text.value = shown ?? "";
      }
    },
  };
}

/**
 * Create the slider for the depth slice of a 3-D input.
 *
 * @param {Say} say
 * @param {Panel} panel
 */
export function slicePicker(say, panel) {
  const slider = make("input", { type: "range", min: 0, step: 1, ariaLabel: say("explorer.slice") });
  const number = make("output", {});
  const choose = (/** @type {number} */ slice) => {
    panel.settings.slice = slice;
    panel.send();
  };
  slider.addEventListener("input", () => choose(Number(slider.value)));
  panel.offersToo({
    root: slider,
    next: () => around(Number(slider.value), 0, Number(slider.max)).map((slice) => () => choose(slice)),
  });
  const label = make("span", { textContent: `${say("explorer.slice")} ` });
  const root = make("div", { className: "pv-slice" }, label, slider, number);
  return {
    root,
    /** @param {ExplorerState} state */
    show(state) {
      const depth = state.geometry.depth;
      root.hidden = depth == null || (state.offers != null && !("slice" in state.offers));
      if (depth == null || root.hidden) return;
      slider.max = String(Math.max(0, depth.size - 1));
      slider.value = String(depth.slice);
      number.textContent = ` ${depth.slice}`;
    },
  };
}
