import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { deflateSync } from "node:zlib";
import { answersAhead, changesOf } from "../../poolviz/widgets/explorer/ahead/answers.js";
import { around } from "../../poolviz/widgets/explorer/number.js";

const base = { kernel_size: [3, 3], stride: null, op: "max" };
const kernel = (size) => ({ settings: { ...base, kernel_size: [size, size] } });

const page = { hidden: false, listeners: [] };
beforeEach(() => {
  page.hidden = false;
  page.listeners = [];
  globalThis.document = {
    get hidden() {
      return page.hidden;
    },
    addEventListener: (_, listener) => page.listeners.push(listener),
    removeEventListener() {},
  };
});

/** A model with a kernel behind it: what was sent, and how answers come. */
function fakeModel() {
  const traits = { state: { context: 1 }, computes_ahead: true };
  const listeners = [];
  return {
    traits,
    sent: [],
    get: (name) => traits[name],
    on: (_, listener) => listeners.push(listener),
    off: (_, listener) => listeners.splice(listeners.indexOf(listener), 1),
    send(content) {
      this.sent.push(structuredClone(content));
    },
    /** The answer to the view that has wished last, unless another one is named. */
    async answer(wish, index, value, context = 1, view = this.sent.at(-1).ahead.view) {
      const packed = deflateSync(Buffer.from(JSON.stringify(value)));
      const buffer = new DataView(packed.buffer, packed.byteOffset, packed.length);
      for (const listener of listeners) await listener({ ahead: { view, wish, index, context } }, [buffer]);
    },
    listeners,
  };
}

test("changes are the entries that differ", () => {
  assert.deepEqual(changesOf(kernel(4).settings, base), { kernel_size: [4, 4] });
  assert.deepEqual(changesOf(base, base), {});
});

test("the nearest values come first, within the bounds", () => {
  assert.deepEqual(around(3, 1, 7), [2, 4, 1, 5, 6, 7]);
  assert.deepEqual(around(0, 0, 0), []);
  assert.deepEqual(around(9, 1, 3), [3, 2, 1]);
  assert.deepEqual(around(1e15, 1, 1e15).slice(0, 2), [1e15 - 1, 1e15 - 2]);
  assert.deepEqual(around(Number.NaN, 1, 9), []);
});

test("an answer is found by the settings that were wished for", async () => {
  const model = fakeModel();
  const ahead = answersAhead(model);
  ahead.want([kernel(4), kernel(2)], base);
  const [{ ahead: wish }] = model.sent;
  const changes = [{ kernel_size: [4, 4] }, { kernel_size: [2, 2] }];
  assert.deepEqual(wish, { view: wish.view, wish: 1, base, changes });
  await model.answer(1, 1, { state: "two" });

  assert.deepEqual(ahead.find(kernel(2)), { state: "two" });
  assert.equal(ahead.find(kernel(4)), null);
});

test("what is there, or shown, is not wished for again", async () => {
  const model = fakeModel();
  const ahead = answersAhead(model);
  ahead.want([kernel(4)], base);
  await model.answer(1, 0, {});
  ahead.want([{ settings: base }, kernel(4), kernel(5)], base);
  ahead.want([kernel(4)], base);

  assert.deepEqual(
    model.sent.map(({ ahead }) => ahead.changes),
    [[{ kernel_size: [4, 4] }], [{ kernel_size: [5, 5] }]],
  );
});

test("an action is answered for the settings that it starts from", async () => {
  const model = fakeModel();
  const ahead = answersAhead(model);
  const fix = { settings: base, action: { name: "fix", value: 0 } };
  ahead.want([fix], base);
  const [{ ahead: wish }] = model.sent;
  assert.deepEqual(wish.changes, [{ action: { name: "fix", value: 0 } }]);
  await model.answer(1, 0, { state: "fixed" });

  assert.deepEqual(ahead.find(fix), { state: "fixed" });
  assert.equal(ahead.find({ ...kernel(4), action: fix.action }), null);
  assert.equal(ahead.find({ settings: base }), null);
});

test("an answer to an earlier wish still counts, an unknown one does not", async () => {
  const model = fakeModel();
  const ahead = answersAhead(model);
  ahead.want([kernel(4)], base);
  ahead.want([kernel(5)], base);
  await model.answer(1, 0, { state: "four" });
  await model.answer(7, 0, { state: "?" });
  await model.answer(2, 3, { state: "?" });

  assert.deepEqual(ahead.find(kernel(4)), { state: "four" });
  assert.equal(ahead.find(kernel(5)), null);
});

test("what another view wished for is not taken for an answer to this one", async () => {
  const model = fakeModel();
  const [one, other] = [answersAhead(model), answersAhead(model)];
  one.want([kernel(4)], base);
  other.want([kernel(5)], base);
  await model.answer(1, 0, { state: "five" });
  await model.answer(1, 0, { state: "?" }, 1, "of a page that was loaded before");

  assert.equal(one.find(kernel(4)), null);
  assert.deepEqual(other.find(kernel(5)), { state: "five" });
});

test("another context makes all answers stale, also those on their way", async () => {
  const model = fakeModel();
  const ahead = answersAhead(model);
  ahead.want([kernel(4), kernel(5)], base);
  await model.answer(1, 0, {});
  model.traits.state = { context: 2 };
  await model.answer(1, 1, {}, 1);

  assert.equal(ahead.find(kernel(4)), null);
  assert.equal(ahead.find(kernel(5)), null);
});

test("the answers that were used last are kept, within four million characters", async () => {
  const model = fakeModel();
  const ahead = answersAhead(model);
  const list = [1, 2, 4, 5, 6].map(kernel);
  ahead.want(list, base);
  const long = "x".repeat(990_000);
  for (const i of [0, 1, 2, 3]) await model.answer(1, i, { long });
  ahead.find(kernel(1));
  await model.answer(1, 4, { long });

  assert.deepEqual(
    list.map((request) => ahead.find(request) != null),
    [true, false, true, true, true],
  );
});

for (const [name, change] of Object.entries({
  "switched off": (model) => {
    model.traits.computes_ahead = false;
  },
  "in a hidden tab": () => {
    page.hidden = true;
  },
  "without a kernel": (model) => {
    model.send = undefined;
  },
}))
  test(`${name}, nothing is wished for`, () => {
    const model = fakeModel();
    change(model);
    answersAhead(model).want([kernel(4)], base);

    assert.deepEqual(model.sent, []);
  });

test("a tab that gets hidden wants nothing more", () => {
  const model = fakeModel();
  const ahead = answersAhead(model);
  ahead.want([kernel(4)], base);
  page.hidden = true;
  for (const listener of page.listeners) listener();
  ahead.stop();

  assert.deepEqual(
    model.sent.slice(1).map(({ ahead }) => ahead.changes),
    [[]],
  );
});

test("a closed view listens no more", () => {
  const model = fakeModel();
  answersAhead(model).close();

  assert.equal(model.listeners.length, 0);
});
