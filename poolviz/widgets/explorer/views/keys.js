// @ts-check
// The keys: what each one does in the picture, and a list of them that can be opened.

import { fold, make } from "../../../browser/elements.js";

/** @import { Say } from "../../../browser/types.js" */
/** @import { Player } from "./player.js" */
/** @import { Viewport } from "./viewport.js" */

const KEYS = ["arrows", "ends", "pages", "side", "pin", "free", "walk", "speed"];

/**
 * Create the list of keys.
 *
 * @param {Say} say
 */
export function keyHelp(say) {
  const rows = KEYS.map((key) =>
    make(
      "tr",
      {},
      make("th", { scope: "row", textContent: say(`keys.${key}`) }),
      make("td", { textContent: say(`keys.${key}_do`) }),
    ),
  );
  const table = make("table", { className: "pv-keys" }, make("tbody", {}, ...rows));
  return fold(say("keys.title"), table);
}

const hasModifier = (/** @type {KeyboardEvent} */ event) => event.ctrlKey || event.metaKey || event.altKey;

/**
 * Run the action of a key, and hide the key from the notebook and the page.
 *
 * @param {HTMLElement} element
 * @param {(key: string) => (() => void) | null | undefined} actionOf
 */
export function handleKeys(element, actionOf) {
  element.addEventListener("keydown", (event) => {
    const action = hasModifier(event) ? null : actionOf(event.key);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  });
}

/**
 * @param {Player} player
 * @returns {Record<string, () => void>}
 */
function speedKeys(player) {
  const faster = () => player.changeSpeed(1);
  const slower = () => player.changeSpeed(-1);
  // "=" and "_" are on the same keys as "+" and "-" on many keyboards.
  return { "+": faster, "=": faster, "-": slower, "−": slower, _: slower };
}

/**
 * @param {Viewport} view
 * @param {Player} player
 * @returns {Record<string, () => void>}
 */
function viewportKeys(view, player) {
  const page = (/** @type {number} */ by) => (view.isStrip() ? view.go(0, 10 * by) : view.go(by, 0));
  return {
    ArrowRight: () => view.go(0, 1),
    ArrowLeft: () => view.go(0, -1),
    ArrowDown: () => view.go(1, 0),
    ArrowUp: () => view.go(-1, 0),
    Home: () => view.go(-Infinity, -Infinity),
    End: () => view.go(Infinity, Infinity),
    PageDown: () => page(1),
    PageUp: () => page(-1),
    Enter: view.togglePin,
    i: view.changeSide,
    " ": player.toggle,
    ...speedKeys(player),
  };
}

/**
 * Listen to the keys of the picture, and to those for the speed on the player too.
 *
 * @param {Viewport} view
 * @param {Player} player
 */
export function listenToKeys(view, player) {
  const onViewport = viewportKeys(view, player);
  const onPlayer = speedKeys(player);
  handleKeys(view.root, (key) => {
    if (!view.hasOutput()) return null;
    if (key === "Escape") return view.isPinned() ? view.release : null;
    // With Caps Lock on, "i" arrives as "I".
    return onViewport[key.length === 1 ? key.toLowerCase() : key];
  });
  handleKeys(player.root, (key) => onPlayer[key]);
}
