// @ts-check
// Precomputed answers: on a page without a kernel they replace Python.

import { offlineHistory } from "../history.js";

/**
 * @import { Column, Content, OfflineModel, OfflinePage, Paint, Progress, Request, Scored, StoredWidgets, Traits } from "../types.js"
 */

/** @typedef {{ state: { settings: unknown } } & Content} StoredRow */
/** @typedef {Record<string, Record<string, Record<string, number>>>} Targets view → action → value → node */

/**
 * Return row i of a table that Python stored column by column, each distinct value once.
 *
 * @param {Column} column
 * @param {number} i
 * @returns {unknown}
 */
export function rowOf(column, i) {
  if (Array.isArray(column)) {
    const [values, at] = column;
    return values[at ? at[i] : 0];
  }
  return Object.fromEntries(Object.entries(column).map(([name, inner]) => [name, rowOf(inner, i)]));
}

/**
 * Return the drawing with the largest minimum width that still fits.
 *
 * @param {Content["drawn"]} drawn
 * @param {number} width
 */
export function drawnFor(drawn, width) {
  const fitting = Object.keys(drawn)
    .map(Number)
    .filter((least) => least <= width);
  return drawn[Math.max(...fitting)];
}

/**
 * Return a stand-in for anywidget's model; `answer` gets the requests of the controls.
 *
 * @param {Paint} paint
 * @param {(request: Request) => void} answer
 * @returns {OfflineModel}
 */
export function offlineModel(paint, answer) {
  /** @type {Traits<any>} */
  const traits = {
    state: {},
    asked: {},
    screen: {},
    picture: null,
    position: [0, 0],
    position_is_watched: false,
    computes_ahead: false,
  };
  /** @type {Map<string, ((value?: unknown) => void)[]>} */
  const listeners = new Map();
  const listenersOf = (/** @type {string} */ event) => listeners.get(event) ?? [];
  /** @type {Set<string>} */
  const changed = new Set();
  /** @type {Content | null} */
  let shown = null;
  let seq = 0;
  /** @type {Record<string, unknown>} */
  let tools = {};

  /** @param {Record<string, unknown>} state */
  function setState(state) {
    seq += 1;
    traits.state = { ...state, ...tools, seq, answers: traits.asked.n ?? null };
    for (const listener of listenersOf("change:state")) listener();
  }
  /**
   * Set the state and its picture in the width and theme of the screen.
   *
   * @param {Content} content
   * @param {string} [problem]
   */
  function show(content, problem = "") {
    const { theme = "light", width = Infinity } = traits.screen;
    const { picture, state } = drawnFor(content.drawn, width);
    traits.picture = picture && paint(picture, theme);
    setState({ ...content.state, ...state, problem });
  }

  return {
    get: (name) => traits[name],
    set(name, value) {
      traits[name] = value;
      changed.add(name);
    },
    save_changes() {
      const names = new Set(changed);
      changed.clear();
      // Asynchronous, as the answer of a kernel is: the sender finishes first.
      queueMicrotask(() => {
        if (names.has("screen") && shown) show(shown, traits.state.problem);
        if (names.has("asked")) answer(traits.asked);
      });
    },
    on(event, listener) {
      listeners.set(event, [...listenersOf(event), listener]);
    },
    off(event, listener) {
      listeners.set(
        event,
        listenersOf(event).filter((other) => other !== listener),
      );
    },
    display(content, given = {}) {
      shown = content;
      tools = given;
      for (const listener of listenersOf("shown")) listener(shown != null);
      if (shown) show(shown);
    },
    refuse: (problem) => setState({ ...traits.state, problem }),
  };
}

/**
 * Return the models of widgets whose every state was stored: a request leads from one node to
 * another or is refused.
 *
 * @param {StoredWidgets} stored
 * @param {Paint} paint
 * @returns {OfflinePage}
 */
export function offlineWidgets({ views, count, goes, start, words }, paint) {
  const rows = views.map(({ table, rows }) => (/** @type {number} */ node) => {
    const row = rows ? rows[node] : node;
    return row == null ? null : /** @type {StoredRow} */ (rowOf(table, row));
  });
  const nodes = Array.from({ length: count }, (_, node) => node);
  // By the text of the settings, which Python writes alike (`key_of` in widgets/explorer/page.py).
  const bySettings = views.map((view, v) => {
    if (!view.takesSettings) return null;
    /** @type {Map<string, number>} */
    const found = new Map();
    for (const node of nodes) {
      const row = rows[v](node);
      if (row) found.set(JSON.stringify(row.state.settings), node);
    }
    return found;
  });
  const models = views.map((_, v) => offlineModel(paint, (request) => answer(v, request)));
  let at = start;

  /**
   * @param {number} v
   * @param {Request} request
   */
  function target(v, { action, settings }) {
    if (settings) return bySettings[v]?.get(JSON.stringify(settings));
    if (!action) return undefined;
    const targets = /** @type {Targets} */ (rowOf(goes, at));
    return targets[v]?.[action.name]?.[JSON.stringify(action.value)];
  }
  /**
   * @param {number} v
   * @param {Request} request
   */
  function answer(v, request) {
    if (history.move(request.action?.name)) return;
    const node = target(v, request);
    if (node == null) models[v].refuse(words.refusal);
    else {
      // A request that leads to what is shown is no step to undo.
      if (node !== at) history.note(changed(v, request));
      move(node);
    }
    if (node != null && request.action?.name === "check") checked(v);
  }
  const history = offlineHistory(
    () => at,
    (node) => move(node),
  );
  /**
   * Return the names of the settings that a request changes; a walk through layers is one change.
   *
   * @param {number} v
   * @param {Request} request
   */
  function changed(v, { settings, action }) {
    if (action?.name === "choose") return action.name;
    const { settings: before } = /** @type {any} */ (models[v].get("state"));
    const names = Object.entries(settings ?? {}).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(before?.[name]),
    );
    return names.map(([name]) => name).join();
  }
  let best = 0;
  /** @type {((progress: Progress, answers: Scored[]) => void) | null} */
  let listener = null;
  /** @param {number} v */
  function checked(v) {
    const { task, settings } = /** @type {any} */ (models[v].get("state"));
    best = Math.max(best, task.score);
    const saved = { node: at, best };
    const scored = { id: "task", response: JSON.stringify(settings), score: task.score };
    listener?.({ score: best, isComplete: best === 1, saved, savedShort: saved }, [scored]);
  }
  /** @param {string} text */
  function resume(text) {
    let saved;
    try {
      saved = JSON.parse(text);
    } catch {
      return false; // of another package
    }
    // An address keeps the node alone, a learning platform the best score as well.
    const node = typeof saved === "number" ? saved : saved?.node;
    if (!nodes.includes(node)) return false;
    best = Number(saved.best) || 0;
    history.clear();
    move(node);
    return true;
  }
  const follow = (/** @type {NonNullable<typeof listener>} */ listen) => {
    listener = listen;
  };
  /** @param {number} node */
  function move(node) {
    at = node;
    models.forEach((model, v) => {
      model.display(rows[v](node), history.tools());
    });
    moved(node);
  }
  const restart = () => {
    history.clear();
    move(start);
  };
  let moved = (/** @type {unknown} */ _) => {};
  const onMove = (/** @type {typeof moved} */ listen) => {
    moved = listen;
  };
  return { models, restart, follow, resume, onMove };
}
