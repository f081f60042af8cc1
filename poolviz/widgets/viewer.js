// The viewer: shows what Python computed, asks for other settings, and draws by itself what moves
// (current window, taps, winner, hover, walk) from a few numbers per axis. No arithmetic of
// pooling shapes here: every size, verdict and fix comes from Python, as text.

const SVG = "http://www.w3.org/2000/svg";
const PATIENCE_MS = 8000; // for an answer of the kernel, before the reader is told that none came
const STEP_MS = { slow: 900, normal: 450, fast: 150 };
const FRAMEWORKS = [
  ["pytorch", "PyTorch"],
  ["tensorflow", "TensorFlow"],
  ["keras", "Keras"],
  ["jax", "JAX"],
  ["onnxruntime", "onnxruntime"],
];
// How far each slider reaches at first; the number beside it has no end.
const REACH = { input_size: 32, kernel_size: 20, stride: 12, dilation: 6, padding: 10 };
const LEAST = { input_size: 0, kernel_size: 1, stride: 1, dilation: 1, padding: 0 };

const FOCUSABLE = new Set(["button", "input", "select", "summary", "textarea"]);

// Every explorer of a page loads this module anew: the names of its parts must differ all the same.
const family = Math.random().toString(36).slice(2, 10);
let serial = 0;
const uniqueId = (stem) => `poolviz-${family}-${stem}-${(serial += 1)}`;

/** An element with properties, attributes and children; text is always set as text. */
function make(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  // JupyterLab takes the keys of whatever has the focus, unless that element itself says no.
  if (FOCUSABLE.has(tag)) element.setAttribute("data-lm-suppress-shortcuts", "true");
  element.append(...children);
  return element;
}

function shape(tag, role, box) {
  const element = document.createElementNS(SVG, tag);
  element.setAttribute("class", `pv-${role}`);
  for (const [name, value] of Object.entries(box)) element.setAttribute(name, value);
  return element;
}

/** A whole number as a number, anything else as it was typed: Python says what is wrong with it. */
const typed = (text) => (/^\s*-?\d{1,15}\s*$/.test(text) ? Number(text) : text.trim());

// ------------------------------------------------------------------------------------------------
// Controls: one object per control, with `set(settings)` and what it writes into the settings.

/** A slider and a number for one parameter on one axis. */
function numberControl(name, label, read, write, changed) {
  const id = uniqueId(name);
  const slider = make("input", { type: "range", min: LEAST[name], step: 1, tabIndex: 0 });
  slider.setAttribute("aria-label", label);
  const number = make("input", { type: "text", inputMode: "numeric", id, autocomplete: "off" });
  number.setAttribute("aria-label", `${label}, any number`);
  const root = make(
    "div",
    { className: "pv-number" },
    make("label", { htmlFor: id, textContent: label }),
    slider,
    number,
  );
  const take = (text) => {
    const value = typed(text);
    if (typeof value === "number") setSlider(value);
    write(value);
    changed();
  };
  const setSlider = (value) => {
    slider.max = Math.max(REACH[name], value);
    slider.value = value;
  };
  slider.addEventListener("input", () => {
    number.value = slider.value;
    take(slider.value);
  });
  number.addEventListener("input", () => {
    if (number.value.trim() !== "") take(number.value);
  });
  return {
    root,
    set(isProblem) {
      const value = read();
      const focused = number === document.activeElement || number.getRootNode().activeElement === number;
      number.setAttribute("aria-invalid", String(isProblem && focused));
      if (isProblem) return;
      if (!(focused && typed(number.value) === value)) number.value = value;
      setSlider(value);
    },
  };
}

function choice(label, options, read, write, changed) {
  const id = uniqueId("choice");
  const select = make("select", { id });
  for (const [value, text] of options) select.append(make("option", { value, textContent: text }));
  select.addEventListener("change", () => {
    write(select.value);
    changed();
  });
  const root = make("div", { className: "pv-choice" }, make("label", { htmlFor: id, textContent: label }), select);
  return { root, set: () => (select.value = read()) };
}

function tick(label, read, write, changed) {
  const box = make("input", { type: "checkbox" });
  box.addEventListener("change", () => {
    write(box.checked);
    changed();
  });
  const root = make("label", { className: "pv-tick" }, box, ` ${label}`);
  return { root, set: () => (box.checked = read()) };
}

/** All controls. `ask` sends what they say; `show` sets them to what Python made of it. */
function controlPanel(model, silent) {
  const root = make("div", { className: "pv-controls", role: "group", ariaLabel: "Settings" });
  let settings = null;
  let wantsLinked = true; // what the reader chose; axes that differ are apart all the same
  let linked = true;
  let sidesDiffer = false;
  let controls = [];
  let built = "";

  let patience = null; // runs out when no kernel answers
  let waiting = null; // this view's question that Python has not answered yet
  const send = (action) => {
    const asked = action ? { action } : { settings: structuredClone(settings) };
    waiting = uniqueId("question");
    model.set("asked", { ...asked, n: waiting });
    model.save_changes();
    clearTimeout(patience);
    patience = setTimeout(silent, PATIENCE_MS);
  };
  // Until it is answered, or another view has asked since, the controls are ahead. Without echo
  // messages a second browser never learns another one's number: only our own one counts.
  const isAhead = (state) => {
    if (state.answers === waiting || model.get("asked").n !== waiting) waiting = null;
    return waiting !== null;
  };
  const changed = () => send();

  /** All axes as the first one. */
  function link(isWanted) {
    wantsLinked = isWanted;
    linked = isWanted;
    if (!isWanted) return;
    for (const name of ["input_size", "kernel_size", "stride", "dilation", "padding"]) {
      const values = settings[name];
      if (Array.isArray(values)) settings[name] = values.map(() => structuredClone(values[0]));
    }
  }

  const alike = (values) => values.every((value) => JSON.stringify(value) === JSON.stringify(values[0]));

  /** One control per axis, or one for all axes while they are linked. */
  function perAxis(name, label, list, get, put) {
    const axes = linked ? [["", 0]] : settings.axes.map((axis, i) => [` ${axis}`, i]);
    for (const [axis, i] of axes) {
      controls.push(
        numberControl(
          name,
          label + axis,
          () => get(list()[i]),
          (value) => {
            const values = list();
            for (const j of linked ? values.keys() : [i]) values[j] = put(value, values[j]);
          },
          changed,
        ),
      );
    }
  }

  const same = (value) => value;

  function paddingControls() {
    const names = [
      ["numbers", "numbers"],
      ["valid", '"valid"'],
      ["same", '"same"'],
      ["same_lower", '"same_lower"'],
    ];
    const isNamed = () => typeof settings.padding === "string";
    controls.push(
      choice("padding", names, () => (isNamed() ? settings.padding : "numbers"), (value) => {
        settings.padding = value === "numbers" ? settings.axes.map(() => [0, 0]) : value;
      }, () => { rebuild(); changed(); }),
    );
    if (isNamed()) return;
    const list = () => settings.padding;
    if (sidesDiffer) {
      perAxis("padding", "padding before", list, (pair) => pair[0], (value, pair) => [value, pair[1]]);
      perAxis("padding", "padding after", list, (pair) => pair[1], (value, pair) => [pair[0], value]);
    } else {
      perAxis("padding", "padding", list, (pair) => pair[0], (value) => [value, value]);
    }
    controls.push(tick("sides differ", () => sidesDiffer, (value) => {
      sidesDiffer = value;
      if (!value) settings.padding = settings.padding.map(([before]) => [before, before]);
    }, () => { rebuild(); changed(); }));
  }

  function strideControls() {
    controls.push(tick("default stride", () => settings.stride === null, (value) => {
      settings.stride = value ? null : settings.kernel_size.map((k) => (typeof k === "number" ? k : 1));
    }, () => { rebuild(); changed(); }));
    if (settings.stride !== null) perAxis("stride", "stride", () => settings.stride, same, same);
  }

  function rebuild() {
    controls = [];
    const sections = [];
    const section = (title, fill) => {
      const before = controls.length;
      fill();
      sections.push(make("fieldset", { className: `pv-group-${title.split(" ")[0]}` }, make("legend", { textContent: title }),
        ...controls.slice(before).map((control) => control.root)));
    };
    section("layer", () => {
      controls.push(choice("framework", FRAMEWORKS, () => settings.framework,
        (value) => (settings.framework = value), changed));
      controls.push(choice("pooling", [["max", "max"], ["avg", "average"]], () => settings.op,
        (value) => (settings.op = value), () => { rebuild(); changed(); }));
      if (settings.op === "avg") {
        controls.push(choice("count_include_pad", [["", "default"], ["true", "True"], ["false", "False"]],
          () => (settings.count_include_pad === null ? "" : String(settings.count_include_pad)),
          (value) => (settings.count_include_pad = value === "" ? null : value === "true"), changed));
      }
      controls.push(choice("axes", [["1", "1-D"], ["2", "2-D"], ["3", "3-D"]],
        () => String(settings.axes.length), (value) => send({ name: "axes", value: Number(value) }), () => {}));
    });
    section("input", () => {
      perAxis("input_size", "input", () => settings.input_size, same, same);
      controls.push(tick("all axes alike", () => linked, link, () => { rebuild(); changed(); }));
    });
    section("window", () => {
      perAxis("kernel_size", "kernel", () => settings.kernel_size, same, same);
      strideControls();
      perAxis("dilation", "dilation", () => settings.dilation, same, same);
    });
    section("padding and rounding", () => {
      paddingControls();
      controls.push(tick("ceil_mode", () => settings.ceil_mode, (value) => (settings.ceil_mode = value), changed));
    });
    const focus = focusPlace();
    root.replaceChildren(...sections);
    for (const control of controls) control.set(false);
    restoreFocus(focus);
  }

  // A rebuilt panel must not lose the keyboard's place.
  const focusable = () => [...root.querySelectorAll("input, select")];
  const focusPlace = () => {
    const active = root.getRootNode().activeElement;
    const label = active && root.contains(active) ? active.closest("label, .pv-number, .pv-choice") : null;
    return label ? label.textContent : null;
  };
  const restoreFocus = (text) => {
    if (text === null) return;
    focusable().find((element) => element.closest("label, .pv-number, .pv-choice").textContent === text)?.focus();
  };

  return {
    root,
    send,
    get settings() { return settings; },
    stop: () => clearTimeout(patience),
    show(state) {
      clearTimeout(patience);
      const isProblem = state.problem !== "";
      if (settings !== null && isAhead(state)) return;
      if (!isProblem) {
        settings = structuredClone(state.settings);
        const lists = [settings.input_size, settings.kernel_size, settings.dilation, settings.stride ?? [0]];
        const pairs = typeof settings.padding === "string" ? [] : settings.padding;
        // Axes that are apart do not merge under the fingers of whoever is typing a number.
        const isInUse = built !== "" && !linked && root.contains(root.getRootNode().activeElement);
        linked = wantsLinked && !isInUse && [...lists, pairs].every(alike);
        if (pairs.some(([before, after]) => before !== after)) sidesDiffer = true;
        const form = JSON.stringify([settings.axes, typeof settings.padding, settings.stride === null,
          settings.op, linked, sidesDiffer]);
        if (form !== built) {
          built = form;
          rebuild();
        }
      }
      for (const control of controls) control.set(isProblem);
    },
  };
}

// ------------------------------------------------------------------------------------------------
// Stage: the base picture, and over it the things that move.

/** Places of one axis: where window i starts, which elements it reads, who reads an element. */
const windowStart = (axis, i) => axis.first + i * axis.stride;

function readers(axis, element, count) {
  const first = Math.max(0, Math.ceil((element - axis.span + 1 - axis.first) / axis.stride));
  const last = Math.min(count - 1, Math.floor((element - axis.first) / axis.stride));
  const found = [];
  for (let i = first; i <= last; i += 1) {
    if ((element - windowStart(axis, i)) % axis.dilation === 0) found.push(i);
  }
  return found;
}

function tapsOf(axis, i) {
  const taps = [];
  for (let t = 0; t < axis.span; t += axis.dilation) taps.push(windowStart(axis, i) + t);
  return taps;
}

function readText(axis, i) {
  const inside = tapsOf(axis, i).filter((place) => place >= 0 && place < axis.size);
  if (inside.length === 0) return `no ${axis.noun}`;
  if (inside.length === 1) return `${axis.noun} ${inside[0]}`;
  if (axis.dilation === 1) return `${axis.noun}s ${inside[0]}–${inside[inside.length - 1]}`;
  return `${axis.noun}s ${inside.slice(0, 6).join(", ")}${inside.length > 6 ? ", …" : ""}`;
}

function cellBox(plane, row, column, rows = 1, columns = 1) {
  return {
    x: plane.left + column * plane.cellWidth,
    y: plane.top + row * plane.cellHeight,
    width: columns * plane.cellWidth,
    height: rows * plane.cellHeight,
  };
}

const inset = (box, by) => ({
  x: box.x + by, y: box.y + by, width: Math.max(1, box.width - 2 * by), height: Math.max(1, box.height - 2 * by),
});

function stage(model, say) {
  const image = make("img", { className: "pv-picture", alt: "", draggable: false });
  const overlay = document.createElementNS(SVG, "svg");
  overlay.setAttribute("class", "pv-overlay");
  overlay.setAttribute("aria-hidden", "true");
  const root = make("div", { className: "pv-stage", tabIndex: 0 }, image, overlay);
  root.setAttribute("role", "img");
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  let geometry = null;
  let position = [...model.get("position")];
  let url = null;
  let latest = 0;

  const hasOutput = () => geometry !== null && geometry.output !== null;
  const bounded = (value, count) => Math.min(Math.max(value, 0), count - 1);

  function draw(hovered = null) {
    overlay.replaceChildren();
    if (!hasOutput()) return;
    if (hovered !== null) {
      drawReaders(hovered);
      return;
    }
    const [i, j] = position;
    const { down, across, input, output } = geometry;
    const box = windowBox(i, j);
    if (down.dilation > 1 || across.dilation > 1) drawTaps(i, j);
    overlay.append(shape("rect", "halo", box), shape("rect", "kernel", box));
    const out = cellBox(output, i, j);
    overlay.append(shape("rect", "halo", out), shape("rect", "kernel", out));
    drawWinners(i, j);
    say.window(sentence(i, j));
  }

  /** The window of output cell (i, j), as far as it is drawn. */
  function windowBox(i, j) {
    const { down, across, input } = geometry;
    const top = windowStart(down, i), left = windowStart(across, j);
    return cellBox(input, top, left, Math.min(down.span, down.end - top), Math.min(across.span, across.end - left));
  }

  function drawTaps(i, j) {
    const { down, across, input } = geometry;
    if ((down.span / down.dilation) * (across.span / across.dilation) > 900) return;
    const rows = tapsOf(down, i), columns = tapsOf(across, j);
    for (const row of rows) {
      for (const column of columns) overlay.append(shape("rect", "tap", inset(cellBox(input, row, column), 2)));
    }
  }

  /** The winner strong, ties of it thin. */
  function drawWinners(i, j) {
    const { values, input, across, down, depth } = geometry;
    if (!values || !values.winners) return;
    const flat = values.winners[i][j];
    if (flat < 0) return;
    const plane = input.rows * input.columns;
    if (depth && Math.floor(flat / plane) !== depth.slice) return;
    const won = flat % plane;
    const rank = values.ranks[Math.floor(won / input.columns)][won % input.columns];
    for (const row of tapsOf(down, i)) {
      for (const column of tapsOf(across, j)) {
        const isWinner = row * input.columns + column === won && column >= 0 && column < input.columns;
        const isTie = values.ranks[row]?.[column] === rank;
        if (isWinner || isTie) {
          overlay.append(shape("rect", isWinner ? "winner" : "tie", inset(cellBox(input, row, column), 3.5)));
        }
      }
    }
  }

  function drawReaders([row, column]) {
    const { down, across, input, output } = geometry;
    const rows = readers(down, row, output.rows), columns = readers(across, column, output.columns);
    overlay.append(shape("rect", "asked", inset(cellBox(input, row, column), 1)));
    for (const i of rows.slice(0, 60)) {
      for (const j of columns.slice(0, 60)) {
        overlay.append(shape("rect", "reader", inset(cellBox(output, i, j), 1)));
        overlay.append(shape("rect", "reading",
          windowBox(i, j)));
      }
    }
    const count = rows.length * columns.length;
    const place = down.noun ? `${down.noun} ${row}, ${across.noun} ${column}` : `${across.noun} ${column}`;
    const windows = count === 1 ? "1 window reads it" : `${count} windows read it`;
    say.window(`input ${place}: ${count === 0 ? "no window reads it" : windows}`);
  }

  function sentence(i, j) {
    const { down, across, depth, values, op } = geometry;
    const axes = [...(depth ? [[depth, depth.output]] : []), ...(down.noun ? [[down, i]] : []), [across, j]];
    const out = axes.map(([axis, place]) => `${axis.noun} ${place ?? "–"}`).join(", ");
    if (axes.some(([, place]) => place === null)) return "no window reads this slice";
    const read = axes.map(([axis, place]) => readText(axis, place)).join(", ");
    const start = `output ${out}: ${op === "max" ? "the largest of" : "the average of"} ${read}`;
    if (!values) return start;
    const divided = values.divisors ? ` (divided by ${values.divisors[i][j]})` : "";
    return `${start} is ${values.output[i][j]}${divided}`;
  }

  function moveTo(i, j) {
    if (!hasOutput()) return;
    position = [bounded(i, geometry.output.rows), bounded(j, geometry.output.columns)];
    draw();
    if (model.get("position_is_watched")) {
      model.set("position", position);
      model.save_changes();
    }
  }

  /** The next window in reading order; false at the end. */
  function step(by = 1) {
    if (!hasOutput()) return false;
    const { rows, columns } = geometry.output;
    const place = position[0] * columns + position[1] + by;
    if (place < 0 || place >= rows * columns) return false;
    moveTo(Math.floor(place / columns), place % columns);
    return true;
  }

  // --- pointer ---------------------------------------------------------------------------------

  function cellAt(event, plane) {
    const bounds = overlay.getBoundingClientRect();
    const x = ((event.clientX - bounds.left) / bounds.width) * geometry.width;
    const y = ((event.clientY - bounds.top) / bounds.height) * geometry.height;
    const row = Math.floor((y - plane.top) / plane.cellHeight);
    const column = Math.floor((x - plane.left) / plane.cellWidth);
    return row >= 0 && row < plane.rows && column >= 0 && column < plane.columns ? [row, column] : null;
  }

  function point(event) {
    if (!hasOutput()) return;
    const out = cellAt(event, geometry.output);
    if (out) {
      moveTo(...out);
      return;
    }
    draw(cellAt(event, geometry.input));
  }

  root.addEventListener("pointermove", point);
  root.addEventListener("pointerdown", point);
  root.addEventListener("pointerleave", () => draw());

  function key(event) {
    const [i, j] = position;
    const moves = {
      ArrowRight: () => moveTo(i, j + 1),
      ArrowLeft: () => moveTo(i, j - 1),
      ArrowDown: () => moveTo(i + 1, j),
      ArrowUp: () => moveTo(i - 1, j),
      Home: () => moveTo(0, 0),
      End: () => moveTo(Infinity, Infinity),
    };
    if (!moves[event.key] || !hasOutput()) return;
    event.preventDefault();
    event.stopPropagation();
    moves[event.key]();
  }
  root.addEventListener("keydown", key);

  return {
    root,
    step,
    moveTo,
    hasOutput,
    /** Picture and geometry change in the same frame, and an older picture never overtakes. */
    async show(state, bytes) {
      latest = state.seq;
      const next = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
      const loaded = new Image();
      loaded.src = next;
      try {
        await loaded.decode();
      } catch {
        // A picture that cannot be decoded is still handed over: its alt text remains.
      }
      if (latest !== state.seq) {
        URL.revokeObjectURL(next);
        return false;
      }
      if (url) URL.revokeObjectURL(url);
      url = next;
      geometry = state.geometry;
      image.src = url;
      image.width = geometry.width;
      image.height = geometry.height;
      overlay.setAttribute("viewBox", `0 0 ${geometry.width} ${geometry.height}`);
      root.style.maxWidth = `${geometry.width}px`;
      root.setAttribute("aria-label", state.alt);
      root.dataset.seq = state.seq;
      if (hasOutput()) {
        position = [bounded(position[0], geometry.output.rows), bounded(position[1], geometry.output.columns)];
      }
      say.window("");
      draw();
      return true;
    },
    close() {
      if (url) URL.revokeObjectURL(url);
    },
  };
}

// ------------------------------------------------------------------------------------------------
// Words and buttons around the stage.

function player(view) {
  let timer = null;
  const button = make("button", { type: "button", textContent: "▶ walk" });
  button.setAttribute("aria-pressed", "false");
  const speed = make("select", { ariaLabel: "speed of the walk" });
  for (const name of Object.keys(STEP_MS)) speed.append(make("option", { value: name, textContent: name }));
  speed.value = "normal";
  const back = make("button", { type: "button", textContent: "◀", ariaLabel: "previous window" });
  const forth = make("button", { type: "button", textContent: "▶", ariaLabel: "next window" });

  const stop = () => {
    clearTimeout(timer);
    timer = null;
    button.textContent = "▶ walk";
    button.setAttribute("aria-pressed", "false");
  };
  const tickOn = () => {
    if (view.step()) timer = setTimeout(tickOn, STEP_MS[speed.value]);
    else stop();
  };
  const toggle = () => {
    if (timer) {
      stop();
      return;
    }
    if (!view.step()) view.moveTo(0, 0);
    button.textContent = "❚❚ pause";
    button.setAttribute("aria-pressed", "true");
    timer = setTimeout(tickOn, STEP_MS[speed.value]);
  };
  button.addEventListener("click", toggle);
  back.addEventListener("click", () => view.step(-1));
  forth.addEventListener("click", () => view.step(1));
  view.root.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    toggle();
  });
  const root = make("div", { className: "pv-player" }, back, button, forth, speed);
  return { root, stop, show: (isPossible) => { root.hidden = !isPossible; if (!isPossible) stop(); } };
}

function wordPanel(panel) {
  const title = make("h3", { className: "pv-title", tabIndex: -1 });
  const subtitle = make("p", { className: "pv-subtitle" });
  const problem = make("p", { className: "pv-problem", role: "alert" });
  const formulas = make("div", { className: "pv-formulas" });
  const findings = make("ul", { className: "pv-findings" });
  const fixes = make("div", { className: "pv-fixes" });
  const code = make("p", { className: "pv-code" });
  const says = make("details", { className: "pv-says" });
  const frameworks = make("table", { className: "pv-frameworks" });
  const status = make("p", { className: "pv-status pv-hidden", role: "status" });
  let spoken = null;

  // What changes fast is spoken once it rests.
  const speak = (text) => {
    clearTimeout(spoken);
    spoken = setTimeout(() => (status.textContent = text), 400);
  };

  function fixButton(fix, index) {
    const text = `${fix.change} gives ${fix.gives}`;
    const also = fix.also ? [make("span", { className: "pv-also", textContent: ` ${fix.also}` })] : [];
    const line = fix.code ? [make("code", { textContent: fix.code })] : [];
    const head = fix.applies
      ? make("button", { type: "button", textContent: text, onclick: () => panel.send({ name: "fix", value: index }) })
      : make("span", { textContent: text });
    return make("li", {}, head, ...also, ...line);
  }

  function frameworkRow(entry, current) {
    const head = make("th", { scope: "row", textContent: entry.title, title: entry.version });
    const row = make("tr", { className: `pv-${entry.outcome}` }, head, make("td", { textContent: entry.text }));
    if (entry.name === current) row.setAttribute("aria-current", "true");
    return row;
  }

  return {
    title, subtitle, problem, formulas, findings, fixes, code, says, frameworks, status, speak,
    showProblem(text) {
      problem.textContent = text;
      problem.hidden = text === "";
    },
    show(state) {
      title.textContent = state.title;
      subtitle.textContent = state.subtitle;
      subtitle.className = `pv-subtitle pv-${state.level}`;
      code.replaceChildren(make("span", { className: "pv-also", textContent: "in code  " }),
        make("code", { textContent: state.code }));
      formulas.replaceChildren(...state.axes.map((axis) =>
        make("div", { className: axis.fails ? "pv-fails" : "" },
          make("span", { className: "pv-axis", textContent: axis.name }),
          ` ${axis.formula}${axis.fails ? "  ✗" : ""}`,
          ...(axis.dilation ? [make("span", { className: "pv-also", textContent: `  with ${axis.dilation}` })] : []))));
      findings.replaceChildren(...state.findings.map((finding) =>
        make("li", { className: `pv-${finding.severity}`, textContent: finding.text })));
      if (state.detail) findings.append(make("li", { className: "pv-note", textContent: state.detail }));
      const hadFocus = fixes.contains(fixes.getRootNode().activeElement);
      fixes.replaceChildren();
      if (state.fixes.length > 0) {
        fixes.append(make("p", { textContent: "Any one of these works:" }),
          make("ul", {}, ...state.fixes.map(fixButton)));
      }
      // The button that was pressed is gone: what it did is in the title.
      if (hadFocus) title.focus();
      says.hidden = state.says === "";
      says.replaceChildren(make("summary", { textContent: "The error in the framework's words" }),
        make("pre", { textContent: state.says }));
      frameworks.replaceChildren(make("caption", { textContent: "The same call in" }),
        make("tbody", {}, ...state.frameworks.map((entry) => frameworkRow(entry, state.settings.framework))));
      speak(state.subtitle);
    },
  };
}

function examplePicker(panel) {
  const id = uniqueId("example");
  const select = make("select", { id });
  select.addEventListener("change", () => {
    if (select.value) panel.send({ name: "example", value: select.value });
    select.value = "";
  });
  const root = make("div", { className: "pv-choice pv-example" }, make("label", { htmlFor: id, textContent: "example" }), select);
  return {
    root,
    show(state) {
      if (select.options.length > 0) return;
      select.append(make("option", { value: "", textContent: "choose an example …" }));
      for (const [name, text] of state.examples) select.append(make("option", { value: name, textContent: text }));
    },
  };
}

/** The input's numbers: another seed, or typed by hand. Typed text is never thrown away. */
function valueEditor(panel) {
  const seed = make("button", { type: "button", textContent: "other random numbers" });
  seed.addEventListener("click", () => {
    panel.settings.seed += 1;
    panel.settings.values = null;
    panel.send();
  });
  const id = uniqueId("values");
  const text = make("textarea", { id, rows: 6, spellcheck: false });
  const use = make("button", { type: "button", textContent: "use these numbers" });
  let shown = null;
  use.addEventListener("click", () => {
    panel.settings.values = text.value;
    panel.send();
  });
  const label = make("label", { htmlFor: id, textContent: "one line a row, spaces between the numbers" });
  const editor = make("details", {}, make("summary", { textContent: "edit the input's numbers" }), label, text, use);
  return {
    root: make("div", { className: "pv-values" }, seed, editor),
    show(state) {
      editor.hidden = state.valuesText === null;
      if (state.problem === "" && state.valuesText !== shown) {
        shown = state.valuesText;
        text.value = shown ?? "";
      }
    },
  };
}

function slicePicker(panel) {
  const slider = make("input", { type: "range", min: 0, step: 1, ariaLabel: "depth slice" });
  const number = make("output", {});
  slider.addEventListener("input", () => {
    panel.settings.slice = Number(slider.value);
    panel.send();
  });
  const root = make("div", { className: "pv-slice" }, make("span", { textContent: "depth slice " }), slider, number);
  return {
    root,
    show(state) {
      const depth = state.geometry.depth;
      root.hidden = depth === null;
      if (depth === null) return;
      slider.max = Math.max(0, depth.size - 1);
      slider.value = depth.slice;
      number.textContent = ` ${depth.slice}`;
    },
  };
}

// ------------------------------------------------------------------------------------------------
// The screen: theme and pixel ratio, told to Python so that the picture fits.

function brightness(element) {
  for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) {
    const parts = getComputedStyle(at).backgroundColor.match(/[\d.]+/g);
    if (parts && (parts.length < 4 || Number(parts[3]) > 0.5)) {
      return (0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2]) / 255;
    }
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? 0 : 1;
}

function watchScreen(model, root) {
  const tell = () => {
    if (!root.isConnected) return;
    const theme = brightness(root.parentElement ?? root) < 0.5 ? "dark" : "light";
    root.dataset.theme = theme;
    const ratio = Math.min(3, Math.max(1, Math.round(window.devicePixelRatio * 4) / 4));
    const known = model.get("screen");
    if ((known.theme ?? "light") === theme && (known.ratio ?? 1) === ratio) return;
    model.set("screen", { theme, ratio });
    model.save_changes();
  };
  const observer = new MutationObserver(() => setTimeout(tell, 100));
  observer.observe(document.body, { attributes: true });
  const first = setTimeout(tell, 0);
  return () => {
    observer.disconnect();
    clearTimeout(first);
  };
}

// ------------------------------------------------------------------------------------------------

function render({ model, el }) {
  const panel = controlPanel(model, () =>
    words.showProblem("Python does not answer: is the kernel running? Windows can still be walked."));
  const windowText = make("p", { className: "pv-window" });
  const words = wordPanel(panel);
  const view = stage(model, {
    window(text) {
      windowText.textContent = text;
      if (text && view.root.matches(":focus")) words.speak(text);
    },
  });
  const walk = player(view);
  const examples = examplePicker(panel);
  const editor = valueEditor(panel);
  const slices = slicePicker(panel);
  const root = make(
    "div",
    { className: "poolviz" },
    make("div", { className: "pv-top" }, examples.root, editor.root),
    panel.root,
    words.problem,
    words.title,
    words.subtitle,
    view.root,
    make("div", { className: "pv-under" }, walk.root, slices.root, windowText),
    words.formulas,
    words.findings,
    words.fixes,
    words.code,
    words.says,
    words.frameworks,
    words.status,
  );
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  el.append(root);

  const update = async () => {
    const state = model.get("state");
    if (!state.seq) return;
    words.showProblem(state.problem);
    panel.show(state);
    editor.show(state);
    if (state.problem !== "") return;
    if (!(await view.show(state, model.get("picture")))) return;
    examples.show(state);
    slices.show(state);
    walk.show(view.hasOutput());
    words.show(state);
  };
  const follow = () => view.moveTo(...model.get("position"));
  model.on("change:state", update);
  model.on("change:position", follow);
  update();
  const forgetScreen = watchScreen(model, root);
  return () => {
    model.off("change:state", update);
    model.off("change:position", follow);
    forgetScreen();
    panel.stop();
    walk.stop();
    view.close();
  };
}

export default { render };
