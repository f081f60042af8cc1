// @ts-check
// The sentence below the picture: what a window reads and computes, or which windows read a cell.

import { grouped } from "../../../browser/speech.js";
import { productSentence, writtenSentence } from "../convolution/products.js";
import { listed, readers, tapsInside } from "../geometry.js";

/** @import { Axis, Cell, Geometry, Plane, Say } from "../../../browser/types.js" */

/**
 * Return which elements an output cell reads and what it computes.
 *
 * @param {Say} say
 * @param {Geometry} geometry
 * @param {Cell} cell
 */
export function windowSentence(say, geometry, [i, j]) {
  const { down, across, depth, values, op } = geometry;
  if (depth && depth.output == null) return say("window.unread_slice");
  /** @type {[Axis, number][]} */
  const axes = [];
  if (depth && depth.output != null) axes.push([depth, depth.output]);
  if (down.name) axes.push([down, i]);
  axes.push([across, j]);
  const out = axes.map(([axis, place]) => at(say, axis, place)).join(", ");
  const read = axes.map(([axis, place]) => readText(say, axis, place)).join(", ");
  if (op === "conv" || op === "transposed") return productSentence(say, geometry, [i, j], { out, read });
  if (!values) return say(`window.${op}`, { out, read });
  return say(`window.${op}_value`, { out, read, value: values.output[i][j], divisor: values.divisors?.[i][j] });
}

/**
 * Return how many windows read an input cell.
 *
 * @param {Say} say
 * @param {Geometry} geometry
 * @param {Plane} output
 * @param {Cell} cell
 */
export function readersSentence(say, geometry, output, [row, column]) {
  const { down, across, op } = geometry;
  const rows = readers(down, row, output.rows);
  const columns = readers(across, column, output.columns);
  const place = [...(down.name ? [at(say, down, row)] : []), at(say, across, column)].join(", ");
  if (op === "transposed") return writtenSentence(say, geometry, [row, column], [rows, columns], place);
  // Products of counts are not exact as doubles from 2⁵³ on.
  const count = BigInt(rows.count) * BigInt(columns.count);
  const read = count === 0n ? "read_by_none" : count === 1n ? "read_by_one" : "read_by_many";
  return say(`window.${read}`, { place, windows: grouped(say, count) });
}

/**
 * @param {Say} say
 * @param {Axis} axis
 * @param {number} place
 */
const at = (say, axis, place) => say(`at.${axis.name}`, { place });

/**
 * Return which elements window i reads along one axis.
 *
 * @param {Say} say
 * @param {Axis} axis
 * @param {number} i
 */
function readText(say, axis, i) {
  const inside = tapsInside(axis, i);
  const { first, step, count } = inside;
  const read = `read.${axis.name}`;
  // Not a plural category: no language has a form for nothing.
  if (count === 0) return say(`${read}.none`);
  const category = new Intl.PluralRules(say("language")).select(count);
  const places =
    step === 1 && count > 1
      ? `${first}–${first + count - 1}`
      : `${listed(inside, 6).join(", ")}${count > 6 ? ", …" : ""}`;
  return say(`${read}.${category}`, { places });
}
