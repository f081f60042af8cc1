// A host of anywidget on a plain page: its models talk to widgets of the Python process that drives
// the browser, through the function `toPython`.

/** @type {any} */
const page = globalThis;
const PREFIX = "anywidget:";

/** @type {Record<string, any>} */
const models = {};
/** @type {Record<string, Promise<any>>} */
const codes = {};
let queue = Promise.resolve();

/** @param {string} text */
const bytesOf = (text) => new DataView(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer);

/** @param {string} script */
async function imported(script) {
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  return (await import(url)).default;
}

/** @param {string} id */
function newModel(id) {
  /** @type {Record<string, any>} */
  const traits = {};
  /** @type {Map<string, Set<() => void>>} */
  const listeners = new Map();
  /** @type {Set<string>} */
  const changed = new Set();
  const of = (/** @type {string} */ event) => listeners.get(event) ?? new Set();
  return {
    get: (/** @type {string} */ name) => traits[name],
    set(/** @type {string} */ name, /** @type {any} */ value) {
      traits[name] = value;
      changed.add(name);
    },
    save_changes() {
      const sent = JSON.stringify(Object.fromEntries([...changed].map((name) => [name, traits[name]])));
      changed.clear();
      queue = queue.then(async () => take(JSON.parse(await page.toPython(id, sent))));
    },
    on(/** @type {string} */ event, /** @type {() => void} */ listener) {
      listeners.set(event, new Set([...of(event), listener]));
    },
    off(/** @type {string} */ event, /** @type {() => void} */ listener) {
      of(event).delete(listener);
    },
    receive(/** @type {Record<string, any>} */ values) {
      if (typeof values.picture === "string") values.picture = bytesOf(values.picture);
      Object.assign(traits, values);
      for (const name of Object.keys(values)) for (const listener of of(`change:${name}`)) listener();
    },
  };
}

/** @param {{ codes: Record<string, any>, traits: Record<string, Record<string, any>> }} told */
function take({ codes: news, traits }) {
  for (const [kind, { script, ...rest }] of Object.entries(news)) {
    codes[kind] ??= imported(script).then((module) => ({ ...module, ...rest }));
  }
  for (const id of Object.keys(traits)) models[id] ??= newModel(id);
  for (const [id, values] of Object.entries(traits)) models[id].receive(values);
}

/**
 * @param {string} id
 * @param {HTMLElement} el
 */
async function shown(id, el) {
  const { render, texts, paint } = await codes[models[id].get("kind")];
  return render({ model: models[id], el, texts, paint, host });
}

const host = {
  getModel: async (/** @type {string} */ reference) => models[reference.slice(PREFIX.length)],
  getWidget: async (/** @type {string} */ reference) => ({
    async render(/** @type {{ el: HTMLElement, signal: AbortSignal }} */ { el, signal }) {
      const close = await shown(reference.slice(PREFIX.length), el);
      signal.addEventListener("abort", () => close());
    },
  }),
};

page.host = { take, shown, rest: () => queue };
