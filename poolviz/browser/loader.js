// @ts-check
// The module of every widget instance: loads the code that all instances of a kind share, which
// Python sends once per kernel, in a separate model.

/** @import { LoaderModel, PaintData, Render, Texts } from "./types.js" */

/** @typedef {{ render: Render<any>, styles: string, texts: Texts, paint?: PaintData }} Loaded */

const PATIENCE_MS = 1000; // after which the code is requested from this model

/** @type {any} */
const page = globalThis;
const key = Symbol.for("poolviz.widgets");
// On the page, because every instance of a widget loads its own copy of this module.
page[key] ??= new Map();
/**
 * Widgets of this page by the digest of their code, whichever notebook they came with.
 *
 * @type {Map<string, Promise<Loaded>>}
 */
const widgets = page[key];

/**
 * Add the styles to the document or to the shadow root that holds the element, once.
 *
 * @param {HTMLElement} el
 * @param {string} styles
 */
function addStyles(el, styles) {
  const root = el.getRootNode();
  const parent = root instanceof ShadowRoot ? root : document.head;
  if ([...parent.querySelectorAll("style")].some((style) => style.textContent === styles)) return;
  const style = document.createElement("style");
  style.textContent = styles;
  parent.append(style);
}

/** @param {LoaderModel} model */
async function sharedCode(model) {
  const id = model.get("_code").replace("IPY_MODEL_", "");
  return (await model.widget_manager.get_model(id)).get("packed");
}

/**
 * Ask Python for the code in this model.
 *
 * @param {LoaderModel} model
 * @returns {Promise<DataView<ArrayBuffer>>}
 */
function ownCode(model) {
  return new Promise((resolve) => {
    const take = () => {
      const packed = model.get("_packed");
      if (packed?.byteLength) resolve(packed);
    };
    model.on("change:_packed", take);
    take();
    model.set("_needs_code", true);
    model.save_changes();
  });
}

/**
 * Return the code. Some hosts have no widget manager; marimo's does not find what another session
 * of the same process made, but rejects only after a long wait.
 *
 * @param {LoaderModel} model
 */
function codeOf(model) {
  const shared = sharedCode(model);
  const late = new Promise((_, reject) => setTimeout(reject, PATIENCE_MS));
  return Promise.race([shared, late]).catch(() => Promise.any([shared, ownCode(model)]));
}

/**
 * Unpack and import the code, which is deflated JSON.
 *
 * @param {LoaderModel} model
 * @returns {Promise<Loaded>}
 */
async function load(model) {
  const stream = new Blob([await codeOf(model)]).stream().pipeThrough(new DecompressionStream("deflate"));
  const { script, ...rest } = JSON.parse(await new Response(stream).text());
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  try {
    const { render } = (await import(url)).default;
    return { render, ...rest };
  } finally {
    // Once it is imported, the module no longer needs its address.
    URL.revokeObjectURL(url);
  }
}

/** @param {LoaderModel} model */
function widgetOf(model) {
  const digest = model.get("_digest");
  const known = widgets.get(digest);
  if (known) return known;
  const loading = load(model);
  widgets.set(digest, loading);
  loading.catch(() => widgets.delete(digest)); // the next widget tries again
  return loading;
}

/** @param {{ model: LoaderModel, el: HTMLElement }} props */
async function render({ model, el }) {
  const { render, styles, texts, paint } = await widgetOf(model);
  addStyles(el, styles);
  requestAnimationFrame(() => addStyles(el, styles)); // some hosts attach the element after this
  return render({ model, el, texts, paint });
}

export default { render };
