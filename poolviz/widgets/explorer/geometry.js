// @ts-check
// Where window i starts, which elements it reads, which windows read an element, where a cell is.

import { shape } from "../../browser/elements.js";

/** @import { Axis, Cell, Geometry, Plane } from "../../browser/types.js" */

/**
 * An arithmetic progression: its first term, the step, and the number of terms.
 *
 * @typedef {{ first: number, step: number, count: number }} Progression
 */

/**
 * A rectangle in picture units.
 *
 * @typedef {{ x: number, y: number, width: number, height: number }} Rect
 */

const HATCH_STEP = 7; // between two lines

/**
 * Return where window i starts; adaptive windows divide the whole axis.
 *
 * @param {Axis} axis
 * @param {number} i
 */
export const windowStart = (axis, i) =>
  axis.parts == null ? axis.first + i * axis.stride : Math.floor((i * axis.size) / axis.parts);

/**
 * Return the number of elements from the first to the last one of window i.
 *
 * @param {Axis} axis
 * @param {number} i
 */
export const windowSpan = (axis, i) =>
  axis.parts == null ? axis.span : Math.ceil(((i + 1) * axis.size) / axis.parts) - windowStart(axis, i);

/**
 * @param {number} value
 * @param {number} n
 */
const modulo = (value, n) => ((value % n) + n) % n;

/**
 * Return the smallest i ≥ 0 with i · step ≡ rest (mod n), or null if there is none.
 *
 * @param {number} step
 * @param {number} rest
 * @param {number} n
 */
function solution(step, rest, n) {
  // The extended Euclidean algorithm, whose products exceed what is exact as a double.
  let [a, b, x, y] = [BigInt(modulo(step, n)), BigInt(n), 1n, 0n];
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  const least = BigInt(modulo(rest, n));
  if (least % a !== 0n) return null;
  const period = BigInt(n) / a;
  return Number(((((least / a) * x) % period) + period) % period);
}

/**
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
const gcd = (a, b) => (b === 0 ? a : gcd(b, a % b));

/**
 * Return the windows, of `count`, that read an element.
 *
 * @param {Axis} axis
 * @param {number} element
 * @param {number} count
 * @returns {Progression}
 */
export function readers(axis, element, count) {
  if (axis.parts != null) {
    if (axis.size === 0) return { first: 0, step: 1, count: 0 };
    const first = Math.floor((element * axis.parts) / axis.size);
    return { first, step: 1, count: Math.ceil(((element + 1) * axis.parts) / axis.size) - first };
  }
  const first = Math.max(0, Math.ceil((element - axis.span + 1 - axis.first) / axis.stride));
  const last = Math.min(count - 1, Math.floor((element - axis.first) / axis.stride));
  const start = solution(axis.stride, element - windowStart(axis, first), axis.dilation);
  if (start == null || first + start > last) return { first: 0, step: 1, count: 0 };
  const step = axis.dilation / gcd(axis.stride, axis.dilation);
  return { first: first + start, step, count: Math.floor((last - first - start) / step) + 1 };
}

/**
 * Return the terms of a progression, `most` of them at most.
 *
 * @param {Progression} progression
 * @param {number} most
 */
export const listed = ({ first, step, count }, most) =>
  Array.from({ length: Math.min(count, most) }, (_, i) => first + i * step);

/**
 * Return the elements of window i, in the input or in the padding, as far as they are drawn.
 *
 * @param {Axis} axis
 * @param {number} i
 */
export function tapsOf(axis, i) {
  const first = windowStart(axis, i);
  const drawn = Math.min(windowSpan(axis, i), axis.end - first);
  return listed({ first, step: axis.dilation, count: Math.max(0, Math.ceil(drawn / axis.dilation)) }, Infinity);
}

/**
 * Return the kernel size.
 *
 * @param {Axis} axis
 */
export const tapCount = (axis) => Math.floor((axis.span - 1) / axis.dilation) + 1;

/**
 * Return the elements of window i that lie in the input.
 *
 * @param {Axis} axis
 * @param {number} i
 * @returns {Progression}
 */
export function tapsInside(axis, i) {
  const start = windowStart(axis, i);
  const skipped = Math.max(0, Math.ceil(-start / axis.dilation));
  const end = Math.min(start + windowSpan(axis, i), axis.size);
  const first = start + skipped * axis.dilation;
  return { first, step: axis.dilation, count: Math.max(0, Math.ceil((end - first) / axis.dilation)) };
}

/**
 * Return the range of input elements from the first to the last one that window i reads.
 *
 * @param {Axis} axis
 * @param {number} i
 * @returns {[start: number, stop: number]}
 */
export function rangeRead(axis, i) {
  const { first, step, count } = tapsInside(axis, i);
  return count === 0 ? [0, 0] : [first, first + (count - 1) * step + 1];
}

/**
 * Return the rectangle of some cells of a plane.
 *
 * @param {Plane} plane
 * @param {number} row
 * @param {number} column
 * @param {number} [rows]
 * @param {number} [columns]
 * @returns {Rect}
 */
export function cellBox(plane, row, column, rows = 1, columns = 1) {
  return {
    x: plane.left + column * plane.cellWidth,
    y: plane.top + row * plane.cellHeight,
    width: columns * plane.cellWidth,
    height: rows * plane.cellHeight,
  };
}

/**
 * Return the window of output cell (i, j), as far as it is drawn: without extent if it begins behind.
 *
 * @param {Pick<Geometry, "down" | "across" | "input">} geometry
 * @param {number} i
 * @param {number} j
 */
export function windowBox({ down, across, input }, i, j) {
  // A window may reach, or begin, far beyond the padding, for which the picture has no room.
  const top = Math.min(windowStart(down, i), down.end);
  const left = Math.min(windowStart(across, j), across.end);
  const rows = Math.min(windowSpan(down, i), down.end - top);
  return cellBox(input, top, left, rows, Math.min(windowSpan(across, j), across.end - left));
}

/**
 * Return a rectangle that is smaller on each side.
 *
 * @param {Rect} box
 * @param {number} by
 * @returns {Rect}
 */
export const inset = (box, by) => ({
  x: box.x + by,
  y: box.y + by,
  width: Math.max(1, box.width - 2 * by),
  height: Math.max(1, box.height - 2 * by),
});

/**
 * Return falling lines across a rectangle, spaced as in the picture.
 *
 * @param {Rect} box
 */
export function hatching({ x, y, width, height }) {
  const lines = [];
  const right = x + width;
  const bottom = y + height;
  for (let c = Math.ceil((x - bottom) / HATCH_STEP) * HATCH_STEP; c < right - y; c += HATCH_STEP) {
    const from = Math.max(x, c + y);
    const to = Math.min(right, c + bottom);
    if (to > from) lines.push(shape("line", "hatch", { x1: from, y1: from - c, x2: to, y2: to - c }));
  }
  return lines;
}

/**
 * Return the closest valid index.
 *
 * @param {number} value
 * @param {number} count
 */
export const bounded = (value, count) => Math.min(Math.max(value, 0), count - 1);

/**
 * Return the closest cell of a plane.
 *
 * @param {Plane} plane
 * @param {Cell} cell
 * @returns {Cell}
 */
export const within = (plane, [row, column]) => [bounded(row, plane.rows), bounded(column, plane.columns)];

/**
 * @param {Cell} one
 * @param {Cell} other
 */
export const isSame = ([row, column], [otherRow, otherColumn]) => row === otherRow && column === otherColumn;

/**
 * Return the cell of a plane at a point of the picture, or null beside the plane.
 *
 * @param {Plane} plane
 * @param {{ x: number, y: number }} point
 * @returns {Cell | null}
 */
export function cellAtPoint(plane, { x, y }) {
  const row = Math.floor((y - plane.top) / plane.cellHeight);
  const column = Math.floor((x - plane.left) / plane.cellWidth);
  return row >= 0 && row < plane.rows && column >= 0 && column < plane.columns ? [row, column] : null;
}

/**
 * Return the point of a picture, `width` by `height` units, that the pointer is on.
 *
 * @param {Element} overlay
 * @param {MouseEvent} event
 * @param {{ width: number, height: number }} size
 */
export function pointUnder(overlay, event, { width, height }) {
  const bounds = overlay.getBoundingClientRect();
  return {
    x: ((event.clientX - bounds.left) / bounds.width) * width,
    y: ((event.clientY - bounds.top) / bounds.height) * height,
  };
}
