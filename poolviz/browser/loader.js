// @ts-check
// The module of every widget instance: loads the code that all instances of a kind share, which
// Python sends once per kernel, in a model of its own.

/** @import { Render, RenderProps, SharedCode, Texts } from "./types.js" */

/** @typedef {{ render: Render<any>, texts: Texts }} Widget */
/** @typedef {{ widget_manager: { get_model(id: string): Promise<SharedCode> } }} Managed */

/**
 * Widgets of this page by the digest of their code, whichever notebook they came with.
 *
 * @type {Map<string, Promise<Widget>>}
 */
const widgets = Reflect.get(globalThis, Symbol.for("poolviz.widgets")) ?? new Map();
Reflect.set(globalThis, Symbol.for("poolviz.widgets"), widgets);

/** @param {string} styles */
function addStyles(styles) {
  const added = [...document.head.querySelectorAll("style.poolviz-styles")];
  if (added.some((style) => style.textContent === styles)) return;
  const style = document.createElement("style");
  style.className = "poolviz-styles";
  style.textContent = styles;
  document.head.append(style);
}

/**
 * Unpack and import the code, which is deflated JSON.
 *
 * @param {SharedCode} code
 * @returns {Promise<Widget>}
 */
async function load(code) {
  const stream = new Blob([code.get("packed")]).stream().pipeThrough(new DecompressionStream("deflate"));
  const { script, styles, texts } = JSON.parse(await new Response(stream).text());
  addStyles(styles);
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  try {
    const { render } = (await import(url)).default;
    return { render, texts };
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** @param {SharedCode} code */
function widgetOf(code) {
  const digest = code.get("digest");
  const known = widgets.get(digest);
  if (known) return known;
  const loading = load(code);
  widgets.set(digest, loading);
  loading.catch(() => widgets.delete(digest)); // the next widget tries again
  return loading;
}

/** @param {{ model: RenderProps<any>["model"] & Managed, el: HTMLElement }} props */
async function render({ model, el }) {
  const code = await model.widget_manager.get_model(model.get("_code").replace("IPY_MODEL_", ""));
  const widget = await widgetOf(code);
  return widget.render({ model, el, texts: widget.texts });
}

export default { render };
