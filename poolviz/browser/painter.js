// @ts-check
// The painter: turns a picture that Python described into SVG. Python decides which cell gets which
// shade, style and text; here they are only drawn.

import { SVG } from "./elements.js";

/** @import { Box, Cells, LabelData, Paint, PaintData, PictureData, Style, Theme } from "./types.js" */

// Python has measured texts in the first one; the others are about as wide.
const FONT = "'DejaVu Sans', Verdana, 'Bitstream Vera Sans', sans-serif";
const STEP = 7; // between hatching lines and between dots
const FINE = 3; // cells smaller than this are drawn as one image
const FIRST_SHADE = "0".charCodeAt(0);

/**
 * Escape a text for SVG; characters that XML does not allow become U+FFFD.
 *
 * @param {string} text
 */
export const escaped = (text) =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to replace
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

// Two decimals are finer than a pixel, and keep the SVG short.
const two = (/** @type {number} */ value) => Math.round(value * 100) / 100;

/** @param {Box[]} rects */
const rectPath = (rects) =>
  rects.map(([x, y, w, h]) => `M${two(x)} ${two(y)}h${two(w)}v${two(h)}h${two(-w)}z`).join("");

/** @param {Box[]} lines */
const linePath = (lines) => lines.map(([x1, y1, x2, y2]) => `M${two(x1)} ${two(y1)}L${two(x2)} ${two(y2)}`).join("");

/**
 * Draw lines at 45° in rectangles, aligned across all of them.
 *
 * @param {Box[]} rects
 * @param {boolean} isFalling
 */
function hatchPath(rects, isFalling) {
  /** @type {Box[]} */
  const lines = [];
  for (const [left, top, width, height] of rects) {
    const right = left + width;
    const bottom = top + height;
    const [low, high] = isFalling ? [left - bottom, right - top] : [left + top, right + bottom];
    // Lines begin at multiples of STEP, so those of neighbouring cells meet.
    for (let c = Math.ceil(low / STEP) * STEP; c <= high; c += STEP) {
      if (isFalling) {
        const from = Math.max(left, c + top);
        const to = Math.min(right, c + bottom);
        lines.push([from, from - c, to, to - c]);
      } else {
        const from = Math.max(left, c - bottom);
        const to = Math.min(right, c - top);
        lines.push([from, c - from, to, c - to]);
      }
    }
  }
  return linePath(lines);
}

/**
 * Draw a lattice of dots in rectangles, each dot once where they overlap.
 *
 * @param {Box[]} rects
 */
function dotPath(rects) {
  /** @type {Map<string, Box>} */
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

/** @type {Record<string, (rects: Box[]) => string>} */
const SHAPES = {
  rects: rectPath,
  hatch: (rects) => hatchPath(rects, false),
  falling: (rects) => hatchPath(rects, true),
  dots: dotPath,
  edges: (rects) => linePath(rects.map(([x, y, w, h]) => [x, y, x + w, y + h])),
};

/**
 * @param {Style} style
 * @param {Box[]} rects
 * @param {Theme} theme
 */
function styled([colour, shape, width, alpha, inset, dashes], rects, theme) {
  /** @type {Box[]} */
  const shrunk = rects.map(([x, y, w, h]) => [x + inset, y + inset, w - 2 * inset, h - 2 * inset]);
  const d = SHAPES[shape](shrunk);
  if (width === 0) return `<path d="${d}" fill="${theme[colour]}" fill-opacity="${alpha}"/>`;
  const dashed = dashes.length > 0 ? ` stroke-dasharray="${dashes.join(" ")}"` : "";
  const stroke = `stroke="${theme[colour]}" stroke-width="${width}" stroke-opacity="${alpha}"`;
  return `<path d="${d}" fill="none" ${stroke}${dashed}/>`;
}

/**
 * Return the rectangles of a mark: four numbers each, in cells of a plane or in picture units.
 *
 * @param {number[]} numbers
 * @param {Box} [plane]
 */
function rectsOf(numbers, [left, top, wide, high] = [0, 0, 1, 1]) {
  /** @type {Box[]} */
  const rects = [];
  for (let i = 0; i < numbers.length; i += 4) {
    const [x, y, w, h] = numbers.slice(i, i + 4);
    rects.push([left + x * wide, top + y * high, w * wide, h * high]);
  }
  return rects;
}

/**
 * @param {Cells} cells
 * @param {Box} plane
 * @param {Theme} theme
 */
function cellsOf(cells, [left, top, wide, high], theme) {
  const { rows, columns, gap, shades, shadesPerRow } = cells;
  if (rows === 0 || columns === 0) return "";
  const [width, height] = [columns * wide, rows * high];
  // An array without known values: its plane alone.
  if (shades === "") {
    const d = rectPath([[left, top, width, height]]);
    return `<path d="${d}" fill="${theme.no_value}" stroke="${theme.muted}"/>`;
  }
  if (cells.isFine || Math.min(wide, high) < FINE) {
    const place = `x="${left}" y="${top}" width="${width}" height="${height}"`;
    const href = shadeImage(shades, shadesPerRow, theme);
    return `<image ${place} preserveAspectRatio="none" image-rendering="pixelated" href="${href}"/>`;
  }
  /** @type {Map<string, Box[]>} */
  // One path for each shade: an element for each cell would be slow to lay out.
  const byShade = new Map();
  [...shades].forEach((sign, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const rects = byShade.get(sign) ?? [];
    rects.push([left + column * wide + gap, top + row * high + gap, wide - 2 * gap, high - 2 * gap]);
    byShade.set(sign, rects);
  });
  return [...byShade].map(([sign, rects]) => `<path d="${rectPath(rects)}" fill="${shadeOf(sign, theme)}"/>`).join("");
}

/**
 * @param {string} sign
 * @param {Theme} theme
 */
const shadeOf = (sign, theme) => theme.ramp[sign.charCodeAt(0) - FIRST_SHADE];

/**
 * Return red, green, blue and alpha of a colour in hexadecimal notation, from 0 to 255.
 *
 * @param {string} colour as "#rrggbb"
 */
const channelsOf = (colour) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)).concat(255);

/**
 * Draw many cells as one image with a pixel each; return its address.
 *
 * @param {string} shades
 * @param {number} columns
 * @param {Theme} theme
 */
function shadeImage(shades, columns, theme) {
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = shades.length / columns;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(canvas.width, canvas.height);
  const colours = theme.ramp.map(channelsOf);
  // All pixels at once: `fillRect` for each of 50,000 takes more than a frame.
  for (let i = 0; i < shades.length; i++) image.data.set(colours[shades.charCodeAt(i) - FIRST_SHADE], 4 * i);
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

/**
 * Write texts into the middle of cells.
 *
 * @param {[text: string, row: number, column: number][]} texts
 * @param {Box} plane
 * @param {number} size
 * @param {string} colour
 * @param {number} baseLine
 */
function inCells(texts, [left, top, wide, high], size, colour, baseLine) {
  const placed = texts.map(([text, row, column]) => {
    const x = two(left + (column + 0.5) * wide);
    const y = two(top + (row + 0.5) * high + size * baseLine);
    return `<text x="${x}" y="${y}">${escaped(text)}</text>`;
  });
  return `<g fill="${colour}" font-size="${size}" text-anchor="middle">${placed.join("")}</g>`;
}

/**
 * @param {Box} ends
 * @param {Theme} theme
 */
function arrowOf([x0, y0, x1, y1], theme) {
  const head = Math.min(6, Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0)) / 3);
  /** @type {Box[]} */
  const lines = [[x0, y0, x1, y1]];
  for (const [x, y, back] of [
    [x0, y0, head],
    [x1, y1, -head],
  ]) {
    for (const side of [-0.6 * head, 0.6 * head]) {
      lines.push(x0 === x1 ? [x, y, x + side, y + back] : [x, y, x + back, y + side]);
    }
  }
  return `<path d="${linePath(lines)}" fill="none" stroke="${theme.error}" stroke-width="1.6"/>`;
}

const ANCHORS = { left: "start", center: "middle", right: "end" };

/**
 * @param {LabelData} label
 * @param {Theme} theme
 */
function labelOf([x, y, text, tone, size, align, bold, upright], theme) {
  const font = `fill="${theme[tone]}" font-size="${size}" text-anchor="${ANCHORS[align]}"`;
  const weight = bold ? ' font-weight="bold"' : "";
  const turned = upright ? ` transform="rotate(-90 ${x} ${y})"` : "";
  return `<text x="${x}" y="${y}" ${font}${weight}${turned}>${escaped(text)}</text>`;
}

/**
 * Return the SVG text of a picture.
 *
 * @param {PaintData} data
 * @param {PictureData} picture
 * @param {string} name of the theme
 */
export function svgOf({ markStyles, themes, baseLine }, picture, name) {
  const theme = themes[name];
  const [width, height] = picture.size;
  const { planes, symbols } = picture;
  const parts = [`<rect width="${width}" height="${height}" fill="${theme.page}"/>`];
  picture.cells.forEach((cells, i) => {
    parts.push(cellsOf(cells, planes[i], theme));
  });
  for (const [role, plane, numbers] of picture.marks) {
    const rects = rectsOf(numbers, planes[plane]);
    for (const style of markStyles[role]) parts.push(styled(style, rects, theme));
  }
  if (symbols) {
    const [text, size, places] = symbols;
    /** @type {[string, number, number][]} */
    const texts = [];
    for (let i = 0; i < places.length; i += 2) texts.push([text, places[i], places[i + 1]]);
    parts.push(inCells(texts, planes[0], size, theme.muted, baseLine));
  }
  picture.cells.forEach(({ numbers, font, columns }, i) => {
    if (numbers == null) return;
    /** @type {[string, number, number][]} */
    const texts = numbers.map((text, at) => [text, Math.floor(at / columns), at % columns]);
    parts.push(inCells(texts, planes[i], font, theme.text, baseLine));
  });
  for (const arrow of picture.arrows) parts.push(arrowOf(arrow, theme));
  for (const label of picture.labels) parts.push(labelOf(label, theme));
  // `xml:space` keeps the blanks between the parts of a caption.
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `<svg xmlns="${SVG}" ${size} font-family="${FONT}" xml:space="preserve">${parts.join("")}</svg>`;
}

/**
 * Return `paint(picture, theme)`, which gives an image file.
 *
 * @param {PaintData} data
 * @returns {Paint}
 */
export const painter = (data) => (picture, theme) => new Blob([svgOf(data, picture, theme)], { type: "image/svg+xml" });

/** Create a layer over a picture, with separate styles, that shows a painted one at once. */
export function paintedLayer() {
  const root = document.createElement("div");
  root.className = "pv-painted";
  root.hidden = true;
  root.setAttribute("aria-hidden", "true");
  // In a shadow root, the styles of the notebook do not reach the texts of the SVG.
  const inside = root.attachShadow({ mode: "open" });
  return {
    root,
    /**
     * @param {PaintData} data
     * @param {PictureData} picture
     * @param {string} theme
     */
    show(data, picture, theme) {
      inside.innerHTML = svgOf(data, picture, theme);
      const svg = /** @type {SVGSVGElement} */ (inside.firstElementChild);
      svg.setAttribute("style", "display: block; height: 100%; width: 100%");
      root.hidden = false;
    },
    hide() {
      root.hidden = true;
      inside.replaceChildren();
    },
  };
}
