// @ts-check
// One call in five frameworks: panels to click on, and a table with reasons and code.

import { copyable, focusedElement, make, pictureView, problemLine, shape, speaker } from "../../browser/elements.js";
import { requestSender } from "../../browser/requests.js";
import { mount, pictureFrame } from "../../browser/screen.js";
import { speechOf } from "../../browser/speech.js";
import { toolBar } from "../../browser/tools.js";

/** @import { ComparisonRow, ComparisonState, Render, Say, Variant } from "../../browser/types.js" */

/**
 * Create the table of frameworks.
 *
 * @param {Say} say
 * @param {(framework: string) => void} choose
 */
function comparisonTable(say, choose) {
  const root = make("div", { className: "pv-table pv-open" });
  /** @returns {NodeListOf<HTMLElement>} */
  const buttons = () => root.querySelectorAll("th button");

  /** @param {ComparisonRow} entry */
  function row(entry) {
    const button = make("button", { type: "button", textContent: entry.title, title: entry.version });
    button.setAttribute("aria-pressed", String(entry.isReference));
    button.addEventListener("click", () => choose(entry.framework));
    const text = make("td", {}, entry.text);
    if (entry.why) text.append(make("p", { textContent: entry.why }));
    const code = make("td", {}, ...(entry.code ? copyable(say, entry.code) : []));
    if (entry.same) {
      const summary = make("summary", { textContent: say("comparison.same") });
      code.append(make("details", {}, summary, ...copyable(say, entry.same)));
    }
    const line = make("tr", { className: `pv-${entry.outcome}` }, make("th", { scope: "row" }, button), text, code);
    if (entry.isReference) line.setAttribute("aria-current", "true");
    return line;
  }

  return {
    root,
    /** @param {ComparisonState} state */
    show(state) {
      const focused = [...buttons()].indexOf(/** @type {HTMLElement} */ (focusedElement(root)));
      const head = ["framework", "does", "code"].map((title) =>
        make("th", { scope: "col", textContent: say(`comparison.${title}`) }),
      );
      root.replaceChildren(
        make(
          "table",
          { className: "pv-frameworks" },
          make("thead", {}, make("tr", {}, ...head)),
          make("tbody", {}, ...state.rows.map(row)),
        ),
      );
      // The button with the focus was replaced: its successor gets it.
      if (focused >= 0) buttons()[focused]?.focus();
    },
  };
}

/** Create the folded list of other implementations that behave differently. */
function variantList() {
  const summary = make("summary");
  const list = make("ul", {});
  const root = make("details", { className: "pv-variants", hidden: true }, summary, list);

  const item = (/** @type {Variant} */ { title, version, text, why }) =>
    make("li", {}, make("b", { textContent: title }), ` (${version}) ${text}.`, make("p", { textContent: why }));

  return {
    root,
    /** @param {ComparisonState} state */
    show(state) {
      root.hidden = state.variants.listed.length === 0;
      summary.textContent = state.variants.summary;
      list.replaceChildren(...state.variants.listed.map(item));
    },
  };
}

/** @type {Render<ComparisonState>} */
export function render(props) {
  const { model, texts } = props;
  const say = speechOf(texts);
  const problem = problemLine();
  const voice = speaker();
  const requests = requestSender(model, () => problem.tell(say("no_answer")));
  const tools = toolBar(say, (action) => requests.send({ action }));
  const choose = (/** @type {string} */ name) => requests.send({ action: { name: "framework", value: name } });
  const title = make("h3", { className: "pv-title" });
  const view = pictureView(say, false);
  const frame = pictureFrame(view.image);
  const table = comparisonTable(say, choose);
  const variants = variantList();
  const root = make(
    "div",
    { className: "poolviz pv-comparison" },
    make("div", { className: "pv-top" }, title, tools.root),
    problem.root,
    make(
      "div",
      { className: "pv-around" },
      make("div", { className: "pv-main" }, view.outer, table.root, variants.root),
      make("div", { className: "pv-slot" }), // for the explorer
    ),
    voice.root,
  );

  /** @param {ComparisonState["panels"][number]} given */
  function panel(given) {
    const [x, y, width, height] = given.box;
    const rect = shape("rect", "place", { x, y, width, height, rx: 6 });
    rect.addEventListener("click", () => choose(given.framework));
    return rect;
  }

  const update = async () => {
    const state = model.get("state");
    if (!state.seq) return;
    requests.answered();
    problem.tell(state.problem);
    tools.show(state);
    if (!(await frame.show(model.get("picture"), state.seq))) return;
    view.resize(state);
    view.overlay.replaceChildren(...state.panels.map(panel));
    title.textContent = state.title;
    voice.say(state.title);
    table.show(state);
    variants.show(state);
  };
  tools.listen(root);
  return mount(props, root, update, requests.stop, voice.stop, frame.close);
}
