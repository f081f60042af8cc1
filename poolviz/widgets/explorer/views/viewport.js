// @ts-check
// The viewport: the picture that Python drew, and over it everything that moves.

import { make, SVG } from "../../../browser/elements.js";
import { paintedLayer } from "../../../browser/painter.js";
import { pictureFrame } from "../../../browser/screen.js";
import { cellAtPoint, isSame, pointUnder, within } from "../geometry.js";
import { readerMarks, windowMarks } from "./marks.js";
import { readersSentence, windowSentence } from "./sentences.js";

/** @import { Cell, ExplorerState, Geometry, Model, PaintData, PictureData, Plane, Say } from "../../../browser/types.js" */
/** @typedef {ReturnType<typeof viewport>} Viewport */
/** @typedef {{ side: "input" | "output", place: Cell }} Target */

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
    overlay.append(...(asked ? readerMarks(geometry, output, asked) : windowMarks(geometry, output, position)));
    on.window(asked ? readersSentence(say, geometry, output, asked) : windowSentence(say, geometry, position));
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
