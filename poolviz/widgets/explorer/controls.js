// @ts-check
// The controls: each reads one setting and writes it, and is set when Python answers.

import { choice, field, focusedElement, make, tick, typed, uniqueId } from "../../browser/elements.js";
import { requestSender } from "../../browser/requests.js";
import { channelControl, convolutionControls, kindControl } from "./convolution/controls.js";

/** @import { Action, ExplorerState, Model, Offers, Option, Say, Settings, Typed } from "../../browser/types.js" */
/** @typedef {ReturnType<typeof controlPanel>} Panel */
/**
 * @typedef {{ root: HTMLElement, set: (isProblem: boolean) => void, next?: () => (() => void)[] }} Control
 *     `next` returns what the control may do next, the likeliest first, each as a change of the settings
 */
/**
 * @typedef {object} Listeners
 * @property {(isShown: boolean) => void} silent the kernel does not answer
 * @property {(settings: Settings) => boolean} asked the settings are about to be sent; whether they are shown
 * @property {(list: Settings[], base: Settings) => void} wanted settings that may be sent next
 * @property {() => void} unwanted
 */
/** @typedef {[before: Typed, after: Typed]} Pair */
/** @typedef {"input_size" | "kernel_size" | "output_size" | "stride" | "dilation" | "padding"} SpatialName */
/** @typedef {SpatialName | "channels" | "out_channels" | "groups" | "output_padding"} NumberName */
/** @typedef {typeof numberControl} NumberControl */

/** Where each slider ends at first; the number beside it is not limited. */
const REACH = {
  ...{ input_size: 32, kernel_size: 20, output_size: 16, stride: 12, dilation: 6, padding: 10 },
  ...{ channels: 8, out_channels: 8, groups: 8, output_padding: 4 },
};
const LEAST = {
  ...{ input_size: 0, kernel_size: 1, output_size: 0, stride: 1, dilation: 1, padding: 0 },
  ...{ channels: 1, out_channels: 1, groups: 1, output_padding: 0 },
};

/**
 * Create a slider and a number field for one parameter on one axis.
 *
 * @param {Say} say
 * @param {NumberName} name
 * @param {string} label
 * @param {() => Typed} read
 * @param {(value: Typed) => void} write
 * @param {() => void} changed
 * @param {number[] | null} [offered] the values that it may have; null for any
 * @returns {Control}
 */
function numberControl(say, name, label, read, write, changed, offered = null) {
  const id = uniqueId(name);
  // On a saved page the slider covers what was recorded, gaps included: Python's words name them.
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
  const take = (/** @type {string} */ text) => {
    const value = typed(text);
    if (typeof value === "number") setSlider(value);
    write(value);
    changed();
  };
  const setSlider = (/** @type {Typed} */ value) => {
    // Before the value: a range input clamps what exceeds its maximum.
    slider.max = String(Math.max(reach, Number(value)));
    slider.value = String(value);
  };
  slider.addEventListener("input", () => {
    number.value = slider.value;
    take(slider.value);
  });
  number.addEventListener("input", () => {
    // An empty field is somebody about to type.
    if (number.value.trim() !== "") take(number.value);
  });
  return {
    root,
    next: () => around(Number(slider.value), least, Number(slider.max)).map((value) => () => write(value)),
    set(isProblem) {
      const value = read();
      const hasFocus = focusedElement(number) === number;
      number.setAttribute("aria-invalid", String(isProblem && hasFocus));
      if (isProblem) return;
      // "03" is 3: what is being typed is not rewritten under the cursor.
      if (!(hasFocus && typed(number.value) === value)) number.value = String(value);
      setSlider(value);
    },
  };
}

/**
 * Return the integers around one, nearest first.
 *
 * @param {number} middle
 * @param {number} least
 * @param {number} most
 */
export function around(middle, least, most) {
  const values = Array.from({ length: Math.max(0, most - least + 1) }, (_, i) => least + i);
  const distance = (/** @type {number} */ value) => Math.abs(value - middle);
  return values.filter((value) => value !== middle).sort((a, b) => distance(a) - distance(b));
}

/**
 * Create the panel of all controls.
 *
 * @param {Say} say
 * @param {Model<ExplorerState>} model
 * @param {Listeners} on
 */
export function controlPanel(say, model, on) {
  const root = make("div", { className: "pv-controls", role: "group", ariaLabel: say("control.settings") });
  /** @type {Settings} */
  let settings; // undefined before the first state
  /** @type {Option[]} */
  let frameworks = [];
  let wantsLinked = true; // as chosen; axes that differ are not linked in any case
  let linked = true;
  let sidesDiffer = false;
  /** @type {Control[]} */
  let controls = [];
  let built = ""; // the form of the panel that is on the page
  /** @type {Offers | null} */
  let offers = null; // null with a kernel: any value is possible

  const requests = requestSender(model, on.silent);
  let sentSettings = false; // by the last request: then a problem is that of a control
  const send = (/** @type {Action | undefined} */ action = undefined) => {
    sentSettings = !action;
    // All settings, not the one that changed: the last request alone describes the panel.
    const sent = structuredClone(settings);
    const shown = !action && on.asked(sent);
    requests.send(action ? { action } : { settings: sent, ...(shown && { shown }) });
    wish();
  };

  /** @type {Control | undefined} */
  let inHand; // has the focus or the pointer
  /** Return the settings after each change, which is undone. */
  const imagined = (/** @type {(() => void)[]} */ changes) =>
    changes.map((change) => {
      const before = structuredClone(settings);
      const { convolution } = settings; // its controls hold this very object
      change();
      const after = structuredClone(settings);
      if (convolution && before.convolution) Object.assign(convolution, before.convolution);
      settings = convolution ? { ...before, convolution } : before;
      return after;
    });
  function wish() {
    const changes = inHand?.next?.();
    if (changes?.length) on.wanted(imagined(changes), settings);
  }
  /** @param {Event} event */
  function take(event) {
    const target = /** @type {Node} */ (event.target);
    inHand = controls.find((control) => control.root.contains(target)) ?? inHand;
    wish();
  }
  function release() {
    const active = focusedElement(root);
    inHand = active ? controls.find((control) => control.root.contains(active)) : undefined;
    if (!inHand) on.unwanted();
  }
  root.addEventListener("focusin", take);
  root.addEventListener("pointerover", take);
  root.addEventListener("focusout", release);
  root.addEventListener("pointerleave", release);
  const changed = () => send();
  const rebuildAndSend = () => {
    rebuild();
    send();
  };

  /**
   * Set all axes to the first one.
   *
   * @param {boolean} isWanted
   */
  function link(isWanted) {
    wantsLinked = isWanted;
    linked = isWanted;
    if (!isWanted) return;
    const names = /** @type {SpatialName[]} */ (Object.keys(REACH).filter((name) => name in settings));
    for (const name of names) {
      const values = settings[name];
      if (Array.isArray(values)) Object.assign(settings, { [name]: values.map(() => structuredClone(values[0])) });
    }
  }

  const alike = (/** @type {unknown[]} */ values) =>
    values.every((value) => JSON.stringify(value) === JSON.stringify(values[0]));

  const isOffered = (/** @type {string} */ name) => offers == null || name in offers;
  /**
   * Return the options that are offered; without an offer only the current one.
   *
   * @param {string} name
   * @param {Option[]} list
   * @param {string} now
   */
  const optionsOf = (name, list, now) => {
    const offered = offers && (offers[name] ?? [now]);
    return offered ? list.filter(([value]) => offered.includes(value)) : list;
  };
  /**
   * Return the values offered for one axis; null for any.
   *
   * @param {string} name
   * @param {number} i
   * @param {Typed} now
   */
  const offeredOn = (name, i, now) =>
    offers &&
    (offers[name] ?? [now])
      .map((value) => (Array.isArray(value) ? value[i] : value))
      .filter((value) => typeof value === "number");
  /**
   * Return whether each value is offered for all axes; then there is one control for them.
   *
   * @param {string} name
   */
  const isOfferedAlike = (name) => offers != null && name in offers && !offers[name].some(Array.isArray);

  /**
   * Add one control per axis, or one for all axes while they are linked.
   *
   * @template Entry
   * @param {NumberName} name
   * @param {string} label
   * @param {() => Entry[]} list
   * @param {(entry: Entry) => Typed} get
   * @param {(value: Typed, entry: Entry) => Entry} put
   */
  function perAxis(name, label, list, get, put) {
    const onAxis = (/** @type {string} */ axis) => say("control.on_axis", { name: label, axis: say(`word.${axis}`) });
    const isOne = linked || isOfferedAlike(name);
    const labels = isOne ? [label] : settings.axes.map(onAxis);
    for (const [i, called] of labels.entries()) {
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

  const same = (/** @type {Typed} */ value) => value;

  function paddingControls() {
    /** @type {Option[]} */
    const names = [
      ["numbers", say("control.padding_numbers")],
      ["valid", '"valid"'],
      ["same", '"same"'],
      ["same_lower", '"same_lower"'],
    ];
    if (settings.convolution) names.push(["causal", '"causal"']);
    const kindOf = (/** @type {unknown} */ value) => (typeof value === "string" ? value : "numbers");
    const kinds = offers && (offers.padding ?? [settings.padding]).map(kindOf);
    const offered = kinds ? names.filter(([kind]) => kinds.includes(kind)) : names;
    const first = offers?.padding?.find((value) => typeof value === "number") ?? 0;
    controls.push(
      choice(
        say("control.padding"),
        offered,
        () => kindOf(settings.padding),
        (value) => {
          settings.padding = value === "numbers" ? settings.axes.map(() => [first, first]) : value;
        },
        rebuildAndSend,
      ),
    );
    if (typeof settings.padding === "string") return;
    const list = () => /** @type {Pair[]} */ (settings.padding);
    /**
     * @param {string} key
     * @param {(pair: Pair) => Typed} get
     * @param {(value: Typed, pair: Pair) => Pair} put
     */
    const side = (key, get, put) => perAxis("padding", say(`control.${key}`), list, get, put);
    if (sidesDiffer) {
      side(
        "padding_before",
        (pair) => pair[0],
        (value, pair) => [value, pair[1]],
      );
      side(
        "padding_after",
        (pair) => pair[1],
        (value, pair) => [pair[0], value],
      );
    } else {
      side(
        "padding",
        (pair) => pair[0],
        (value) => [value, value],
      );
    }
    if (offers) return;
    controls.push(
      tick(
        say("control.sides_differ"),
        () => sidesDiffer,
        (value) => {
          sidesDiffer = value;
          if (!value) settings.padding = list().map(([before]) => [before, before]);
        },
        rebuildAndSend,
      ),
    );
  }

  function strideControls() {
    const isOpen = offers == null || (offers.stride?.includes(null) && offers.stride.length > 1);
    const hasBoth = isOpen && !settings.convolution; // where it is 1
    if (hasBoth)
      controls.push(
        tick(
          say("control.default_stride"),
          () => settings.stride == null,
          (value) => {
            settings.stride = value ? null : settings.kernel_size.map((k) => (typeof k === "number" ? k : 1));
          },
          rebuildAndSend,
        ),
      );
    if (settings.stride != null) perAxis("stride", say("control.stride"), () => settings.stride ?? [], same, same);
  }

  const isFitted = () => settings.output_size != null;

  /** Add the choice of what decides on the windows: the kernel, the output size, or the whole map. */
  function windowsControl() {
    /** @type {Option[]} */
    const kinds = [
      ["kernel", say("control.kernel")],
      ["size", say("control.output_size")],
      ["global", say("control.whole_map")],
    ];
    controls.push(
      choice(
        say("control.windows"),
        kinds,
        () => (settings.output_size === "global" ? "global" : isFitted() ? "size" : "kernel"),
        (value) => {
          if (value === "kernel") delete settings.output_size;
          else settings.output_size = value === "global" ? value : settings.axes.map(() => 3);
          if (value !== "kernel" && settings.op === "lp") settings.op = "max"; // a kernel has the norm
        },
        rebuildAndSend,
      ),
    );
  }

  /** Return everything that decides which controls there are. */
  const form = () =>
    JSON.stringify([
      settings.axes,
      typeof settings.padding,
      settings.stride == null,
      settings.op,
      Array.isArray(settings.output_size) || settings.output_size,
      linked,
      sidesDiffer,
      offers,
      settings.convolution?.kind,
      settings.convolution?.output_padding == null,
    ]);

  function rebuild() {
    built = form();
    controls = [];
    /** @type {HTMLElement[]} */
    const sections = [];
    const section = (/** @type {string} */ name, /** @type {() => void} */ fill) => {
      const before = controls.length;
      fill();
      sections.push(
        make(
          "fieldset",
          { className: `pv-group-${name}` },
          make("legend", { textContent: say(`control.${name}`) }),
          ...controls.slice(before).map((control) => control.root),
        ),
      );
    };
    section("layer", () => {
      /** @type {Option[]} */
      const kinds = [
        ["max", say("control.max")],
        ["avg", say("control.average")],
      ];
      if (!isFitted()) kinds.push(["lp", say("control.lp")]);
      controls.push(
        choice(
          say("control.framework"),
          optionsOf("framework", frameworks, settings.framework),
          () => settings.framework,
          (value) => (settings.framework = value),
          changed,
        ),
      );
      controls.push(
        ...(settings.convolution
          ? kindControl(say, settings.convolution, offers, rebuildAndSend)
          : [
              choice(
                say("control.pooling"),
                optionsOf("op", kinds, settings.op),
                () => settings.op,
                (value) => (settings.op = value),
                rebuildAndSend,
              ),
            ]),
      );
      if (settings.op === "lp" && !isFitted() && offers == null) {
        controls.push(
          field(
            say("control.norm"),
            say("control.norm_hint"),
            () => (settings.norm === "inf" ? "∞" : String(settings.norm)),
            (value) => (settings.norm = value === "" ? 2 : typed(value)),
            changed,
          ),
        );
      }
      if (settings.op === "avg" && !isFitted() && offers == null) {
        controls.push(
          field(
            say("control.divisor"),
            say("control.divisor_hint"),
            () => String(settings.divisor_override ?? ""),
            (value) => (settings.divisor_override = value === "" ? null : typed(value)),
            changed,
          ),
        );
      }
      if (settings.op === "avg" && !isFitted() && isOffered("count_include_pad")) {
        controls.push(
          choice(
            "count_include_pad",
            [
              ["", say("control.default")],
              ["true", "True"],
              ["false", "False"],
            ],
            () => (settings.count_include_pad == null ? "" : String(settings.count_include_pad)),
            (value) => (settings.count_include_pad = value === "" ? null : value === "true"),
            changed,
          ),
        );
      }
      if (offers == null)
        controls.push(
          choice(
            say("control.axes"),
            [
              ["1", "1-D"],
              ["2", "2-D"],
              ["3", "3-D"],
            ],
            () => String(settings.axes.length),
            (value) => send({ name: "axes", value: Number(value) }),
            () => {},
          ),
        );
    });
    section("input", () => {
      perAxis("input_size", say("control.input"), () => settings.input_size, same, same);
      if (offers == null) controls.push(tick(say("control.all_alike"), () => linked, link, rebuildAndSend));
      if (settings.convolution && offers == null)
        controls.push(channelControl(say, settings.convolution, { numberControl, changed }));
    });
    section("window", () => {
      if (offers == null && !settings.convolution) windowsControl();
      const sizes = () => /** @type {Typed[]} */ (settings.output_size);
      if (Array.isArray(settings.output_size)) perAxis("output_size", say("control.output_size"), sizes, same, same);
      if (isFitted()) return;
      perAxis("kernel_size", say("control.kernel"), () => settings.kernel_size, same, same);
      strideControls();
      perAxis("dilation", say("control.dilation"), () => settings.dilation, same, same);
    });
    const { convolution } = settings;
    if (convolution && offers == null)
      section("convolution", () => {
        controls.push(...convolutionControls(say, convolution, { numberControl, changed, rebuildAndSend }));
      });
    if (!isFitted())
      section(convolution ? "padding" : "padding_and_rounding", () => {
        paddingControls();
        if (!convolution && isOffered("ceil_mode"))
          controls.push(
            tick(
              "ceil_mode",
              () => settings.ceil_mode,
              (value) => (settings.ceil_mode = value),
              changed,
            ),
          );
      });
    const label = focusedLabel();
    root.replaceChildren(...sections);
    for (const control of controls) control.set(false);
    focusLabelled(label);
  }

  // The focus survives a rebuilt panel.
  const labelOf = (/** @type {Element} */ element) => element.closest("label, .pv-number, .pv-choice")?.textContent;
  const focusedLabel = () => {
    const active = focusedElement(root);
    return active && root.contains(active) ? labelOf(active) : null;
  };
  const focusLabelled = (/** @type {string | null | undefined} */ label) => {
    if (!label) return;
    /** @type {NodeListOf<HTMLElement>} */
    const elements = root.querySelectorAll("input, select");
    [...elements].find((element) => labelOf(element) === label)?.focus();
  };

  return {
    root,
    send,
    /** The settings of the controls; change them, then `send()`. */
    get settings() {
      return settings;
    },
    stop: requests.stop,
    heard: requests.answered,
    /**
     * Set the controls; return false if they are ahead of this state.
     *
     * @param {ExplorerState} state
     */
    show(state) {
      requests.answered();
      const isProblem = state.problem !== "" && sentSettings && settings != null;
      // An older answer would take back what the hand has done since.
      if (settings != null && requests.isAhead(state)) return false;
      offers = state.offers ?? null;
      frameworks = state.frameworkNames;
      root.hidden = offers != null && Object.keys(offers).length === 0;
      if (!isProblem) {
        settings = structuredClone(state.settings);
        const sizes = Array.isArray(settings.output_size) ? settings.output_size : settings.kernel_size;
        const lists = [settings.input_size, sizes, settings.dilation, settings.stride ?? [0]];
        const pairs = typeof settings.padding === "string" ? [] : settings.padding;
        // Separate axes are not merged while a number is being typed.
        const isInUse = built !== "" && !linked && root.contains(focusedElement(root));
        linked = wantsLinked && !isInUse && [...lists, pairs].every(alike);
        if (pairs.some(([before, after]) => before !== after)) sidesDiffer = true;
        if (form() !== built) rebuild();
      }
      for (const control of controls) control.set(isProblem);
      return true;
    },
  };
}
