// @ts-check
// A network: a diagram of its feature maps, a table of its layers, and an editor of one layer.
// Every shape, verdict and fix comes from Python as text; here a layer is only chosen.

import {
  choice,
  copyable,
  focusedElement,
  fold,
  make,
  pictureView,
  problemLine,
  shape,
  speaker,
  textForm,
} from "../../browser/elements.js";
import { requestSender } from "../../browser/requests.js";
import { mount, pictureFrame } from "../../browser/screen.js";
import { speechOf } from "../../browser/speech.js";
import { toolBar } from "../../browser/tools.js";

/** @import { Fix, NetworkPlace, Option, Render, Say, StackRow, StackState } from "../../browser/types.js" */

/**
 * Create the table of layers; each row is a button, and the arrow keys move between them.
 *
 * @param {(index: number) => void} choose
 */
function layerTable(choose) {
  const root = make("div", { className: "pv-table", tabIndex: -1 });
  /** @type {HTMLButtonElement[]} */
  let buttons = [];
  const placeOf = (/** @type {unknown} */ element) => buttons.indexOf(/** @type {HTMLButtonElement} */ (element));

  /**
   * @param {StackRow} entry
   * @param {number | null} chosen
   */
  function row(entry, chosen) {
    const { index } = entry;
    const cells = entry.cells.slice(2).map((text) => make("td", { textContent: text }));
    const isChosen = index != null && index === chosen;
    const label = make("th", { scope: "row" });
    if (index == null) label.textContent = entry.cells[1];
    else {
      const textContent = (entry.fails ? "✗\u00a0" : "") + entry.cells[1];
      // One stop of the Tab key for the whole table; inside, the arrow keys move.
      const button = make("button", { type: "button", textContent, tabIndex: isChosen ? 0 : -1 });
      button.setAttribute("aria-pressed", String(isChosen));
      button.addEventListener("click", () => choose(index));
      buttons.push(button);
      label.append(button);
    }
    if (entry.note) cells.push(make("td", { colSpan: 9 }, make("span", { textContent: entry.note })));
    const number = make("td", { textContent: entry.cells[0] });
    const line = make("tr", { className: entry.fails ? "pv-raises" : "" }, number, label, ...cells);
    if (isChosen) line.setAttribute("aria-current", "true");
    return line;
  }

  /**
   * Hide the cells of unused columns; a note spans the columns.
   *
   * @param {HTMLTableRowElement} line
   * @param {boolean[]} isUsed
   */
  function hideUnused(line, isUsed) {
    [...line.cells].forEach((cell, i) => {
      if (isUsed[i] === false && cell.colSpan === 1) cell.hidden = true;
    });
  }

  /** Scroll to the chosen row, with the one before it where both have room below the head. */
  function showChosen() {
    /** @type {HTMLElement | null} */
    const current = root.querySelector("[aria-current]");
    const before = /** @type {HTMLElement | null} */ (current?.previousElementSibling);
    if (!current) return;
    const room = root.clientHeight - (root.querySelector("thead")?.offsetHeight ?? 0);
    const end = current.offsetTop + current.offsetHeight;
    const isRoom = before != null && end - before.offsetTop <= room;
    root.scrollTop = (isRoom ? before : current).offsetTop + room - root.clientHeight;
  }

  root.addEventListener("keydown", (event) => {
    const place = placeOf(event.target);
    /** @type {Record<string, number>} */
    const moves = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: buttons.length - 1 };
    if (place < 0 || !(event.key in moves)) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[Math.min(Math.max(moves[event.key], 0), buttons.length - 1)].focus();
  });

  return {
    root,
    /** @param {StackState} state */
    show(state) {
      const place = placeOf(focusedElement(root));
      buttons = [];
      // Number, layer and output are always there, the other columns where a row has something.
      const isUsed = state.columns.map((_, i) => i < 3 || state.rows.some((entry) => Boolean(entry.cells[i])));
      const titles = state.columns.map((title, i) =>
        make("th", { scope: "col", textContent: title || "#", hidden: !isUsed[i] }),
      );
      const rows = state.rows.map((entry) => row(entry, state.chosen));
      for (const line of rows) hideUnused(line, isUsed);
      root.replaceChildren(
        make(
          "table",
          { className: "pv-frameworks" },
          make("thead", {}, make("tr", {}, ...titles)),
          make("tbody", {}, ...rows),
        ),
      );
      // The Tab key must reach the table also where no row is chosen.
      if (buttons.length > 0 && !buttons.some((button) => button.tabIndex === 0)) buttons[0].tabIndex = 0;
      if (place >= 0) buttons[Math.min(place, buttons.length - 1)]?.focus();
      showChosen();
    },
  };
}

/**
 * Create the diagram; a click on a feature map chooses its layer.
 *
 * @param {Say} say
 * @param {(index: number) => void} choose
 * @param {() => void} editInput
 */
function networkDiagram(say, choose, editInput) {
  const { outer, image, overlay, resize } = pictureView(say, false);
  const frame = pictureFrame(image);

  /**
   * @param {NetworkPlace} given
   * @param {number | null} chosen
   */
  function place({ box, first, last }, chosen) {
    const [x, y, width, height] = box;
    const isChosen = chosen != null && first != null && last != null && first <= chosen && chosen <= last;
    const rect = shape("rect", isChosen ? "place pv-chosen" : "place", { x, y, width, height, rx: 6 });
    rect.addEventListener("click", () => (first == null ? editInput() : choose(first)));
    return rect;
  }

  /** @type {Element | undefined} */
  let chosen;

  return {
    root: outer,
    /**
     * @param {StackState} state
     * @param {DataView | Blob | null} bytes
     */
    async show(state, bytes) {
      if (!(await frame.show(bytes, state.seq))) return false;
      const before = chosen?.getAttribute("x");
      resize(state);
      overlay.replaceChildren(...state.places.map((given) => place(given, state.chosen)));
      chosen = overlay.querySelector(".pv-chosen") ?? undefined;
      // Where the picture is wider than its room, the chosen layer is in view.
      if (chosen && chosen.getAttribute("x") !== before) {
        const [box, room] = [chosen, outer].map((one) => one.getBoundingClientRect());
        outer.scrollLeft += box.left + box.width / 2 - room.left - room.width / 2;
      }
      return true;
    },
    close: frame.close,
  };
}

/**
 * Create the verdict on the network: title, findings, fixes and error text.
 *
 * @param {Say} say
 * @param {(name: string, value: unknown) => void} act
 */
function stackWords(say, act) {
  const verdict = make("h3", { className: "pv-verdict", tabIndex: -1 });
  const title = make("p", { className: "pv-title pv-also" });
  const detail = make("p", { className: "pv-also" });
  const findings = make("ul", { className: "pv-findings" });
  const fixes = make("div", { className: "pv-fixes" });
  const says = make("details", { className: "pv-says" });

  /**
   * @param {Fix} fix
   * @param {number} index
   */
  function fixLine(fix, index) {
    const apply = () => act("fix", index);
    const head =
      fix.applies === false
        ? make("span", { textContent: fix.text })
        : make("button", { type: "button", textContent: fix.text, onclick: apply });
    const also = fix.also ? [make("span", { className: "pv-also", textContent: fix.also })] : [];
    const line = fix.code ? [make("span", { className: "pv-line" }, ...copyable(say, fix.code))] : [];
    return make("li", {}, head, ...also, ...line);
  }

  return {
    head: make("div", {}, verdict, title),
    detail,
    findings,
    fixes,
    says,
    /** @param {StackState} state */
    show(state) {
      verdict.textContent = state.verdict;
      verdict.className = `pv-verdict pv-${state.level}`;
      title.textContent = state.title;
      detail.textContent = state.detail;
      findings.replaceChildren(
        ...state.findings.map(({ severity, text }) => make("li", { className: `pv-${severity}`, textContent: text })),
      );
      const hadFocus = fixes.contains(focusedElement(fixes));
      fixes.replaceChildren();
      const [one, two, ...rest] = state.fixes.map(fixLine);
      if (one) fixes.append(make("p", { textContent: say("any_works") }), make("ul", {}, one, two ?? ""));
      if (rest.length > 0)
        fixes.append(fold(say("explorer.more_fixes", { count: rest.length }), make("ul", {}, ...rest)));
      if (hadFocus) verdict.focus();
      says.hidden = state.says === "";
      says.replaceChildren(
        make("summary", { textContent: say("error_text") }),
        make("pre", { lang: "en", textContent: state.says }),
      );
    },
  };
}

/** @type {Render<StackState>} */
export function render(props) {
  const { model, texts } = props;
  const say = speechOf(texts);
  const problem = problemLine();
  const voice = speaker();
  const requests = requestSender(model, () => problem.tell(say("no_answer")));
  const tools = toolBar(say, (action) => requests.send({ action }));
  const act = (/** @type {string} */ name, /** @type {unknown} */ value) => requests.send({ action: { name, value } });
  const choose = (/** @type {number} */ index) => act("choose", index);
  const words = stackWords(say, act);
  const input = textForm(say("stack.input"), say("use"), (text) => act("input", text));
  const table = layerTable(choose);
  const diagram = networkDiagram(say, choose, () => input.field.focus());
  const editor = textForm(say("stack.layer"), say("stack.change"), (text) => act("layer", text), { rows: 2 });
  const remove = make("button", { type: "button", textContent: say("stack.leave_out") });
  remove.addEventListener("click", () => act("layer", ""));
  editor.root.append(remove);
  /** @type {StackState} */
  let state;
  /**
   * @param {string} action
   * @param {string} label
   * @param {Option[]} list
   * @param {() => string} read
   */
  const picker = (action, label, list, read) =>
    choice(
      label,
      list,
      read,
      (value) => act(action, value),
      () => {},
    );
  const selects = make("div", { className: "pv-selects" });
  /** @type {ReturnType<typeof choice>[]} */
  let controls = [];
  function build() {
    controls = [
      picker("framework", say("stack.framework"), state.frameworks, () => state.framework),
      picker("data_format", say("stack.data_format"), state.dataFormats, () => state.dataFormat),
    ];
    selects.append(...controls.map((control) => control.root));
  }
  const note = make("p", { className: "pv-also pv-note" });
  // The composition puts the explorer of the chosen layer into the slot.
  const slot = make("div", { className: "pv-slot" });
  const root = make(
    "div",
    { className: "poolviz pv-stack" },
    words.head,
    make("div", { className: "pv-top" }, input.root, selects, tools.root),
    problem.root,
    diagram.root,
    make(
      "div",
      { className: "pv-body" },
      make("div", { className: "pv-side" }, words.fixes, table.root, editor.root),
      make("div", { className: "pv-show" }, note, slot),
    ),
    words.findings,
    words.says,
    words.detail,
    voice.root,
  );

  const update = async () => {
    const next = model.get("state");
    if (!next.seq) return;
    requests.answered();
    problem.tell(next.problem);
    tools.show(next);
    const isProblem = next.problem !== "";
    input.show(next.input, isProblem);
    editor.show(next.layerText, isProblem);
    if (!(await diagram.show(next, model.get("picture")))) return;
    state = next;
    if (controls.length === 0) build();
    for (const control of controls) control.set();
    input.root.hidden = state.isStored === true;
    editor.root.hidden = state.chosen == null || state.isStored === true;
    editor.label([state.chosenLabel, state.line].filter(Boolean).join(", "));
    note.textContent = state.note;
    note.hidden = state.note === "";
    words.show(state);
    voice.say([state.verdict, state.title].join(" "));
    table.show(state);
  };
  tools.listen(root);
  return mount(props, root, update, requests.stop, voice.stop, diagram.close);
}
