// @ts-check
// Requests to Python: each has a number, and the answer names the request that it answers.

import { uniqueId } from "./elements.js";

/** @import { BaseState, Model, Request } from "./types.js" */

const PATIENCE_MS = 8000; // after which `onSilence` reports that the kernel does not answer
const SHOWN_PATIENCE_MS = 2000; // the same, where the answer is shown already

/**
 * Replace lone surrogates, as in text that was cut: they would close the comm.
 *
 * @param {string} _key
 * @param {unknown} value
 */
const wellFormed = (_key, value) => (typeof value === "string" ? value.replace(/\p{Surrogate}/gu, "\ufffd") : value);

/**
 * Send requests through the trait "asked"; call `onSilence` when the kernel does not answer.
 *
 * @param {Pick<Model<any>, "get" | "set" | "save_changes">} model
 * @param {(isShown: boolean) => void} onSilence
 */
export function requestSender(model, onSilence) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {string | null} */
  let pending = null; // the number of this view's request that has no answer yet
  return {
    /** @param {Request} content */
    send(content) {
      pending = uniqueId("request");
      model.set("asked", { ...JSON.parse(JSON.stringify(content, wellFormed)), n: pending });
      model.save_changes();
      // Each request is waited for anew: a kernel that answers one of many is alive.
      clearTimeout(timer);
      const isShown = content.shown === true;
      timer = setTimeout(() => onSilence(isShown), isShown ? SHOWN_PATIENCE_MS : PATIENCE_MS);
    },
    /**
     * Return whether the controls are ahead of this state: until our request is answered, or
     * another view sends one. Without echo messages a second browser never learns the number of
     * another one's request, so only our own counts.
     *
     * @param {Pick<BaseState, "answers">} state
     */
    isAhead(state) {
      if (state.answers === pending || model.get("asked").n !== pending) pending = null;
      return pending != null;
    },
    answered: () => clearTimeout(timer),
    stop: () => clearTimeout(timer),
  };
}
