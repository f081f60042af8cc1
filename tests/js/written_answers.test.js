// The cases that tests/exercises/test_written_cases.py reads in Python.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Unreadable } from "../../poolviz/browser/offline/notation.js";
import { readCells, readChange, readNumbers } from "../../poolviz/browser/offline/written_answers.js";

const url = new URL("../data/written_answers.json", import.meta.url);
const { readings, cases } = JSON.parse(readFileSync(url, "utf8"));

function read(form, text) {
  try {
    if (form.sizes) return readCells(form, text).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    return form.names ? readChange(form, text) : readNumbers(form, text);
  } catch (error) {
    if (error instanceof Unreadable) return error.reason;
    throw error;
  }
}

for (const [key, form] of Object.entries(readings)) {
  test(`answers to ${key} are read as in Python`, () => {
    for (const [, text, expected] of cases.filter(([name]) => name === key)) {
      assert.deepEqual(read(form, text), expected, text);
    }
  });
}
