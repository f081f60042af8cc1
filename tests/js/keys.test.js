import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { handleKeys, listenToKeys } from "../../poolviz/widgets/explorer/views/keys.js";

/** Press a key; return what became of the event. */
function press(element, key, modifiers = {}) {
  const event = Object.assign(new Event("keydown", { cancelable: true }), { key, ...modifiers });
  const stop = mock.method(event, "stopPropagation");
  element.dispatchEvent(event);
  return { isTaken: event.defaultPrevented && stop.mock.callCount() === 1 };
}

function viewer({ hasOutput = true, isStrip = false, isPinned = false } = {}) {
  const calls = [];
  const record =
    (name) =>
    (...args) =>
      calls.push([name, ...args]);
  const view = {
    root: new EventTarget(),
    go: record("go"),
    togglePin: record("togglePin"),
    changeSide: record("changeSide"),
    release: record("release"),
    hasOutput: () => hasOutput,
    isStrip: () => isStrip,
    isPinned: () => isPinned,
  };
  const player = { root: new EventTarget(), toggle: record("toggle"), changeSpeed: record("changeSpeed") };
  listenToKeys(view, player);
  return { view, player, calls };
}

const PICTURE_KEYS = {
  ArrowRight: ["go", 0, 1],
  ArrowLeft: ["go", 0, -1],
  ArrowDown: ["go", 1, 0],
  ArrowUp: ["go", -1, 0],
  Home: ["go", -Infinity, -Infinity],
  End: ["go", Infinity, Infinity],
  PageDown: ["go", 1, 0],
  PageUp: ["go", -1, 0],
  Enter: ["togglePin"],
  i: ["changeSide"],
  I: ["changeSide"],
  " ": ["toggle"],
  "+": ["changeSpeed", 1],
  "=": ["changeSpeed", 1],
  "-": ["changeSpeed", -1],
  "−": ["changeSpeed", -1],
  _: ["changeSpeed", -1],
};

for (const [key, call] of Object.entries(PICTURE_KEYS)) {
  test(`${JSON.stringify(key)} on the picture`, () => {
    const { view, calls } = viewer();
    const { isTaken } = press(view.root, key);

    assert.ok(isTaken);
    assert.deepEqual(
      calls.map((one) => one.slice(0, call.length)),
      [call],
    );
  });
}

test("a page of a strip is ten columns", () => {
  const { view, calls } = viewer({ isStrip: true });
  press(view.root, "PageDown");
  press(view.root, "PageUp");

  assert.deepEqual(calls, [
    ["go", 0, 10],
    ["go", 0, -10],
  ]);
});

test("Escape releases what is pinned, and is left to the page otherwise", () => {
  const pinned = viewer({ isPinned: true });
  assert.ok(press(pinned.view.root, "Escape").isTaken);
  assert.deepEqual(pinned.calls, [["release"]]);

  const free = viewer();
  assert.ok(!press(free.view.root, "Escape").isTaken);
});

test("keys with a modifier and other keys are left to the notebook", () => {
  const { view, calls } = viewer();
  for (const modifier of ["ctrlKey", "metaKey", "altKey"]) {
    assert.ok(!press(view.root, "ArrowRight", { [modifier]: true }).isTaken);
  }
  for (const key of ["Tab", "a", "F5", "Shift"]) assert.ok(!press(view.root, key).isTaken);

  assert.deepEqual(calls, []);
});

test("without an output no key does anything", () => {
  const { view, calls } = viewer({ hasOutput: false });
  for (const key of Object.keys(PICTURE_KEYS)) assert.ok(!press(view.root, key).isTaken);

  assert.deepEqual(calls, []);
});

test("on the player only the keys for the speed do something", () => {
  const { player, calls } = viewer();
  assert.ok(press(player.root, "+").isTaken);
  assert.ok(!press(player.root, "ArrowRight").isTaken);
  assert.ok(!press(player.root, " ").isTaken);

  assert.deepEqual(calls, [["changeSpeed", 1]]);
});

test("an action runs once", () => {
  const element = new EventTarget();
  const action = mock.fn();
  handleKeys(element, (key) => (key === "x" ? action : null));
  press(element, "x");
  press(element, "y");

  assert.equal(action.mock.callCount(), 1);
});
