"""Run the notebook cells that use PyTorch or Keras, and store or compare their outputs.

    python -m tools.framework_cells [--check] [PATH ...]

A cell with the tag `pytorch` or `keras` runs in that framework, where it is installed, and says
that it is skipped where it is not. What it prints there comes from this command alone:
`tools/write_notebooks.py` keeps it. This needs poolviz and a framework, no Jupyter.

A cell prints what it shows, and runs by itself: it imports what it needs, except `pv`. The cells of
a lab run one after the other, and are counted. With `--check` nothing is written, and the exit code
is 1 where an output differs. Outputs of another version of the framework (two numbers) are not
compared. After training (tag `trained`), decimals may differ by `TOLERANCE`.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import linecache
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (ROOT / "notebooks", ROOT / "docs" / "teaching" / "labs")
GRADERS = ROOT / "notebooks" / "labs"  # modules that labs import
PACKAGES = {"pytorch": "torch", "keras": "keras"}  # tag of a cell → the package that it needs
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
FILE = "<cell>"
DECIMAL = re.compile(r"\d+\.\d+")
TOLERANCE = 0.05

Cell = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all cells of the frameworks that are installed; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 on a change")
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    options = parser.parse_args(arguments)
    sys.path.append(str(GRADERS))
    paths = options.paths or [path for each in FOLDERS for path in sorted(each.glob("*.ipynb"))]
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("KERAS_HOME", folder)  # Keras writes its settings there
        changed = [path for path in paths if rewrite(path, dry=options.check)]
    return 1 if changed and options.check else 0


def rewrite(path: Path, *, dry: bool) -> bool:
    """Run the cells of one notebook; return whether an output changed, and store it unless dry."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    stored = notebook["metadata"].setdefault("poolviz", {}).setdefault("frameworks", {})
    is_lab, changed, shared = notebook["metadata"]["poolviz"].get("lab"), [], {}
    ran = 0
    for number, cell in enumerate(notebook["cells"]):
        name = framework_of(cell)
        now = installed(name) if name else None
        if name is None or now is None:
            continue
        if dry and stored.get(name) != now:
            print(f"{path.name}, cell {number}: {name} {now}, stored with {stored.get(name)}")
            continue
        names = shared if is_lab else {}
        outputs = run("".join(cell["source"]), name, names, may_raise=may_raise(cell))
        ran += 1
        if is_lab and cell["execution_count"] != ran:
            changed.append(number)
            cell["execution_count"] = ran
        if not same(outputs, cell):
            changed.append(number)
            print(f"{path.name}, cell {number}: {'differs' if dry else 'written'}")
            if dry:
                print(told(cell["outputs"]), "--- now:", told(outputs), sep="\n")
        if stored.get(name) != now:
            changed.append(number)
        cell["outputs"], stored[name] = outputs, now
    if changed and not dry:
        text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True)
        path.write_text(f"{text}\n", encoding="utf-8", newline="\n")
    return bool(changed)


def framework_of(cell: Cell) -> str | None:
    """Return the framework of a code cell; None for all other cells."""
    tags = cell.get("metadata", {}).get("tags", ()) if cell["cell_type"] == "code" else ()
    return next((tag for tag in tags if tag in PACKAGES), None)


def may_raise(cell: Cell) -> bool:
    """Return whether the cell is expected to end with an exception."""
    return "raises-exception" in cell["metadata"]["tags"]


def installed(name: str) -> str | None:
    """Return the first two numbers of the framework's version; None where it is not installed.

    The backend of Keras is part of it, because a few layers depend on it.
    """
    try:
        number = ".".join(version(PACKAGES[name]).split(".")[:2])
    except PackageNotFoundError:
        return None
    if name != "keras":
        return number
    import poolviz as pv

    pv.can_run(name)  # chooses a backend
    return f"{number} on {os.environ.get('KERAS_BACKEND') or 'tensorflow'}"


def same(outputs: list[Cell], cell: Cell) -> bool:
    """Return whether outputs are the stored ones, numbers after training about so."""
    if "trained" not in cell["metadata"]["tags"]:
        return outputs == cell["outputs"]
    now, before = told(outputs), told(cell["outputs"])
    pairs = zip(DECIMAL.findall(now), DECIMAL.findall(before), strict=False)
    is_close = all(abs(float(one) - float(other)) <= TOLERANCE for one, other in pairs)
    return is_close and DECIMAL.sub("#", now) == DECIMAL.sub("#", before)


def run(source: str, name: str, names: dict[str, Any], *, may_raise: bool) -> list[Cell]:
    """Run a cell that knows `names` and return its outputs, as a notebook stores them."""
    import poolviz as pv

    fresh(name)
    names.update({"__name__": "__main__", "pv": pv})
    # A debugger shows the line at which it stops; it looks here before it looks for a file.
    lines = source.splitlines(keepends=True)
    linecache.cache[FILE] = (len(source), None, lines, FILE)
    printed, failure = io.StringIO(), None
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(compile(source, FILE, "exec"), names)
        except Exception as error:
            if not may_raise:
                raise
            failure = error
    return list(outputs_of(plain(printed.getvalue()), failure, lines))


def fresh(name: str) -> None:
    """Number layers from the start again, and set the seeds: a cell runs by itself."""
    if name == "keras":
        import keras

        keras.utils.clear_session()
        keras.utils.set_random_seed(0)
    else:
        import torch

        torch.manual_seed(0)


def outputs_of(text: str, failure: Exception | None, lines: list[str]) -> Iterator[Cell]:
    """Printed text, and the exception with the line of the cell that raised it."""
    if text:
        lines_of_text = text.splitlines(keepends=True)
        yield {"name": "stdout", "output_type": "stream", "text": lines_of_text}
    if failure is not None:
        kind, said = type(failure).__name__, plain(str(failure))
        number = line_of(failure)
        where = f"line {number} of the cell: {lines[number - 1].strip()}"
        traceback = [f"Traceback, {where}", *f"{kind}: {said}".splitlines()]
        yield {"ename": kind, "evalue": said, "output_type": "error", "traceback": traceback}


def line_of(failure: Exception) -> int:
    """Return the last line of the cell that was running."""
    number, frame = 1, failure.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == FILE:
            number = frame.tb_lineno
        frame = frame.tb_next
    return number


def plain(text: str) -> str:
    """Return a text without the colours of a terminal, and without spaces at the ends of lines."""
    return "\n".join(line.rstrip() for line in COLOURS.sub("", text).split("\n"))


def told(outputs: list[Cell]) -> str:
    """Return outputs as text."""
    return "".join(
        "".join(one.get("text") or [f"{one.get('ename')}: {one.get('evalue')}\n"])
        for one in outputs
    )


if __name__ == "__main__":
    sys.exit(main())
