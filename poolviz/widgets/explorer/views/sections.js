// @ts-check
// Which controls a layer has: those of a kind together, what is rarely changed behind a name.

import { choice, field, tick, typed } from "../../../browser/elements.js";
import { channelControl, convolutionControls, kindControl } from "../convolution/controls.js";
import { numberControl } from "../number.js";

/** @import { Option, Typed } from "../../../browser/types.js" */
/** @import { Control, Form, NumberName } from "../number.js" */
/** @typedef {[before: Typed, after: Typed]} Pair */
/** @typedef {{ picks: Control[], numbers: Control[], ticks: Control[], more: Control[] }} Sections */

const same = (/** @type {Typed} */ value) => value;

/**
 * Return the controls for the present settings.
 *
 * @param {Form} form
 * @returns {Sections}
 */
export function sectionsOf(form) {
  const { say, offers, changed, rebuilt } = form;
  /** @type {Sections} */
  const sections = { picks: [], numbers: [], ticks: [], more: [] };
  const { picks, numbers, ticks, more } = sections;
  const isOpen = offers == null;
  const isConvolution = form.settings.convolution != null;
  const isFitted = form.settings.output_size != null;
  const { op } = form.settings;
  const isOffered = (/** @type {string} */ name) => isOpen || name in offers;

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
   * Add one control for all axes, or one for each where they differ.
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
    // A saved page may offer each value for all axes; then there is one control for them.
    const isOne = form.merged[name] || (offers != null && name in offers && !offers[name].some(Array.isArray));
    const labels = isOne ? [label] : form.settings.axes.map(onAxis);
    for (const [i, called] of labels.entries()) {
      const read = () => get(list()[i]);
      const write = (/** @type {Typed} */ value) => {
        const values = list();
        for (const j of isOne ? values.keys() : [i]) values[j] = put(value, values[j]);
      };
      const offered = (offers?.[name] ?? [read()]).map((value) => (Array.isArray(value) ? value[i] : value));
      const known = isOpen ? null : offered.filter((value) => typeof value === "number");
      numbers.push(numberControl(say, name, called, read, write, changed, known));
    }
  }

  picks.push(
    choice(
      say("control.framework"),
      optionsOf("framework", form.frameworks, form.settings.framework),
      () => form.settings.framework,
      (value) => (form.settings.framework = value),
      changed,
    ),
  );
  if (isConvolution) picks.push(...kindControl(form));
  else {
    /** @type {Option[]} */
    const kinds = [
      ["max", say("control.max")],
      ["avg", say("control.average")],
    ];
    if (!isFitted) kinds.push(["lp", say("control.lp")]);
    picks.push(
      choice(
        say("control.pooling"),
        optionsOf("op", kinds, op),
        () => form.settings.op,
        (value) => (form.settings.op = value),
        rebuilt,
      ),
    );
  }
  if (isOpen)
    picks.push(
      choice(
        say("control.axes"),
        ["1", "2", "3"].map((count) => /** @type {Option} */ ([count, `${count}-D`])),
        () => String(form.settings.axes.length),
        (value) => form.send({ name: "axes", value: Number(value) }),
        () => {},
      ),
    );

  // For an adaptive layer this is the main control, for a kernel it is rarely changed.
  if (isOpen && !isConvolution) (isFitted ? numbers : more).push(windowsControl(form));
  perAxis("input_size", say("control.input"), () => form.settings.input_size, same, same);
  if (isConvolution && isOpen) numbers.push(channelControl(form));
  if (isFitted) {
    const sizes = () => /** @type {Typed[]} */ (form.settings.output_size);
    if (Array.isArray(form.settings.output_size)) perAxis("output_size", say("control.output_size"), sizes, same, same);
  } else {
    perAxis("kernel_size", say("control.kernel"), () => form.settings.kernel_size, same, same);
    // With the default stride there is nothing to set.
    if (form.settings.stride != null)
      perAxis("stride", say("control.stride"), () => form.settings.stride ?? [], same, same);
    paddings();
    perAxis("dilation", say("control.dilation"), () => form.settings.dilation, same, same);
    averages();
  }
  if (isConvolution && isOpen) {
    const { counts, choices } = convolutionControls(form);
    numbers.push(...counts);
    ticks.push(...choices);
  }

  function paddings() {
    const list = () => /** @type {Pair[]} */ (form.settings.padding);
    /**
     * @param {string} key
     * @param {(pair: Pair) => Typed} get
     * @param {(value: Typed, pair: Pair) => Pair} put
     */
    const side = (key, get, put) => perAxis("padding", say(`control.${key}`), list, get, put);
    numbers.push(paddingControl(form));
    if (typeof form.settings.padding === "string") return;
    if (!form.sidesDiffer)
      side(
        "padding",
        (pair) => pair[0],
        (value) => [value, value],
      );
    else {
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
    }
    if (!isOpen) return;
    more.push(
      tick(
        say("control.sides_differ"),
        () => form.sidesDiffer,
        (value) => {
          form.sidesDiffer = value;
          if (!value) form.settings.padding = list().map(([before]) => [before, before]);
        },
        rebuilt,
      ),
    );
  }

  /** Add what only averages and norms have. */
  function averages() {
    if (op === "lp" && isOpen)
      numbers.push(
        field(
          say("control.norm"),
          say("control.norm_hint"),
          () => (form.settings.norm === "inf" ? "∞" : String(form.settings.norm)),
          (value) => (form.settings.norm = value === "" ? 2 : typed(value)),
          changed,
        ),
      );
    if (op !== "avg") return;
    if (isOffered("count_include_pad"))
      numbers.push(
        choice(
          "count_include_pad",
          [
            ["", say("control.default")],
            ["true", "True"],
            ["false", "False"],
          ],
          () => String(form.settings.count_include_pad ?? ""),
          (value) => (form.settings.count_include_pad = value === "" ? null : value === "true"),
          changed,
        ),
      );
    if (isOpen)
      more.push(
        field(
          say("control.divisor"),
          say("control.divisor_hint"),
          () => String(form.settings.divisor_override ?? ""),
          (value) => (form.settings.divisor_override = value === "" ? null : typed(value)),
          changed,
        ),
      );
  }

  if (!isFitted && !isConvolution) {
    const isFree = isOpen || (offers.stride?.includes(null) && offers.stride.length > 1);
    if (isFree)
      ticks.push(
        tick(
          say("control.default_stride"),
          () => form.settings.stride == null,
          (value) => {
            const kernel = form.settings.kernel_size.map((k) => (typeof k === "number" ? k : 1));
            form.settings.stride = value ? null : kernel;
          },
          rebuilt,
        ),
      );
    if (isOffered("ceil_mode"))
      ticks.push(
        tick(
          "ceil_mode",
          () => form.settings.ceil_mode,
          (value) => (form.settings.ceil_mode = value),
          changed,
        ),
      );
  }
  if (isOpen && form.settings.axes.length > 1)
    ticks.push(
      tick(
        say("control.per_axis"),
        () => form.isPerAxis,
        (value) => (form.isPerAxis = value),
        rebuilt,
      ),
    );
  return sections;
}

/**
 * Return the choice of what decides on the windows: the kernel, the output size, or the whole map.
 *
 * @param {Form} form
 * @returns {Control}
 */
function windowsControl(form) {
  const { say } = form;
  return choice(
    say("control.windows"),
    [
      ["kernel", say("control.kernel")],
      ["size", say("control.output_size")],
      ["global", say("control.whole_map")],
    ],
    () => {
      const { output_size } = form.settings;
      return output_size === "global" ? "global" : output_size == null ? "kernel" : "size";
    },
    (value) => {
      const { settings } = form;
      if (value === "kernel") delete settings.output_size;
      else settings.output_size = value === "global" ? value : settings.axes.map(() => 3);
      if (value !== "kernel" && settings.op === "lp") settings.op = "max"; // a kernel has the norm
    },
    form.rebuilt,
  );
}

/**
 * Return the choice between a padding by numbers and the names of one.
 *
 * @param {Form} form
 * @returns {Control}
 */
function paddingControl(form) {
  const { say, offers } = form;
  /** @type {Option[]} */
  const names = ["valid", "same", "same_lower"].map((name) => [name, `"${name}"`]);
  if (form.settings.convolution) names.push(["causal", '"causal"']);
  names.unshift(["numbers", say("control.padding_numbers")]);
  const kindOf = (/** @type {unknown} */ value) => (typeof value === "string" ? value : "numbers");
  const kinds = offers && (offers.padding ?? [form.settings.padding]).map(kindOf);
  const first = offers?.padding?.find((value) => typeof value === "number") ?? 0;
  return choice(
    say("control.padding"),
    kinds ? names.filter(([kind]) => kinds.includes(kind)) : names,
    () => kindOf(form.settings.padding),
    (value) => {
      form.settings.padding = value === "numbers" ? form.settings.axes.map(() => [first, first]) : value;
    },
    form.rebuilt,
  );
}
