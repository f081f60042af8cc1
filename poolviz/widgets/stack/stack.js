// A network: its funnel of maps, a table down to the layer that fails, and an editor of one layer.
// Every shape, verdict and fix comes from Python, as text; here a layer is only chosen.

/** A table of layers; each row is a button, the arrow keys move between them. */
function layerTable(choose) {
  const root = make("div", { className: "pv-table", tabIndex: -1 });
  let buttons = [];

  function row(entry, chosen) {
    const cells = entry.cells.slice(2).map((text) => make("td", { textContent: text }));
    const isChosen = entry.index !== null && entry.index === chosen;
    const label = make("th", { scope: "row" });
    if (entry.index === null) label.textContent = entry.cells[1];
    else {
      const mark = entry.fails ? "✗ " : "";
      const button = make("button", { type: "button", textContent: mark + entry.cells[1], tabIndex: isChosen ? 0 : -1 });
      button.setAttribute("aria-pressed", String(isChosen));
      button.addEventListener("click", () => choose(entry.index));
      buttons.push(button);
      label.append(button);
    }
    if (entry.note) cells.push(make("td", { textContent: entry.note, colSpan: 9 }));
    const line = make("tr", { className: entry.fails ? "pv-raises" : "" }, make("td", { textContent: entry.cells[0] }), label, ...cells);
    if (isChosen) line.setAttribute("aria-current", "true");
    return line;
  }

  root.addEventListener("keydown", (event) => {
    const place = buttons.indexOf(event.target);
    const moves = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: buttons.length - 1 };
    if (place < 0 || !(event.key in moves)) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[Math.min(Math.max(moves[event.key], 0), buttons.length - 1)].focus();
  });

  return {
    root,
    show(state) {
      const active = root.getRootNode().activeElement;
      const place = buttons.indexOf(active);
      buttons = [];
      const used = state.columns.map((_, i) => i < 3 || state.rows.some((entry) => entry.cells[i]));
      const titles = state.columns.map((title, i) => make("th", { scope: "col", textContent: title || "#", hidden: !used[i] }));
      const rows = state.rows.map((entry) => row(entry, state.chosen));
      for (const line of rows) [...line.children].forEach((cell, i) => { if (used[i] === false && cell.colSpan === 1) cell.hidden = true; });
      root.replaceChildren(make("table", { className: "pv-frameworks" }, make("thead", {}, make("tr", {}, ...titles)), make("tbody", {}, ...rows)));
      if (buttons.length > 0 && !buttons.some((button) => button.tabIndex === 0)) buttons[0].tabIndex = 0;
      if (place >= 0) buttons[Math.min(place, buttons.length - 1)]?.focus();
      const current = root.querySelector("[aria-current]");
      if (current) root.scrollTop = Math.max(0, current.offsetTop - root.clientHeight / 2);
    },
  };
}

/** The picture; each map is a place to click on. */
function funnelStage(say, choose, toInput) {
  const { outer, image, overlay, resize } = pictureStage(say, false);
  const frame = pictureFrame(image);

  function place(given, chosen) {
    const [x, y, width, height] = given.box;
    const isChosen = chosen !== null && given.first !== null && given.first <= chosen && chosen <= given.last;
    const rect = shape("rect", isChosen ? "place pv-chosen" : "place", { x, y, width, height, rx: 6 });
    rect.addEventListener("click", () => (given.first === null ? toInput() : choose(given.first)));
    return rect;
  }

  return {
    root: outer,
    async show(state, bytes) {
      if (!(await frame.show(bytes, state.seq))) return false;
      resize(state);
      overlay.replaceChildren(...state.places.map((given) => place(given, state.chosen)));
      return true;
    },
    close: frame.close,
  };
}

function stackWords(say, act) {
  const title = make("h3", { className: "pv-title", tabIndex: -1 });
  const detail = make("p", { className: "pv-also" });
  const findings = make("ul", { className: "pv-findings" });
  const fixes = make("div", { className: "pv-fixes" });
  const says = make("details", { className: "pv-says" });

  function fixLine(fix, index) {
    const head = fix.applies === false ? make("span", { textContent: fix.text })
      : make("button", { type: "button", textContent: fix.text, onclick: () => act("fix", index) });
    return make("li", {}, head, ...(fix.code ? copyable(say, fix.code) : []));
  }

  return {
    title, detail, findings, fixes, says,
    show(state) {
      title.textContent = state.title;
      title.className = `pv-title pv-${state.level}`;
      detail.textContent = state.detail;
      findings.replaceChildren(...state.findings.map((one) =>
        make("li", { className: `pv-${one.severity}`, textContent: one.text })));
      const hadFocus = fixes.contains(fixes.getRootNode().activeElement);
      fixes.replaceChildren();
      if (state.fixes.length > 0) {
        fixes.append(make("p", { textContent: say("any_works") }), make("ul", {}, ...state.fixes.map(fixLine)));
      }
      if (hadFocus) title.focus();
      says.hidden = state.says === "";
      says.replaceChildren(make("summary", { textContent: say("error_text") }), make("pre", { lang: "en", textContent: state.says }));
    },
  };
}

function render({ model, el }) {
  const say = speechOf(model);
  const problem = problemLine();
  const voice = speaker();
  const asking = questions(model, () => problem.tell(say("no_answer")));
  const act = (name, value) => asking.send({ action: { name, value } });
  const words = stackWords(say, act);
  const input = textForm(say("stack.input"), say("use"), (text) => act("input", text));
  const table = layerTable((index) => act("choose", index));
  const stage = funnelStage(say, (index) => act("choose", index), () => input.field.focus());
  const editor = textForm(say("stack.layer"), say("stack.change"), (text) => act("layer", text), { rows: 2 });
  const remove = make("button", { type: "button", textContent: say("stack.leave_out") });
  remove.addEventListener("click", () => act("layer", ""));
  editor.root.append(remove);
  const undo = make("button", { type: "button", textContent: say("stack.undo") });
  undo.addEventListener("click", () => act("undo", null));
  let state = null;
  const picker = (name, list, word) => choice(say(`stack.${name}`), list, () => state[word], (value) => act(name, value), () => {});
  const selects = make("div", { className: "pv-selects" });
  let controls = [];
  const note = make("p", { className: "pv-also pv-note" });
  const root = make("div", { className: "poolviz pv-stack" },
    make("div", { className: "pv-top" }, input.root, selects, undo),
    problem.root, words.title, stage.root, words.detail, words.findings, words.fixes,
    table.root, editor.root, words.says, note, voice.root);

  const update = async () => {
    const next = model.get("state");
    if (!next.seq) return;
    asking.answered();
    problem.tell(next.problem);
    const isProblem = next.problem !== "";
    input.show(next.input, isProblem);
    editor.show(next.layerText, isProblem);
    if (!(await stage.show(next, model.get("picture")))) return;
    state = next;
    if (controls.length === 0) {
      controls = [picker("framework", state.frameworks, "framework"),
        picker("data_format", state.dataFormats, "dataFormat")];
      selects.append(...controls.map((control) => control.root));
    }
    for (const control of controls) control.set();
    undo.disabled = !state.canUndo;
    input.root.hidden = state.isStored === true;
    editor.root.hidden = state.chosen === null || state.isStored === true;
    editor.label([state.chosenLabel, state.line].filter(Boolean).join(", "));
    note.textContent = state.note;
    words.show(state);
    voice.say(state.title);
    table.show(state);
  };
  return mount(model, el, root, update, asking.stop, voice.stop, stage.close);
}

export default { render };
