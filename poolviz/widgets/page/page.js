// The page: unpacks what Python stored, and opens the widgets on it in place of the still picture.

/** Stored text as the values it stands for. */
async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

const KINDS = { widgets: storedWidgets, cards: storedCards };

/** `modules`: kind of view → the module that shows it, the same one as in a notebook. */
async function openPage(modules) {
  const data = await unpacked(document.getElementById("pv-stored").textContent);
  const page = KINDS[data.kind](data, painter(data.paint));
  const main = document.querySelector("main");
  const places = data.views.map(({ kind }, v) => {
    const place = make("div", { hidden: true });
    page.models[v].on("shown", (isShown) => (place.hidden = !isShown));
    modules[kind].render({ model: page.models[v], el: place });
    return place;
  });
  const again = make("button", { type: "button", textContent: data.words.again });
  again.addEventListener("click", page.restart);
  const foot = make("p", { className: "pv-page-note" }, `${data.words.note} `, again);
  document.getElementById("pv-still").replaceWith(...places, foot);
  page.restart();
  main.dataset.ready = "true";
}
