// Insight: what can be shown on top of the picture, a tick and a sentence for each.

function insightPanel(say, panel) {
  const title = make("span", { className: "pv-also", textContent: say("explorer.also_show") });
  const ticks = make("div", { className: "pv-layers", role: "group", ariaLabel: title.textContent }, title);
  const sentences = make("ul", { className: "pv-insights" });
  let boxes = [];

  const isShown = (name) => panel.settings.show.includes(name);
  /** What is ticked last comes last: of two layers that fill the cells that one does. */
  const setShown = (name, wanted) => {
    const others = panel.settings.show.filter((other) => other !== name);
    panel.settings.show = wanted ? [...others, name] : others;
  };
  const layerTick = ([name, called]) =>
    tick(called, () => isShown(name), (wanted) => setShown(name, wanted), () => panel.send());

  return {
    root: make("div", {}, ticks, sentences),
    show(state) {
      if (boxes.length === 0) {
        boxes = state.layers.map(layerTick);
        ticks.append(...boxes.map((box) => box.root));
      }
      for (const box of boxes) box.set();
      ticks.hidden = state.offers !== undefined && !("show" in state.offers);
      sentences.replaceChildren(...state.insights.map((text) => make("li", { textContent: text })));
    },
  };
}
