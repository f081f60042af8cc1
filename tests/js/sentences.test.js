import assert from "node:assert/strict";
import { test } from "node:test";
import { readersSentence, windowSentence } from "../../poolviz/widgets/explorer/views/sentences.js";

/** The key and the fields in place of the text. */
const say = (key, fields = {}) =>
  ({ language: "en", "number.thousands": "," })[key] ?? `${key} ${Object.values(fields).join(" ")}`.trim();

const axis = (name, size, kernel, stride, dilation = 1) => ({
  name,
  size,
  stride,
  dilation,
  span: (kernel - 1) * dilation + 1,
  first: 0,
  end: size,
});
const square = (size, kernel, stride, more = {}) => ({
  down: axis("height", size, kernel, stride),
  across: axis("width", size, kernel, stride),
  op: "max",
  ...more,
});
const plane = (count) => ({ rows: count, columns: count });

test("a window names what it reads, and its value where there is one", () => {
  const [at, read] = ["at.height 1, at.width 2", "read.height.other 3–5, read.width.other 6–8"];

  assert.equal(windowSentence(say, square(10, 3, 3), [1, 2]), `window.max ${at} ${read}`);
  const values = { output: [[], ["0", "0", "7"]] };
  assert.equal(windowSentence(say, square(10, 3, 3, { values }), [1, 2]), `window.max_value ${at} ${read} 7`);
});

test("places with gaps are listed, the first six of them", () => {
  const strip = { down: axis("", 1, 1, 1), across: axis("length", 40, 8, 1, 3), op: "avg" };

  assert.equal(windowSentence(say, strip, [0, 2]), "window.avg at.length 2 read.length.other 2, 5, 8, 11, 14, 17, …");
});

test("a slice that no window reads has a sentence", () => {
  const depth = { ...axis("depth", 4, 2, 3), output: null };

  assert.equal(windowSentence(say, square(4, 2, 2, { depth }), [0, 0]), "window.unread_slice");
});

test("readers are counted to the last digit", () => {
  const wide = square(10 ** 9, 5 * 10 ** 8, 1);
  const middle = [499_999_999, 499_999_999];
  const place = "at.height 499999999, at.width 499999999";
  const found = readersSentence(say, wide, plane(500_000_001), middle);

  assert.equal(found, `window.read_by_many ${place} 250,000,000,000,000,000`);
});

test("one reader and none have sentences of their own", () => {
  const gaps = square(10, 3, 5);

  assert.match(readersSentence(say, gaps, plane(2), [0, 0]), /^window.read_by_one/);
  assert.match(readersSentence(say, gaps, plane(2), [3, 0]), /^window.read_by_none/);
});
