// What a soak needs of the page: the controls of a view, and the words that it shows.

const soak = {
  /** All that a reader can touch now; a control that is hidden or disabled is none. */
  controls(root) {
    const all = root.querySelectorAll(
      "button, input, select, textarea, summary, .pv-stage[tabindex='0'], .pv-place");
    return [...all].filter((one) => one.checkVisibility() && !one.disabled && one.type !== "hidden");
  },
  kind(one) {
    if (one.matches(".pv-stage")) return "stage";
    if (one.matches(".pv-place")) return "place";
    if (one.tagName === "INPUT") return one.type;
    return one.tagName.toLowerCase();
  },
  name(one) {
    return one.getAttribute("aria-label") || [...(one.labels ?? [])].map((label) => label.textContent).join(" ")
      || one.textContent || one.className.baseVal || "";
  },
  views(cell) {
    return [...document.querySelectorAll(".jp-CodeCell")[cell].querySelectorAll(".poolviz")];
  },
  /** The parts of a widget without those of a widget in it. */
  own(root, selector) {
    return [...root.querySelectorAll(selector)].filter((one) => one.closest(".poolviz") === root);
  },
  /** The number of the answer that each view shows, and what stands in its paste box. */
  shown(cells) {
    // JupyterLab takes its style sheets away while another theme is loaded.
    if (!document.querySelector(".poolviz").getClientRects().length) return null;
    const one = (view) => [Number(soak.own(view, ".pv-stage")[0]?.dataset.seq ?? -1),
      soak.own(view, ".pv-paste")[0]?.value ?? null];
    return cells.map((cell) => soak.views(cell).map(one));
  },
  /** Each word once: what stands in a hidden part is not shown. */
  words(root) {
    const own = (selector) => soak.own(root, selector);
    const seen = (one) => one.getClientRects().length > 0;
    // A network says the cause and the fixes of its layer.
    const isSaidAbove = root.parentElement.closest(".pv-stack") !== null;
    const texts = (selector) => own(selector).filter(seen).map((one) => one.textContent.trim());
    const first = (selector) => texts(selector)[0] ?? "";
    const overlay = own(".pv-overlay")[0]?.viewBox.baseVal;
    const marks = own(".pv-overlay rect").map((one) => one.getBBox());
    return {
      verdict: isSaidAbove ? null : first(".pv-verdict"), title: first(".pv-title"), subtitle: first(".pv-subtitle"), problem: first(".pv-problem"),
      alt: own(".pv-picture")[0]?.alt ?? "", window: first(".pv-window"),
      formulas: texts(".pv-formulas > div"), findings: texts(".pv-findings > li"),
      fixes: isSaidAbove ? null : own(".pv-fixes li").filter(seen).map((one) => one.firstElementChild.textContent),
      frameworks: own(".pv-frameworks tbody tr").filter(seen).map((row) =>
        [...row.children].slice(0, 2).map((cell) => cell.textContent)),
      question: first(".pv-question"), feedback: first(".pv-feedback"),
      outside: overlay ? marks.filter((box) => box.x < -1 || box.y < -1
        || box.x + box.width > overlay.width + 1 || box.y + box.height > overlay.height + 1).length : 0,
      walks: own(".pv-player [aria-pressed=true]").length > 0,
    };
  },
};
window.soak = soak;
