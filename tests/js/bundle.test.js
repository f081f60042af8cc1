// What Python strips from the scripts must not change them: parsed, both are the same.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { parse } from "acorn";

const PYTHON = process.env.POOLVIZ_PYTHON ?? ".venv/bin/python";
const CODE = `
import json
from poolviz.browser import bundle
paths = sorted(bundle._PACKAGE.rglob("*.js"))
texts = {path.relative_to(bundle._PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in paths}
print(json.dumps({name: [text, bundle.stripped(text)] for name, text in texts.items()}))
`;
const OPTIONS = { ecmaVersion: 2022, sourceType: "module" };

/** The syntax tree without places and spelling. */
const meaning = (source) =>
  JSON.stringify(parse(source, OPTIONS), (key, value) => {
    if (key === "start" || key === "end") return undefined;
    return typeof value === "bigint" ? `${value}n` : value;
  });

const files = JSON.parse(execFileSync(PYTHON, ["-c", CODE], { encoding: "utf-8" }));

test("all scripts are compared", () => {
  assert.ok(Object.keys(files).length > 20);
});

for (const [name, [source, stripped]] of Object.entries(files)) {
  test(`${name} means the same when it is stripped`, () => {
    assert.ok(stripped.length < source.length);
    assert.equal(meaning(stripped), meaning(source));
  });
}

test("a text that is changed is noticed", () => {
  assert.notEqual(meaning("f(`a\n  b`);"), meaning("f(`a\nb`);"));
  assert.notEqual(meaning("return_\n(1)"), meaning("return_;\n(1)"));
});
