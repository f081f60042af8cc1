// @ts-check
// A page without a kernel: unpacks what Python stored and replaces the static picture by widgets.

import { make } from "./elements.js";
import { offlineCards } from "./offline_cards.js";
import { offlineWidgets } from "./offline_model.js";
import { painter } from "./painter.js";
import { speechOf } from "./speech.js";

/** @import { Render, StoredCards, StoredWidgets } from "./types.js" */

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
 * Open the page with the modules of its kinds of views, the same as in a notebook; a package also
 * reports to the platform around it.
 *
 * @param {Record<string, { render: Render<any> }>} modules
 * @param {typeof import("./scorm.js").reportTo} [reportTo]
 */
export async function openPage(modules, reportTo) {
  const data = await unpacked(document.getElementById("pv-stored")?.textContent ?? "");
  const paint = painter(data.paint);
  const page = data.kind === "cards" ? offlineCards(data, paint) : offlineWidgets(data, paint);
  const places = data.views.map(({ kind }, v) => {
    const place = make("div", { hidden: true });
    page.models[v].on("shown", (isShown) => {
      place.hidden = !isShown;
    });
    modules[kind].render({ model: page.models[v], el: place, texts: data.texts });
    return place;
  });
  const again = make("button", { type: "button", textContent: data.words.again });
  again.addEventListener("click", page.restart);
  const foot = make("p", { className: "pv-page-note" }, `${data.words.note} `, again);
  document.getElementById("pv-still")?.replaceWith(...places, foot);
  page.restart();
  if (reportTo && data.scorm) {
    const problem = make("p", { className: "pv-problem", role: "alert", hidden: true });
    foot.before(problem);
    reportTo(page, data.scorm, (code) => {
      problem.textContent = speechOf(data.texts)("scorm.refused", { code });
      problem.hidden = code === "";
    });
  }
  document.querySelector("main")?.setAttribute("data-ready", "true");
}
