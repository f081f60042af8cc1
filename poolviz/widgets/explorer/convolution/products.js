// @ts-check
// Products of a convolution: the weights in the cells of a window, and sums term by term.

import { shape } from "../../../browser/elements.js";
import { grouped } from "../../../browser/speech.js";
import { cellBox, listed, tapsOf, windowStart } from "../geometry.js";

/** @import { Cell, Geometry, Say } from "../../../browser/types.js" */
/** @import { Progression } from "../geometry.js" */

const MOST_TERMS = 12; // of a sum, as in Python
const LEAST_CELL = 22; // side of a cell that has room for its weight
const SIGN_WIDTH = 5.5; // of a weight in a cell, with its ×

const bracketed = (/** @type {string} */ value) => (value.startsWith("-") ? `(${value})` : value);
const term = (/** @type {string} */ weight, /** @type {string} */ value) => `${bracketed(weight)}·${bracketed(value)}`;

/**
 * @param {string[]} terms
 * @param {string} between
 */
function joined(terms, between) {
  const shown = terms.length > MOST_TERMS ? [...terms.slice(0, MOST_TERMS), "…"] : terms;
  return shown.join(between) || "0";
}

/**
 * Return the weights of a window as texts in the corners of its cells.
 *
 * @param {Geometry} geometry
 * @param {number} i
 * @param {number} j
 */
export function weightTexts({ values, down, across, input }, i, j) {
  const weights = values?.weights;
  if (!weights || Math.min(input.cellWidth, input.cellHeight) < LEAST_CELL) return [];
  const longest = Math.max(...weights.flat().map((weight) => weight.length));
  if ((longest + 1) * SIGN_WIDTH > input.cellWidth) return [];
  const columns = tapsOf(across, j);
  return tapsOf(down, i).flatMap((row, a) =>
    columns.map((column, b) => {
      const box = cellBox(input, row, column);
      const text = shape("text", "weight", { x: box.x + box.width - 2.5, y: box.y + box.height - 3 });
      text.textContent = `×${weights[a]?.[b] ?? ""}`;
      return text;
    }),
  );
}

/**
 * Return the sentence about window (i, j): its products and their sum.
 *
 * @param {Say} say
 * @param {Geometry} geometry
 * @param {Cell} cell
 * @param {{ out: string, read: string }} words
 */
export function productSentence(say, { values, down, across, op }, [i, j], words) {
  if (!values?.weights || !values.given) return say(`window.${op}`, words);
  const { weights, given, output, rest } = values;
  const value = output[i][j];
  const isWritten = op === "transposed";
  const at = (/** @type {number} */ a, /** @type {number} */ b) =>
    given[windowStart(down, i) + a * down.dilation]?.[windowStart(across, j) + b * across.dilation] ?? "0";
  const terms = weights.flatMap((row, a) => row.map((weight, b) => term(weight, isWritten ? value : at(a, b))));
  if (isWritten) return say("window.transposed_value", { ...words, value, sum: joined(terms, ", ") });
  return say("window.conv_value", { ...words, sum: `${joined(terms, " + ")}${rest?.[i][j] ?? ""} = ${value}` });
}

/**
 * Return the sentence about an element of a transposed convolution's output: what was added there.
 *
 * @param {Say} say
 * @param {Geometry} geometry
 * @param {Cell} cell
 * @param {[Progression, Progression]} writers
 * @param {string} place
 */
export function writtenSentence(say, { values, down, across }, [row, column], [rows, columns], place) {
  const count = BigInt(rows.count) * BigInt(columns.count);
  if (count === 0n) return say("window.written_by_none", { place });
  if (!values?.weights || !values.given) return say("window.written_by_some", { place, windows: grouped(say, count) });
  const { weights, output, given, rest } = values;
  const terms = listed(rows, MOST_TERMS + 1).flatMap((i) =>
    listed(columns, MOST_TERMS + 1).map((j) => {
      const a = (row - windowStart(down, i)) / down.dilation;
      const b = (column - windowStart(across, j)) / across.dilation;
      return term(weights[a][b], output[i][j]);
    }),
  );
  const sum = `${joined(terms, " + ")}${rest?.[row][column] ?? ""} = ${given[row][column]}`;
  return say("window.written_value", { place, sum });
}
