// @ts-check
// The viewport: the picture that Python drew, and over it everything that moves.

import { make, SVG, shape } from "../../../browser/elements.js";
import { paintedLayer } from "../../../browser/painter.js";
import { pictureFrame } from "../../../browser/screen.js";
import { grouped } from "../../../browser/speech.js";
import { productSentence, weightTexts, writtenSentence } from "../convolution/products.js";
import {
  cellAtPoint,
  cellBox,
  hatching,
  inset,
  isSame,
  listed,
  pointUnder,
  rangeRead,
  readers,
  tapCount,
  tapsInside,
  tapsOf,
  windowSpan,
  windowStart,
  within,
} from "./geometry.js";

/** @import { Axis, Cell, ExplorerState, Geometry, Model, PaintData, PictureData, Plane, Say } from "../../../browser/types.js" */
/** @typedef {ReturnType<typeof viewport>} Viewport */
/** @typedef {{ side: "input" | "output", place: Cell }} Target */

const MOST_TAPS = 900; // more of them would cover the cells

/**
 * Return which elements window i reads along one axis, in words.
 *
 * @param {Say} say
 * @param {Axis} axis
 * @param {number} i
 */
function readText(say, axis, i) {
  const inside = tapsInside(axis, i);
  const { first, step, count } = inside;
  const read = `read.${axis.name}`;
  // Not a plural category: no language has a form for nothing.
  if (count === 0) return say(`${read}.none`);
  const category = new Intl.PluralRules(say("language")).select(count);
  const places =
    step === 1 && count > 1
      ? `${first}–${first + count - 1}`
      : `${listed(inside, 6).join(", ")}${count > 6 ? ", …" : ""}`;
  return say(`${read}.${category}`, { places });
}

/**
 * @param {Model<ExplorerState>} model
 * @param {Say} say
 * @param {{ window: (text: string) => void, pinned: (isPinned: boolean) => void }} on
 * @param {PaintData} [paint] needed for stored answers only
 */
export function viewport(model, say, on, paint) {
  const image = make("img", { className: "pv-picture", alt: "", draggable: false });
  // Role "application" rather than "img": only there do screen readers pass on the arrow keys.
  const overlay = document.createElementNS(SVG, "svg");
  overlay.setAttribute("class", "pv-overlay");
  overlay.setAttribute("aria-hidden", "true");
  const painted = paintedLayer();
  const root = make("div", { className: "pv-stage", tabIndex: 0 }, image, painted.root, overlay);
  root.setAttribute("role", "application");
  root.setAttribute("aria-label", say("viewport.keys"));
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  const pin = make("button", {
    className: "pv-pin",
    type: "button",
    textContent: say("viewport.let_go"),
    hidden: true,
  });
  const outer = make("div", { className: "pv-frame" }, root, pin);
  const frame = pictureFrame(image);

  /** @type {Geometry} */
  let geometry;
  /** @type {Plane | null} */
  let output = null; // null before the first picture, and where there is no output
  const first = model.get("position");
  /** @type {Cell} */
  let position = [first[0], first[1]]; // the output cell whose window is marked
  /** @type {Cell} */
  let cell = [0, 0]; // the input cell that the arrow keys moved to
  /** @type {Target["side"]} */
  let side = "output"; // where the arrow keys move
  /** @type {Cell | null} */
  let hovered = null; // the input cell under the pointer
  let pinned = false; // then the pointer moves nothing
  /** @type {Target["side"]} */
  let sideBefore = side; // pinning

  const hasOutput = () => output != null;

  // --- drawing ---------------------------------------------------------------------------------

  /** Return the input cell whose readers are shown, or null while a window is. */
  const shownCell = () => (pinned ? null : hovered) ?? (side === "input" ? cell : null);

  function draw() {
    overlay.replaceChildren();
    pin.hidden = !pinned;
    if (!output) return;
    const asked = shownCell();
    if (asked) drawReaders(output, asked);
    else drawWindow(output, ...position);
  }

  /**
   * @param {Plane} plane
   * @param {number} i
   * @param {number} j
   */
  function drawWindow(plane, i, j) {
    const { down, across } = geometry;
    const box = windowBox(i, j);
    if (geometry.showsField) drawField(i, j);
    if (down.dilation > 1 || across.dilation > 1) drawTaps(i, j);
    overlay.append(shape("rect", "halo", { ...box }), shape("rect", "kernel", { ...box }));
    const out = cellBox(plane, i, j);
    overlay.append(shape("rect", "halo", { ...out }), shape("rect", "kernel", { ...out }));
    drawWinners(i, j);
    overlay.append(...weightTexts(geometry, i, j));
    on.window(sentence(i, j));
  }

  /**
   * Return the window of output cell (i, j), as far as it is drawn.
   *
   * @param {number} i
   * @param {number} j
   */
  function windowBox(i, j) {
    const { down, across, input } = geometry;
    const top = windowStart(down, i);
    const left = windowStart(across, j);
    // A window may reach far beyond the padding, for which the picture has no room.
    const rows = Math.min(windowSpan(down, i), down.end - top);
    return cellBox(input, top, left, rows, Math.min(windowSpan(across, j), across.end - left));
  }

  /**
   * Draw the receptive field: what the window reads of the input, without the padding.
   *
   * @param {number} i
   * @param {number} j
   */
  function drawField(i, j) {
    const { down, across, input } = geometry;
    const [top, bottom] = rangeRead(down, i);
    const [left, right] = rangeRead(across, j);
    if (bottom <= top || right <= left) return;
    const box = cellBox(input, top, left, bottom - top, right - left);
    overlay.append(shape("rect", "field", { ...box }), ...hatching(box));
  }

  /**
   * @param {number} i
   * @param {number} j
   */
  function drawTaps(i, j) {
    const { down, across, input } = geometry;
    if (tapCount(down) * tapCount(across) > MOST_TAPS) return;
    const columns = tapsOf(across, j);
    for (const row of tapsOf(down, i)) {
      for (const column of columns) overlay.append(shape("rect", "tap", inset(cellBox(input, row, column), 2)));
    }
  }

  /**
   * Mark the maximum, and less strongly the elements that tie with it.
   *
   * @param {number} i
   * @param {number} j
   */
  function drawWinners(i, j) {
    const { values, input, across, down, depth } = geometry;
    if (!values?.winners || !values.ranks) return;
    const flat = values.winners[i][j];
    if (flat < 0) return;
    const plane = input.rows * input.columns;
    // The maximum of a volume may lie in a slice that is not shown.
    if (depth && Math.floor(flat / plane) !== depth.slice) return;
    const won = flat % plane;
    const rank = values.ranks[Math.floor(won / input.columns)][won % input.columns];
    for (const row of listed(tapsInside(down, i), Infinity)) {
      for (const column of listed(tapsInside(across, j), Infinity)) {
        const isWinner = row * input.columns + column === won;
        // Ranks, not the numbers shown: those are rounded.
        const isTie = values.ranks[row][column] === rank;
        if (isWinner || isTie) {
          overlay.append(shape("rect", isWinner ? "winner" : "tie", inset(cellBox(input, row, column), 3.5)));
        }
      }
    }
  }

  /**
   * Mark the windows that read an input cell.
   *
   * @param {Plane} plane
   * @param {Cell} cell
   */
  function drawReaders(plane, [row, column]) {
    const { down, across, input } = geometry;
    const rows = readers(down, row, plane.rows);
    const columns = readers(across, column, plane.columns);
    overlay.append(shape("rect", "asked", inset(cellBox(input, row, column), 1)));
    for (const i of listed(rows, 60)) {
      for (const j of listed(columns, 60)) {
        overlay.append(shape("rect", "reader", inset(cellBox(plane, i, j), 1)));
        overlay.append(shape("rect", "reading", { ...windowBox(i, j) }));
      }
    }
    // Products of counts are not exact as doubles from 2⁵³ on.
    const count = BigInt(rows.count) * BigInt(columns.count);
    const place = [...(down.name ? [at(down, row)] : []), at(across, column)].join(", ");
    if (geometry.op === "transposed") {
      on.window(writtenSentence(say, geometry, [row, column], [rows, columns], place));
      return;
    }
    const read = count === 0n ? "read_by_none" : count === 1n ? "read_by_one" : "read_by_many";
    on.window(say(`window.${read}`, { place, windows: grouped(say, count) }));
  }

  /**
   * @param {Axis} axis
   * @param {number} place
   */
  const at = (axis, place) => say(`at.${axis.name}`, { place });

  /**
   * Return which elements output cell (i, j) reads and what it computes.
   *
   * @param {number} i
   * @param {number} j
   */
  function sentence(i, j) {
    const { down, across, depth, values, op } = geometry;
    if (depth && depth.output == null) return say("window.unread_slice");
    /** @type {[Axis, number][]} */
    const axes = [];
    if (depth && depth.output != null) axes.push([depth, depth.output]);
    if (down.name) axes.push([down, i]);
    axes.push([across, j]);
    const out = axes.map(([axis, place]) => at(axis, place)).join(", ");
    const read = axes.map(([axis, place]) => readText(say, axis, place)).join(", ");
    if (op === "conv" || op === "transposed") return productSentence(say, geometry, [i, j], { out, read });
    if (!values) return say(`window.${op}`, { out, read });
    return say(`window.${op}_value`, { out, read, value: values.output[i][j], divisor: values.divisors?.[i][j] });
  }

  // --- moving ----------------------------------------------------------------------------------

  /** @param {Cell} place */
  function setPosition(place) {
    if (!output) return;
    position = within(output, place);
    // Else every move of the mouse would be a message to the kernel.
    if (model.get("position_is_watched")) {
      model.set("position", position);
      model.save_changes();
    }
  }

  /**
   * Show the window of output cell (i, j).
   *
   * @param {number} i
   * @param {number} j
   */
  function moveTo(i, j) {
    if (!hasOutput()) return;
    hovered = null;
    // What is pinned later returns here, not to a side that was left.
    side = sideBefore = "output";
    setPosition([i, j]);
    draw();
  }

  /** Show the next window in reading order, or with −1 the previous one; return false at the end. */
  function step(by = 1) {
    if (!output) return false;
    const { rows, columns } = output;
    let [i, j] = [position[0], position[1] + by];
    if (j >= columns) [i, j] = [i + 1, 0];
    if (j < 0) [i, j] = [i - 1, columns - 1];
    if (i < 0 || i >= rows) return false;
    moveTo(i, j);
    return true;
  }

  /**
   * Move by rows and columns on the side where the arrow keys move.
   *
   * @param {number} rows
   * @param {number} columns
   */
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

  /** @param {Target} target */
  function pinTo(target) {
    if (!pinned) sideBefore = side;
    pinned = true;
    side = target.side;
    if (side === "input") cell = target.place;
    else setPosition(target.place);
    draw();
    on.pinned(true);
  }

  function release() {
    pinned = false;
    side = sideBefore;
    draw();
    on.pinned(false);
  }

  /** @returns {Target} */
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

  /**
   * Return the cell under the pointer, or null beside both planes.
   *
   * @param {MouseEvent} event
   * @returns {Target | null}
   */
  function under(event) {
    const point = pointUnder(overlay, event, geometry);
    const outputCell = output && cellAtPoint(output, point);
    if (outputCell) return { side: "output", place: outputCell };
    const inputCell = cellAtPoint(geometry.input, point);
    return inputCell && { side: "input", place: inputCell };
  }

  /** @param {MouseEvent} event */
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

  /**
   * Pin what is clicked; release it on the pinned cell and beside the planes.
   *
   * @param {MouseEvent} event
   */
  function click(event) {
    if (!hasOutput()) return;
    const target = under(event);
    const isPinnedOne = pinned && target?.side === side && isSame(target.place, shown().place);
    if (target && !isPinnedOne) pinTo(target);
    else if (pinned) {
      release();
      // A finger that is lifted hovers over nothing.
      if (/** @type {PointerEvent} */ (event).pointerType !== "touch") hover(event);
    }
  }

  root.addEventListener("pointermove", hover);
  root.addEventListener("pointerdown", hover);
  root.addEventListener("pointerleave", leave);
  // The page took the finger for scrolling: no pointerleave follows.
  root.addEventListener("pointercancel", leave);
  root.addEventListener("click", click);

  /** @param {ExplorerState} state */
  function place(state) {
    geometry = state.geometry;
    output = geometry.output;
    image.width = geometry.width;
    image.height = geometry.height;
    // That of the picture to come, while an older one is covered by a painted one.
    image.style.aspectRatio = `${geometry.width} / ${geometry.height}`;
    overlay.setAttribute("viewBox", `0 0 ${geometry.width} ${geometry.height}`);
    outer.style.maxWidth = `${geometry.width}px`;
    // What follows the stage in the frame lies beside the input where there is room.
    const [left, top] = geometry.beside?.map((length) => `${(100 * length) / geometry.width}%`) ?? [];
    outer.classList.toggle("pv-beside", left != null);
    outer.style.setProperty("--pv-left", left ?? null);
    outer.style.setProperty("--pv-top", top ?? null);
    image.alt = state.alt;
    if (output) {
      // The window stays where it was, as far as there is such a window.
      position = within(output, position);
      cell = within(geometry.input, cell);
    } else {
      pinned = false;
    }
    hovered = null;
    on.window("");
    draw();
  }

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
    isStrip: () => (side === "input" ? geometry.input : output)?.rows === 1,
    /** Report once more what is shown. */
    announce: draw,
    /**
     * Change picture and geometry in one frame; return false if a newer picture came first.
     *
     * @param {ExplorerState} state
     * @param {DataView | Blob | null} bytes
     */
    async show(state, bytes) {
      // Marks of the new geometry on the old picture would point at wrong cells, even for one
      // frame.
      if (!(await frame.show(bytes, state.seq))) return false;
      painted.hide();
      root.dataset.seq = String(state.seq);
      place(state);
      return true;
    },
    /**
     * Paint a picture that was computed ahead; Python's own follows when the controls rest.
     *
     * @param {ExplorerState} state
     * @param {PictureData} picture
     */
    paint(state, picture) {
      if (!paint) return;
      frame.cancel();
      painted.show(paint, picture, model.get("screen").theme ?? "light");
      place(state);
    },
    close: frame.close,
  };
}
