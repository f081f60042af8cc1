// @ts-check
// A question with its picture, a control for the answer, hint, feedback and progress.

import { focusedElement, make, pictureView, problemLine, speaker, textForm, uniqueId } from "../../browser/elements.js";
import { requestSender } from "../../browser/requests.js";
import { mount, pictureFrame } from "../../browser/screen.js";
import { speechOf } from "../../browser/speech.js";
import { toolBar } from "../../browser/tools.js";

/** @import { Answer, CardState, Render, Say } from "../../browser/types.js" */

/** @type {Record<string, string>} */
const COLOURS = { "✓": "pv-right", "✗": "pv-wrong" };

/**
 * The control of an answer: `value()` is what Python checks.
 *
 * @typedef {{
 *   root: HTMLElement,
 *   value: () => Answer,
 *   focus: () => void,
 *   hasButton?: boolean,
 *   isOverlay?: boolean,
 * }} AnswerControl
 */

/**
 * Create the control that fits the question: text, options, or cells of the picture.
 *
 * @param {Say} say
 * @param {CardState} state
 * @param {(text: string) => void} send
 * @returns {AnswerControl}
 */
function answerControl(say, state, send) {
  if (state.form === "choice" || state.form === "several") return optionControl(state);
  if (state.form === "cells" && state.plane) return cellControl(say, state, state.plane);
  const form = textForm(state.wanted, say("card.check"), send);
  form.field.value = typeof state.answer === "string" ? state.answer : "";
  return { root: form.root, value: () => form.field.value, hasButton: true, focus: () => form.field.focus() };
}

/**
 * Create radio buttons or checkboxes.
 *
 * @param {CardState} state
 * @returns {AnswerControl}
 */
function optionControl(state) {
  const type = state.form === "choice" ? "radio" : "checkbox";
  const name = uniqueId("options");
  /** @type {unknown[]} */
  const given = [state.answer ?? []].flat();
  const boxes = state.choices.map((text) => make("input", { type, name, value: text, checked: given.includes(text) }));
  const lines = boxes.map((box, i) => make("label", { className: "pv-tick" }, box, ` ${state.choices[i]}`));
  const root = make("fieldset", { className: "pv-options" }, make("legend", { textContent: state.wanted }), ...lines);
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  return {
    root,
    value: () => (type === "radio" ? (chosen()[0] ?? "") : chosen()),
    focus: () => boxes[0]?.focus(),
  };
}

/**
 * Create a grid of buttons over the cells of the picture.
 *
 * @param {Say} say
 * @param {CardState} state
 * @param {NonNullable<CardState["plane"]>} plane
 * @returns {AnswerControl}
 */
function cellControl(say, state, { rows, columns, axes }) {
  const given = new Set((Array.isArray(state.answer) ? state.answer : []).map((cell) => [cell].flat().join()));
  const root = make("div", { className: "pv-cells", role: "group" });
  root.setAttribute("aria-label", state.wanted);
  /** @type {HTMLButtonElement[]} */
  const buttons = [];
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      const place = axes === 1 ? `${j}` : `${i},${j}`;
      const ariaLabel = axes === 1 ? say("at.length", { place: j }) : say("card.place", { row: i, column: j });
      // One stop of the Tab key for the whole grid; inside, the arrow keys move.
      const button = make("button", { type: "button", ariaLabel, tabIndex: buttons.length === 0 ? 0 : -1 });
      button.setAttribute("aria-pressed", String(given.has(place)));
      button.addEventListener("click", () => {
        // `delete` returns whether the cell was chosen.
        if (!given.delete(place)) given.add(place);
        button.setAttribute("aria-pressed", String(given.has(place)));
      });
      buttons.push(button);
      root.append(button);
    }
  }
  root.addEventListener("keydown", (event) => {
    /** @type {Record<string, number>} */
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    if (at < 0 || !steps[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[at + steps[event.key]]?.focus();
  });
  return {
    root,
    isOverlay: true,
    value: () => [...given].map((place) => (axes === 1 ? Number(place) : place.split(",").map(Number))),
    focus: () => buttons[0]?.focus(),
  };
}

/**
 * Mark up code, which is set between backticks.
 *
 * @param {string} text
 */
function withCode(text) {
  return text.split("`").map((part, i) => (i % 2 ? make("code", { textContent: part }) : part));
}

/** @type {Render<CardState>} */
export function render(props) {
  const { model, texts } = props;
  const say = speechOf(texts);
  const problem = problemLine();
  const voice = speaker();
  const requests = requestSender(model, () => problem.tell(say("card.no_answer")));
  const tools = toolBar(say, (action) => requests.send({ action }));
  const act = (/** @type {string} */ name, /** @type {unknown} */ value = null) =>
    requests.send({ action: { name, value } });
  const progress = make("p", { className: "pv-also" });
  const question = make("p", { className: "pv-question", tabIndex: -1 });
  const block = make("pre", { className: "pv-block" });
  const view = pictureView(say, false);
  const frame = pictureFrame(view.image);
  const place = make("div", {});
  const feedback = make("p", { className: "pv-feedback" });
  const hint = make("p", { className: "pv-also", tabIndex: -1 });
  const solution = make("p", { className: "pv-solution", tabIndex: -1 });
  /** @type {AnswerControl | null} */
  let control = null;
  /** @type {string | null} */
  let shownKey = null;

  const button = (/** @type {string} */ text, /** @type {() => void} */ press) => {
    const made = make("button", { type: "button", textContent: text });
    made.addEventListener("click", press);
    return made;
  };
  const check = button(say("card.check"), () => act("answer", control?.value()));
  const askHint = button(say("card.hint"), () => act("hint"));
  const reveal = button(say("card.reveal"), () => act("reveal"));
  const renew = button(say("card.renew"), () => act("renew"));
  const back = button("◀", () => act("go", model.get("state").place - 1));
  const forth = button("▶", () => act("go", model.get("state").place + 1));
  back.setAttribute("aria-label", say("card.back"));
  forth.setAttribute("aria-label", say("card.forth"));
  const root = make(
    "div",
    { className: "poolviz pv-card" },
    make("div", { className: "pv-top" }, back, progress, forth, tools.root),
    problem.root,
    question,
    block,
    make(
      "div",
      { className: "pv-exercise" },
      view.outer,
      make(
        "div",
        { className: "pv-answer" },
        place,
        make("div", { className: "pv-top" }, check, askHint, reveal, renew),
        feedback,
        hint,
        solution,
      ),
    ),
    voice.root,
  );

  /** @param {CardState} state */
  function build(state) {
    control = answerControl(say, state, (text) => act("answer", text));
    if (control.isOverlay && state.plane) {
      const { left, top, side, rows, columns } = state.plane;
      const part = (/** @type {number} */ value, /** @type {number} */ whole) => `${(100 * value) / whole}%`;
      Object.assign(control.root.style, {
        left: part(left, state.width),
        top: part(top, state.height),
        width: part(columns * side, state.width),
        height: part(rows * side, state.height),
        gridTemplateColumns: `repeat(${columns}, 1fr)`,
        gridTemplateRows: `repeat(${rows}, 1fr)`,
      });
      view.root.append(control.root);
      place.replaceChildren(make("p", { className: "pv-also", textContent: state.wanted }));
    } else place.replaceChildren(control.root);
    check.hidden = control.hasButton === true;
  }

  const update = async () => {
    const state = model.get("state");
    if (!state.seq) return;
    requests.answered();
    problem.tell(state.problem);
    tools.show(state);
    view.outer.hidden = state.width === 0;
    if (state.width > 0 && !(await frame.show(model.get("picture"), state.seq))) return;
    if (state.width > 0) view.resize(state);
    else view.root.dataset.seq = String(state.seq);
    const key = `${state.key} ${state.plane != null}`;
    const isNew = key !== shownKey;
    if (isNew) {
      if (control?.isOverlay) control.root.remove();
      build(state);
    }
    const hasMoved = shownKey != null && isNew;
    shownKey = key;
    const counts = { place: state.place + 1, all: state.of, level: state.level, solved: state.solved };
    progress.textContent = say("card.progress", counts);
    back.disabled = state.place === 0;
    forth.disabled = state.place === state.of - 1;
    back.hidden = forth.hidden = state.of === 1;
    question.replaceChildren(...withCode(state.question));
    block.textContent = state.block;
    block.hidden = state.block === "";
    feedback.replaceChildren(...(state.feedback === "" ? [] : withCode(`${state.mark} ${state.feedback}`)));
    feedback.className = `pv-feedback ${COLOURS[state.mark] ?? ""}`;
    hint.replaceChildren(...withCode(state.hint));
    solution.replaceChildren(...withCode(state.solution));
    const at = focusedElement(root);
    askHint.disabled = state.hint !== "";
    reveal.disabled = state.solution !== "";
    // A button that is switched off loses the focus, so what it opened takes it.
    if (at === askHint && askHint.disabled) hint.focus();
    if (at === reveal && reveal.disabled) solution.focus();
    if (hasMoved && root.contains(focusedElement(root))) question.focus();
    const latest = [state.feedback, state.hint, state.solution].filter(Boolean).pop();
    voice.say(latest?.replaceAll("`", "") ?? (hasMoved ? state.question : ""));
  };
  tools.listen(root);
  return mount(props, root, update, requests.stop, voice.stop, frame.close);
}
