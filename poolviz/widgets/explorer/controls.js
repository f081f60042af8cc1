// Controls: one object per control, with `set(settings)` and what it writes into the settings.

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

/** A slider and a number for one parameter on one axis; `offered` are the values it may have. */
function numberControl(say, name, label, read, write, changed, offered = null) {
  const id = uniqueId(name);
  const [least, reach] = offered ? [Math.min(...offered), Math.max(...offered)] : [LEAST[name], REACH[name]];
  const slider = make("input", { type: "range", min: least, step: 1, tabIndex: 0 });
  slider.setAttribute("aria-label", label);
  const number = make("input", { type: "text", inputMode: "numeric", id, autocomplete: "off" });
  number.setAttribute("aria-label", say("control.any_number", { name: label }));
  const root = make(
    "div",
    { className: "pv-number" },
    make("label", { htmlFor: id, textContent: label }),
    slider,
    number,
  );
  if (offered && offered.length < 2) slider.disabled = number.disabled = true;
  const take = (text) => {
    const value = typed(text);
    if (typeof value === "number") setSlider(value);
    write(value);
    changed();
  };
  const setSlider = (value) => {
    slider.max = Math.max(reach, value);
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

function controlPanel(say, model, silent) {
  const root = make("div", { className: "pv-controls", role: "group", ariaLabel: say("control.settings") });
  let settings = null;
  let wantsLinked = true; // what the reader chose; axes that differ are apart all the same
  let linked = true;
  let sidesDiffer = false;
  let controls = [];
  let built = ""; // the form of the panel that is on the page
  let offers = null; // on a page without a kernel: parameter → the values that it has

  const asking = questions(model, silent);
  let hasTyped = false; // was the last question one about settings? Then a problem is theirs
  const send = (action) => {
    hasTyped = !action;
    asking.send(action ? { action } : { settings: structuredClone(settings) });
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

  const isOffered = (name) => offers === null || name in offers;
  /** Of the options of a list those that are offered; without an offer the one that is so. */
  const optionsOf = (name, list, now) =>
    offers === null ? list : list.filter(([value]) => (offers[name] ?? [now]).includes(value));
  /** The values offered for one axis; null for any. */
  const offeredOn = (name, i, now) =>
    offers === null ? null : (offers[name] ?? [now]).map((value) => (Array.isArray(value) ? value[i] : value))
      .filter((value) => typeof value === "number");
  /** Offered for all axes alike? Then there is one control for them. */
  const isOfferedAlike = (name) => offers !== null && name in offers && !offers[name].some(Array.isArray);

  /** One control per axis, or one for all axes while they are linked. */
  function perAxis(name, label, list, get, put) {
    const onAxis = (axis) => say("control.on_axis", { name: label, axis: say(`word.${axis}`) });
    const isOne = linked || isOfferedAlike(name);
    const axes = isOne ? [[label, 0]] : settings.axes.map((axis, i) => [onAxis(axis), i]);
    for (const [called, i] of axes) {
      controls.push(
        numberControl(
          say,
          name,
          called,
          () => get(list()[i]),
          (value) => {
            const values = list();
            for (const j of isOne ? values.keys() : [i]) values[j] = put(value, values[j]);
          },
          changed,
          offeredOn(name, i, get(list()[i])),
        ),
      );
    }
  }

  const same = (value) => value;

  function paddingControls() {
    const names = [
      ["numbers", say("control.padding_numbers")],
      ["valid", '"valid"'],
      ["same", '"same"'],
      ["same_lower", '"same_lower"'],
    ];
    const isNamed = () => typeof settings.padding === "string";
    const kindOf = (value) => (typeof value === "string" ? value : "numbers");
    const kinds = offers && (offers.padding ?? [settings.padding]).map(kindOf);
    const offered = kinds ? names.filter(([kind]) => kinds.includes(kind)) : names;
    const first = offers?.padding?.find((value) => typeof value === "number") ?? 0;
    controls.push(
      choice(say("control.padding"), offered, () => kindOf(settings.padding), (value) => {
        settings.padding = value === "numbers" ? settings.axes.map(() => [first, first]) : value;
      }, () => { rebuild(); changed(); }),
    );
    if (isNamed()) return;
    const list = () => settings.padding;
    if (sidesDiffer) {
      perAxis("padding", say("control.padding_before"), list, (pair) => pair[0], (value, pair) => [value, pair[1]]);
      perAxis("padding", say("control.padding_after"), list, (pair) => pair[1], (value, pair) => [pair[0], value]);
    } else {
      perAxis("padding", say("control.padding"), list, (pair) => pair[0], (value) => [value, value]);
    }
    if (offers) return;
    controls.push(tick(say("control.sides_differ"), () => sidesDiffer, (value) => {
      sidesDiffer = value;
      if (!value) settings.padding = settings.padding.map(([before]) => [before, before]);
    }, () => { rebuild(); changed(); }));
  }

  function strideControls() {
    const hasBoth = offers === null || (offers.stride?.includes(null) && offers.stride.length > 1);
    if (hasBoth) controls.push(tick(say("control.default_stride"), () => settings.stride === null, (value) => {
      settings.stride = value ? null : settings.kernel_size.map((k) => (typeof k === "number" ? k : 1));
    }, () => { rebuild(); changed(); }));
    if (settings.stride !== null) perAxis("stride", say("control.stride"), () => settings.stride, same, same);
  }

  /** All that decides which controls there are. */
  const form = () => JSON.stringify([settings.axes, typeof settings.padding, settings.stride === null,
    settings.op, linked, sidesDiffer, offers]);

  function rebuild() {
    built = form();
    controls = [];
    const sections = [];
    const section = (name, fill) => {
      const before = controls.length;
      fill();
      sections.push(make("fieldset", { className: `pv-group-${name}` }, make("legend", { textContent: say(`control.${name}`) }),
        ...controls.slice(before).map((control) => control.root)));
    };
    section("layer", () => {
      const kinds = [["max", say("control.max")], ["avg", say("control.average")]];
      controls.push(choice(say("control.framework"), optionsOf("framework", FRAMEWORKS, settings.framework), () => settings.framework,
        (value) => (settings.framework = value), changed));
      controls.push(choice(say("control.pooling"), optionsOf("op", kinds, settings.op), () => settings.op,
        (value) => (settings.op = value), () => { rebuild(); changed(); }));
      if (settings.op === "avg" && isOffered("count_include_pad")) {
        controls.push(choice("count_include_pad", [["", say("control.default")], ["true", "True"], ["false", "False"]],
          () => (settings.count_include_pad === null ? "" : String(settings.count_include_pad)),
          (value) => (settings.count_include_pad = value === "" ? null : value === "true"), changed));
      }
      if (offers === null) controls.push(choice(say("control.axes"), [["1", "1-D"], ["2", "2-D"], ["3", "3-D"]],
        () => String(settings.axes.length), (value) => send({ name: "axes", value: Number(value) }), () => {}));
    });
    section("input", () => {
      perAxis("input_size", say("control.input"), () => settings.input_size, same, same);
      if (offers === null) controls.push(tick(say("control.all_alike"), () => linked, link, () => { rebuild(); changed(); }));
    });
    section("window", () => {
      perAxis("kernel_size", say("control.kernel"), () => settings.kernel_size, same, same);
      strideControls();
      perAxis("dilation", say("control.dilation"), () => settings.dilation, same, same);
    });
    section("padding_and_rounding", () => {
      paddingControls();
      if (isOffered("ceil_mode")) controls.push(tick("ceil_mode", () => settings.ceil_mode, (value) => (settings.ceil_mode = value), changed));
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
    stop: asking.stop,
    show(state) {
      asking.answered();
      const isProblem = state.problem !== "" && hasTyped && settings !== null;
      if (settings !== null && asking.isAhead(state)) return;
      offers = state.offers ?? null;
      root.hidden = offers !== null && Object.keys(offers).length === 0;
      if (!isProblem) {
        settings = structuredClone(state.settings);
        const lists = [settings.input_size, settings.kernel_size, settings.dilation, settings.stride ?? [0]];
        const pairs = typeof settings.padding === "string" ? [] : settings.padding;
        // Axes that are apart do not merge under the fingers of whoever is typing a number.
        const isInUse = built !== "" && !linked && root.contains(root.getRootNode().activeElement);
        linked = wantsLinked && !isInUse && [...lists, pairs].every(alike);
        if (pairs.some(([before, after]) => before !== after)) sidesDiffer = true;
        if (form() !== built) rebuild();
      }
      for (const control of controls) control.set(isProblem);
    },
  };
}
