// @ts-check
// The player: walks through the windows at a chosen speed.

import { make } from "../../../browser/elements.js";
import { bounded } from "../geometry.js";

/** @import { Option, Say } from "../../../browser/types.js" */
/** @import { Viewport } from "./viewport.js" */
/** @typedef {ReturnType<typeof createPlayer>} Player */

const STEP_MS = 450; // for one window at ×1
/** @type {Option[]} */
const SPEEDS = [
  ["0.25", "×¼"],
  ["0.5", "×½"],
  ["1", "×1"],
  ["2", "×2"],
  ["4", "×4"],
  ["8", "×8"],
];

/**
 * @param {Say} say
 * @param {Viewport} view
 * @param {(text: string) => void} speak
 */
export function createPlayer(say, view, speak) {
  /** @type {ReturnType<typeof setTimeout> | null} */
  let timer = null;
  const sign = make("span", { ariaHidden: "true" }); // ▶ must not be read out
  const word = make("span");
  const button = make("button", { type: "button" }, sign, word);
  const speed = make("select", { ariaLabel: say("player.speed") });
  for (const [value, text] of SPEEDS) speed.append(make("option", { value, textContent: text }));
  speed.value = "1";
  const back = make("button", { type: "button", textContent: "◀", ariaLabel: say("player.back") });
  const forth = make("button", { type: "button", textContent: "▶", ariaLabel: say("player.forth") });

  const mark = (/** @type {boolean} */ isWalking) => {
    sign.textContent = isWalking ? "❚❚ " : "▶ ";
    word.textContent = say(isWalking ? "player.pause" : "player.walk");
    button.setAttribute("aria-pressed", String(isWalking));
  };
  const stop = () => {
    if (timer) clearTimeout(timer);
    timer = null;
    mark(false);
  };
  const wait = () => {
    timer = setTimeout(walkOn, STEP_MS / Number(speed.value));
  };
  const walkOn = () => {
    if (view.step()) wait();
    else pause();
  };
  /** Announce the window only now: announced at every step, none would be heard to the end. */
  const pause = () => {
    stop();
    view.announce();
  };
  const toggle = () => {
    if (timer) {
      pause();
      return;
    }
    wait(); // before the first step, because the steps of a walk are not announced
    if (!view.step()) view.moveTo(0, 0);
    mark(true);
  };
  const changeSpeed = (/** @type {number} */ by) => {
    speed.selectedIndex = bounded(speed.selectedIndex + by, SPEEDS.length);
    speak(say("player.speed_now", { speed: SPEEDS[speed.selectedIndex][1] }));
  };
  mark(false);
  button.addEventListener("click", toggle);
  back.addEventListener("click", () => view.step(-1));
  forth.addEventListener("click", () => view.step(1));
  const root = make("div", { className: "pv-player" }, back, button, forth, speed);
  return {
    root,
    stop,
    toggle,
    changeSpeed,
    isWalking: () => timer != null,
    /** @param {boolean} isPossible */
    show(isPossible) {
      root.hidden = !isPossible;
      if (!isPossible) stop();
    },
  };
}
