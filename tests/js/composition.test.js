import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import composition from "../../poolviz/browser/composition.js";

class FakeElement {
  children = [];
  append(child) {
    child.parentElement?.children.splice(child.parentElement.children.indexOf(child), 1);
    child.parentElement = this;
    this.children.push(child);
  }
  remove() {
    this.parentElement.children.splice(this.parentElement.children.indexOf(this), 1);
  }
  querySelector(selector) {
    return this.children.find((child) => `.${child.className}` === selector) ?? null;
  }
}

const observers = new Set();
class FakeObserver {
  constructor(changed) {
    this.changed = changed;
  }
  observe() {
    observers.add(this);
  }
  disconnect() {
    observers.delete(this);
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
  observers.clear();
  globalThis.MutationObserver = FakeObserver;
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

test("the other parts move into the slot of the first one once it is rendered", async () => {
  const model = fakeModel({ children: ["anywidget:a", "anywidget:b"] });
  const stop = composition.render({ model, el, host });
  const [root] = el.children;
  const [first, second] = root.children;
  const [slot, widget] = [new FakeElement(), new FakeElement()];
  [slot.className, widget.className] = ["pv-slot", "poolviz"];
  first.append(slot);
  first.append(widget);
  for (const observer of observers) observer.changed();
  assert.deepEqual(root.children, [first]);
  assert.deepEqual(slot.children, [second]);
  assert.equal(observers.size, 0); // what moves in a widget is not watched
  model.set("children", ["anywidget:b"]);
  assert.deepEqual(root.children, [second]);
  stop();
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
