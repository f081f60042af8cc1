"""Write the code of fixes into broken models, and run these in PyTorch and Keras.

    FOLDER/bin/pip install torch==2.13.0 numpy keras==3.15.1 && FOLDER/bin/pip install -e .
    FOLDER/bin/python -m tools.record.networks.applied_fixes 400 [--record]

The models are broken ones of `tools.record.networks.random_torch`. Each fix that has code takes the
place of the call that made the layer; a functional call becomes a call of the layer. What the
framework does then is compared with what the fix says; contradictions are printed. `--record`
writes `tests/data/applied_fixes.json.gz`: `versions`, and for each model its `framework`, `text`,
`shape` and `fixes`: by its code, the `outputs` of the changed model or its `error`. Networks 20,000
to 20,319 of each framework: 157 are broken, 184 fixes of 94 of them were run, and none contradicts
what the fix says. 33 of them let PyTorch raise a later error, of models that are not read to their
end; the fix says so.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import warnings
from collections import Counter
from dataclasses import replace
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import poolviz as pv
from poolviz.diagnosis.network.layer_code import _changed_rows
from poolviz.diagnosis.network.stack import StackFix
from tests.support.paths import DATA
from tools.record.networks.architectures import versions, zipped
from tools.record.networks.random_models import WRITERS, run

OUTPUT = DATA / "applied_fixes.json.gz"
RECORDED = 60  # of each framework
_NAMES = re.compile(r"(?:nn|layers)\.(\w+)\(")


def applied(text: str, stack: pv.Stack, fix: StackFix) -> str | None:
    """Return the text with the code of a fix in it; None where its places are not certain."""
    codes = fix.code.split("; ")
    lines = [line for line in _lines(stack, fix) if line is not None]
    if len(lines) != len(codes):
        return None
    for line, code in zip(lines, codes, strict=True):
        changed = _with_code(text, line, code)
        if changed is None:
            return None
        text = changed
    return text


def _lines(stack: pv.Stack, fix: StackFix) -> list[int | None]:
    """Return the lines of the layers that change, each once."""
    assert stack.source is not None
    before, after = stack.network, fix.stack.network
    rows = [row.path for row in _changed_rows(before, after)]
    failure = stack.first_failure
    paths = rows or ([failure.failure.path] if failure is not None else [])
    return list(dict.fromkeys(stack.source.lines.get(path) for path in paths))


def _with_code(text: str, line: int, code: str) -> str | None:
    """Replace the call in a line that makes a layer of the same kind; None unless it is one."""
    made = _NAMES.findall(code)
    calls = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and node.lineno == line == node.end_lineno
    ]
    layers = [call for call in calls if _name(call) == made[-1]] if made else []
    if len(layers) == 1:
        new = code if len(made) == 1 else f"nn.Sequential({code})"
        return _put(text, layers[0], new)
    plain = made[-1].removeprefix("Adaptive").lower() if made else ""
    functions = [
        call for call in calls if plain and _name(call).replace("_", "").endswith(plain[-6:])
    ]
    if len(functions) != 1 or len(made) != 1 or not functions[0].args:
        return None
    return _put(text, functions[0], f"{code}({ast.unparse(functions[0].args[0])})")


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)


def _put(text: str, call: ast.Call, code: str) -> str:
    lines = text.split("\n")
    at = call.lineno - 1
    own = lines[at].encode()
    lines[at] = (own[: call.col_offset] + code.encode() + own[call.end_col_offset :]).decode()
    return "\n".join(lines)


def disagreement(fix: StackFix, ran: dict[str, Any]) -> str | None:
    """Return what a fix says that the run of the changed model contradicts.

    Of a model that is not read to its end, what follows is left out.
    """
    if fix.stack.source is None or not fix.stack.source.is_whole:
        return None
    if "error" in ran:
        return f"{ran['error']} is raised: {ran.get('says', '')[:120]}"
    outputs = [tuple(shape) for shape in ran["outputs"]]
    if list(fix.stack.output_shapes) != outputs:
        return f"gives {list(fix.stack.output_shapes)}, but the outputs are {outputs}"
    return None


def record(framework: str, count: int, first: int) -> list[dict[str, Any]]:
    """Apply the fixes of broken networks; print counts and contradictions."""
    found, counts = [], Counter[str]()
    for seed in range(first, first + count):
        model = WRITERS[framework](seed)
        stack = pv.read_code(model.text, model.input_shape)
        if stack.ok is not False:
            continue
        counts["broken"] += 1
        runs: dict[str, Any] = {}
        for fix in stack.fixes:
            changed = applied(model.text, stack, fix) if fix.code else None
            if changed is None or fix.code in runs:
                continue
            ran, _ = run(replace(model, text=changed))
            runs[fix.code] = ran
            counts["fixes run"] += 1
            counts["raise an error that was not read"] += "error" in ran
            wrong = disagreement(fix, ran)
            if wrong is not None:
                counts["contradictions"] += 1
                print(f"{framework} {seed} {fix.code}: {fix.text}: {wrong}", flush=True)
        counts["with a fix that was run"] += bool(runs)
        if runs and len(found) < RECORDED:
            found.append(
                {
                    "framework": framework,
                    "text": model.text,
                    "shape": model.input_shape,
                    "fixes": runs,
                }
            )
    print(framework, count, dict(counts), flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int, help="networks of each framework that are tried")
    parser.add_argument("--first", type=int, default=20_000)
    parser.add_argument("--record", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    found = [each for name in WRITERS for each in record(name, given.count, given.first)]
    if given.record:
        OUTPUT.write_bytes(zipped({"versions": versions(), "models": found}))


if __name__ == "__main__":
    main()
