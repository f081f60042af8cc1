import assert from "node:assert/strict";
import { test } from "node:test";
import { escaped, painter, svgOf } from "../../poolviz/browser/painter.js";

const theme = {
  page: "#fff",
  text: "#111",
  muted: "#888",
  no_value: "#eee",
  error: "#c00",
  kernel: "#00f",
  ramp: ["#000", "#555", "#aaa"],
};
const data = {
  markStyles: {
    kernel: [["kernel", "rects", 2, 1, 0.5, [4, 2]]],
    filled: [["muted", "rects", 0, 0.25, 0, []]],
    hatched: [["muted", "hatch", 1, 1, 0, []]],
    falling: [["muted", "falling", 1, 1, 0, []]],
    dotted: [["muted", "dots", 0, 1, 0, []]],
  },
  themes: { light: theme, dark: { ...theme, page: "#000" } },
  baseLine: 0.35,
};
const cells = {
  rows: 2,
  columns: 2,
  gap: 0,
  shades: "0110",
  shadesPerRow: 2,
  isFine: false,
  numbers: ["1", "2", "3", "<4"],
  font: 10,
};
const picture = {
  size: [100, 80],
  planes: [[10, 20, 30, 15]],
  cells: [cells],
  marks: [],
  symbols: null,
  arrows: [],
  labels: [],
};
const paths = (svg) => [...svg.matchAll(/<path [^>]*>/g)].map(([path]) => path);
const marked = (role, plane, numbers) =>
  svgOf(data, { ...picture, cells: [], marks: [[role, plane, numbers]] }, "light");

test("text is escaped, and what XML forbids is replaced", () => {
  assert.equal(escaped(`<a b="c">&'`), "&#60;a b=&#34;c&#34;&#62;&#38;&#39;");
  assert.equal(escaped("a\u0000\u001b\uffffb\n"), "a\ufffd\ufffd\ufffdb\n");
});

test("a picture has the size and the page colour of its theme", () => {
  const svg = svgOf(data, picture, "dark");

  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="100" height="80" viewBox="0 0 100 80"/);
  assert.ok(svg.includes('<rect width="100" height="80" fill="#000"/>'));
});

test("cells of one shade are one path", () => {
  assert.deepEqual(paths(svgOf(data, picture, "light")), [
    '<path d="M10 20h30v15h-30zM40 35h30v15h-30z" fill="#000"/>',
    '<path d="M40 20h30v15h-30zM10 35h30v15h-30z" fill="#555"/>',
  ]);
});

test("numbers stand in the middle of their cells", () => {
  const svg = svgOf(data, picture, "light");

  assert.ok(svg.includes('<text x="25" y="31">1</text>'));
  assert.ok(svg.includes('<text x="55" y="46">&#60;4</text>'));
});

test("cells without values have one outline, and a plane without cells nothing", () => {
  const empty = { ...cells, shades: "", numbers: null };

  assert.deepEqual(paths(svgOf(data, { ...picture, cells: [empty] }, "light")), [
    '<path d="M10 20h60v30h-60z" fill="#eee" stroke="#888"/>',
  ]);
  assert.deepEqual(paths(svgOf(data, { ...picture, cells: [{ ...empty, rows: 0 }] }, "light")), []);
});

test("marks are counted in cells of their plane, or in picture units", () => {
  assert.deepEqual(paths(marked("filled", 0, [1, 0, 1, 2])), [
    '<path d="M40 20h30v30h-30z" fill="#888" fill-opacity="0.25"/>',
  ]);
  assert.deepEqual(paths(marked("filled", -1, [1, 2, 3, 4])), [
    '<path d="M1 2h3v4h-3z" fill="#888" fill-opacity="0.25"/>',
  ]);
});

test("a line is inset and dashed", () => {
  assert.deepEqual(paths(marked("kernel", 0, [0, 0, 1, 1])), [
    '<path d="M10.5 20.5h29v14h-29z" fill="none" stroke="#00f" stroke-width="2" stroke-opacity="1" stroke-dasharray="4 2"/>',
  ]);
});

test("hatching lines stay inside and have one phase in neighbouring rectangles", () => {
  for (const [role, phase] of [
    ["hatched", (x, y) => x + y],
    ["falling", (x, y) => x - y],
  ]) {
    for (const box of [
      [0, 0, 20, 20],
      [20, 0, 20, 20],
    ]) {
      const [path] = paths(marked(role, -1, box));
      const points = [...path.matchAll(/[ML](\S+?) ([-\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
      assert.ok(points.length > 4);
      for (const [x, y] of points) {
        assert.ok(x >= box[0] && x <= box[0] + 20 && y >= 0 && y <= 20);
        assert.equal(Math.abs(phase(x, y) % 7), 0);
      }
    }
  }
});

test("a dot in two rectangles is painted once", () => {
  const [once] = paths(marked("dotted", -1, [0, 0, 7, 7]));
  const [twice] = paths(marked("dotted", -1, [0, 0, 7, 7, 0, 0, 7, 7]));

  assert.equal(once, twice);
});

test("labels and symbols", () => {
  const labels = [[5, 6, "a & b", "text", 12, "center", 1, 1]];
  const svg = svgOf(data, { ...picture, cells: [], labels, symbols: ["0", 8, [0, 1]] }, "light");

  assert.ok(
    svg.includes(
      '<text x="5" y="6" fill="#111" font-size="12" text-anchor="middle" font-weight="bold" transform="rotate(-90 5 6)">a &#38; b</text>',
    ),
  );
  assert.ok(svg.includes('<text x="55" y="30.3">0</text>'));
});

test("an arrow has a head at each end", () => {
  const [path] = paths(svgOf(data, { ...picture, cells: [], arrows: [[0, 10, 30, 10]] }, "light"));

  assert.equal(path.match(/M/g).length, 5);
});

test("the painter makes an image file", async () => {
  const blob = painter(data)(picture, "light");

  assert.equal(blob.type, "image/svg+xml");
  assert.equal(await blob.text(), svgOf(data, picture, "light"));
});
