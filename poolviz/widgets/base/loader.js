// @ts-check
// The module of every widget instance: loads the code that all instances of a kind share, which
// Python sends once per kernel, in a model of its own.

/** @import { Render, RenderProps, SharedCode } from "./types.js" */

/** @typedef {{ render: Render<any> }} Widget */
/** @typedef {{ widget_manager: { get_model(id: string): Promise<SharedCode> } }} Managed */

/**
 * The modules of this page by the digest of their code, whichever notebook they came with.
 *
 * @type {Map<string, Promise<Widget>>}
 */
const modules = Reflect.get(globalThis, Symbol.for("poolviz.modules")) ?? new Map();
Reflect.set(globalThis, Symbol.for("poolviz.modules"), modules);

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
 * Unpack and import the code; it comes deflated, as JSON.
 *
 * @param {SharedCode} code
 * @returns {Promise<Widget>}
 */
async function load(code) {
  const stream = new Blob([code.get("packed")]).stream().pipeThrough(new DecompressionStream("deflate"));
  const { script, styles } = JSON.parse(await new Response(stream).text());
  addStyles(styles);
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  try {
    return (await import(url)).default;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** @param {SharedCode} code */
function moduleOf(code) {
  const digest = code.get("digest");
  const known = modules.get(digest);
  if (known) return known;
  const loading = load(code);
  modules.set(digest, loading);
  loading.catch(() => modules.delete(digest)); // the next widget tries again
  return loading;
}

/** @param {RenderProps<any> & { model: Managed }} props */
async function render(props) {
  const { model } = props;
  const code = await model.widget_manager.get_model(model.get("_code").replace("IPY_MODEL_", ""));
  const module = await moduleOf(code);
  return module.render(props);
}

export default { render };
