// One call in five frameworks: panels to click on, and a table with reasons and code.

function comparisonTable(say, choose) {
  const root = make("div", { className: "pv-table pv-open" });

  function row(entry) {
    const button = make("button", { type: "button", textContent: entry.title, title: entry.version });
    button.setAttribute("aria-pressed", String(entry.isReference));
    button.addEventListener("click", () => choose(entry.framework));
    const said = make("td", {}, entry.text);
    if (entry.why) said.append(make("p", { textContent: entry.why }));
    const code = make("td", {}, ...(entry.code ? copyable(say, entry.code) : []));
    if (entry.same) {
      code.append(make("details", {}, make("summary", { textContent: say("comparison.same") }), ...copyable(say, entry.same)));
    }
    const line = make("tr", { className: `pv-${entry.outcome}` }, make("th", { scope: "row" }, button), said, code);
    if (entry.isReference) line.setAttribute("aria-current", "true");
    return line;
  }

  return {
    root,
    show(state) {
      const active = root.getRootNode().activeElement;
      const place = [...root.querySelectorAll("th button")].indexOf(active);
      const head = ["framework", "does", "code"].map((title) =>
        make("th", { scope: "col", textContent: say(`comparison.${title}`) }));
      root.replaceChildren(make("table", { className: "pv-frameworks" }, make("thead", {}, make("tr", {}, ...head)),
        make("tbody", {}, ...state.rows.map(row))));
      if (place >= 0) root.querySelectorAll("th button")[place]?.focus();
    },
  };
}

/** What else runs the call, folded up: only where it does something else. */
function variantList() {
  const summary = make("summary");
  const list = make("ul", {});
  const root = make("details", { className: "pv-variants", hidden: true }, summary, list);

  const item = (told) => make("li", {}, make("b", { textContent: told.title }), ` (${told.version}) ${told.text}.`,
    make("p", { textContent: told.why }));

  return {
    root,
    show(state) {
      root.hidden = state.variants.listed.length === 0;
      summary.textContent = state.variants.summary;
      list.replaceChildren(...state.variants.listed.map(item));
    },
  };
}

function render({ model, el }) {
  const say = speechOf(model);
  const problem = problemLine();
  const voice = speaker();
  const asking = questions(model, () => problem.tell(say("no_answer")));
  const choose = (name) => asking.send({ action: { name: "framework", value: name } });
  const title = make("h3", { className: "pv-title" });
  const stage = pictureStage(say, false);
  const frame = pictureFrame(stage.image);
  const table = comparisonTable(say, choose);
  const variants = variantList();
  const root = make("div", { className: "poolviz pv-comparison" }, problem.root, title, stage.outer, table.root, variants.root, voice.root);

  function panel(given) {
    const [x, y, width, height] = given.box;
    const rect = shape("rect", "place", { x, y, width, height, rx: 6 });
    rect.addEventListener("click", () => choose(given.framework));
    return rect;
  }

  const update = async () => {
    const state = model.get("state");
    if (!state.seq) return;
    asking.answered();
    problem.tell(state.problem);
    if (!(await frame.show(model.get("picture"), state.seq))) return;
    stage.resize(state);
    stage.overlay.replaceChildren(...state.panels.map(panel));
    title.textContent = state.title;
    voice.say(state.title);
    table.show(state);
    variants.show(state);
  };
  return mount(model, el, root, update, asking.stop, voice.stop, frame.close);
}

export default { render };
