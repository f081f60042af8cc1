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
 * @param {Pick<Model<any>, "get" | "set" | "save_changes" | "send">} model
 * @param {(isShown: boolean) => void} onSilence
 */
export function requestSender(model, onSilence) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {string | null} */
  let pending = null; // the number of this view's request that has no answer yet

  let isDoubtful = false; // whether the front end sends on what is saved

  /**
   * Send a request, and again after 8, 16, 32 … seconds without an answer: a message gets lost while
   * a kernel restarts or a connection is cut, and until the front end has noticed.
   *
   * @param {Request & { n: string }} request
   * @param {number} patience
   * @param {number} tries before this one
   */
  function deliver(request, patience, tries) {
    // What is saved again must differ, or it is not sent. Python takes each number once.
    const asked = tries ? { ...request, tries } : request;
    model.set("asked", asked);
    model.save_changes();
    // ipywidgets keeps back all that is saved behind a message that it takes for unanswered, and
    // one that was lost is never answered; it keeps back nothing that is sent.
    if (isDoubtful) model.send?.({ asked });
    // Each request is waited for anew: a kernel that answers one of many is alive.
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!tries) onSilence(request.shown === true);
      isDoubtful = true;
      deliver(request, 2 * patience, tries + 1);
    }, patience);
  }

  return {
    /** @param {Request} content */
    send(content) {
      pending = uniqueId("request");
      const request = { ...JSON.parse(JSON.stringify(content, wellFormed)), n: pending };
      deliver(request, request.shown === true ? SHOWN_PATIENCE_MS : PATIENCE_MS, 0);
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
