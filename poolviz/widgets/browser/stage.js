// Stage: the base picture, and over it the things that move.

/** Places of one axis: where window i starts, which elements it reads, who reads an element. */
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

function stage(model, say) {
  const image = make("img", { className: "pv-picture", alt: "", draggable: false });
  const overlay = document.createElementNS(SVG, "svg");
  overlay.setAttribute("class", "pv-overlay");
  overlay.setAttribute("aria-hidden", "true");
  const root = make("div", { className: "pv-stage", tabIndex: 0 }, image, overlay);
  root.setAttribute("role", "img");
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  let geometry = null;
  let position = [...model.get("position")];
  const frame = pictureFrame(image);

  const hasOutput = () => geometry !== null && geometry.output !== null;
  const bounded = (value, count) => Math.min(Math.max(value, 0), count - 1);

  function draw(hovered = null) {
    overlay.replaceChildren();
    if (!hasOutput()) return;
    if (hovered !== null) {
      drawReaders(hovered);
      return;
    }
    const [i, j] = position;
    const { down, across, input, output } = geometry;
    const box = windowBox(i, j);
    if (down.dilation > 1 || across.dilation > 1) drawTaps(i, j);
    overlay.append(shape("rect", "halo", box), shape("rect", "kernel", box));
    const out = cellBox(output, i, j);
    overlay.append(shape("rect", "halo", out), shape("rect", "kernel", out));
    drawWinners(i, j);
    say.window(sentence(i, j));
  }

  /** The window of output cell (i, j), as far as it is drawn. */
  function windowBox(i, j) {
    const { down, across, input } = geometry;
    const top = windowStart(down, i), left = windowStart(across, j);
    return cellBox(input, top, left, Math.min(down.span, down.end - top), Math.min(across.span, across.end - left));
  }

  function drawTaps(i, j) {
    const { down, across, input } = geometry;
    if ((down.span / down.dilation) * (across.span / across.dilation) > 900) return;
    const rows = tapsOf(down, i), columns = tapsOf(across, j);
    for (const row of rows) {
      for (const column of columns) overlay.append(shape("rect", "tap", inset(cellBox(input, row, column), 2)));
    }
  }

  /** The winner strong, ties of it thin. */
  function drawWinners(i, j) {
    const { values, input, across, down, depth } = geometry;
    if (!values || !values.winners) return;
    const flat = values.winners[i][j];
    if (flat < 0) return;
    const plane = input.rows * input.columns;
    if (depth && Math.floor(flat / plane) !== depth.slice) return;
    const won = flat % plane;
    const rank = values.ranks[Math.floor(won / input.columns)][won % input.columns];
    for (const row of tapsOf(down, i)) {
      for (const column of tapsOf(across, j)) {
        const isWinner = row * input.columns + column === won && column >= 0 && column < input.columns;
        const isTie = values.ranks[row]?.[column] === rank;
        if (isWinner || isTie) {
          overlay.append(shape("rect", isWinner ? "winner" : "tie", inset(cellBox(input, row, column), 3.5)));
        }
      }
    }
  }

  function drawReaders([row, column]) {
    const { down, across, input, output } = geometry;
    const rows = readers(down, row, output.rows), columns = readers(across, column, output.columns);
    overlay.append(shape("rect", "asked", inset(cellBox(input, row, column), 1)));
    for (const i of rows.slice(0, 60)) {
      for (const j of columns.slice(0, 60)) {
        overlay.append(shape("rect", "reader", inset(cellBox(output, i, j), 1)));
        overlay.append(shape("rect", "reading",
          windowBox(i, j)));
      }
    }
    const count = rows.length * columns.length;
    const place = down.noun ? `${down.noun} ${row}, ${across.noun} ${column}` : `${across.noun} ${column}`;
    const windows = count === 1 ? "1 window reads it" : `${count} windows read it`;
    say.window(`input ${place}: ${count === 0 ? "no window reads it" : windows}`);
  }

  function sentence(i, j) {
    const { down, across, depth, values, op } = geometry;
    const axes = [...(depth ? [[depth, depth.output]] : []), ...(down.noun ? [[down, i]] : []), [across, j]];
    const out = axes.map(([axis, place]) => `${axis.noun} ${place ?? "–"}`).join(", ");
    if (axes.some(([, place]) => place === null)) return "no window reads this slice";
    const read = axes.map(([axis, place]) => readText(axis, place)).join(", ");
    const start = `output ${out}: ${op === "max" ? "the largest of" : "the average of"} ${read}`;
    if (!values) return start;
    const divided = values.divisors ? ` (divided by ${values.divisors[i][j]})` : "";
    return `${start} is ${values.output[i][j]}${divided}`;
  }

  function moveTo(i, j) {
    if (!hasOutput()) return;
    position = [bounded(i, geometry.output.rows), bounded(j, geometry.output.columns)];
    draw();
    if (model.get("position_is_watched")) {
      model.set("position", position);
      model.save_changes();
    }
  }

  /** The next window in reading order; false at the end. */
  function step(by = 1) {
    if (!hasOutput()) return false;
    const { rows, columns } = geometry.output;
    const place = position[0] * columns + position[1] + by;
    if (place < 0 || place >= rows * columns) return false;
    moveTo(Math.floor(place / columns), place % columns);
    return true;
  }

  // --- pointer ---------------------------------------------------------------------------------

  function cellAt(event, plane) {
    const bounds = overlay.getBoundingClientRect();
    const x = ((event.clientX - bounds.left) / bounds.width) * geometry.width;
    const y = ((event.clientY - bounds.top) / bounds.height) * geometry.height;
    const row = Math.floor((y - plane.top) / plane.cellHeight);
    const column = Math.floor((x - plane.left) / plane.cellWidth);
    return row >= 0 && row < plane.rows && column >= 0 && column < plane.columns ? [row, column] : null;
  }

  function point(event) {
    if (!hasOutput()) return;
    const out = cellAt(event, geometry.output);
    if (out) {
      moveTo(...out);
      return;
    }
    draw(cellAt(event, geometry.input));
  }

  root.addEventListener("pointermove", point);
  root.addEventListener("pointerdown", point);
  root.addEventListener("pointerleave", () => draw());

  function key(event) {
    const [i, j] = position;
    const moves = {
      ArrowRight: () => moveTo(i, j + 1),
      ArrowLeft: () => moveTo(i, j - 1),
      ArrowDown: () => moveTo(i + 1, j),
      ArrowUp: () => moveTo(i - 1, j),
      Home: () => moveTo(0, 0),
      End: () => moveTo(Infinity, Infinity),
    };
    if (!moves[event.key] || !hasOutput()) return;
    event.preventDefault();
    event.stopPropagation();
    moves[event.key]();
  }
  root.addEventListener("keydown", key);

  return {
    root,
    step,
    moveTo,
    hasOutput,
    /** Picture and geometry change in the same frame, and an older picture never overtakes. */
    async show(state, bytes) {
      if (!(await frame.show(bytes, state.seq))) return false;
      geometry = state.geometry;
      image.width = geometry.width;
      image.height = geometry.height;
      overlay.setAttribute("viewBox", `0 0 ${geometry.width} ${geometry.height}`);
      root.style.maxWidth = `${geometry.width}px`;
      root.setAttribute("aria-label", state.alt);
      root.dataset.seq = state.seq;
      if (hasOutput()) {
        position = [bounded(position[0], geometry.output.rows), bounded(position[1], geometry.output.columns)];
      }
      say.window("");
      draw();
      return true;
    },
    close: frame.close,
  };
}
