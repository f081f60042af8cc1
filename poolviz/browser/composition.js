// @ts-check
// The module of a widget that is made of others, which it shows in order.

/** @import { CompositeModel, Host, Part } from "./types.js" */

const PREFIX = "anywidget:"; // of a reference to another widget

/**
 * Show a widget in `el`; return what removes it. Front ends before anywidget 0.11 have no `host`, and
 * make a view.
 *
 * @param {string} reference
 * @param {HTMLElement} el
 * @param {CompositeModel} model
 * @param {Host | undefined} host
 * @returns {Promise<() => void>}
 */
async function shown(reference, el, model, host) {
  if (host) {
    const controller = new AbortController();
    const widget = await host.getWidget(reference);
    await widget.render({ el, signal: controller.signal });
    return () => controller.abort();
  }
  const { widget_manager } = model;
  const part = await widget_manager.get_model(reference.slice(PREFIX.length));
  const view = await widget_manager.create_view(part, {});
  el.append(view.el);
  return () => view.remove();
}

/**
 * Report to Python when a part has a new state: marimo runs the cells that use a widget only after
 * a message of this widget itself.
 *
 * @param {string} reference
 * @param {CompositeModel} model
 * @param {Host} host
 * @returns {Promise<() => void>}
 */
async function reported(reference, model, host) {
  const part = await host.getModel(reference);
  const tell = () => {
    model.set("_reported", model.get("_reported") + 1);
    model.save_changes();
  };
  part.on("change:state", tell);
  return () => part.off("change:state", tell);
}

/** @param {{ model: CompositeModel, el: HTMLElement, host?: Host }} props */
function render({ model, el, host }) {
  const root = document.createElement("div");
  root.className = "pv-parts";
  el.append(root);
  /** @type {Map<string, Part>} */
  const parts = new Map();

  /** Put the parts after the first one into its slot, if it has one. */
  function nest() {
    const places = [...parts.values()].map(({ place }) => place);
    const [first] = places;
    const slot = first?.querySelector(".pv-slot") ?? root;
    for (const place of places) {
      const wanted = place === first ? root : slot;
      if (place.parentElement !== wanted) wanted.append(place);
    }
    if (first?.querySelector(".poolviz")) nesting.disconnect(); // it has been rendered
  }
  const nesting = new MutationObserver(nest);
  nesting.observe(root, { childList: true, subtree: true });

  /** @param {string} reference */
  function opened(reference) {
    const place = document.createElement("div");
    place.className = "pv-part";
    const stops = [shown(reference, place, model, host)];
    if (host && model.get("_is_reactive")) stops.push(reported(reference, model, host));
    // A part that never came has nothing to close, and must not keep the others open.
    return { place, close: () => Promise.allSettled(stops.map((stop) => stop.then((end) => end()))) };
  }

  /** @param {string} reference */
  function closed(reference) {
    const { place, close } = /** @type {Part} */ (parts.get(reference));
    parts.delete(reference);
    // Else the focus falls to the page, and the keyboard begins at its top.
    const hadFocus = place.matches?.(":focus-within");
    place.remove();
    /** @type {HTMLElement | null | undefined} */
    const verdict = hadFocus ? root.querySelector(".poolviz :is(.pv-verdict, h3)") : null;
    if (verdict) {
      verdict.tabIndex = -1;
      verdict.focus();
    }
    return close();
  }

  // A part that stays keeps its place: what has the focus is not moved.
  const update = () => {
    const wanted = model.get("children");
    for (const reference of [...parts.keys()]) if (!wanted.includes(reference)) closed(reference);
    for (const reference of wanted) {
      if (parts.has(reference)) continue;
      const part = opened(reference);
      parts.set(reference, part);
    }
    nest();
  };
  model.on("change:children", update);
  update();
  return () => {
    model.off("change:children", update);
    nesting.disconnect();
    for (const reference of [...parts.keys()]) closed(reference);
    root.remove();
  };
}

export default { render };
