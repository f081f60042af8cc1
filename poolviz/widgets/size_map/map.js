// A chart of output sizes: a cell that is pointed at says what it is, a click or a key takes it.

function chartStage(say, take, tell) {
  const { outer, root, image, overlay, resize } = pictureStage(say, true);
  root.setAttribute("role", "application");
  root.setAttribute("aria-label", say("map.keys"));
  const frame = pictureFrame(image);
  let state = null;
  let here = null; // ahead of Python while a key is held down

  function draw(pointed = null) {
    overlay.replaceChildren();
    const cell = pointed ?? here;
    if (state === null || cell === null) return;
    const [row, column] = cell;
    const { left, top, cellWidth, cellHeight } = state.plane;
    const box = { x: left + column * cellWidth, y: top + row * cellHeight, width: cellWidth, height: cellHeight };
    overlay.append(shape("rect", "halo", box), shape("rect", "kernel", box));
    tell(state.sentences[row][column]);
  }

  function cellAt(event) {
    const bounds = overlay.getBoundingClientRect();
    const x = ((event.clientX - bounds.left) / bounds.width) * state.width;
    const y = ((event.clientY - bounds.top) / bounds.height) * state.height;
    const { left, top, cellWidth, cellHeight, rows, columns } = state.plane;
    const row = Math.floor((y - top) / cellHeight), column = Math.floor((x - left) / cellWidth);
    return row >= 0 && row < rows && column >= 0 && column < columns ? [row, column] : null;
  }

  function takeCell(cell) {
    here = cell;
    draw();
    take(cell);
  }

  root.addEventListener("pointermove", (event) => { if (state) draw(cellAt(event)); });
  root.addEventListener("pointerleave", () => draw());
  root.addEventListener("click", (event) => {
    const cell = state && cellAt(event);
    if (cell) takeCell(cell);
  });
  root.addEventListener("keydown", (event) => {
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    if (!steps[event.key] || state === null) return;
    event.preventDefault();
    event.stopPropagation();
    const { rows, columns } = state.plane;
    const from = here ?? [rows - 1, 0];
    const [row, column] = from.map((at, i) => at + steps[event.key][i]);
    if (row >= 0 && row < rows && column >= 0 && column < columns) takeCell([row, column]);
  });

  return {
    outer,
    root,
    async show(next, bytes, isAhead) {
      if (!(await frame.show(bytes, next.seq))) return false;
      const moved = state === null || state.x !== next.x || state.y !== next.y;
      state = next;
      if (!isAhead || moved) here = next.here;
      resize(next);
      draw();
      return true;
    },
    close: frame.close,
  };
}

function render({ model, el }) {
  const say = speechOf(model);
  const problem = problemLine();
  const asking = questions(model, () => problem.tell(say("no_answer")));
  const act = (name, value) => asking.send({ action: { name, value } });
  const title = make("h3", { className: "pv-title" });
  const sentence = make("p", { className: "pv-window" });
  const voice = speaker();
  const stage = chartStage(say, (cell) => act("cell", cell), (text) => {
    sentence.textContent = text;
    if (stage.root.matches(":focus")) voice.say(text);
  });
  const selects = make("div", { className: "pv-selects" });
  let state = null;
  let built = "";
  let controls = [];
  function build() {
    const picker = (name, label, list) => choice(label, list, () => state[name], (value) => act(name, value), () => {});
    controls = [picker("x", say("map.across"), state.parameters), picker("y", say("map.up"), state.parameters)];
    if (state.axes.length > 1) controls.push(picker("axis", say("map.axis"), state.axes));
    selects.replaceChildren(...controls.map((control) => control.root));
  }
  const root = make("div", { className: "poolviz pv-map" }, selects, problem.root, title, stage.outer, sentence, voice.root);

  const update = async () => {
    const next = model.get("state");
    if (!next.seq) return;
    asking.answered();
    problem.tell(next.problem);
    if (!(await stage.show(next, model.get("picture"), asking.isAhead(next)))) return;
    state = next;
    title.textContent = state.title;
    const form = JSON.stringify(state.axes);
    if (form !== built) {
      built = form;
      build();
    }
    for (const control of controls) control.set();
    selects.hidden = state.isStored === true;
  };
  return mount(model, el, root, update, asking.stop, voice.stop, stage.close);
}

export default { render };
