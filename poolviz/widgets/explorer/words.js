// @ts-check
// Texts and buttons around the picture.

import { focusedElement, make, speaker, uniqueId } from "../../browser/elements.js";

/** @import { ExplorerState, Fix, Say } from "../../browser/types.js" */
/** @import { Panel } from "./controls.js" */

/**
 * Create everything that is said about the picture.
 *
 * @param {Say} say
 * @param {Panel} panel
 */
export function wordPanel(say, panel) {
  const title = make("h3", { className: "pv-title", tabIndex: -1 });
  const subtitle = make("p", { className: "pv-subtitle" });
  const problem = make("p", { className: "pv-problem", role: "alert" });
  const formulas = make("div", { className: "pv-formulas" });
  const findings = make("ul", { className: "pv-findings" });
  const fixes = make("div", { className: "pv-fixes" });
  const code = make("p", { className: "pv-code" });
  const says = make("details", { className: "pv-says" });
  const frameworks = make("table", { className: "pv-frameworks" });
  const voice = speaker();

  /**
   * @param {Fix} fix
   * @param {number} index
   */
  function fixButton(fix, index) {
    const also = fix.also ? [make("span", { className: "pv-also", textContent: ` ${fix.also}` })] : [];
    const line = fix.code ? [make("code", { textContent: fix.code })] : [];
    const apply = () => panel.send({ name: "fix", value: index });
    const head = fix.applies
      ? make("button", { type: "button", textContent: fix.text, onclick: apply })
      : make("span", { textContent: fix.text });
    return make("li", {}, head, ...also, ...line);
  }

  /** @param {ExplorerState["axes"][number]} axis */
  function formulaLine(axis) {
    const dilation = say("explorer.dilation", { formula: axis.dilation });
    return make(
      "div",
      { className: axis.fails ? "pv-fails" : "" },
      make("span", { className: "pv-axis", textContent: axis.name }),
      ` ${axis.formula}${axis.fails ? "  ✗" : ""}`,
      ...(axis.dilation ? [make("span", { className: "pv-also", textContent: `  ${dilation}` })] : []),
    );
  }

  /**
   * @param {ExplorerState["frameworks"][number]} entry
   * @param {string} current
   */
  function frameworkRow(entry, current) {
    const head = make("th", { scope: "row", textContent: entry.title, title: entry.version });
    const row = make("tr", { className: `pv-${entry.outcome}` }, head, make("td", { textContent: entry.text }));
    if (entry.name === current) row.setAttribute("aria-current", "true");
    return row;
  }

  return {
    title,
    subtitle,
    problem,
    formulas,
    findings,
    fixes,
    code,
    says,
    frameworks,
    status: voice.root,
    speak: voice.say,
    /** @param {string} text */
    showProblem(text) {
      problem.textContent = text;
      problem.hidden = text === "";
    },
    /** @param {ExplorerState} state */
    show(state) {
      title.textContent = state.title;
      subtitle.textContent = state.subtitle;
      subtitle.className = `pv-subtitle pv-${state.level}`;
      code.replaceChildren(
        make("span", { className: "pv-also", textContent: `${say("explorer.in_code")}  ` }),
        make("code", { textContent: state.code }),
      );
      formulas.replaceChildren(...state.axes.map(formulaLine));
      findings.replaceChildren(
        ...state.findings.map(({ severity, text }) => make("li", { className: `pv-${severity}`, textContent: text })),
      );
      if (state.detail) findings.append(make("li", { className: "pv-note", textContent: state.detail }));
      const hadFocus = fixes.contains(focusedElement(fixes));
      fixes.replaceChildren();
      if (state.fixes.length > 0) {
        fixes.append(make("p", { textContent: say("any_works") }), make("ul", {}, ...state.fixes.map(fixButton)));
      }
      // The button that was pressed is gone; the title says what it did.
      if (hadFocus) title.focus();
      says.hidden = state.says === "";
      says.replaceChildren(
        make("summary", { textContent: say("error_text") }),
        make("pre", { lang: "en", textContent: state.says }),
      );
      frameworks.replaceChildren(
        make("caption", { textContent: say("explorer.frameworks") }),
        make("tbody", {}, ...state.frameworks.map((entry) => frameworkRow(entry, state.settings.framework))),
      );
      voice.say(state.subtitle);
    },
  };
}

/**
 * Create the list of examples.
 *
 * @param {Say} say
 * @param {Panel} panel
 */
export function examplePicker(say, panel) {
  const id = uniqueId("example");
  const select = make("select", { id });
  select.addEventListener("change", () => {
    if (select.value) panel.send({ name: "example", value: select.value });
    select.value = "";
  });
  const label = make("label", { htmlFor: id, textContent: say("explorer.example") });
  return {
    root: make("div", { className: "pv-choice pv-example" }, label, select),
    /** @param {ExplorerState} state */
    show(state) {
      if (select.options.length > 0) return;
      select.append(make("option", { value: "", textContent: say("explorer.choose_example") }));
      for (const [name, text] of state.examples) select.append(make("option", { value: name, textContent: text }));
    },
  };
}

/**
 * Create the editor of the input values: another seed, or typed text, which is kept if rejected.
 *
 * @param {Say} say
 * @param {Panel} panel
 */
export function valueEditor(say, panel) {
  const seed = make("button", { type: "button", textContent: say("explorer.other_numbers") });
  seed.addEventListener("click", () => {
    panel.settings.seed += 1;
    panel.settings.values = null;
    panel.send();
  });
  const id = uniqueId("values");
  const text = make("textarea", { id, rows: 6, spellcheck: false });
  const use = make("button", { type: "button", textContent: say("explorer.use_numbers") });
  /** @type {string | null} */
  let shown = null;
  use.addEventListener("click", () => {
    panel.settings.values = text.value;
    panel.send();
  });
  const label = make("label", { htmlFor: id, textContent: say("explorer.how_to_edit") });
  const editor = make("details", {}, make("summary", { textContent: say("explorer.edit_numbers") }), label, text, use);
  return {
    root: make("div", { className: "pv-values" }, seed, editor),
    /** @param {ExplorerState} state */
    show(state) {
      editor.hidden = state.valuesText == null;
      if (state.problem === "" && state.valuesText !== shown) {
        shown = state.valuesText;
        text.value = shown ?? "";
      }
    },
  };
}

/**
 * Create the slider for the depth slice of a 3-D input.
 *
 * @param {Say} say
 * @param {Panel} panel
 */
export function slicePicker(say, panel) {
  const slider = make("input", { type: "range", min: 0, step: 1, ariaLabel: say("explorer.slice") });
  const number = make("output", {});
  slider.addEventListener("input", () => {
    panel.settings.slice = Number(slider.value);
    panel.send();
  });
  const label = make("span", { textContent: `${say("explorer.slice")} ` });
  const root = make("div", { className: "pv-slice" }, label, slider, number);
  return {
    root,
    /** @param {ExplorerState} state */
    show(state) {
      const depth = state.geometry.depth;
      root.hidden = depth == null || (state.offers != null && !("slice" in state.offers));
      if (depth == null || root.hidden) return;
      slider.max = String(Math.max(0, depth.size - 1));
      slider.value = String(depth.slice);
      number.textContent = ` ${depth.slice}`;
    },
  };
}
