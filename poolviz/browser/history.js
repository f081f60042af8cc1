// @ts-check
// Undo and redo on a page without a kernel.

const MOST_UNDONE = 100; // as in a notebook

/**
 * Keep what was shown before, and what was undone.
 *
 * @template Moment
 * @param {() => Moment} now
 * @param {(moment: Moment) => void} show
 */
export function offlineHistory(now, show) {
  /** @type {Moment[]} */
  let past = [];
  /** @type {Moment[]} */
  let future = [];
  let gesture = "";
  return {
    /**
     * Note that what is shown will change; changes of one gesture are undone together.
     *
     * @param {string} [of]
     */
    note(of = "") {
      if (of === "" || of !== gesture) past = [...past, now()].slice(-MOST_UNDONE);
      // What was undone led to another future.
      future = [];
      gesture = of;
    },
    /**
     * Undo or redo; return false for other actions, and where there is nothing to go to.
     *
     * @param {string | undefined} action
     */
    move(action) {
      const [from, to] = action === "undo" ? [past, future] : [future, past];
      if ((action !== "undo" && action !== "redo") || from.length === 0) return false;
      const moment = /** @type {Moment} */ (from.pop());
      to.push(now());
      // The next change begins another gesture.
      gesture = "";
      show(moment);
      return true;
    },
    clear() {
      past = [];
      future = [];
    },
    tools: () => ({ canUndo: past.length > 0, canRedo: future.length > 0 }),
  };
}
