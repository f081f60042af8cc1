// @ts-check
// Reports the progress on a page to a learning platform through the run-time of SCORM 1.2 or 2004.
// Only packages contain this file: no other page of poolviz looks at its parent windows.

/** @import { Progress, Scored } from "./types.js" */

/** @typedef {Record<string, (...values: string[]) => unknown>} Api */

// Platforms nest a few frames; the limit ends the search if it should ever go round in circles.
const MOST_PARENTS = 100;
const NO_ERROR = "0";

/** What differs between the versions; `room` is how many characters suspend_data holds. */
const DIALECTS = {
  1.2: {
    name: "API",
    prefix: "LMS",
    finish: "Finish",
    score: "cmi.core.score.",
    status: "cmi.core.lesson_status",
    mode: "cmi.core.lesson_mode",
    exit: "cmi.core.exit",
    normal: "",
    time: "cmi.core.session_time",
    response: "student_response",
    when: "time",
    wrong: "wrong",
    room: 4096,
  },
  2004: {
    name: "API_1484_11",
    prefix: "",
    finish: "Terminate",
    score: "cmi.score.",
    status: "cmi.completion_status",
    mode: "cmi.mode",
    exit: "cmi.exit",
    normal: "normal",
    time: "cmi.session_time",
    response: "learner_response",
    when: "timestamp",
    wrong: "incorrect",
    room: 64000,
  },
};

/** @typedef {(typeof DIALECTS)[1.2]} Dialect */

/**
 * Return the API of this name in a window or in those around it; windows of other sites have none.
 *
 * @param {Window} start
 * @param {string} name
 * @returns {Api | null}
 */
function apiAround(start, name) {
  let place = start;
  for (let i = 0; i < MOST_PARENTS; i += 1) {
    try {
      const api = Reflect.get(place, name);
      if (api) return api;
    } catch {
      return null;
    }
    if (place.parent === place) return null;
    place = place.parent;
  }
  return null;
}

/**
 * Find the API of the version that a package requires, or else of the other.
 *
 * @param {Window} win
 * @param {string} version
 */
function findApi(win, version) {
  const wanted = version === "2004" ? [DIALECTS[2004], DIALECTS[1.2]] : [DIALECTS[1.2], DIALECTS[2004]];
  // A platform may also open a package in a new window, whose opener has the API.
  const starts = win.opener ? [win, win.opener] : [win];
  for (const dialect of wanted) {
    for (const start of starts) {
      const api = apiAround(start, dialect.name);
      if (api) return { api, dialect };
    }
  }
  return null;
}

/** @param {number} value From 0 to 1, as a percentage with two decimals. */
const percent = (value) => String(Math.round(value * 10000) / 100);
const two = (/** @type {number} */ value) => String(value).padStart(2, "0");

/**
 * @param {Dialect} dialect
 * @param {number} seconds
 */
function duration(dialect, seconds) {
  // SCORM 2004 has durations of ISO 8601, SCORM 1.2 hours, minutes and seconds.
  if (dialect === DIALECTS[2004]) return `PT${seconds}S`;
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/**
 * @param {Dialect} dialect
 * @param {Date} now
 */
function moment(dialect, now) {
  if (dialect === DIALECTS[2004]) return now.toISOString().slice(0, 19);
  return [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(":");
}

/**
 * Open a session with the platform; null without one. Errors are answers here, never exceptions.
 *
 * @param {Window} win
 * @param {string} version
 */
export function openSession(win, version) {
  const found = findApi(win, version);
  if (!found) return null;
  const { api, dialect } = found;
  const began = Date.now();
  let isOpen = false;
  let highest = 0;
  let wasComplete = false;
  /** @type {Scored[]} */
  let waiting = []; // answers that were not taken yet
  /** @type {Progress | null} */
  let last = null;

  /**
   * @param {string} name
   * @param {...string} values
   */
  function call(name, ...values) {
    try {
      return String(api[`${dialect.prefix}${name}`](...values));
    } catch {
      return "false";
    }
  }
  const lastError = () => {
    const code = call("GetLastError");
    return code === NO_ERROR || code === "false" ? "?" : code;
  };
  const set = (/** @type {string} */ name, /** @type {string} */ value) => call("SetValue", name, value) === "true";

  /** @param {Scored} scored */
  function record({ id, response, score }) {
    const at = `cmi.interactions.${Number(call("GetValue", "cmi.interactions._count")) || 0}.`;
    if (!set(`${at}id`, id)) return false;
    set(`${at}type`, "fill-in");
    set(`${at}${dialect.when}`, moment(dialect, new Date()));
    // A platform of SCORM 1.2 takes 255 characters.
    set(`${at}${dialect.response}`, response.slice(0, 250));
    set(`${at}result`, score === 1 ? "correct" : dialect.wrong);
    return true;
  }

  return {
    /** Return what was saved in an earlier visit, "" for nothing; null if the platform rejects. */
    open() {
      isOpen = call("Initialize", "") === "true";
      if (!isOpen) return null;
      highest = (Number(call("GetValue", `${dialect.score}raw`)) || 0) / 100;
      wasComplete = ["completed", "passed", "failed"].includes(call("GetValue", dialect.status));
      const saved = call("GetValue", "cmi.suspend_data");
      return saved === "false" ? "" : saved;
    },
    isReview: () => isOpen && call("GetValue", dialect.mode) === "review",
    /**
     * Send progress; return "" or the code of the error.
     *
     * @param {Progress} progress
     * @param {Scored[]} answers
     */
    send(progress, answers) {
      last = progress;
      waiting.push(...answers);
      if (!isOpen && this.open() === null) return lastError();
      // A later visit never lowers the score, and never takes completion back.
      highest = Math.max(highest, progress.score);
      wasComplete ||= progress.isComplete;
      const whole = JSON.stringify(progress.saved);
      const short = JSON.stringify(progress.savedShort);
      const values = [
        [`${dialect.score}min`, "0"],
        [`${dialect.score}max`, "100"],
        [`${dialect.score}raw`, percent(highest)],
        ...(dialect === DIALECTS[2004] ? [[`${dialect.score}scaled`, String(highest)]] : []),
        [dialect.status, wasComplete ? "completed" : "incomplete"],
        // Text beyond the room of the platform would be rejected as a whole, so what was typed is left out.
        ["cmi.suspend_data", whole.length <= dialect.room ? whole : short],
        [dialect.exit, wasComplete ? dialect.normal : "suspend"],
      ];
      for (const [name, value] of values) if (!set(name, value)) return lastError();
      waiting = waiting.filter((scored) => !record(scored)); // not every platform keeps answers
      return call("Commit", "") === "true" ? "" : lastError();
    },
    close() {
      if (!isOpen) return;
      if (last) this.send(last, []);
      set(dialect.time, duration(dialect, Math.round((Date.now() - began) / 1000)));
      call("Commit", "");
      call(dialect.finish, "");
      isOpen = false;
    },
  };
}

/**
 * Continue where an earlier visit ended, and report every step from here on.
 *
 * @param {import("./types.js").OfflinePage} page
 * @param {string} version
 * @param {(code: string) => void} tell Called with "" where a report was taken.
 */
export function reportTo(page, version, tell) {
  const session = openSession(window, version);
  if (!session || !page.follow) return;
  const saved = session.open();
  if (saved === null) tell("?");
  else if (saved) page.resume?.(saved);
  if (session.isReview()) return;
  page.follow((progress, answers) => tell(session.send(progress, answers)));
  // Not "unload", which is not fired reliably and keeps a page out of the back/forward cache.
  window.addEventListener("pagehide", () => session.close());
}
