import assert from "node:assert/strict";
import { test } from "node:test";
import { Scorm12API, Scorm2004API } from "scorm-again";
import { openSession } from "../../poolviz/browser/scorm.js";

const progress = (score, isComplete = false, saved = { place: 0 }) => ({ score, isComplete, saved, savedShort: [] });
const answer = (id, score) => ({ id, response: "4, 4", score });
const quiet = { autocommit: false, logLevel: 5 };

/** A window with an API at some distance above it. */
function windowBelow(name, api, distance = 2) {
  let win = { [name]: api };
  win.parent = win;
  for (let i = 0; i < distance; i += 1) win = { parent: win };
  return win;
}

const PLATFORMS = [
  ["1.2", "API", () => new Scorm12API(quiet), (cmi) => [cmi.core.score.raw, cmi.core.lesson_status, cmi.core.exit]],
  ["2004", "API_1484_11", () => new Scorm2004API(quiet), (cmi) => [cmi.score.raw, cmi.completion_status, cmi.exit]],
];
const cmiOf = (api) => JSON.parse(JSON.stringify(api.cmi));

for (const [version, name, make, read] of PLATFORMS) {
  test(`SCORM ${version}: a first visit, answers, a second visit`, () => {
    const api = make();
    const session = openSession(windowBelow(name, api), version);
    assert.equal(session.open(), "");
    assert.equal(session.send(progress(0.25), [answer("size-plain-0", 0)]), "");
    assert.equal(session.send(progress(0.5, false, { place: 1 }), [answer("size-plain-0", 1)]), "");
    assert.deepEqual(read(cmiOf(api)).slice(0, 2), ["50", "incomplete"]);
    const kept = Object.values(cmiOf(api).interactions);
    assert.deepEqual(
      kept.slice(0, 2).map(({ id, result }) => [id, result]),
      [
        ["size-plain-0", version === "1.2" ? "wrong" : "incorrect"],
        ["size-plain-0", "correct"],
      ],
    );
    session.close();
    session.close(); // a second time changes nothing

    const again = make();
    again.loadFromJSON({
      suspend_data: '{"place":1}',
      ...(version === "1.2" ? { core: { score: { raw: "50" } } } : {}),
    });
    const second = openSession(windowBelow(name, again, 0), version);
    assert.equal(second.open(), '{"place":1}');
    assert.equal(second.send(progress(1, true), []), "");
    assert.deepEqual(read(cmiOf(again)).slice(0, 2), ["100", "completed"]);
    assert.equal(second.send(progress(0), []), ""); // the best counts, and complete stays complete
    assert.deepEqual(read(cmiOf(again)).slice(0, 2), ["100", "completed"]);
  });
}

test("without a platform there is no session", () => {
  const alone = {};
  alone.parent = alone;
  const foreign = { parent: null };
  foreign.parent = new Proxy({}, { get: () => assert.fail("of another site") });

  assert.equal(openSession(alone, "1.2"), null);
  assert.equal(openSession({ parent: foreign.parent }, "1.2"), null);
});

test("the API of the other version is taken where there is no other", () => {
  const api = new Scorm12API(quiet);
  const session = openSession(windowBelow("API", api), "2004");

  assert.equal(session.open(), "");
  assert.equal(session.send(progress(0.125), []), "");
  assert.equal(cmiOf(api).core.score.raw, "12.5");
});

test("an error is told, and the result is sent again with the next answer", () => {
  const api = new Scorm12API(quiet);
  let isBroken = true;
  const broken = Object.fromEntries(
    ["Initialize", "Finish", "SetValue", "GetValue", "Commit", "GetLastError"].map((name) => [
      `LMS${name}`,
      (...values) => {
        if (isBroken && name === "GetLastError") return "101";
        if (isBroken && name === "GetValue") throw new Error("gone");
        return isBroken ? "false" : api[`LMS${name}`](...values);
      },
    ]),
  );
  const session = openSession(windowBelow("API", broken), "1.2");

  assert.equal(session.open(), null);
  assert.equal(session.send(progress(0.5), [answer("one-0", 1)]), "101");
  isBroken = false;
  assert.equal(session.send(progress(1, true), [answer("two-0", 1)]), "");
  assert.equal(cmiOf(api).core.score.raw, "100");
  assert.deepEqual(
    Object.values(cmiOf(api).interactions)
      .slice(0, 2)
      .map(({ id }) => id),
    ["one-0", "two-0"],
  );
});

test("what does not fit into the platform's memory is shortened", () => {
  const api = new Scorm12API(quiet);
  const session = openSession(windowBelow("API", api), "1.2");
  session.open();

  assert.equal(session.send(progress(0, false, "x".repeat(5000)), []), "");
  assert.equal(api.cmi.suspend_data, "[]");
});
