// @ts-check
// A chart of output sizes: hovering over a cell describes it, a click or a key selects it.

import { choice, make, pictureView, problemLine, shape, speaker } from "../../browser/elements.js";
import { requestSender } from "../../browser/requests.js";
import { mount, pictureFrame } from "../../browser/screen.js";
import { speechOf } from "../../browser/speech.js";
import { toolBar } from "../../browser/tools.js";
import { cellAtPoint, cellBox, pointUnder } from "../explorer/geometry.js";

/** @import { Cell, Option, Render, Say, SizeMapState } from "../../browser/types.js" */

/** @type {Record<string, Cell>} */
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * Create the chart.
 *
 * @param {Say} say
 * @param {(cell: Cell) => void} take
 * @param {(text: string) => void} describe
 */
function chartView(say, take, describe) {
  const { outer, root, image, overlay, resize } = pictureView(say, true);
  root.setAttribute("role", "application");
  root.setAttribute("aria-label", say("map.keys"));
  const frame = pictureFrame(image);
  /** @type {SizeMapState | null} */
  let state = null;
  /** @type {Cell | null} */
  let here = null; // ahead of Python while a key is held down

  /** @param {Cell | null} hovered */
  function draw(hovered = null) {
    overlay.replaceChildren();
    const cell = hovered ?? here;
    if (state == null || cell == null) return;
    const box = cellBox(state.plane, ...cell);
    overlay.append(shape("rect", "halo", { ...box }), shape("rect", "kernel", { ...box }));
    describe(state.sentences[cell[0]][cell[1]]);
  }

  const cellUnder = (/** @type {MouseEvent} */ event) =>
    state && cellAtPoint(state.plane, pointUnder(overlay, event, state));

  /** @param {Cell} cell */
  function takeCell(cell) {
    here = cell;
    draw();
    take(cell);
  }

  root.addEventListener("pointermove", (event) => {
    if (state) draw(cellUnder(event));
  });
  root.addEventListener("pointerleave", () => draw());
  root.addEventListener("click", (event) => {
    const cell = cellUnder(event);
    if (cell) takeCell(cell);
  });
  root.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || state == null) return;
    event.preventDefault();
    event.stopPropagation();
    const { rows, columns } = state.plane;
    // From the lower left corner, where both parameters are smallest.
    const from = here ?? [rows - 1, 0];
    const [row, column] = [from[0] + step[0], from[1] + step[1]];
    if (row >= 0 && row < rows && column >= 0 && column < columns) takeCell([row, column]);
  });

  return {
    outer,
    root,
    /**
     * @param {SizeMapState} next
     * @param {DataView | Blob | null} bytes
     * @param {boolean} isAhead
     */
    async show(next, bytes, isAhead) {
      if (!(await frame.show(bytes, next.seq))) return false;
      const hasMoved = state == null || state.x !== next.x || state.y !== next.y;
      state = next;
      if (!isAhead || hasMoved) here = next.here;
      resize(next);
      draw();
      return true;
    },
    close: frame.close,
  };
}

/** @type {Render<SizeMapState>} */
export function render(props) {
  const { model, texts } = props;
  const say = speechOf(texts);
  const problem = problemLine();
  const requests = requestSender(model, () => problem.tell(say("no_answer")));
  const tools = toolBar(say, (action) => requests.send({ action }));
  const act = (/** @type {string} */ name, /** @type {unknown} */ value) => requests.send({ action: { name, value } });
  const title = make("h3", { className: "pv-title" });
  const sentence = make("p", { className: "pv-window" });
  const voice = speaker();
  const describe = (/** @type {string} */ text) => {
    sentence.textContent = text;
    if (chart.root.matches(":focus")) voice.say(text);
  };
  const chart = chartView(say, (cell) => act("cell", cell), describe);
  const selects = make("div", { className: "pv-selects" });
  /** @type {SizeMapState} */
  let state;
  let built = "";
  /** @type {ReturnType<typeof choice>[]} */
  let controls = [];
  /**
   * @param {"x" | "y" | "axis"} name
   * @param {string} label
   * @param {Option[]} list
   */
  const picker = (name, label, list) =>
    choice(
      label,
      list,
      () => state[name],
      (value) => act(name, value),
      () => {},
    );
  function build() {
    controls = [picker("x", say("map.across"), state.parameters), picker("y", say("map.up"), state.parameters)];
    if (state.axes.length > 1) controls.push(picker("axis", say("map.axis"), state.axes));
    selects.replaceChildren(...controls.map((control) => control.root));
  }
  const root = make(
    "div",
    { className: "poolviz pv-map" },
    title,
    make("div", { className: "pv-top" }, selects, tools.root),
    problem.root,
    make(
      "div",
      { className: "pv-around" },
      make("div", { className: "pv-main" }, chart.outer, sentence),
      make("div", { className: "pv-slot" }), // for the explorer
    ),
    voice.root,
  );

  const update = async () => {
    const next = model.get("state");
    if (!next.seq) return;
    requests.answered();
    problem.tell(next.problem);
    tools.show(next);
    if (!(await chart.show(next, model.get("picture"), requests.isAhead(next)))) return;
    state = next;
    if (title.textContent && title.textContent !== state.title) voice.say(state.title);
    title.textContent = state.title;
    const form = JSON.stringify(state.axes);
    if (form !== built) {
      built = form;
      build();
    }
    for (const control of controls) control.set();
    selects.hidden = state.isStored === true;
  };
  tools.listen(root);
  return mount(props, root, update, requests.stop, voice.stop, chart.close);
}
