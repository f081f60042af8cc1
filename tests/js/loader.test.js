import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { deflateSync } from "node:zlib";
import loader from "../../poolviz/browser/loader.js";

const STYLES = ".poolviz { margin: 0 }";
const SCRIPT = "export default { render: ({ el, texts }) => el.shown.push(texts.word) };";

/** The code as Python packs it. */
const packed = (word) =>
  new DataView(
    Uint8Array.from(deflateSync(JSON.stringify({ script: SCRIPT, styles: STYLES, texts: { word } }))).buffer,
  );

/** A model whose Python side answers `_needs_code` with this code; the host may have a manager. */
function fakeModel(digest, { manager, answer = null }) {
  const traits = {
    _digest: digest,
    _code: "IPY_MODEL_17",
    _needs_code: false,
    _packed: new DataView(new ArrayBuffer(0)),
  };
  const listeners = [];
  return {
    traits,
    get: (name) => traits[name],
    set(name, value) {
      traits[name] = value;
    },
    on: (event, listener) => event === "change:_packed" && listeners.push(listener),
    off() {},
    save_changes() {
      if (!traits._needs_code || !answer) return;
      setImmediate(() => {
        traits._packed = answer;
        for (const listener of listeners) listener();
      });
    },
    widget_manager: manager,
  };
}

/** What `querySelectorAll` and `append` need. */
function fakeRoot(kind) {
  const styles = [];
  return Object.assign(Object.create(kind?.prototype ?? null), {
    styles,
    querySelectorAll: () => styles,
    append: (style) => styles.push(style),
  });
}

const fakeElement = (root) => ({ shown: [], getRootNode: () => root });

/** A manager that knows this model. */
const managerWith = (code) => ({
  asked: [],
  async get_model(id) {
    this.asked.push(id);
    return { get: (name) => (name === "packed" ? code : undefined) };
  },
});

const untilShown = async (el) => {
  while (el.shown.length === 0) await new Promise(setImmediate);
  return el.shown[0];
};

class ShadowRoot {}
const { Blob } = globalThis;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.ShadowRoot = ShadowRoot;
  globalThis.document = { head: fakeRoot(), createElement: () => ({}) };
  globalThis.requestAnimationFrame = setImmediate;
  // Node imports no blobs.
  globalThis.Blob = class extends Blob {
    constructor(parts, options) {
      super(parts, options);
      this.parts = parts;
    }
  };
  mock.method(URL, "createObjectURL", ({ parts }) => `data:text/javascript,${encodeURIComponent(parts[0])}`);
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
  globalThis.Blob = Blob;
});

test("the code comes from the model that all instances share", async () => {
  const manager = managerWith(packed("shared"));
  const model = fakeModel("shared", { manager });
  const el = fakeElement(null);
  await loader.render({ model, el });

  assert.deepEqual(el.shown, ["shared"]);
  assert.deepEqual(manager.asked, ["17"]);
  mock.timers.tick(60_000);
  await new Promise(setImmediate);
  assert.equal(model.traits._needs_code, false);
});

test("code that the page has is not looked up again", async () => {
  const manager = managerWith(packed("once"));
  await loader.render({ model: fakeModel("once", { manager }), el: fakeElement(null) });
  const el = fakeElement(null);
  await loader.render({ model: fakeModel("once", {}), el });

  assert.deepEqual(el.shown, ["once"]);
  assert.equal(manager.asked.length, 1);
});

test("without a manager Python is asked", async () => {
  const model = fakeModel("alone", { answer: packed("own") });
  const el = fakeElement(null);
  await loader.render({ model, el });

  assert.deepEqual(el.shown, ["own"]);
  assert.equal(model.traits._needs_code, true);
});

test("a manager that does not know the model is not waited for", async () => {
  const manager = { get_model: () => new Promise(() => {}) };
  const model = fakeModel("unknown", { manager, answer: packed("own") });
  const el = fakeElement(null);
  void loader.render({ model, el });
  await new Promise(setImmediate);
  assert.equal(model.traits._needs_code, false);
  mock.timers.tick(1000);

  assert.equal(await untilShown(el), "own");
});

test("a manager that rejects is not waited for", async () => {
  const manager = { get_model: () => Promise.reject(new Error("Model not found")) };
  const el = fakeElement(null);
  await loader.render({ model: fakeModel("rejects", { manager, answer: packed("own") }), el });

  assert.deepEqual(el.shown, ["own"]);
});

test("a slow manager is enough where there is no kernel", async () => {
  let find;
  const manager = { get_model: () => new Promise((resolve) => (find = resolve)) };
  const el = fakeElement(null);
  void loader.render({ model: fakeModel("slow", { manager }), el });
  await new Promise(setImmediate);
  mock.timers.tick(1000);
  await new Promise(setImmediate);
  find({ get: () => packed("late") });

  assert.equal(await untilShown(el), "late");
});

test("code that was sent before is taken as it is", async () => {
  const model = fakeModel("reloaded", {});
  model.traits._packed = packed("own");
  const el = fakeElement(null);
  await loader.render({ model, el });

  assert.deepEqual(el.shown, ["own"]);
});

test("a failure is not kept", async () => {
  const rubbish = managerWith(new DataView(new ArrayBuffer(8)));
  await assert.rejects(loader.render({ model: fakeModel("again", { manager: rubbish }), el: fakeElement(null) }));
  const el = fakeElement(null);
  await loader.render({ model: fakeModel("again", { manager: managerWith(packed("well")) }), el });

  assert.deepEqual(el.shown, ["well"]);
});

test("each root has the styles once, and the document where there is no shadow root", async () => {
  const manager = managerWith(packed("styled"));
  const shadow = fakeRoot(ShadowRoot);
  const roots = [shadow, shadow, fakeRoot(), fakeRoot()];
  for (const root of roots) {
    await loader.render({ model: fakeModel("styled", { manager }), el: fakeElement(root) });
  }
  await new Promise(setImmediate);

  assert.deepEqual(shadow.styles, [{ textContent: STYLES }]);
  assert.deepEqual(document.head.styles, [{ textContent: STYLES }]);
});

test("an element that is attached later has its styles there", async () => {
  const shadow = fakeRoot(ShadowRoot);
  const el = fakeElement(fakeRoot());
  await loader.render({ model: fakeModel("attached", { manager: managerWith(packed("attached")) }), el });
  el.getRootNode = () => shadow;
  await new Promise(setImmediate);

  assert.deepEqual(shadow.styles, [{ textContent: STYLES }]);
});
