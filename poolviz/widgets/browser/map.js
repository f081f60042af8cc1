// A chart of output sizes: a cell that is pointed at says what it is, a click or a key takes it.

function chartStage(take, say) {
  const image = make("img", { className: "pv-picture", alt: "", draggable: false });
  const overlay = document.createElementNS(SVG, "svg");
  overlay.setAttribute("class", "pv-overlay");
  overlay.setAttribute("aria-hidden", "true");
  const root = make("div", { className: "pv-stage", tabIndex: 0 }, image, overlay);
  root.setAttribute("role", "img");
  root.setAttribute("data-lm-suppress-shortcuts", "true");
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
    say(state.sentences[row][column]);
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
    root,
    async show(next, bytes, isAhead) {
      if (!(await frame.show(bytes, next.seq))) return false;
      const moved = state === null || state.x !== next.x || state.y !== next.y;
      state = next;
      if (!isAhead || moved) here = next.here;
      image.width = next.width;
      image.height = next.height;
      overlay.setAttribute("viewBox", `0 0 ${next.width} ${next.height}`);
      root.style.maxWidth = `${next.width}px`;
      root.setAttribute("aria-label", next.alt);
      root.dataset.seq = next.seq;
      draw();
      return true;
    },
    close: frame.close,
  };
}

function render({ model, el }) {
  const problem = make("p", { className: "pv-problem", role: "alert" });
  const tellProblem = (text) => {
    problem.textContent = text;
    problem.hidden = text === "";
  };
  const asking = questions(model, () => tellProblem("Python does not answer: is the kernel running?"));
  const act = (name, value) => asking.send({ action: { name, value } });
  const title = make("h3", { className: "pv-title" });
  const sentence = make("p", { className: "pv-window" });
  const status = make("p", { className: "pv-status pv-hidden", role: "status" });
  let spoken = null;
  const stage = chartStage((cell) => act("cell", cell), (text) => {
    sentence.textContent = text;
    if (!stage.root.matches(":focus")) return;
    clearTimeout(spoken);
    spoken = setTimeout(() => (status.textContent = text), 400);
  });
  const selects = make("div", { className: "pv-selects" });
  let state = null;
  let built = "";
  let controls = [];
  function build() {
    const picker = (name, label, list) => choice(label, list, () => state[name], (value) => act(name, value), () => {});
    controls = [picker("x", "across", state.parameters), picker("y", "up", state.parameters)];
    if (state.axes.length > 1) controls.push(picker("axis", "axis", state.axes));
    selects.replaceChildren(...controls.map((control) => control.root));
  }
  const root = make("div", { className: "poolviz pv-map" }, selects, problem, title, stage.root, sentence, status);
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  el.append(root);

  const update = async () => {
    const next = model.get("state");
    if (!next.seq) return;
    asking.answered();
    tellProblem(next.problem);
    if (next.problem !== "" || !(await stage.show(next, model.get("picture"), asking.isAhead(next)))) return;
    state = next;
    title.textContent = state.title;
    const form = JSON.stringify(state.axes);
    if (form !== built) {
      built = form;
      build();
    }
    for (const control of controls) control.set();
  };
  model.on("change:state", update);
  update();
  const forgetScreen = watchScreen(model, root);
  return () => {
    model.off("change:state", update);
    forgetScreen();
    asking.stop();
    clearTimeout(spoken);
    stage.close();
  };
}

export default { render };
