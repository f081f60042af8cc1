import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bounded,
  cellAtPoint,
  cellBox,
  isSame,
  listed,
  rangeRead,
  readers,
  tapCount,
  tapsInside,
  tapsOf,
  windowBox,
  windowSpan,
  windowStart,
  within,
} from "../../poolviz/widgets/explorer/geometry.js";

/** Numbers from 0 to n - 1, the same in every run. */
function numbers(seed) {
  let state = seed;
  return (n) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * n);
  };
}

function axes(count) {
  const draw = numbers(1);
  return Array.from({ length: count }, () => {
    const [kernel, dilation] = [1 + draw(6), 1 + draw(5)];
    const span = (kernel - 1) * dilation + 1;
    const [first, stride, size] = [-draw(5), 1 + draw(7), 1 + draw(24)];
    const windows = draw(12);
    return { first, stride, span, dilation, size, kernel, end: size + 4, windows };
  });
}

/** The elements of window i, written out. */
const written = ({ first, stride, dilation, kernel }, i) =>
  Array.from({ length: kernel }, (_, k) => first + i * stride + k * dilation);

const indices = (count) => Array.from({ length: count }, (_, i) => i);

test("a window reads what its definition says", () => {
  for (const axis of axes(400)) {
    for (const i of indices(axis.windows)) {
      const inside = written(axis, i).filter((place) => place >= 0 && place < axis.size);
      assert.deepEqual(listed(tapsInside(axis, i), Infinity), inside);
      assert.deepEqual(rangeRead(axis, i), inside.length ? [inside[0], inside.at(-1) + 1] : [0, 0]);
      assert.deepEqual(
        tapsOf(axis, i),
        written(axis, i).filter((place) => place < axis.end),
      );
    }
    assert.equal(tapCount(axis), axis.kernel);
  }
});

test("the readers of an element are the windows that read it", () => {
  for (const axis of axes(400)) {
    for (const element of indices(axis.size)) {
      const found = listed(readers(axis, element, axis.windows), Infinity);
      assert.deepEqual(
        found,
        indices(axis.windows).filter((i) => written(axis, i).includes(element)),
      );
    }
  }
});

test("a cell of an axis without elements is read by no window", () => {
  const axis = { name: "height", size: 0, first: 0, stride: 1, span: 1, dilation: 1, end: 0, parts: 1 };
  assert.equal(readers(axis, 0, 1).count, 0);
});

test("readers of a huge input are counted, not listed", () => {
  const axis = {
    name: "width",
    first: 0,
    stride: 1,
    span: 2 ** 40 + 1,
    dilation: 2 ** 20,
    size: 2 ** 50,
    end: 2 ** 50,
  };

  assert.deepEqual(readers(axis, 2 ** 45, 2 ** 50), { first: 2 ** 45 - 2 ** 40, step: 2 ** 20, count: 2 ** 20 + 1 });
  assert.equal(listed(readers(axis, 2 ** 45, 2 ** 50), 60).length, 60);
});

test("no question takes more steps on a larger axis", () => {
  const questions = [
    (axis) => listed(readers(axis, axis.size - 1, axis.windows), 60),
    (axis) => rangeRead(axis, axis.windows - 1),
    (axis) => tapsInside(axis, axis.windows - 1),
    (axis) => windowSpan(axis, axis.windows - 1),
  ];
  const stepsOn = (size, ask) => {
    let reads = 0;
    const axis = { first: 0, stride: 1, span: 3, dilation: 1, size, end: size, windows: size - 2 };
    const count = (target, name) => {
      reads += 1;
      return target[name];
    };
    ask(new Proxy(axis, { get: count }));
    return reads;
  };
  for (const ask of questions) assert.equal(stepsOn(10 ** 9, ask), stepsOn(10, ask), String(ask));
});

const plane = { left: 10, top: 20, cellWidth: 4, cellHeight: 5, rows: 3, columns: 6 };

test("a point in the box of a cell is on that cell", () => {
  for (const row of indices(3)) {
    for (const column of indices(6)) {
      const { x, y, width, height } = cellBox(plane, row, column);
      assert.deepEqual(cellAtPoint(plane, { x: x + width / 2, y: y + height / 2 }), [row, column]);
    }
  }
});

test("a point beside the plane is on no cell", () => {
  for (const [x, y] of [
    [9, 21],
    [11, 19],
    [34, 21],
    [11, 35],
  ]) {
    assert.equal(cellAtPoint(plane, { x, y }), null);
  }
});

test("a place beyond the edge is moved to it", () => {
  assert.deepEqual(within(plane, [-Infinity, Infinity]), [0, 5]);
  assert.equal(bounded(7, 3), 2);
  assert.ok(isSame([1, 2], [1, 2]));
  assert.ok(!isSame([1, 2], [2, 1]));
});

test("adaptive windows divide the axis, overlap and differ in length", () => {
  const axis = { first: 0, stride: 3, span: 4, dilation: 1, size: 8, end: 8, parts: 3 };
  assert.deepEqual(
    [0, 1, 2].map((i) => [windowStart(axis, i), windowSpan(axis, i), tapsInside(axis, i).count]),
    [
      [0, 3, 3],
      [2, 4, 4],
      [5, 3, 3],
    ],
  );
  assert.deepEqual(
    Array.from({ length: 8 }, (_, place) => listed(readers(axis, place, 3), 9)),
    [[0], [0], [0, 1], [1], [1], [1, 2], [2], [2]],
  );
});

test("a window is drawn as far as there is room, and one that begins behind it has no extent", () => {
  const input = { left: 10, top: 20, cellWidth: 5, cellHeight: 6, rows: 9, columns: 9 };
  const axis = { first: -1, stride: 4, span: 6, dilation: 1, size: 9, end: 12 };
  const box = (i, j) => windowBox({ down: axis, across: axis, input }, i, j);

  assert.deepEqual(box(0, 1), { x: 25, y: 14, width: 30, height: 36 });
  assert.deepEqual(box(3, 2), { x: 45, y: 86, width: 25, height: 6 });
  assert.deepEqual(box(50, 50), { x: 70, y: 92, width: 0, height: 0 });
});
