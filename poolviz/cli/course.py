"""A notebook for a course in one framework: its cells, its first line, no outputs of others."""

from __future__ import annotations

import json
import re
from typing import Any

from poolviz.arithmetic.framework_names import COURSES

Cell = dict[str, Any]  # of a notebook, as JSON has it; or one output of it
_IMPORT = re.compile(r"^import poolviz as pv\n?", re.MULTILINE)


def for_course(text: str, framework: str) -> str:
    """Return a notebook, as JSON, for readers who work in one framework.

    Cells of the other framework are left out. A cell may have another source for this course in its
    metadata, ``{"poolviz": {"pytorch": source}}``; an empty one leaves it out. The first code cell
    calls `use`. Outputs are kept in the cells of this framework only.

    >>> cell = {"cell_type": "code", "source": "import poolviz as pv", "outputs": []}
    >>> made = for_course(json.dumps({"cells": [cell]}), "keras")
    >>> print("".join(json.loads(made)["cells"][0]["source"]))
    import poolviz as pv
    <BLANKLINE>
    pv.use("keras")
    """
    notebook = json.loads(text)
    cells = [_of(cell, framework) for cell in notebook["cells"]]
    notebook["cells"] = kept = [cell for cell in cells if cell is not None]
    first = next((cell for cell in kept if _IMPORT.search("".join(cell["source"]))), None)
    if first is not None:
        source = _IMPORT.sub(f'import poolviz as pv\n\npv.use("{framework}")\n', _text(first), 1)
        _write(first, re.sub(r"(\))\n\n+(?=\w)", r"\1\n\n", source.rstrip("\n")))
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _of(cell: Cell, framework: str) -> Cell | None:
    metadata = cell.get("metadata", {})
    own = [tag for tag in metadata.get("tags", ()) if tag in COURSES]
    variant = metadata.get("poolviz", {}).get(framework)
    if variant == "" or (own and framework not in own):
        return None
    if variant is not None:
        _write(cell, "".join(variant))
    if cell["cell_type"] == "code":
        cell["execution_count"] = None  # of another notebook
        cell["outputs"] = cell["outputs"] if own else []
    return cell


def _text(cell: Cell) -> str:
    return "".join(cell["source"])


def _write(cell: Cell, source: str) -> None:
    cell["source"] = source.splitlines(keepends=True)
