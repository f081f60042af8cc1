// @ts-check
// A page without a kernel: unpacks what Python stored and replaces the static picture by widgets.

import { make } from "./elements.js";
import { offlineCards } from "./offline/offline_cards.js";
import { offlineWidgets } from "./offline/offline_model.js";
import { painter } from "./painter.js";
import { speechOf } from "./speech.js";

/** @import { OfflinePage, Render, StoredCards, StoredWidgets } from "./types.js" */

/** @typedef {Record<string, { render: Render<any> }>} Modules of the kinds of views */

/**
 * Decode stored text: base64 of deflated JSON.
 *
 * @param {string} text
 * @returns {Promise<StoredWidgets | StoredCards>}
 */
async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

/**
 * Return the places of the views, with the widgets of a notebook in them, and the foot of the page.
 *
 * @param {string} stored
 * @param {Modules} modules
 */
async function opened(stored, modules) {
  const data = await unpacked(stored);
  const paint = painter(data.paint);
  const page = data.kind === "cards" ? offlineCards(data, paint) : offlineWidgets(data, paint);
  const places = data.views.map(({ kind }, v) => {
    const place = make("div", { hidden: true });
    page.models[v].on("shown", (isShown) => {
      place.hidden = !isShown;
    });
    const close = modules[kind].render({ model: page.models[v], el: place, texts: data.texts });
    return { place, close };
  });
  // As in a notebook, the first view may have a place for the others.
  const [first, ...others] = places.map(({ place }) => place);
  const slot = first.querySelector(".pv-slot");
  slot?.append(...others);
  const again = make("button", { type: "button", textContent: data.words.again });
  again.addEventListener("click", page.restart);
  const foot = make("p", { className: "pv-page-note" }, `${data.words.note} `, again);
  return { parts: [first, ...(slot ? [] : others), foot], closes: places.map(({ close }) => close), page, data };
}

/**
 * Put the widgets in the place of the static picture; a package also reports to the platform around
 * it.
 *
 * @param {Modules} modules
 * @param {typeof import("./scorm.js").reportTo} [reportTo]
 */
export async function openPage(modules, reportTo) {
  const { parts, page, data } = await opened(document.getElementById("pv-stored")?.textContent ?? "", modules);
  document.getElementById("pv-still")?.replaceWith(...parts);
  const problem = make("p", { className: "pv-problem", role: "alert", hidden: true });
  parts[0].before(problem);
  page.restart();
  if (reportTo == null) {
    keepInAddress(page, data.id, (isOther) => {
      problem.textContent = isOther ? data.words.otherLink : "";
      problem.hidden = !isOther;
    });
  } else if (data.scorm) {
    reportTo(page, data.scorm, (code) => {
      problem.textContent = speechOf(data.texts)("scorm.refused", { code });
      problem.hidden = code === "";
    });
  }
  document.querySelector("main")?.setAttribute("data-ready", "true");
}

const MARK = "#poolviz=";

/**
 * Open what the fragment of the address says, and keep there what is shown: the address can be shared.
 *
 * @param {OfflinePage} page
 * @param {string} id Of the page: the same number is another state on another page.
 * @param {(isOther: boolean) => void} tell Called with true where the page has no such state.
 */
function keepInAddress(page, id, tell) {
  const start = `${MARK}${id}.`;
  let isOpening = false;
  function open() {
    const { hash } = location;
    if (hash !== "" && !hash.startsWith(MARK)) return; // a place on the page
    isOpening = true;
    const isKnown = hash === "" || (hash.startsWith(start) && page.resume(decoded(hash.slice(start.length))));
    if (hash === "" || !isKnown) page.restart();
    isOpening = false;
    tell(!isKnown);
  }
  open();
  // Another address that is pasted into the open page; `replaceState` below fires no such event.
  window.addEventListener("hashchange", open);
  page.onMove((saved) => {
    if (isOpening) return; // an address that was pasted stays in the history of the browser
    tell(false);
    try {
      // Replaced, not pushed: the Back button leaves the page; undo has its button.
      history.replaceState(null, "", start + encodeURIComponent(JSON.stringify(saved)));
    } catch {
      // A frame in a sandbox cannot change its address.
    }
  });
}

/** @param {string} text "" where it was not encoded as ours are. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/**
 * Return what anywidget's hosts run: widgets in an element of another page, with their own styles,
 * as a host may put the element into a shadow root.
 *
 * @param {Modules} modules
 * @param {string} stored
 * @param {string} styles
 */
export const embedded = (modules, stored, styles) => ({
  async render(/** @type {{ el: HTMLElement }} */ { el }) {
    const { parts, closes, page } = await opened(stored, modules);
    el.append(make("style", { textContent: styles }), ...parts);
    page.restart();
    return () => {
      for (const close of closes) close();
    };
  },
});
