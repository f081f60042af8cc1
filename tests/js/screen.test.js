import assert from "node:assert/strict";
import { test } from "node:test";
import { onState } from "../../poolviz/browser/screen.js";

test("a picture that comes behind its state in a message is the one that is shown", async () => {
  const traits = { state: 0, picture: 0 };
  const listeners = new Set();
  const model = {
    on: (_, listener) => listeners.add(listener),
    off: (_, listener) => listeners.delete(listener),
  };
  const shown = [];
  const stop = onState(model, () => shown.push([traits.state, traits.picture]));
  traits.state = 1; // marimo: one trait, its listeners, the next trait
  for (const listener of listeners) listener();
  traits.picture = 1;
  await Promise.resolve();
  assert.deepEqual(shown, [[1, 1]]);
  stop();
  assert.equal(listeners.size, 0);
});
