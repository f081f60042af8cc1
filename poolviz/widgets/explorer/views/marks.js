// @ts-check
// What is marked over the picture: one window and what it reads, or the windows that read a cell.

import { shape } from "../../../browser/elements.js";
import { weightTexts } from "../convolution/products.js";
import {
  cellBox,
  hatching,
  inset,
  listed,
  rangeRead,
  readers,
  tapCount,
  tapsInside,
  tapsOf,
  windowBox,
} from "../geometry.js";

/** @import { Cell, Geometry, Plane } from "../../../browser/types.js" */

const MOST_TAPS = 900; // more of them would cover the cells
const MOST_READERS = 60; // along an axis

/**
 * Return the marks of the window of an output cell, the lowest ones first.
 *
 * @param {Geometry} geometry
 * @param {Plane} output
 * @param {Cell} cell
 * @returns {Element[]}
 */
export function windowMarks(geometry, output, [i, j]) {
  const { down, across, showsField } = geometry;
  const box = windowBox(geometry, i, j);
  const out = cellBox(output, i, j);
  return [
    ...(showsField ? fieldMarks(geometry, i, j) : []),
    ...(down.dilation > 1 || across.dilation > 1 ? tapMarks(geometry, i, j) : []),
    ...[box, out].flatMap((one) => [shape("rect", "halo", { ...one }), shape("rect", "kernel", { ...one })]),
    ...winnerMarks(geometry, i, j),
    ...weightTexts(geometry, i, j),
  ];
}

/**
 * Return the receptive field: what the window reads of the input, without the padding.
 *
 * @param {Geometry} geometry
 * @param {number} i
 * @param {number} j
 */
function fieldMarks({ down, across, input }, i, j) {
  const [top, bottom] = rangeRead(down, i);
  const [left, right] = rangeRead(across, j);
  if (bottom <= top || right <= left) return [];
  const box = cellBox(input, top, left, bottom - top, right - left);
  return [shape("rect", "field", { ...box }), ...hatching(box)];
}

/**
 * @param {Geometry} geometry
 * @param {number} i
 * @param {number} j
 */
function tapMarks({ down, across, input }, i, j) {
  if (tapCount(down) * tapCount(across) > MOST_TAPS) return [];
  const columns = tapsOf(across, j);
  return tapsOf(down, i).flatMap((row) =>
    columns.map((column) => shape("rect", "tap", inset(cellBox(input, row, column), 2))),
  );
}

/**
 * Return the mark of the maximum, and weaker ones of the elements that tie with it.
 *
 * @param {Geometry} geometry
 * @param {number} i
 * @param {number} j
 */
function winnerMarks({ values, input, across, down, depth }, i, j) {
  if (!values?.winners || !values.ranks) return [];
  const flat = values.winners[i][j];
  if (flat < 0) return [];
  const plane = input.rows * input.columns;
  // The maximum of a volume may lie in a slice that is not shown.
  if (depth && Math.floor(flat / plane) !== depth.slice) return [];
  const won = flat % plane;
  const rank = values.ranks[Math.floor(won / input.columns)][won % input.columns];
  const marks = [];
  for (const row of listed(tapsInside(down, i), Infinity)) {
    for (const column of listed(tapsInside(across, j), Infinity)) {
      const isWinner = row * input.columns + column === won;
      // Ranks, not the numbers shown: those are rounded.
      const isTie = values.ranks[row][column] === rank;
      if (!isWinner && !isTie) continue;
      marks.push(shape("rect", isWinner ? "winner" : "tie", inset(cellBox(input, row, column), 3.5)));
    }
  }
  return marks;
}

/**
 * Return the marks of an input cell and of the windows that read it.
 *
 * @param {Geometry} geometry
 * @param {Plane} output
 * @param {Cell} cell
 * @returns {Element[]}
 */
export function readerMarks(geometry, output, [row, column]) {
  const { down, across, input } = geometry;
  const rows = listed(readers(down, row, output.rows), MOST_READERS);
  const columns = listed(readers(across, column, output.columns), MOST_READERS);
  const marks = rows.flatMap((i) =>
    columns.flatMap((j) => [
      shape("rect", "reader", inset(cellBox(output, i, j), 1)),
      shape("rect", "reading", { ...windowBox(geometry, i, j) }),
    ]),
  );
  return [shape("rect", "asked", inset(cellBox(input, row, column), 1)), ...marks];
}
