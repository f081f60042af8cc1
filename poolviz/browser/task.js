// @ts-check
// The task of an explorer: what to reach, a button that checks, and what the setting is worth.

import { make } from "./elements.js";

/** @import { ExplorerState, Request, Say } from "./types.js" */

/** @type {Record<string, string>} */
const COLOURS = { "✓": "pv-right", "✗": "pv-wrong" };

/**
 * @param {Say} say
 * @param {{ send: (action: Request["action"]) => void }} panel
 * @param {(text: string) => void} speak
 */
export function taskPanel(say, panel, speak) {
  const text = make("p", { className: "pv-question" });
  const check = make("button", { type: "button", textContent: say("card.check") });
  const feedback = make("p", { className: "pv-feedback" });
  const root = make(
    "div",
    { className: "pv-task", hidden: true },
    text,
    make("div", { className: "pv-top" }, check),
    feedback,
  );
  let asked = false; // whether the next state is that of a check
  let checked = ""; // the settings whose feedback is shown
  check.addEventListener("click", () => {
    asked = true;
    panel.send({ name: "check", value: null });
  });
  return {
    root,
    /** @param {ExplorerState} state */
    show({ task, settings, problem }) {
      root.hidden = task == null;
      if (task == null) return;
      const key = JSON.stringify(settings);
      if (asked && problem === "") {
        checked = key;
        speak(task.feedback);
      }
      asked = false;
      const isShown = key === checked;
      text.textContent = task.text;
      feedback.textContent = isShown ? `${task.mark} ${task.feedback}` : "";
      feedback.className = `pv-feedback ${isShown ? (COLOURS[task.mark] ?? "") : ""}`;
    },
  };
}
