// Painter: a picture that Python described, as SVG. Which cell, which coat and which words it gets
// was said by Python; here they are only laid on.

const FONT = "'DejaVu Sans', Verdana, 'Bitstream Vera Sans', sans-serif";
const STEP = 7; // between the lines of a hatching, and between dots

/** A text inside SVG; what XML has no place for becomes a replacement sign. */
const escaped = (text) =>
  // eslint-disable-next-line no-control-regex
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const two = (value) => Math.round(value * 100) / 100;
const rectPath = (rects) =>
  rects.map(([x, y, w, h]) => `M${two(x)} ${two(y)}h${two(w)}v${two(h)}h${two(-w)}z`).join("");
const linePath = (lines) =>
  lines.map(([x1, y1, x2, y2]) => `M${two(x1)} ${two(y1)}L${two(x2)} ${two(y2)}`).join("");

/** Lines at 45° in rectangles, in one phase across all of them. */
function hatchPath(rects, falling) {
  const lines = [];
  for (const [left, top, width, height] of rects) {
    const right = left + width, bottom = top + height;
    const [low, high] = falling ? [left - bottom, right - top] : [left + top, right + bottom];
    for (let c = Math.ceil(low / STEP) * STEP; c <= high; c += STEP) {
      if (falling) {
        const from = Math.max(left, c + top), to = Math.min(right, c + bottom);
        lines.push([from, from - c, to, to - c]);
      } else {
        const from = Math.max(left, c - bottom), to = Math.min(right, c - top);
        lines.push([from, c - from, to, c - to]);
      }
    }
  }
  return linePath(lines);
}

/** A lattice of dots in rectangles; where they overlap it is dotted once. */
function dotPath(rects) {
  const dots = new Map();
  for (const [left, top, width, height] of rects) {
    for (let y = Math.ceil(top / STEP) * STEP; y <= top + height; y += STEP) {
      for (let x = Math.ceil(left / STEP) * STEP; x <= left + width; x += STEP) {
        dots.set(`${x} ${y}`, [x - 0.8, y - 0.8, 1.6, 1.6]);
      }
    }
  }
  return rectPath([...dots.values()]);
}

const SHAPES = {
  rects: rectPath,
  hatch: (rects) => hatchPath(rects, false),
  falling: (rects) => hatchPath(rects, true),
  dots: dotPath,
  edges: (rects) => linePath(rects.map(([x, y, w, h]) => [x, y, x + w, y + h])),
};

function coatOf([colour, shape, width, alpha, inset, dashes], rects, theme) {
  const shrunk = rects.map(([x, y, w, h]) => [x + inset, y + inset, w - 2 * inset, h - 2 * inset]);
  const d = SHAPES[shape](shrunk);
  if (width === 0) return `<path d="${d}" fill="${theme[colour]}" fill-opacity="${alpha}"/>`;
  const dashed = dashes.length > 0 ? ` stroke-dasharray="${dashes.join(" ")}"` : "";
  return `<path d="${d}" fill="none" stroke="${theme[colour]}" stroke-width="${width}" stroke-opacity="${alpha}"${dashed}/>`;
}

/** The rectangles of a mark: four numbers each, counted in the cells of a plane or in units. */
function rectsOf(numbers, plane) {
  const [left, top, wide, high] = plane ?? [0, 0, 1, 1];
  const rects = [];
  for (let i = 0; i < numbers.length; i += 4) {
    const [x, y, w, h] = numbers.slice(i, i + 4);
    rects.push([left + x * wide, top + y * high, w * wide, h * high]);
  }
  return rects;
}

function cellsOf(cells, [left, top, wide, high], theme) {
  const { rows, columns, gap, shades, shadesPerRow } = cells;
  if (rows === 0 || columns === 0) return "";
  if (shades === "") {
    const d = rectPath([[left, top, columns * wide, rows * high]]);
    return `<path d="${d}" fill="${theme.no_value}" stroke="${theme.muted}"/>`;
  }
  if (cells.isFine || Math.min(wide, high) < 3) {
    const [width, height] = [columns * wide, rows * high];
    return `<image x="${left}" y="${top}" width="${width}" height="${height}" preserveAspectRatio="none" image-rendering="pixelated" href="${shadePicture(shades, shadesPerRow, theme)}"/>`;
  }
  const byShade = new Map();
  [...shades].forEach((sign, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    if (!byShade.has(sign)) byShade.set(sign, []);
    byShade.get(sign).push([left + column * wide + gap, top + row * high + gap, wide - 2 * gap, high - 2 * gap]);
  });
  return [...byShade].map(([sign, rects]) => `<path d="${rectPath(rects)}" fill="${shadeOf(sign, theme)}"/>`).join("");
}

const shadeOf = (sign, theme) => theme.ramp[sign.charCodeAt(0) - 48];

/** Many cells as one picture, a pixel each. */
function shadePicture(shades, columns, theme) {
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = shades.length / columns;
  const brush = canvas.getContext("2d");
  [...shades].forEach((sign, i) => {
    brush.fillStyle = shadeOf(sign, theme);
    brush.fillRect(i % columns, Math.floor(i / columns), 1, 1);
  });
  return canvas.toDataURL();
}

/** Texts in the middle of cells; [text, row, column] each. */
function inCells(texts, [left, top, wide, high], size, colour, baseLine) {
  const placed = texts.map(([text, row, column]) => {
    const x = two(left + (column + 0.5) * wide), y = two(top + (row + 0.5) * high + size * baseLine);
    return `<text x="${x}" y="${y}">${escaped(text)}</text>`;
  });
  return `<g fill="${colour}" font-size="${size}" text-anchor="middle">${placed.join("")}</g>`;
}

function arrowOf([x0, y0, x1, y1], theme) {
  const head = Math.min(6, Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0)) / 3);
  const lines = [[x0, y0, x1, y1]];
  for (const [x, y, back] of [[x0, y0, head], [x1, y1, -head]]) {
    for (const side of [-0.6 * head, 0.6 * head]) {
      lines.push([x, y, ...(x0 === x1 ? [x + side, y + back] : [x + back, y + side])]);
    }
  }
  return `<path d="${linePath(lines)}" fill="none" stroke="${theme.error}" stroke-width="1.6"/>`;
}

const ANCHORS = { left: "start", center: "middle", right: "end" };

function labelOf([x, y, text, tone, size, align, bold, upright], theme) {
  const weight = bold ? ' font-weight="bold"' : "";
  const turned = upright ? ` transform="rotate(-90 ${x} ${y})"` : "";
  return `<text x="${x}" y="${y}" fill="${theme[tone]}" font-size="${size}" text-anchor="${ANCHORS[align]}"${weight}${turned}>${escaped(text)}</text>`;
}

/** Paints pictures in the colours of a theme: `paint(picture, "light")` is a Blob for an image. */
function painter({ coats, themes, baseLine }) {
  return (picture, name) => {
    const theme = themes[name];
    const [width, height] = picture.size;
    const { planes, symbols } = picture;
    const parts = [`<rect width="${width}" height="${height}" fill="${theme.page}"/>`];
    picture.cells.forEach((cells, i) => parts.push(cellsOf(cells, planes[i], theme)));
    for (const [role, plane, numbers] of picture.marks) {
      const rects = rectsOf(numbers, planes[plane]);
      for (const coat of coats[role]) parts.push(coatOf(coat, rects, theme));
    }
    if (symbols) {
      const [text, size, places] = symbols;
      const texts = [];
      for (let i = 0; i < places.length; i += 2) texts.push([text, places[i], places[i + 1]]);
      parts.push(inCells(texts, planes[0], size, theme.muted, baseLine));
    }
    picture.cells.forEach(({ numbers, font, columns }, i) => {
      if (numbers === null) return;
      const texts = numbers.map((text, at) => [text, Math.floor(at / columns), at % columns]);
      parts.push(inCells(texts, planes[i], font, theme.text, baseLine));
    });
    for (const arrow of picture.arrows) parts.push(arrowOf(arrow, theme));
    for (const label of picture.labels) parts.push(labelOf(label, theme));
    const svg = `<svg xmlns="${SVG}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}" xml:space="preserve">${parts.join("")}</svg>`;
    return new Blob([svg], { type: "image/svg+xml" });
  };
}
