import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import composition from "../../poolviz/browser/composition.js";

class FakeElement {
  children = [];
  append(child) {
    child.parent = this;
    this.children.push(child);
  }
  remove() {
    this.parent.children.splice(this.parent.children.indexOf(this), 1);
  }
}

/** A model with listeners, as anywidget hands it over. */
function fakeModel(traits, manager) {
  const listeners = new Map();
  return {
    traits,
    saved: 0,
    listeners,
    get: (name) => traits[name],
    set(name, value) {
      traits[name] = value;
      listeners.get(`change:${name}`)?.();
    },
    save_changes() {
      this.saved += 1;
    },
    on: (event, listener) => listeners.set(event, listener),
    off: (event, listener) => listeners.get(event) === listener && listeners.delete(event),
    widget_manager: manager,
  };
}

const settled = () => new Promise(setImmediate);
const shownIn = (el) => el.children[0].children.map((place) => place.shown ?? place.children[0]?.shown);

/** The host of anywidget 0.11. */
const host = {
  models: {},
  async getModel(reference) {
    this.models[reference] ??= fakeModel({});
    return this.models[reference];
  },
  async getWidget(reference) {
    return {
      async render({ el, signal }) {
        el.shown = reference;
        signal.addEventListener("abort", () => {
          el.shown = `${reference} ended`;
        });
      },
    };
  },
};

let el;
beforeEach(() => {
  el = new FakeElement();
  globalThis.document = { createElement: () => new FakeElement() };
});

test("each part has a place, which it keeps", async () => {
  const model = fakeModel({ children: ["anywidget:a"] });
  const stop = composition.render({ model, el, host });
  await settled();
  const [place] = el.children[0].children;
  model.set("children", ["anywidget:a", "anywidget:b"]);
  await settled();
  assert.deepEqual(shownIn(el), ["anywidget:a", "anywidget:b"]);
  assert.equal(el.children[0].children[0], place);
  model.set("children", ["anywidget:b"]);
  await settled();
  assert.deepEqual(shownIn(el), ["anywidget:b"]);
  assert.equal(place.shown, "anywidget:a ended");
  assert.equal(model.saved, 0); // Jupyter needs no report
  stop();
  assert.deepEqual(el.children, []);
  assert.equal(model.listeners.size, 0);
});

test("a front end without a host makes views", async () => {
  const removed = [];
  const manager = {
    get_model: async (id) => ({ id }),
    async create_view({ id }) {
      const view = new FakeElement();
      view.shown = id;
      return { el: view, remove: () => removed.push(id) };
    },
  };
  const stop = composition.render({ model: fakeModel({ children: ["anywidget:a"] }, manager), el });
  await settled();
  assert.deepEqual(shownIn(el), ["a"]);
  stop();
  await settled();
  assert.deepEqual(removed, ["a"]);
});

test("where cells react to a widget, it reports what is new in a part", async () => {
  const model = fakeModel({ children: ["anywidget:a"], _is_reactive: true, _reported: 0 });
  const stop = composition.render({ model, el, host });
  await settled();
  host.models["anywidget:a"].set("state", {});
  assert.deepEqual([model.traits._reported, model.saved], [1, 1]);
  stop();
  await settled();
  assert.equal(host.models["anywidget:a"].listeners.size, 0);
});
