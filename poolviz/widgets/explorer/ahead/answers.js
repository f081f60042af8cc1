// @ts-check
// Answers that Python computed before they were asked: kept by the requests that they answer.

import { uniqueId } from "../../../browser/elements.js";

/** @import { AheadMessage, ExplorerState, Imagined, Model, PictureData, Settings } from "../../../browser/types.js" */
/** @typedef {{ state: ExplorerState, picture: PictureData }} Answer */

const MOST_CHARACTERS = 4_000_000; // of all answers of one view
const MOST_WISHES = 40; // at a time
const KEPT_WISHES = 8; // whose answers may still be on their way

/**
 * Return the entries in which an object differs from another one with the same names.
 *
 * @param {Record<string, any>} object
 * @param {Record<string, any>} base
 */
export const changesOf = (object, base) =>
  Object.fromEntries(
    Object.entries(object).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(base[name])),
  );

/** @param {DataView} packed deflated text */
async function unpacked(packed) {
  const part = /** @type {BlobPart} */ (/** @type {unknown} */ (packed));
  const stream = new Blob([part]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).text();
}

/**
 * Keep the answers that Python sends ahead; request those that may be wanted next.
 *
 * @param {Model<ExplorerState>} model
 */
export function answersAhead(model) {
  /** @type {Map<string, string>} the oldest first */
  const answers = new Map();
  // Another view, on another page or before a reload, has made other wishes, and keeps its answers.
  const view = uniqueId("view");
  /** @type {Map<number, string[]>} the requests of each wish */
  const wishes = new Map();
  let size = 0;
  let wish = 0;
  let isWaiting = false; // for the answers of the last wish

  /**
   * @param {object} base
   * @param {object[]} changes
   */
  function send(base, changes) {
    try {
      model.send?.({ ahead: { view, wish, base, changes } });
    } catch {
      // The kernel has ended: nothing is computed ahead, and requests say so.
    }
  }

  const isOn = () => model.send != null && model.get("computes_ahead") === true && !document.hidden;
  const context = () => model.get("state").context;
  let known = context();

  function forget() {
    answers.clear();
    wishes.clear();
    size = 0;
  }

  /** Forget what was computed for another input, task or width. */
  function check() {
    if (context() !== known) forget();
    known = context();
  }

  /**
   * @param {string} key
   * @param {string} text
   */
  function keep(key, text) {
    size += text.length - (answers.get(key)?.length ?? 0);
    answers.delete(key);
    answers.set(key, text);
    for (const [oldest, { length }] of answers) {
      if (size <= MOST_CHARACTERS) break;
      answers.delete(oldest);
      size -= length;
    }
  }

  /**
   * @param {AheadMessage} message
   * @param {DataView[]} buffers
   */
  async function receive({ ahead }, [packed]) {
    check();
    const key = ahead?.view === view && wishes.get(ahead.wish)?.[ahead.index];
    if (!key || ahead.context !== known) return;
    const text = await unpacked(packed);
    // The context may have changed while it was unpacked.
    if (ahead.context === known) keep(key, text);
  }

  /** @param {...any} parts */
  const listen = (...parts) => receive(parts[0], parts[1]);
  model.on("msg:custom", listen);

  function stop() {
    if (isWaiting) send({}, []);
    isWaiting = false;
  }
  const hide = () => document.hidden && stop();
  document.addEventListener("visibilitychange", hide);

  return {
    /**
     * Return the answer to a request, or null.
     *
     * @param {Imagined} request
     * @returns {Answer | null}
     */
    find(request) {
      check();
      const key = JSON.stringify(request);
      const text = isOn() && answers.get(key);
      if (!text) return null;
      keep(key, text); // the last used is forgotten last
      return JSON.parse(text);
    },
    /**
     * Get the answers to what may be requested next, the likeliest first.
     *
     * @param {Imagined[]} list
     * @param {Settings} base the present settings
     */
    want(list, base) {
      if (!isOn()) return;
      check();
      const present = JSON.stringify({ settings: base });
      const isMissing = (/** @type {string} */ key) => key !== present && !answers.has(key);
      const missing = list.filter((request) => isMissing(JSON.stringify(request))).slice(0, MOST_WISHES);
      if (missing.length === 0) return;
      wish += 1;
      wishes.set(
        wish,
        missing.map((request) => JSON.stringify(request)),
      );
      wishes.delete(wish - KEPT_WISHES);
      isWaiting = true;
      const changes = missing.map(({ settings, action }) => (action ? { action } : changesOf(settings, base)));
      send(base, changes);
    },
    /** Nothing more is wanted for now. */
    stop,
    close() {
      stop();
      model.off("msg:custom", listen);
      document.removeEventListener("visibilitychange", hide);
    },
  };
}
