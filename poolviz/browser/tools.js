// @ts-check
// Undo, redo, and the line of code that opens what is shown; the same in every widget.

import { copyButton, focusedElement, make } from "./elements.js";

/** @import { BaseState, Request, Say } from "./types.js" */

/**
 * Create the buttons, and listen to their keys in a widget.
 *
 * @param {Say} say
 * @param {(action: NonNullable<Request["action"]>) => void} send
 */
export function toolBar(say, send) {
  const tool = (/** @type {"undo" | "redo"} */ name, /** @type {string} */ sign) =>
    make("button", {
      type: "button",
      textContent: sign,
      title: say(`tools.${name}_keys`),
      ariaLabel: say(`tools.${name}`),
      onclick: () => send({ name, value: null }),
    });
  const undo = tool("undo", "↶");
  const redo = tool("redo", "↷");
  let line = "";
  const copy = copyButton(say, say("tools.copy"), () => line);
  return {
    root: make("div", { className: "pv-tools" }, undo, redo, copy),
    /**
     * Ctrl+Z and Ctrl+Shift+Z or Ctrl+Y, except in a text, which has its own.
     *
     * @param {HTMLElement} widget
     */
    listen(widget) {
      widget.addEventListener("keydown", (event) => {
        const key = event.key.toLowerCase();
        const isText = /** @type {HTMLElement} */ (event.target).matches("textarea, input:not([type=range])");
        if (!(event.ctrlKey || event.metaKey) || event.altKey || isText || (key !== "z" && key !== "y")) return;
        event.preventDefault();
        event.stopPropagation();
        (key === "y" || event.shiftKey ? redo : undo).click();
      });
    },
    /** @param {BaseState} state */
    show(state) {
      const at = focusedElement(undo);
      undo.disabled = !state.canUndo;
      redo.disabled = !state.canRedo;
      // A button that is switched off loses the focus, so its neighbour takes it.
      if (at === undo && undo.disabled) redo.focus();
      if (at === redo && redo.disabled) undo.focus();

      line = state.opens ?? "";
      copy.hidden = line === "";
      copy.title = line;
    },
  };
}
