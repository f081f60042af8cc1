"""Pytest plugin: makes nbval's full mode strict, pictures included.

nbval alone never looks at pictures, at the order of outputs of different kinds, at output
metadata, at cells that were never run, or at cells marked to be left out. Two hooks around its
cells close these holes:

* `pytest_itemcollected`: every cell is run and compared whatever its markers say, and nbval's own
  sanitising takes the bytes of embedded pictures out of the texts that it compares exactly;
* `pytest_runtest_call`: the stored cell is checked, nbval does its work, and then everything that
  nbval has skipped is compared: kinds, order, metadata, pictures.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Generator, Iterator
from itertools import groupby
from typing import Any, TypeGuard

import numpy as np
import pytest
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, NbCellError, comment_markers, metadata_tags
from PIL import Image

from tools.framework_cells import framework_of, installed
from tools.write_notebooks import matplotlib_minor

# Pictures are compared tile by tile: over a whole figure one changed digit is an RMS difference
# of less than 1, in its own tile it is more than 10. Rounding noise (±1 everywhere) stays below.
TILE = 16
TOLERANCE = 2.0

PICTURE_TYPES = ("image/png", "image/jpeg")  # what nbval does not compare
EMBEDDED = re.compile(r"(data:image/(?:png|jpeg);base64,)([A-Za-z0-9+/=]+)")
NOT_COMPARED = "pictures not compared"
SKIPPED = "Skipped: "  # what `can_run` prints
MEND = (
    "To mend: correct the cell or the code that it shows, "
    "re-run python -m tools.write_notebooks and read the diff."
)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Run and compare every cell, except for the bytes of embedded pictures."""
    if is_strict(item):
        item.options.update(check=not framework_of(item.cell), skip=False)
        item.parent.sanitize_patterns[EMBEDDED.pattern] = r"\1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Report all problems of a cell at once: the stored ones, nbval's, the outputs'."""
    if not is_strict(item):
        return (yield)
    problems = list(stored_problems(item))
    try:
        result = yield
        problems += output_problems(item)
    except NbCellError as error:
        problems.append("\n".join(filter(None, (str(error), error.inner_traceback))))
    if problems:
        item.raise_cell_error(place(item), "\n".join([*problems, MEND]))
    return result


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report which notebooks hold pictures that this matplotlib cannot reproduce."""
    reports = [report for some in terminalreporter.stats.values() for report in some]
    properties = [pair for report in reports for pair in getattr(report, "user_properties", ())]
    for note in sorted({value for key, value in properties if key == NOT_COMPARED}):
        terminalreporter.write_line(f"{NOT_COMPARED}: {note}", yellow=True)


def is_strict(item: pytest.Item) -> TypeGuard[IPyNbCell]:
    """True for a notebook cell in nbval's full mode; lax mode stays lax."""
    return isinstance(item, IPyNbCell) and bool(item.config.option.nbval)


def place(item: IPyNbCell) -> str:
    """Name the cell as pytest does, and as Jupyter does."""
    return f"{item.nodeid.replace('::', ', ')} (In [{item.cell.execution_count or ' '}])"


def stored_problems(item: IPyNbCell) -> Iterator[str]:
    """Yield problems of the stored cell, before anything has run."""
    cell, notebook = item.cell, item.parent.nb
    if cell.execution_count is None and cell.source.strip():
        yield "The cell was never run: it has no execution count, so its outputs mean nothing."
    for marker in comment_markers:
        if marker in cell.source:
            yield f"The comment {marker} weakens the check: remove it."
    for tag in metadata_tags:
        if tag in cell.metadata.get("tags", ()) and tag != "raises-exception":
            yield f"The tag {tag} weakens the check: remove it (raises-exception alone may stay)."
    first = next(other for other in notebook.cells if other.cell_type == "code")
    if cell is first and "widgets" in notebook.metadata:
        yield "The notebook stores widget state, which goes stale and hides the pictures."


def output_problems(item: IPyNbCell) -> Iterator[str]:
    """Yield differences that nbval ignores: kind, number, order, metadata, pictures."""
    if framework := framework_of(item.cell):
        yield from framework_problems(item, framework)
        return
    stored, now = coalesced(item.cell.outputs), coalesced(item.test_outputs)
    if kinds(stored) != kinds(now):
        yield (
            "The outputs differ in kind, number, order or metadata:\n"
            f"  stored: {'; '.join(kinds(stored)) or 'nothing'}\n"
            f"  now:    {'; '.join(kinds(now)) or 'nothing'}"
        )
        return
    running = matplotlib_minor()
    drawn_with = item.parent.nb.metadata.get("poolviz", {}).get("matplotlib", running)
    pairs = list(zip(pictures(stored), pictures(now), strict=True))
    if pairs and drawn_with != running:
        # Another minor version gives the same figure another size.
        versions = f"stored with matplotlib {drawn_with}, running {running}"
        item.user_properties.append((NOT_COMPARED, f"{item.nodeid.split('::')[0]}: {versions}"))
        return
    for (name, before), (_, after) in pairs:
        if difference := picture_difference(before, after):
            yield f"The picture differs ({name}): {difference}."


def framework_problems(item: IPyNbCell, framework: str) -> Iterator[str]:
    """Yield problems of a cell in PyTorch or Keras: a real output, and a word where it is skipped.

    `tools.framework_cells --check` compares the stored output where the framework is installed.
    """
    if not item.cell.outputs or SKIPPED in str(item.cell.outputs):
        yield f"No output of {framework} is stored: run python -m tools.framework_cells."
    said = "".join(output.get("text", "") for output in item.test_outputs)
    if installed(framework) is None and not (said.startswith(SKIPPED) and said.count("\n") == 1):
        yield f"{framework} is not installed, and the cell does not say that it is skipped: {said}"


def coalesced(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return the outputs with one entry per stream; nbval merged the texts into the first."""
    streams: set[str] = set()
    kept = []
    for output in outputs:
        if output.output_type != "stream" or output.name not in streams:
            kept.append(output)
            streams.add(output.get("name", ""))
    return kept


def kinds(outputs: list[NotebookNode]) -> list[str]:
    """One description per output; neighbouring streams are sorted, since their order is random."""
    runs = groupby(map(kind, outputs), key=("stdout", "stderr").__contains__)
    return [name for are_streams, run in runs for name in (sorted(run) if are_streams else run)]


def kind(output: NotebookNode) -> str:
    """Stream name, or output type, mime types and metadata (a picture's size and alt text)."""
    if output.output_type == "stream":
        return str(output.name)
    described = " ".join([output.output_type, *sorted(output.get("data", ()))])
    return f"{described} {dict(output.metadata)}" if output.get("metadata") else described


def pictures(outputs: list[NotebookNode]) -> Iterator[tuple[str, str]]:
    """Name and base64 text of every picture, also of those embedded in any other text."""
    for number, output in enumerate(outputs):
        for key, value in sorted(output.get("data", output).items()):
            if key in PICTURE_TYPES:
                yield f"{key} of output {number}", value
            elif isinstance(value, str):
                for found in EMBEDDED.finditer(value):
                    yield f"embedded in {key} of output {number}", found[2]


def picture_difference(stored: str, now: str) -> str | None:
    """Return how two base64 pictures differ; None for no visible difference."""
    if stored == now:
        return None
    try:
        before, after = pixels(stored), pixels(now)
    except (ValueError, OSError, SyntaxError) as error:  # all three are raised by Pillow
        return f"one of the two cannot be read ({error})"
    if before.shape != after.shape:
        sizes = [f"{width} x {height}" for height, width, _ in (before.shape, after.shape)]
        return f"size {sizes[0]} -> {sizes[1]} pixels"
    rms = worst_tile(before, after)
    return f"RMS difference {rms:.1f} > {TOLERANCE}" if rms > TOLERANCE else None


def pixels(picture: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return a decoded picture: height, width, and channels red, green, blue, alpha."""
    with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
        return np.asarray(image.convert("RGBA"), dtype=np.float64)


def worst_tile(before: np.ndarray[Any, Any], after: np.ndarray[Any, Any]) -> float:
    """Return the largest RMS difference of a tile; the last tiles are padded with equal pixels."""
    squared = ((before - after) ** 2).mean(axis=2)
    height, width = squared.shape
    filled = np.pad(squared, ((0, -height % TILE), (0, -width % TILE)))
    rows, columns = filled.shape[0] // TILE, filled.shape[1] // TILE
    tiles = filled.reshape(rows, TILE, columns, TILE).mean(axis=(1, 3))
    return float(np.sqrt(tiles.max()))
