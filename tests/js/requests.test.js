import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { requestSender } from "../../poolviz/browser/requests.js";

/** A model as anywidget gives it, and what was saved. */
function fakeModel() {
  const traits = { asked: {} };
  const saved = [];
  return {
    saved,
    traits,
    get: (name) => traits[name],
    set(name, value) {
      traits[name] = value;
    },
    save_changes: () => saved.push(structuredClone(traits.asked)),
  };
}

const answer = (model) => ({ answers: model.traits.asked.n });

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

test("each request has a number of its own", () => {
  const model = fakeModel();
  const requests = requestSender(model, () => {});
  requests.send({ action: { name: "fix", value: 0 } });
  requests.send({ action: { name: "fix", value: 0 } });

  assert.deepEqual(model.saved[0].action, { name: "fix", value: 0 });
  assert.equal(new Set(model.saved.map(({ n }) => n)).size, 2);
});

test("lone surrogates are replaced, pairs are kept", () => {
  const model = fakeModel();
  requestSender(model, () => {}).send({ action: { name: "read", value: { text: "a\ud83d b\ude00 😀", shape: "é" } } });

  assert.deepEqual(model.saved[0].action.value, { text: "a\ufffd b\ufffd 😀", shape: "é" });
});

test("silence is reported once, after eight seconds", () => {
  const onSilence = mock.fn();
  requestSender(fakeModel(), onSilence).send({});
  mock.timers.tick(7999);
  assert.equal(onSilence.mock.callCount(), 0);
  mock.timers.tick(1);
  assert.equal(onSilence.mock.callCount(), 1);
  mock.timers.tick(60_000);

  assert.equal(onSilence.mock.callCount(), 1);
});

test("a request without an answer is sent again, ever less often, under its number", () => {
  const model = fakeModel();
  const requests = requestSender(model, () => {});
  requests.send({ settings: {}, shown: true });
  const times = [1999, 1, 4000, 7999, 1].map((time) => {
    mock.timers.tick(time);
    return model.saved.length;
  });
  assert.deepEqual(times, [1, 2, 3, 3, 4]);
  assert.deepEqual(new Set(model.saved.map(({ n }) => n)).size, 1);
  assert.deepEqual(new Set(model.saved.map((one) => JSON.stringify(one))).size, 4); // else it is not sent

  requests.answered();
  mock.timers.tick(600_000);
  assert.equal(model.saved.length, 4);
});

test("what was lost once may hold back what is saved: from then on requests are also sent", () => {
  const sent = [];
  const model = { ...fakeModel(), send: ({ asked }) => sent.push(asked) };
  const requests = requestSender(model, () => {});
  requests.send({});
  assert.equal(sent.length, 0);
  mock.timers.tick(8000);
  requests.send({ settings: {} });

  assert.deepEqual(sent, model.saved.slice(1));
});

test("an answer ends the waiting, and so does the end of the view", () => {
  const onSilence = mock.fn();
  for (const end of ["answered", "stop"]) {
    const requests = requestSender(fakeModel(), onSilence);
    requests.send({});
    mock.timers.tick(5000);
    requests[end]();
  }
  mock.timers.tick(60_000);

  assert.equal(onSilence.mock.callCount(), 0);
});

test("the wait starts anew with each request", () => {
  const onSilence = mock.fn();
  const requests = requestSender(fakeModel(), onSilence);
  requests.send({});
  mock.timers.tick(5000);
  requests.send({});
  mock.timers.tick(5000);

  assert.equal(onSilence.mock.callCount(), 0);
});

test("the controls are ahead until the latest request is answered", () => {
  const model = fakeModel();
  const requests = requestSender(model, () => {});
  assert.ok(!requests.isAhead({ answers: null }));
  requests.send({});
  const first = answer(model);
  requests.send({});

  assert.ok(requests.isAhead(first));
  assert.ok(!requests.isAhead(answer(model)));
  assert.ok(!requests.isAhead(first)); // late
});

test("the controls are not ahead once another view has sent a request", () => {
  const model = fakeModel();
  const requests = requestSender(model, () => {});
  requests.send({});
  model.traits.asked = { n: "of another view" };

  assert.ok(!requests.isAhead({ answers: "of another view" }));
});
