// Places: where window i starts, which elements it reads, who reads an element, where a cell is.

const windowStart = (axis, i) => axis.first + i * axis.stride;

const modulo = (value, n) => ((value % n) + n) % n;

/** The least i ≥ 0 with i · step ≡ rest (mod n); null when there is none. */
function solution(step, rest, n) {
  let [a, b, x, y] = [BigInt(modulo(step, n)), BigInt(n), 1n, 0n];
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  const least = BigInt(modulo(rest, n));
  if (least % a !== 0n) return null;
  const period = BigInt(n) / a;
  return Number(((((least / a) * x) % period) + period) % period);
}

/** The windows that read an element: the first one, from one to the next, how many. */
function readers(axis, element, count) {
  const first = Math.max(0, Math.ceil((element - axis.span + 1 - axis.first) / axis.stride));
  const last = Math.min(count - 1, Math.floor((element - axis.first) / axis.stride));
  const start = solution(axis.stride, element - windowStart(axis, first), axis.dilation);
  if (start === null || first + start > last) return { first: 0, step: 1, count: 0 };
  const step = axis.dilation / gcd(axis.stride, axis.dilation);
  return { first: first + start, step, count: Math.floor((last - first - start) / step) + 1 };
}

const gcd = (a, b) => (b === 0 ? a : gcd(b, a % b));
const listed = ({ first, step, count }, most) =>
  Array.from({ length: Math.min(count, most) }, (_, i) => first + i * step);

/** The taps of window i, in the input or not, as far as they are drawn. */
function tapsOf(axis, i) {
  const first = windowStart(axis, i);
  const drawn = Math.min(axis.span, axis.end - first);
  return listed({ first, step: axis.dilation, count: Math.max(0, Math.ceil(drawn / axis.dilation)) }, Infinity);
}
const tapCount = (axis) => Math.floor((axis.span - 1) / axis.dilation) + 1;

/** Those of them that lie in the input: the first one, from one to the next, how many. */
function tapsInside(axis, i) {
  const start = windowStart(axis, i);
  const skipped = Math.max(0, Math.ceil(-start / axis.dilation));
  const end = Math.min(start + axis.span, axis.size);
  const first = start + skipped * axis.dilation;
  return { first, step: axis.dilation, count: Math.max(0, Math.ceil((end - first) / axis.dilation)) };
}

function readText(say, axis, i) {
  const inside = tapsInside(axis, i);
  const { first, step, count } = inside;
  const read = `read.${axis.name}`;
  if (count === 0) return say(`${read}.none`);
  if (count === 1) return say(`${read}.one`, { place: first });
  if (step === 1) return say(`${read}.many`, { places: `${first}–${first + count - 1}` });
  return say(`${read}.many`, { places: `${listed(inside, 6).join(", ")}${count > 6 ? ", …" : ""}` });
}

/** The input elements from the first to the last one that window i reads. */
function seen(axis, i) {
  const { first, step, count } = tapsInside(axis, i);
  return count === 0 ? [0, 0] : [first, first + (count - 1) * step + 1];
}

function cellBox(plane, row, column, rows = 1, columns = 1) {
  return {
    x: plane.left + column * plane.cellWidth,
    y: plane.top + row * plane.cellHeight,
    width: columns * plane.cellWidth,
    height: rows * plane.cellHeight,
  };
}

const inset = (box, by) => ({
  x: box.x + by, y: box.y + by, width: Math.max(1, box.width - 2 * by), height: Math.max(1, box.height - 2 * by),
});

/** Falling lines over a box, as the painter hatches. */
function hatching({ x, y, width, height }) {
  const lines = [];
  const right = x + width, bottom = y + height;
  for (let c = Math.ceil((x - bottom) / 7) * 7; c < right - y; c += 7) {
    const from = Math.max(x, c + y), to = Math.min(right, c + bottom);
    if (to > from) lines.push(shape("line", "hatch", { x1: from, y1: from - c, x2: to, y2: to - c }));
  }
  return lines;
}

const bounded = (value, count) => Math.min(Math.max(value, 0), count - 1);
const isSame = ([row, column], [otherRow, otherColumn]) => row === otherRow && column === otherColumn;

/** The cell of a plane at a point of the picture; null beside it. */
function cellAtPoint(plane, { x, y }) {
  const row = Math.floor((y - plane.top) / plane.cellHeight);
  const column = Math.floor((x - plane.left) / plane.cellWidth);
  return row >= 0 && row < plane.rows && column >= 0 && column < plane.columns ? [row, column] : null;
}
