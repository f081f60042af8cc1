// @ts-check
// The weights of a convolution: presets, other random numbers, typed ones, and the shown channels.

import { focusedElement, fold, make, uniqueId } from "../../../browser/elements.js";

/** @import { ConvolutionSettings, ExplorerState, Say, Settings } from "../../../browser/types.js" */
/** @import { Offering } from "../number.js" */
/**
 * What the editor needs of the panel of controls.
 *
 * @typedef {{ readonly settings: Settings, send: () => void, offersToo: (part: Offering) => void }} Panel
 */

/**
 * Create the editor of the weights; hidden for a pooling layer and on saved pages.
 *
 * @param {Say} say
 * @param {Panel} panel
 */
export function weightEditor(say, panel) {
  const id = uniqueId("weights");
  const preset = make("select", { id });
  const other = make("button", { type: "button", textContent: say("control.other_random") });
  const textId = uniqueId("weight-text");
  const text = make("textarea", { id: textId, rows: 4, spellcheck: false });
  const use = make("button", { type: "button", textContent: say("control.use_weights") });
  const label = make("label", { htmlFor: textId, textContent: say("control.how_to_edit_weights") });
  const editor = fold(say("control.edit_weights"), label, text, use);
  const shownInput = channelNumber("in_channel");
  const shownOutput = channelNumber("out_channel");
  const presetLabel = make("label", { htmlFor: id, textContent: say("control.weights") });
  const root = fold(
    say("control.weights"),
    make("div", { className: "pv-choice" }, presetLabel, preset),
    other,
    shownInput.root,
    shownOutput.root,
    editor,
  );
  root.className = "pv-values";
  /** @type {string | null} */
  let shown = null;

  /** @param {Partial<ConvolutionSettings>} changes */
  function change(changes) {
    const given = panel.settings.convolution;
    if (!given) return;
    Object.assign(given, changes);
    panel.send();
    // Typed weights belong to this request alone: the next one may choose a preset.
    given.weights = null;
  }

  /** @param {"in_channel" | "out_channel"} name */
  function channelNumber(name) {
    const number = make("input", { type: "number", min: 0, step: 1, ariaLabel: say(`control.${name}`) });
    number.addEventListener("input", () => {
      if (number.value.trim() !== "") change({ [name]: Math.max(0, Math.trunc(Number(number.value))) });
    });
    const head = make("span", { textContent: `${say(`control.${name}`)} ` });
    const root = make("label", { className: "pv-channel" }, head, number);
    return {
      root,
      /**
       * @param {number} count
       * @param {unknown} value
       */
      set(count, value) {
        root.hidden = count < 2;
        number.max = String(count - 1);
        if (focusedElement(number) !== number) number.value = String(value);
      },
    };
  }

  const nextSeed = () => change({ preset: "random", weight_seed: (panel.settings.convolution?.weight_seed ?? 0) + 1 });
  preset.addEventListener("change", () => change({ preset: preset.value }));
  other.addEventListener("click", nextSeed);
  const presets = () => [...preset.options].map(({ value }) => value);
  panel.offersToo({ root: preset, next: () => presets().map((name) => () => change({ preset: name })) });
  panel.offersToo({ root: other, next: () => [nextSeed] });
  use.addEventListener("click", () => change({ weights: text.value }));

  return {
    root,
    /** @param {ExplorerState} state */
    show(state) {
      const given = state.settings.convolution;
      root.hidden = given == null || state.offers != null;
      if (given == null || root.hidden) return;
      // Typed weights cannot be chosen from the list, but are named there while they are in use.
      const options = state.presets.filter(([name]) => name !== "own" || given.preset === "own");
      preset.replaceChildren(...options.map(([value, name]) => make("option", { value, textContent: name })));
      preset.value = given.preset;
      editor.hidden = state.weightsText == null;
      shownInput.set(Number(given.channels), given.in_channel);
      shownOutput.set(state.outChannels, given.out_channel);
      if (state.problem === "" && state.weightsText !== shown) {
        shown = state.weightsText;
        text.value = shown ?? "";
      }
    },
  };
}
