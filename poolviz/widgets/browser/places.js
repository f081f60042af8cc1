// Places: where window i starts, which elements it reads, who reads an element, where a cell is.

const windowStart = (axis, i) => axis.first + i * axis.stride;

function readers(axis, element, count) {
  const first = Math.max(0, Math.ceil((element - axis.span + 1 - axis.first) / axis.stride));
  const last = Math.min(count - 1, Math.floor((element - axis.first) / axis.stride));
  const found = [];
  for (let i = first; i <= last; i += 1) {
    if ((element - windowStart(axis, i)) % axis.dilation === 0) found.push(i);
  }
  return found;
}

function tapsOf(axis, i) {
  const taps = [];
  for (let t = 0; t < axis.span; t += axis.dilation) taps.push(windowStart(axis, i) + t);
  return taps;
}

function readText(axis, i) {
  const inside = tapsOf(axis, i).filter((place) => place >= 0 && place < axis.size);
  if (inside.length === 0) return `no ${axis.noun}`;
  if (inside.length === 1) return `${axis.noun} ${inside[0]}`;
  if (axis.dilation === 1) return `${axis.noun}s ${inside[0]}–${inside[inside.length - 1]}`;
  return `${axis.noun}s ${inside.slice(0, 6).join(", ")}${inside.length > 6 ? ", …" : ""}`;
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

/** The input elements from the first to the last one that window i reads. */
function seen(axis, i) {
  const inside = tapsOf(axis, i).filter((place) => place >= 0 && place < axis.size);
  return inside.length === 0 ? [0, 0] : [inside[0], inside[inside.length - 1] + 1];
}

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
