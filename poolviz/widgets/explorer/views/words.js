// @ts-check
// What is said about the picture: the verdict above it, formulas and findings below, fixes beside it.

import { focusedElement, fold, make, speaker } from "../../../browser/elements.js";

/** @import { ExplorerState, Fix, Say } from "../../../browser/types.js" */
/** @import { Panel } from "./controls.js" */

/**
 * Create everything that is said about the picture.
 *
 * @param {Say} say
 * @param {Panel} panel
 */
export function wordPanel(say, panel) {
  const verdict = make("h3", { className: "pv-verdict", tabIndex: -1 });
  const code = make("code");
  const title = make("span", { className: "pv-title" });
  const subtitle = make("span", { className: "pv-subtitle pv-hidden" });
  const problem = make("p", { className: "pv-problem", role: "alert" });
  const formulas = make("div", { className: "pv-formulas" });
  const findings = make("ul", { className: "pv-findings" });
  const fixes = make("div", { className: "pv-fixes" });
  const message = make("pre", { lang: "en" });
  const says = fold(say("error_text"), message);
  says.className = "pv-says";
  const voice = speaker();
  /** @type {Fix[]} */
  let offered = [];
  const apply = (/** @type {number} */ index) => panel.send({ name: "fix", value: index });
  panel.offersToo({
    root: fixes,
    next: () => offered.flatMap((fix, index) => (fix.applies ? [() => apply(index)] : [])),
  });

  /**
   * @param {Fix} fix
   * @param {number} index
   */
  function fixItem(fix, index) {
    const also = fix.also ? [make("span", { className: "pv-also", textContent: ` ${fix.also}` })] : [];
    const line = fix.code ? [make("code", { textContent: fix.code })] : [];
    const head = fix.applies
      ? make("button", { type: "button", textContent: fix.text, onclick: () => apply(index) })
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

  return {
    head: make("div", {}, verdict, make("p", { className: "pv-call" }, code, title, subtitle)),
    problem,
    formulas,
    findings,
    fixes,
    says,
    status: voice.root,
    speak: voice.say,
    /** @param {string} text */
    showProblem(text) {
      problem.textContent = text;
      problem.hidden = text === "";
    },
    /** @param {ExplorerState} state */
    show(state) {
      verdict.textContent = state.verdict;
      verdict.className = `pv-verdict pv-${state.level}`;
      code.textContent = state.code;
      title.textContent = state.title;
      subtitle.textContent = state.subtitle;
      formulas.replaceChildren(...state.axes.map(formulaLine));
      // The verdict is the first finding; what it says besides follows here.
      const [first, ...others] = state.findings;
      const isToldAbove = first != null && first.severity !== "note";
      const told = isToldAbove ? others : state.findings;
      findings.replaceChildren(
        ...(isToldAbove && state.because ? [make("li", { textContent: state.because })] : []),
        ...told.map(({ severity, text }) => make("li", { className: `pv-${severity}`, textContent: text })),
      );
      if (state.detail) findings.append(make("li", { className: "pv-note", textContent: state.detail }));
      const hadFocus = fixes.contains(focusedElement(fixes));
      offered = state.fixes;
      const [one, two, ...rest] = state.fixes.map(fixItem);
      fixes.replaceChildren();
      if (one) fixes.append(make("p", { textContent: say("any_works") }), make("ul", {}, one, two ?? ""));
      if (rest.length > 0)
        fixes.append(fold(say("explorer.more_fixes", { count: rest.length }), make("ul", {}, ...rest)));
      // The button that was pressed is gone; the verdict says what it did.
      if (hadFocus) verdict.focus();
      says.hidden = state.says === "";
      message.textContent = state.says;
      voice.say(state.subtitle);
    },
  };
}
