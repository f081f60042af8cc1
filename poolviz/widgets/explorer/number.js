// @ts-check
// A slider and a number field for one parameter on one axis.

import { focusedElement, make, typed, uniqueId } from "../../browser/elements.js";

/** @import { Action, Offers, Option, Say, Settings, Typed } from "../../browser/types.js" */
/**
 * `next` returns the changes that the control may make next, the likeliest first.
 *
 * @typedef {{ root: HTMLElement, set: (isProblem: boolean) => void, next?: () => (() => void)[] }} Control
 */
/** @typedef {Pick<Control, "root" | "next">} Offering a part of the page with what it may request next */
/**
 * What the controls read and change; `rebuilt` also builds the panel anew.
 *
 * @typedef {object} Form
 * @property {Say} say
 * @property {Settings} settings
 * @property {Offers | null} offers null with a kernel: any value is possible
 * @property {Option[]} frameworks
 * @property {boolean} isPerAxis whether each axis has its controls, even where all agree
 * @property {Record<string, boolean>} merged the settings that have one control for all axes
 * @property {boolean} sidesDiffer
 * @property {(action?: Action) => void} send
 * @property {() => void} changed
 * @property {() => void} rebuilt
 */
/** @typedef {"input_size" | "kernel_size" | "output_size" | "stride" | "dilation" | "padding"} SpatialName */
/** @typedef {SpatialName | "channels" | "out_channels" | "groups" | "output_padding"} NumberName */

/** Where each slider ends at first; the number beside it is not limited. */
const REACH = {
  ...{ input_size: 32, kernel_size: 20, output_size: 16, stride: 12, dilation: 6, padding: 10 },
  ...{ channels: 8, out_channels: 8, groups: 8, output_padding: 4 },
};
const LEAST = {
  ...{ input_size: 0, kernel_size: 1, output_size: 0, stride: 1, dilation: 1, padding: 0 },
  ...{ channels: 1, out_channels: 1, groups: 1, output_padding: 0 },
};

/** The parameters with one value per axis. */
export const SPATIAL = /** @type {SpatialName[]} */ (Object.keys(REACH).slice(0, 6));

const MOST_STEPS = 40; // to each side that a control is likely to make next

/**
 * Return some integers around one, nearest first.
 *
 * @param {number} middle
 * @param {number} least
 * @param {number} most
 */
export function around(middle, least, most) {
  const steps = Array.from({ length: MOST_STEPS }, (_, i) => [middle - i - 1, middle + i + 1]);
  return steps.flat().filter((value) => value >= least && value <= most);
}

/**
 * @param {Say} say
 * @param {NumberName} name
 * @param {string} label
 * @param {() => Typed} read
 * @param {(value: Typed) => void} write
 * @param {() => void} changed
 * @param {number[] | null} [offered] the values that it may have; null for any
 * @returns {Control}
 */
export function numberControl(say, name, label, read, write, changed, offered = null) {
  const id = uniqueId(name);
  // On a saved page the slider covers what was recorded, gaps included: Python's words name them.
  const [least, reach] = offered ? [Math.min(...offered), Math.max(...offered)] : [LEAST[name], REACH[name]];
  const slider = make("input", { type: "range", min: least, step: 1, tabIndex: 0 });
  slider.setAttribute("aria-label", label);
  const number = make("input", { type: "text", inputMode: "numeric", id, autocomplete: "off" });
  number.setAttribute("aria-label", say("control.any_number", { name: label }));
  const root = make(
    "div",
    { className: "pv-number" },
    make("label", { htmlFor: id, textContent: label }),
    slider,
    number,
  );
  if (offered && offered.length < 2) slider.disabled = number.disabled = true;
  const take = (/** @type {string} */ text) => {
    const value = typed(text);
    if (typeof value === "number") setSlider(value);
    write(value);
    changed();
  };
  const setSlider = (/** @type {Typed} */ value) => {
    // Before the value: a range input clamps what exceeds its maximum.
    slider.max = String(Math.max(reach, Number(value)));
    slider.value = String(value);
  };
  slider.addEventListener("input", () => {
    number.value = slider.value;
    take(slider.value);
  });
  number.addEventListener("input", () => {
    // An empty field is somebody about to type.
    if (number.value.trim() !== "") take(number.value);
  });
  return {
    root,
    next: () => around(Number(slider.value), least, Number(slider.max)).map((value) => () => write(value)),
    set(isProblem) {
      const value = read();
      const hasFocus = focusedElement(number) === number;
      number.setAttribute("aria-invalid", String(isProblem && hasFocus));
      if (isProblem) return;
      // "03" is 3: what is being typed is not rewritten under the cursor.
      if (!(hasFocus && typed(number.value) === value)) number.value = String(value);
      setSlider(value);
    },
  };
}
