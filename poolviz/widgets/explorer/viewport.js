// Stage: the base picture, and over it the things that move.

const MOST_TAPS = 900; // more of them would cover the cells

function stage(model, say, tell) {
  const image = make("img", { className: "pv-picture", alt: "", draggable: false });
  // Not an image with keys: screen readers hand the arrows over to an application only.
  const overlay = document.createElementNS(SVG, "svg");
  overlay.setAttribute("class", "pv-overlay");
  overlay.setAttribute("aria-hidden", "true");
  const root = make("div", { className: "pv-stage", tabIndex: 0 }, image, overlay);
  root.setAttribute("role", "application");
  root.setAttribute("aria-label", say("stage.keys"));
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  const pin = make("button", { className: "pv-pin", type: "button", textContent: say("stage.let_go"), hidden: true });
  const outer = make("div", { className: "pv-frame" }, root, pin);
  const frame = pictureFrame(image);

  let geometry = null;
  let position = [...model.get("position")]; // the output cell whose window is marked
  let cell = [0, 0]; // the input cell that the arrows have come to
  let side = "output"; // where the arrows move
  let hovered = null; // the input cell under the pointer
  let pinned = false; // the pointer moves nothing
  let sideBefore = side; // the pin

  const hasOutput = () => geometry !== null && geometry.output !== null;

  // --- drawing ---------------------------------------------------------------------------------

  /** The input cell whose readers are shown; null while a window is. */
  const shownCell = () => (pinned ? null : hovered) ?? (side === "input" ? cell : null);

  function draw() {
    overlay.replaceChildren();
    pin.hidden = !pinned;
    if (!hasOutput()) return;
    const asked = shownCell();
    if (asked) drawReaders(asked);
    else drawWindow(...position);
  }

  function drawWindow(i, j) {
    const { down, across, output } = geometry;
    const box = windowBox(i, j);
    if (geometry.showsField) drawField(i, j);
    if (down.dilation > 1 || across.dilation > 1) drawTaps(i, j);
    overlay.append(shape("rect", "halo", box), shape("rect", "kernel", box));
    const out = cellBox(output, i, j);
    overlay.append(shape("rect", "halo", out), shape("rect", "kernel", out));
    drawWinners(i, j);
    tell.window(sentence(i, j));
  }

  /** The window of output cell (i, j), as far as it is drawn. */
  function windowBox(i, j) {
    const { down, across, input } = geometry;
    const top = windowStart(down, i), left = windowStart(across, j);
    return cellBox(input, top, left, Math.min(down.span, down.end - top), Math.min(across.span, across.end - left));
  }

  /** The receptive field: what the window reads of the input, without the padding. */
  function drawField(i, j) {
    const { down, across, input } = geometry;
    const [top, bottom] = seen(down, i), [left, right] = seen(across, j);
    if (bottom <= top || right <= left) return;
    const box = cellBox(input, top, left, bottom - top, right - left);
    overlay.append(shape("rect", "field", box), ...hatching(box));
  }

  function drawTaps(i, j) {
    const { down, across, input } = geometry;
    if (tapCount(down) * tapCount(across) > MOST_TAPS) return;
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
    for (const row of listed(tapsInside(down, i), Infinity)) {
      for (const column of listed(tapsInside(across, j), Infinity)) {
        const isWinner = row * input.columns + column === won;
        const isTie = values.ranks[row][column] === rank;
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
    for (const i of listed(rows, 60)) {
      for (const j of listed(columns, 60)) {
        overlay.append(shape("rect", "reader", inset(cellBox(output, i, j), 1)));
        overlay.append(shape("rect", "reading", windowBox(i, j)));
      }
    }
    const count = BigInt(rows.count) * BigInt(columns.count);
    const place = [...(down.name ? [at(down, row)] : []), at(across, column)].join(", ");
    const read = count === 0n ? "read_by_none" : count === 1n ? "read_by_one" : "read_by_many";
    tell.window(say(`window.${read}`, { place, windows: grouped(say, count) }));
  }

  const at = (axis, place) => say(`at.${axis.name}`, { place });

  function sentence(i, j) {
    const { down, across, depth, values, op } = geometry;
    const axes = [...(depth ? [[depth, depth.output]] : []), ...(down.name ? [[down, i]] : []), [across, j]];
    if (axes.some(([, place]) => place === null)) return say("window.unread_slice");
    const out = axes.map(([axis, place]) => at(axis, place)).join(", ");
    const read = axes.map(([axis, place]) => readText(say, axis, place)).join(", ");
    if (!values) return say(`window.${op}`, { out, read });
    return say(`window.${op}_value`, { out, read, value: values.output[i][j], divisor: values.divisors?.[i][j] });
  }

  // --- moving ----------------------------------------------------------------------------------

  const within = (plane, [i, j]) => [bounded(i, plane.rows), bounded(j, plane.columns)];

  function setPosition(place) {
    position = within(geometry.output, place);
    if (model.get("position_is_watched")) {
      model.set("position", position);
      model.save_changes();
    }
  }

  /** Shows the window of output cell (i, j), whatever was shown before. */
  function moveTo(i, j) {
    if (!hasOutput()) return;
    hovered = null;
    side = sideBefore = "output";
    setPosition([i, j]);
    draw();
  }

  /** The next window in reading order, or with −1 the one before; false at the end. */
  function step(by = 1) {
    if (!hasOutput()) return false;
    const { rows, columns } = geometry.output;
    let [i, j] = [position[0], position[1] + by];
    if (j >= columns) [i, j] = [i + 1, 0];
    if (j < 0) [i, j] = [i - 1, columns - 1];
    if (i < 0 || i >= rows) return false;
    moveTo(i, j);
    return true;
  }

  /** So many rows and columns further, on the side where the arrows move. */
  function go(rows, columns) {
    hovered = null;
    if (side === "input") cell = within(geometry.input, [cell[0] + rows, cell[1] + columns]);
    else setPosition([position[0] + rows, position[1] + columns]);
    draw();
  }

  function changeSide() {
    hovered = null;
    side = sideBefore = side === "input" ? "output" : "input";
    draw();
  }

  // --- pinning ---------------------------------------------------------------------------------

  function pinTo(target) {
    if (!pinned) sideBefore = side;
    pinned = true;
    side = target.side;
    if (side === "input") cell = target.place;
    else setPosition(target.place);
    draw();
    tell.pinned(true);
  }

  function release() {
    pinned = false;
    side = sideBefore;
    draw();
    tell.pinned(false);
  }

  const shown = () => {
    const asked = shownCell();
    return asked ? { side: "input", place: asked } : { side: "output", place: position };
  };
  const togglePin = () => (pinned ? release() : pinTo(shown()));
  pin.addEventListener("click", () => {
    release();
    root.focus();
  });

  // --- pointer ---------------------------------------------------------------------------------

  /** The cell under the pointer; null beside both grids. */
  function under(event) {
    const bounds = overlay.getBoundingClientRect();
    const point = {
      x: ((event.clientX - bounds.left) / bounds.width) * geometry.width,
      y: ((event.clientY - bounds.top) / bounds.height) * geometry.height,
    };
    for (const name of ["output", "input"]) {
      const place = cellAtPoint(geometry[name], point);
      if (place) return { side: name, place };
    }
    return null;
  }

  function hover(event) {
    if (!hasOutput() || pinned) return;
    const target = under(event);
    if (target?.side === "output") moveTo(...target.place);
    else {
      hovered = target?.place ?? null;
      draw();
    }
  }

  function leave() {
    hovered = null;
    draw();
  }

  /** A click pins; on what is pinned, or beside the grids, it lets go. */
  function click(event) {
    if (!hasOutput()) return;
    const target = under(event);
    const isPinnedOne = pinned && target?.side === side && isSame(target.place, shown().place);
    if (target && !isPinnedOne) pinTo(target);
    else if (pinned) {
      release();
      if (event.pointerType !== "touch") hover(event);
    }
  }

  root.addEventListener("pointermove", hover);
  root.addEventListener("pointerdown", hover);
  root.addEventListener("pointerleave", leave);
  root.addEventListener("pointercancel", leave);
  root.addEventListener("click", click);

  return {
    root,
    outer,
    step,
    moveTo,
    go,
    changeSide,
    togglePin,
    release,
    hasOutput,
    isPinned: () => pinned,
    isStrip: () => geometry[side].rows === 1,
    /** Says once more what is shown. */
    tell: draw,
    /** Picture and geometry change in the same frame, and an older picture never overtakes. */
    async show(state, bytes) {
      if (!(await frame.show(bytes, state.seq))) return false;
      geometry = state.geometry;
      image.width = geometry.width;
      image.height = geometry.height;
      overlay.setAttribute("viewBox", `0 0 ${geometry.width} ${geometry.height}`);
      outer.style.maxWidth = `${geometry.width}px`;
      image.alt = state.alt;
      root.dataset.seq = state.seq;
      if (hasOutput()) {
        position = within(geometry.output, position);
        cell = within(geometry.input, cell);
      } else {
        pinned = false;
      }
      hovered = null;
      tell.window("");
      draw();
      return true;
    },
    close: frame.close,
  };
}
