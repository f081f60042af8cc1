import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { offlineHistory } from "../../poolviz/browser/history.js";
import { judge, offlineCards } from "../../poolviz/browser/offline/offline_cards.js";
import { drawnFor, offlineModel, offlineWidgets, rowOf } from "../../poolviz/browser/offline/offline_model.js";

const paint = (picture, theme) => `${picture} in ${theme}`;
const settled = () => new Promise((resolve) => setTimeout(resolve));
const content = (title, drawn = { 0: { picture: title, state: {} } }) => ({ state: { title }, drawn });
const ask = async (model, request) => {
  model.set("asked", request);
  model.save_changes();
  await settled();
  return model.get("state");
};

// --- tables and drawings -------------------------------------------------------------------------

test("a table stored by columns gives its rows back", () => {
  const table = {
    name: [
      ["a", "b"],
      [0, 1, 0],
    ],
    same: [[7]],
    inner: {
      deep: [
        [null, [1]],
        [1, 1, 0],
      ],
    },
  };

  assert.deepEqual(
    [0, 1, 2].map((i) => rowOf(table, i)),
    [
      { name: "a", same: 7, inner: { deep: [1] } },
      { name: "b", same: 7, inner: { deep: [1] } },
      { name: "a", same: 7, inner: { deep: null } },
    ],
  );
});

test("the widest drawing that fits is shown", () => {
  const drawn = { 0: "small", 400: "middle", 900: "large" };

  assert.deepEqual(
    [300, 400, 899, Infinity].map((width) => drawnFor(drawn, width)),
    ["small", "middle", "middle", "large"],
  );
});

// --- the model -----------------------------------------------------------------------------------

test("content is shown with its picture in the theme of the screen", async () => {
  const model = offlineModel(paint, () => {});
  const listener = mock.fn();
  model.on("change:state", listener);
  model.display(content("a"));

  assert.deepEqual(model.get("state"), { title: "a", seq: 1, answers: null, problem: "" });
  assert.equal(model.get("picture"), "a in light");
  model.set("screen", { theme: "dark" });
  model.save_changes();
  await settled();
  assert.equal(model.get("picture"), "a in dark");
  assert.equal(listener.mock.callCount(), 2);
});

test("a listener that was removed hears nothing", () => {
  const model = offlineModel(paint, () => {});
  const listener = mock.fn();
  model.on("change:state", listener);
  model.off("change:state", listener);
  model.display(content("a"));

  assert.equal(listener.mock.callCount(), 0);
});

test("a request is answered after it was sent, under its number", async () => {
  const order = [];
  const model = offlineModel(paint, () => {
    order.push("answered");
    model.refuse("no");
  });
  model.display(content("a"));
  model.set("asked", { n: "request 1" });
  model.save_changes();
  order.push("sent");
  await settled();

  assert.deepEqual(order, ["sent", "answered"]);
  assert.deepEqual(model.get("state"), { title: "a", seq: 2, answers: "request 1", problem: "no" });
});

test("nothing to show hides the view", () => {
  const model = offlineModel(paint, () => {});
  const shown = mock.fn();
  model.on("shown", shown);
  model.display(content("a"));
  model.display(null);

  assert.deepEqual(
    shown.mock.calls.map((call) => call.arguments),
    [[true], [false]],
  );
});

// --- widgets -------------------------------------------------------------------------------------

/** Two views of three nodes; the second view is missing in the first node. */
function page() {
  const state = (title, settings) => ({ title, settings });
  return offlineWidgets(
    {
      count: 3,
      start: 0,
      words: { refusal: "not stored", note: "", again: "" },
      goes: [
        [{ 0: { fix: { 0: 1 } } }, { 0: { undo: { null: 0 } }, 1: { cell: { "[1,2]": 2 } } }, {}],
        [0, 1, 2],
      ],
      views: [
        {
          takesSettings: true,
          rows: null,
          table: {
            state: [
              [state("a", { k: 1 }), state("b", { k: 2 }), state("c", { k: 3 })],
              [0, 1, 2],
            ],
            drawn: [[content("x").drawn]],
          },
        },
        {
          takesSettings: false,
          rows: [null, 0, 0],
          table: { state: [[state("side", {})]], drawn: [[content("y").drawn]] },
        },
      ],
    },
    paint,
  );
}

test("settings, actions and the way back lead from node to node", async () => {
  const { models, restart } = page();
  restart();
  assert.equal(models[0].get("state").title, "a");
  assert.deepEqual(models[1].get("state"), {});

  assert.equal((await ask(models[0], { settings: { k: 3 } })).title, "c");
  restart();
  assert.equal((await ask(models[0], { action: { name: "fix", value: 0 } })).title, "b");
  assert.equal(models[1].get("state").title, "side");
  assert.equal((await ask(models[1], { action: { name: "cell", value: [1, 2] } })).title, "side");
  assert.equal(models[0].get("state").title, "c");
});

test("what was not stored is refused, and what is shown stays", async () => {
  const { models, restart } = page();
  restart();
  for (const request of [
    { settings: { k: 9 } },
    { action: { name: "fix", value: 7 } },
    { action: { name: "toString", value: 0 } },
    {},
  ]) {
    const state = await ask(models[0], request);
    assert.deepEqual([state.title, state.problem], ["a", "not stored"]);
  }
});

test("what was kept is resumed; anything else changes nothing and is said", () => {
  const { models, restart, resume, onMove } = page();
  restart();
  const moved = [];
  onMove((saved) => moved.push(JSON.stringify(saved)));
  for (const text of ["", "x", "null", "3", "-1", "0.5", '"1"', "[1]", '{"node":"length"}', '{"node":1.5}']) {
    assert.equal(resume(text), false, text);
  }
  assert.deepEqual([models[0].get("state").title, moved], ["a", []]);
  assert.equal(resume("2"), true);
  assert.equal(models[0].get("state").title, "c");
  assert.equal(resume('{"node":1,"best":0.5}'), true); // as a learning platform keeps it
  assert.deepEqual([models[0].get("state").title, models[0].get("state").canUndo], ["b", false]);
  assert.deepEqual(moved, ["2", "1"]);
});

test("a setting that is chosen again is no change, and a hundred changes are kept", async () => {
  const { models, restart } = page();
  restart();
  assert.equal((await ask(models[0], { settings: { k: 1 } })).canUndo, false);
  const history = offlineHistory(
    () => 0,
    () => {},
  );
  for (let i = 0; i < 130; i += 1) history.note();
  let undone = 0;
  while (history.move("undo")) undone += 1;
  assert.equal(undone, 100);
});

// --- exercises -----------------------------------------------------------------------------------

const notation = {
  words: ["zero", "one", "two"],
  minus: ["minus"],
  times: [],
  noise: ["by"],
  bounds: ["more than"],
  either: ["or"],
  decimalComma: false,
};
const say = () => ",";
const numbersTable = {
  form: "numbers",
  reading: {
    notation,
    labels: [["height"], ["width"]],
    decimals: false,
    oneForAll: true,
    isSquare: false,
    start: null,
    raises: ["error"],
    raiseWords: ["throws"],
    negations: ["not"],
    none: ["none"],
  },
  empty: ["✗", "empty"],
  unread: ["✗", "unread"],
  tolerance: 0.01,
  joint: " × ",
  raises: ["✗", "raises"],
  values: [
    [
      [2, 3],
      ["✓", "right"],
    ],
    [
      [3, 2],
      ["✗", "swapped"],
    ],
  ],
  right: [2, 3],
  partly: { 10: ["✗", "height"] },
  unknown: ["✗", "not {answer} {other}"],
  notWhole: ["✗", "whole, not {answer}"],
  counts: [0, 1, 2, 3].map((got) => ["✗", `got ${got}`]),
};

for (const [answer, text] of [
  ["2 × 3", "right"],
  ["2.005, 3", "right"],
  ["3 2", "swapped"],
  ["2 9", "height"],
  ["4", "not 4 × 4 {other}"],
  ["-4 5", "not −4 × 5 {other}"],
  ["2.5 9", "whole, not 2.5 × 9"],
  ["1 2 3", "got 3"],
  ["1 2 3 4 5", "unread"],
  ["two by 3", "right"],
  ["minus 4, 5", "not −4 × 5 {other}"],
  ["many", "unread"],
  ["Error!", "raises"],
  ["２ → 3", "right"],
  ["  ", "empty"],
]) {
  test(`the answer ${JSON.stringify(answer)}`, () => {
    assert.equal(judge(numbersTable, answer, [], say)[1], text);
  });
}

const cellsTable = {
  form: "cells",
  reading: { notation, sizes: [3, 3], none: ["none"], range: ["to"], axes: [["row"], ["column"]] },
  pairs: ["✗", "pairs"],
  unread: ["✗", "unread"],
  right: [
    [0, 1],
    [1, 0],
  ],
  exact: { "0,1 1,0": ["✓", "right"], "": ["✗", "none"] },
  marked: ["✗", "{hits} {missing} {extra}"],
};

test("cells are judged in any order, clicked or typed", () => {
  const judged = (answer, table = cellsTable) => judge(table, answer, [], say)[1];

  assert.equal(
    judged([
      [1, 0],
      [0, 1],
    ]),
    "right",
  );
  assert.equal(judged("(1, 0), (0, 1)"), "right");
  assert.equal(
    judged([
      [0, 1],
      [2, 2],
    ]),
    "1 1 1",
  );
  assert.equal(judged("none"), "none");
  assert.equal(judged("1 2 3"), "pairs");
  assert.equal(judged("many"), "unread");
  const reading = { ...cellsTable.reading, sizes: [5] };
  const strip = { ...cellsTable, reading, right: [2, 3, 4], exact: { "2 3 4": ["✓", "right"] } };
  assert.equal(judged("2-4", strip), "right");
  assert.equal(judged([4, 2, 3], strip), "right");
  assert.equal(judged([2, 10], strip), "1 2 1");
});

test("options and changes", () => {
  const unread = ["✗", "unread"];
  const several = { form: "several", exact: { "0,2": ["✓", "both"], "": ["✗", "none"] } };
  const choice = { form: "choice", unread, exact: { yes: ["✓", "right"] } };
  const change = {
    form: "change",
    reading: { notation, noise: ["set", "to"], names: { stride: ["stride", "s"] }, old: { stride: 3 } },
    unread,
    oneChange: ["✗", "one change"],
    empty: ["✗", "empty"],
    exact: { "stride=2": ["✓", "right"] },
  };

  assert.equal(judge(several, ["c", "a"], ["a", "b", "c"], say)[1], "both");
  assert.equal(judge(several, [], ["a", "b", "c"], say)[1], "none");
  assert.equal(judge(choice, "yes", [], say)[1], "right");
  for (const text of ["stride=2", "Stride = (2)", "stride: 2", "stride 2", "set stride to 2", "stride 3 → 2"]) {
    assert.equal(judge(change, text, [], say)[1], "right");
  }
  assert.equal(judge(change, "stride 2 3", [], say)[1], "one change");
  assert.equal(judge(change, "", [], say)[1], "empty");
});

const opens = { start: "pv.ExerciseCard('a', 'b'", end: ")" };
const stored = (table) => ({ texts: {}, table, exercises: [[0, 1], [2]], start: 0, opens });

test("a list of exercises keeps what a student did", async () => {
  const variant = (name) => ({
    seed: Number(name[1]),
    state: { key: name, choices: [] },
    open: content("open"),
    over: content("over"),
    hint: `hint ${name}`,
    solution: `solution ${name}`,
    answers: {
      form: "choice",
      exact: { yes: ["✓", "right"], maybe: ["½", "works"] },
      unread: ["✗", "wrong"],
      empty: ["✗", "empty"],
    },
  });
  const rows = ["a0", "a1", "b0"].map(variant);
  const table = Object.fromEntries(Object.keys(rows[0]).map((key) => [key, [rows.map((row) => row[key]), [0, 1, 2]]]));
  const { models, restart } = offlineCards(stored(table), paint);
  const [model] = models;
  const act = (name, value = null) => ask(model, { action: { name, value } });
  restart();

  assert.deepEqual(model.get("state").feedback, "");
  assert.equal((await act("hint")).hint, "hint a0");
  assert.deepEqual((({ mark, feedback, solved }) => [mark, feedback, solved])(await act("answer", "no")), [
    "✗",
    "wrong",
    0,
  ]);
  const half = await act("answer", "maybe");
  assert.deepEqual([half.mark, half.title, half.solved], ["½", "open", 0]);
  const right = await act("answer", "yes");
  assert.deepEqual([right.mark, right.title, right.solved], ["✓", "over", 1]);
  assert.deepEqual((({ key, hint, solved }) => [key, hint, solved])(await act("renew")), ["a1", "", 1]);
  assert.equal((await act("go", 1)).key, "b0");
  assert.equal((await act("reveal")).solution, "solution b0");
  assert.equal((await act("answer", "yes")).solved, 1); // after the solution it does not count
  assert.equal(model.get("state").opens, "pv.ExerciseCard('a', 'b', seed=(1, 0), place=1)");
  restart();
  assert.deepEqual((({ key, solved }) => [key, solved])(model.get("state")), ["a0", 0]);
  assert.equal(model.get("state").opens, "pv.ExerciseCard('a', 'b')");
});
