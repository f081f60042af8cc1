// @ts-check
// The panel: the settings that its controls read and write, sent to Python, and set by its answers.

import { focusedElement, fold, make } from "../../../browser/elements.js";
import { requestSender } from "../../../browser/requests.js";
import { SPATIAL } from "../number.js";
import { sectionsOf } from "./sections.js";

/** @import { Action, ExplorerState, Imagined, Model, Offers, Option, Say, Settings } from "../../../browser/types.js" */
/** @import { Control, Offering } from "../number.js" */
/** @typedef {ReturnType<typeof controlPanel>} Panel */
/**
 * @typedef {object} Listeners
 * @property {(isShown: boolean) => void} silent the kernel does not answer
 * @property {(request: Imagined) => ExplorerState | null} asked shows the answer to what is about to be
 *   sent and returns it, if it is there
 * @property {(list: Imagined[], base: Settings) => void} wanted what may be sent next
 * @property {() => void} unwanted
 */

const alike = (/** @type {unknown[]} */ values) =>
  values.every((value) => JSON.stringify(value) === JSON.stringify(values[0]));

/**
 * Create the panel of all controls.
 *
 * @param {Say} say
 * @param {Model<ExplorerState>} model
 * @param {Listeners} on
 */
export function controlPanel(say, model, on) {
  const picks = make("div", { className: "pv-picks" });
  const numbers = make("div", { className: "pv-numbers" });
  const ticks = make("div", { className: "pv-ticks" });
  const rest = make("div", { className: "pv-numbers" });
  const more = fold(say("control.more"), rest);
  const root = make(
    "div",
    { className: "pv-controls", role: "group", ariaLabel: say("control.settings") },
    ...[picks, numbers, ticks, more],
  );
  /** @type {Settings} */
  let settings; // undefined before the first state
  /** @type {Option[]} */
  let frameworks = [];
  let isPerAxis = false; // as chosen; axes that differ have separate controls in any case
  /** @type {Record<string, boolean>} */
  let merged = {};
  let sidesDiffer = false;
  /** @type {Control[]} */
  let controls = [];
  let built = ""; // the form of the panel that is on the page
  /** @type {Offers | null} */
  let offers = null;

  const requests = requestSender(model, on.silent);
  let sentSettings = false; // by the last request: then a problem is that of a control
  /** @type {{ action?: Action } | null} */
  let imagining = null; // while a change is only imagined
  const send = (/** @type {Action | undefined} */ action = undefined) => {
    if (imagining) {
      imagining.action = action;
      return;
    }
    sentSettings = !action;
    // All settings, not the one that changed: the last request alone describes the panel.
    const sent = structuredClone(settings);
    const answer = on.asked(action ? { settings: sent, action } : { settings: sent });
    if (answer && action) adopt(answer);
    // No answer with a problem can follow: what was typed before is mended.
    if (answer) for (const control of controls) control.set(false);
    requests.send({ ...(action ? { action } : { settings: sent }), ...(answer && { shown: true }) });
    wish();
  };

  // --- what may be asked next --------------------------------------------------------------------

  /** @type {Offering[]} */
  const beside = []; // parts of the page beside the panel
  /** @type {Offering | undefined} */
  let inHand; // it has the focus or the pointer

  /**
   * Return what a change would request; it is not made.
   *
   * @param {() => void} change
   * @returns {Imagined}
   */
  function imagined(change) {
    const kept = { settings, isPerAxis, sidesDiffer };
    imagining = {};
    settings = structuredClone(settings);
    change();
    const { action } = imagining;
    const found = action ? { settings: kept.settings, action } : { settings };
    ({ settings, isPerAxis, sidesDiffer } = kept);
    imagining = null;
    return found;
  }
  function wish() {
    const changes = inHand?.next?.();
    if (changes) on.wanted(changes.map(imagined), settings);
  }
  /** @param {Event} event */
  function take(event) {
    const target = /** @type {Node} */ (event.target);
    const part = [...beside, ...controls].find(({ root }) => root.contains(target));
    if (!part || part === inHand) return;
    inHand = part;
    wish();
  }
  function release() {
    inHand = [...beside, ...controls].find(({ root }) => root.contains(focusedElement(root)));
    if (!inHand) on.unwanted();
  }
  /** @param {HTMLElement} part */
  function watch(part) {
    part.addEventListener("focusin", take);
    part.addEventListener("pointerover", take);
    part.addEventListener("focusout", release);
    part.addEventListener("pointerleave", release);
  }
  watch(root);

  /** Decide which settings have one control for all axes. */
  function merge() {
    // Separate axes are not merged while a number is being typed.
    const isInUse = built !== "" && root.contains(focusedElement(numbers));
    merged = Object.fromEntries(
      SPATIAL.map((name) => {
        const values = settings[name];
        const isApart = isInUse && merged[name] === false;
        return [name, !isPerAxis && !isApart && (!Array.isArray(values) || alike(values))];
      }),
    );
  }

  const form = {
    say,
    get settings() {
      return settings;
    },
    get offers() {
      return offers;
    },
    get frameworks() {
      return frameworks;
    },
    get merged() {
      return merged;
    },
    get isPerAxis() {
      return isPerAxis;
    },
    set isPerAxis(isWanted) {
      isPerAxis = isWanted;
    },
    get sidesDiffer() {
      return sidesDiffer;
    },
    set sidesDiffer(isWanted) {
      sidesDiffer = isWanted;
    },
    send,
    changed: () => send(),
    rebuilt() {
      if (imagining) return;
      merge();
      rebuild();
      send();
    },
  };

  /** Return everything that decides which controls there are. */
  const shape = () =>
    JSON.stringify([
      settings.axes,
      typeof settings.padding,
      settings.stride == null,
      settings.op,
      Array.isArray(settings.output_size) || settings.output_size,
      merged,
      sidesDiffer,
      offers,
      settings.convolution?.kind,
      settings.convolution?.output_padding == null,
    ]);

  function rebuild() {
    built = shape();
    const sections = sectionsOf(form);
    controls = Object.values(sections).flat();
    const label = focusedLabel();
    const roots = (/** @type {Control[]} */ list) => list.map((control) => control.root);
    picks.replaceChildren(...roots(sections.picks));
    // Their values say what they are.
    for (const label of picks.querySelectorAll("label")) label.className = "pv-hidden";
    numbers.replaceChildren(...roots(sections.numbers));
    ticks.replaceChildren(...roots(sections.ticks));
    rest.replaceChildren(...roots(sections.more));
    more.hidden = sections.more.length === 0;
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

  /** @param {ExplorerState} state */
  function adopt(state) {
    settings = structuredClone(state.settings);
    const pairs = typeof settings.padding === "string" ? [] : settings.padding;
    merge();
    if (pairs.some(([before, after]) => before !== after)) sidesDiffer = true;
    if (shape() !== built) rebuild();
  }

  return {
    root,
    send,
    /**
     * Ask ahead for what another part of the page may request, as for the controls.
     *
     * @param {Offering} part
     */
    offersToo(part) {
      beside.push(part);
      watch(part.root);
    },
    /** Its offers may be others now. */
    wishAgain: () => inHand && beside.includes(inHand) && wish(),
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
      if (!isProblem) adopt(state);
      for (const control of controls) control.set(isProblem);
      return true;
    },
  };
}
