"""What poolviz makes of the tracebacks of failing programs, and what happened in them.

    PYTHONPATH=. python -m tools.record.messages.failures torch
    PYTHONPATH=. KERAS_BACKEND=jax python -m tools.record.messages.failures keras
    PYTHONPATH=. python -m tools.record.messages.failures torch --write tests/data/failures.json.gz

in an environment with the framework. The programs and what is expected of them are in
`tests/data/failing_programs.toml`, written by hand. Prints what is not as expected, then the
counts. `--write` adds the runs to a file, which `tests/failures/replay.py` plays back.
"""

from __future__ import annotations

import argparse
import gzip
import json
import linecache
import os
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from poolviz.diagnosis.network.stack import Stack
from poolviz.dialects.common.frames import ModelCall, Step, sizes_of
from poolviz.failures.find_failure import call_in, find_failure, steps_of

PROGRAMS = Path(__file__).parents[3] / "tests" / "data" / "failing_programs.toml"
MARK = "#!"


@dataclass(frozen=True)
class Program:
    """A program that fails; `shape` is None where no stack is expected, `line` where no line is."""

    framework: str
    title: str
    code: str
    answer: str
    shape: tuple[int, ...] | None
    layer: str
    line: int | None
    replays: bool = True
    needs: str = ""
    only: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The name of the file that it claims to be."""
        return f"<{self.framework}: {self.title}>"

    def run(self, **names: Any) -> Exception | None:
        """Return what it raises; None where it ends."""
        linecache.cache[self.file] = (len(self.code), None, self.code.splitlines(True), self.file)
        module = ModuleType("program")  # where `inspect` looks for the text of a class
        module.__file__ = self.file
        sys.modules["program"] = module
        vars(module).update(names)
        try:
            exec(compile(self.code, self.file, "exec"), vars(module))
        except Exception as error:
            return error
        return None


def programs(framework: str) -> Iterator[Program]:
    """Yield the programs of a framework."""
    stored = tomllib.loads(PROGRAMS.read_text("utf-8"))
    for each in stored[framework]:
        parts = [stored["shared"][framework], stored["shared"].get(each.get("uses"), "")]
        code = "\n".join([*(part.strip("\n") for part in parts), each["code"].strip("\n"), ""])
        lines = enumerate(code.splitlines(), 1)
        marked = [at for at, line in lines if line.endswith(MARK) or each.get("made", MARK) in line]
        yield Program(
            framework,
            each["title"],
            code,
            each.get("answer", "stack"),
            tuple(each["input"]) if "input" in each else None,
            each.get("layer", ""),
            marked[0] if marked else None,
            each.get("replays", True),
            each.get("needs", ""),
            tuple(each.get("only", ())),
        )


def judged(program: Program, error: Exception | None) -> str:
    """Return "right", or what is not as expected; "message" where a stack was expected."""
    if error is None:
        return "does not raise"
    found = find_failure(error)
    said = f"{type(error).__name__}: {error!s:.90}"
    if found is None:
        return "right" if program.answer == "nothing" else f"nothing on {said}"
    if not isinstance(found.answer, Stack):
        return "right" if program.answer == "message" else f"message on {said}"
    if program.answer != "stack":
        return f"a stack, {found.layer}, on {said}"
    if found.answer.input_shape != program.shape:
        return f"input {found.answer.input_shape} instead of {program.shape}"
    if found.layer != program.layer:
        return f"{found.layer!r} instead of {program.layer!r}"
    line = None if found.made_at is None else found.made_at.line
    return "right" if line == program.line else f"line {line} instead of {program.line}"


# --- the record -----------------------------------------------------------------------------------


def recorded(program: Program, error: Exception) -> dict[str, Any]:
    """Return as plain data what a traceback holds: the error, and the steps from the first call on.

    A step is a call (the function, the layer, the shapes of what it was given; whether these are
    symbolic), a line of the program, or the function of the framework that raised the error.
    """
    wrong: BaseException = error
    while wrong.__cause__ is not None:
        wrong = wrong.__cause__
    steps = list(steps_of(wrong))
    calls = {step: call for step in steps if (call := call_in(step)) is not None}
    first = next((at for at, step in enumerate(steps) if step in calls or step.home == "keras"))
    root = calls[next(step for step in steps if step in calls)].model
    before = [step for step in steps[:first] if step.file == program.file]
    return {
        "title": program.title,
        "error": [type(wrong).__module__, type(wrong).__name__, str(wrong)],
        "line": before[-1].traceback.tb_lineno,
        "steps": [
            _step(step, calls.get(step), root)
            for step in steps[first:]
            if step in calls or step.file == program.file or step is steps[-1]
        ],
    }


def _step(step: Step, call: ModelCall | None, root: Any) -> dict[str, Any]:
    if call is not None and step.module != "program":
        first = call.args[0] if call.args else None
        given = first if isinstance(first, list) else [*call.args, *call.named.values()]
        return {
            "in": [step.module, step.function],
            "layer": _name(call.model, root),
            "given": [list(sizes_of(value)) for value in given if hasattr(value, "shape")],
            "is_list": isinstance(first, list),
            "is_symbolic": hasattr(call.value, "_keras_history"),
            "runs": getattr(step.local.get("fn"), "__name__", ""),
        }
    if step.module == "program":
        own = step.local.get("self")
        name = None if own is None else _name(own, root)
        return {"line": step.traceback.tb_lineno, "function": step.function, "layer": name}
    return {"in": [step.module, step.function]}


def _name(layer: Any, root: Any) -> str | None:
    """Return the path of a module in the model that is called, or the name of a Keras layer."""
    if hasattr(layer, "get_config"):
        return str(layer.name)
    if not hasattr(root, "named_modules"):
        return None
    return next((path for path, module in root.named_modules() if module is layer), None)


def write(file: Path, runs: list[dict[str, Any]], versions: str) -> None:
    """Replace the runs of these versions in a file."""
    known = json.loads(gzip.decompress(file.read_bytes())) if file.is_file() else {}
    known[versions] = runs
    text = json.dumps(known, ensure_ascii=False, separators=(",", ":"))
    file.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def main() -> None:
    """Try the programs of one framework."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("framework")
    parser.add_argument("--only", default="", help="a part of a title")
    parser.add_argument("--write", type=Path, metavar="FILE")
    options = parser.parse_args()
    backend = os.environ.setdefault("KERAS_BACKEND", "torch")
    runs: list[dict[str, Any]] = []
    counts = {"right": 0, "message": 0, "other": 0}
    for program in programs(options.framework):
        if options.only not in program.title or (program.only and backend not in program.only):
            continue
        if program.needs and find_spec(program.needs) is None:
            continue
        if "keras" in sys.modules:
            sys.modules["keras"].utils.clear_session()  # names of layers are counted
        error = program.run()
        said = judged(program, error)
        is_wanted = options.write is not None and program.answer == "stack" and program.replays
        if is_wanted and error is not None:
            runs.append(recorded(program, error))
        kind = "right" if said == "right" else said.partition(" ")[0]
        counts[kind if kind in counts else "other"] += 1
        if said != "right":
            print(f"{program.title}: {said}")
    print(counts)
    if options.write is not None:
        names = {"keras": ("keras", "jax" if backend == "jax" else backend)}
        used = names.get(options.framework, (options.framework,))
        write(
            options.write,
            runs,
            ", ".join(f"{name} {sys.modules[name].__version__}" for name in used),
        )


if __name__ == "__main__":
    main()
