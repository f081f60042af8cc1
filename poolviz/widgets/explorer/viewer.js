// @ts-check
// The viewer shows what Python computed, sends the settings of the controls, and draws what moves
// (current window, kernel elements, maximum, animation) from a few numbers per axis. It computes no
// shapes: every size, verdict and fix comes from Python as text.

import { keepingFocus, make } from "../../browser/elements.js";
import { onState, watchScreen } from "../../browser/screen.js";
import { speechOf } from "../../browser/speech.js";
import { taskPanel } from "../../browser/task.js";
import { toolBar } from "../../browser/tools.js";
import { answersAhead } from "./ahead/answers.js";
import { weightEditor } from "./convolution/weights.js";
import { frameworkChips } from "./views/chips.js";
import { controlPanel } from "./views/controls.js";
import { examplePicker, slicePicker, valueEditor } from "./views/inputs.js";
import { keyHelp, listenToKeys } from "./views/keys.js";
import { overlayPanel } from "./views/overlays.js";
import { createPlayer } from "./views/player.js";
import { viewport } from "./views/viewport.js";
import { wordPanel } from "./views/words.js";

/** @import { AheadMessage, ExplorerState, Render } from "../../browser/types.js" */

/** @type {Render<ExplorerState>} */
export function render({ model, el, texts, paint }) {
  const say = speechOf(texts);
  const ahead = answersAhead(model);
  let isPainted = false; // what is shown was computed ahead
  let shown = ""; // the words on the page, as JSON
  const panel = controlPanel(say, model, {
    silent: (isShown) => words.showProblem(say(isShown ? "explorer.stored_answer" : "explorer.no_answer")),
    asked(request) {
      const answer = paint ? ahead.find(request) : null;
      if (!answer) return null;
      isPainted = true;
      words.showProblem("");
      view.paint(answer.state, answer.picture);
      tell(answer.state);
      return answer.state;
    },
    wanted: ahead.want,
    unwanted: ahead.stop,
  });
  const windowText = make("p", { className: "pv-window" });
  const words = wordPanel(say, panel);
  const on = {
    window(/** @type {string} */ text) {
      windowText.textContent = text;
      const isListening = view.outer.matches(":focus-within") || player.root.matches(":focus-within");
      if (text && isListening && !player.isWalking()) words.speak(text);
    },
    pinned: (/** @type {boolean} */ isPinned) =>
      words.speak(say(isPinned ? "viewport.is_pinned" : "viewport.is_free", { window: windowText.textContent })),
  };
  const view = viewport(model, say, on, paint);
  const player = createPlayer(say, view, words.speak);
  listenToKeys(view, player);
  const chips = frameworkChips(say);
  const examples = examplePicker(say, panel);
  const editor = valueEditor(say, panel);
  const weights = weightEditor(say, panel);
  const slices = slicePicker(say, panel);
  const overlays = overlayPanel(say, panel);
  const tools = toolBar(say, panel.send);
  const task = taskPanel(say, panel, words.speak);
  const rest = make(
    "div",
    { className: "pv-rest" },
    ...[examples.root, editor.root, weights.root, overlays.root, keyHelp(say), tools.root],
  );
  const side = make("div", { className: "pv-side" }, panel.root, rest);
  view.outer.append(words.fixes);
  const under = make("div", { className: "pv-under" }, player.root, slices.root, windowText);
  const room = make(
    "div",
    { className: "pv-show" },
    view.outer,
    words.formulas,
    under,
    words.findings,
    overlays.sentences,
    words.says,
  );
  const root = make(
    "div",
    { className: "poolviz", lang: texts.language },
    task.root,
    words.head,
    chips.root,
    words.problem,
    make("div", { className: "pv-body" }, side, room),
    words.status,
  );
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  el.append(root);
  tools.listen(root);

  /** @param {ExplorerState} state */
  function tell(state) {
    const { seq, answers, problem, context, canUndo, canRedo, opens, ...said } = state;
    const text = JSON.stringify(said);
    slices.show(state);
    overlays.show(state);
    player.show(view.hasOutput());
    under.hidden = player.root.hidden && slices.root.hidden;
    // Else the answer to what was stored would replace a button that has the focus.
    if (text !== shown) {
      words.show(state);
      chips.show(state);
    }
    shown = text;
    task.show(state);
  }

  const update = async () => {
    const state = model.get("state");
    if (!state.seq) return;
    const isLatest = panel.show(state);
    // An older answer would take back what is shown already.
    if (isPainted && !isLatest) return;
    isPainted = false;
    words.showProblem(state.problem);
    tools.show(state);
    examples.show(state);
    editor.show(state);
    weights.show(state);
    // Drawn despite a problem: of two answers in a row the browser may see only the second.
    if (!(await view.show(state, model.get("picture")))) return;
    tell(state);
    panel.wishAgain();
  };
  /** @param {AheadMessage} message */
  const hear = ({ heard }) => {
    if (heard == null) return;
    panel.heard();
    words.showProblem("");
  };
  const follow = () => view.moveTo(...model.get("position"));
  const stopUpdates = onState(model, keepingFocus(root, update));
  model.on("msg:custom", hear);
  model.on("change:position", follow);
  update();
  const stopWatching = watchScreen(model, root, room);
  return () => {
    stopUpdates();
    model.off("msg:custom", hear);
    ahead.close();
    model.off("change:position", follow);
    stopWatching();
    panel.stop();
    player.stop();
    view.close();
  };
}
