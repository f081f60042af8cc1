// Stored answers: on a page without a kernel they stand where Python stands in a notebook.

/** Row i of a table that Python stored column by column, each value once. */
function rowOf(column, i) {
  if (Array.isArray(column)) {
    const [values, at] = column;
    return values[at ? at[i] : 0];
  }
  return Object.fromEntries(Object.entries(column).map(([name, inner]) => [name, rowOf(inner, i)]));
}

/** Of the drawings, each with the least room that it is for, the one for so much room. */
function drawnFor(drawn, room) {
  const least = Object.keys(drawn).map(Number).filter((width) => width <= room);
  return drawn[Math.max(...least)];
}

/** In the place of anywidget's model; `answer` is called with what the controls ask for. */
function storedModel(texts, paint, answer) {
  const traits = { texts, state: {}, asked: {}, screen: {}, picture: null, position: [0, 0], position_is_watched: false };
  const listeners = new Map();
  const changed = new Set();
  let shown = null;
  let seq = 0;

  function tell(state) {
    traits.state = { ...state, seq: (seq += 1), answers: traits.asked.n ?? null };
    for (const listener of listeners.get("change:state") ?? []) listener();
  }
  /** Words and picture at once, the picture as this screen wants it. */
  function show(problem = "") {
    const { theme = "light", width = Infinity } = traits.screen;
    const { picture, state } = drawnFor(shown.drawn, width);
    traits.picture = picture && paint(picture, theme);
    tell({ ...shown.state, ...state, problem });
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
      // Later, as an answer of a kernel comes: whoever asks first finishes asking.
      queueMicrotask(() => {
        if (names.has("screen") && shown) show(traits.state.problem);
        if (names.has("asked")) answer(traits.asked);
      });
    },
    on(event, listener) {
      listeners.set(event, [...(listeners.get(event) ?? []), listener]);
    },
    off(event, listener) {
      listeners.set(event, (listeners.get(event) ?? []).filter((other) => other !== listener));
    },
    /** What is shown; null shows nothing. */
    become(given) {
      shown = given;
      for (const listener of listeners.get("shown") ?? []) listener(shown !== null);
      if (shown) show();
    },
    /** What cannot be answered is said; what is shown stays. */
    refuse: (problem) => tell({ ...traits.state, problem }),
  };
}

/** Widgets whose every state was stored: a question leads from one to another, or is refused. */
function storedWidgets({ texts, views, count, goes, start, words }, paint) {
  const rows = views.map(({ table, rows }) => (node) => {
    const row = rows ? rows[node] : node;
    return row === null ? null : rowOf(table, row);
  });
  const bySettings = views.map((view, v) => {
    if (!view.takesSettings) return null;
    const nodes = Array.from({ length: count }, (_, node) => node).filter((node) => rows[v](node));
    return new Map(nodes.map((node) => [JSON.stringify(rows[v](node).state.settings), node]));
  });
  const models = views.map((_, v) => storedModel(texts, paint, (asked) => answer(v, asked)));
  let at = start;

  function target(v, { action, settings }) {
    if (settings) return bySettings[v]?.get(JSON.stringify(settings));
    return rowOf(goes, at)[v]?.[action.name]?.[JSON.stringify(action.value)];
  }
  function answer(v, asked) {
    const node = target(v, asked);
    if (node === undefined) models[v].refuse(words.refusal);
    else move(node);
  }
  function move(node) {
    at = node;
    models.forEach((model, v) => model.become(rows[v](node)));
  }
  return { models, restart: () => move(start) };
}
