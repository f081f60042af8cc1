// @ts-check
// All texts come from Python with the widget, in the language of the widget.

/** @import { Say, Texts } from "./types.js" */

/**
 * Return `say(key, fields)`, which looks up a text and fills in its {fields}.
 *
 * @param {Texts} texts
 * @returns {Say}
 */
export const speechOf =
  (texts) =>
  (key, fields = {}) =>
    texts[key].replace(/\{(\w+)\}/g, (_, name) => String(fields[name]));

/**
 * Write an integer as Python does, with the thousands separator of the language.
 *
 * @param {Say} say
 * @param {number | bigint} value
 */
export const grouped = (say, value) =>
  // As in Python, numbers of four digits have no separator.
  value < 10_000 ? String(value) : String(value).replace(/\B(?=(\d{3})+$)/g, say("number.thousands"));
