"""`python -m poolviz slides`: a deck in one file, from the stored outputs of notebooks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from poolviz.cli.course import Cell
from poolviz.i18n.html import escape

MISTUNE = "mistune>=3"  # JupyterLab brings it
_NOT_SHOWN = re.compile(r"^(?:Previous|Next): .*$|^\[Open this notebook.*$", re.MULTILINE)
# to other notebooks, which a deck does not have
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\.ipynb[^)]*\)")
MOST_LINES = 16  # of a text output
_CSS = """
html { scroll-snap-type: y proximity; font: clamp(16px, 1.5vw + 6px, 28px)/1.4 sans-serif }
body { margin: 0; color: #111; background: #fff }
section { min-height: 100vh; box-sizing: border-box; padding: 3vh 6vw; scroll-snap-align: start;
  display: flex; flex-direction: column; justify-content: center; border-bottom: 1px solid #ddd }
section.title { background: #f3f6fa }
h1 { font-size: 2em } h2 { font-size: 1.5em; margin: 0 0 .4em }
img { max-width: 100%; max-height: 48vh; object-fit: contain; object-position: left }
pre { font-size: .72em; white-space: pre-wrap; background: #f5f5f5; padding: .6em; margin: .4em 0 }
pre.error { background: #fdecea } pre.out { background: none; padding: 0 0 0 .6em }
table { border-collapse: collapse; font-size: .8em } td, th { border: 1px solid #ccc;
  padding: .2em .5em; text-align: left }
@page { size: 297mm 167mm; margin: 6mm }
@media print { html { font-size: 12pt } section { min-height: 0; border: 0;
  break-after: page; break-inside: avoid } img { max-height: 90mm } }
"""
_KEYS = """
addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, PageDown: 1, " ": 1, ArrowLeft: -1, PageUp: -1 }[event.key];
  const slides = [...document.querySelectorAll("section")];
  const now = slides.findIndex((one) => one.getBoundingClientRect().bottom > innerHeight / 3);
  if (!step || event.target.closest("summary")) return;
  event.preventDefault();
  slides[Math.min(Math.max(now + step, 0), slides.length - 1)].scrollIntoView();
});
"""


def slides(paths: Sequence[Path]) -> str:
    """Return a deck: a slide for each heading of each notebook, with code, outputs and pictures.

    The arrow keys and the space bar turn the slides; printed, each one is a page. It makes no
    requests.

    Raises
    ------
    ImportError
        Without mistune, which turns the prose into HTML.
    """
    made = [slide for path in paths for slide in _slides_of(path)]
    title = " · ".join(path.stem for path in paths)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_CSS}</style></head><body>\n"
        + "\n".join(made)
        + f"\n<script>{_KEYS}</script></body></html>\n"
    )


def _slides_of(path: Path) -> Iterator[str]:
    cells: list[Cell] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    parts: list[str] = []
    kind = "title"
    for cell in cells:
        source = "".join(cell["source"])
        for piece in _pieces(cell, source):
            if piece.startswith("## ") and parts:
                yield _slide(parts, kind)
                parts, kind = [], "part"
            parts.append(_markdown(piece) if cell["cell_type"] == "markdown" else _code(cell))
    yield _slide(parts, kind)


def _pieces(cell: Cell, source: str) -> list[str]:
    """Prose is cut before each heading; code is one piece."""
    if cell["cell_type"] != "markdown":
        return [source]
    return re.split(r"\n+(?=## )", source)


def _slide(parts: list[str], kind: str) -> str:
    return f'<section class="{kind}">{"".join(parts)}</section>'


def _markdown(text: str) -> str:
    try:
        from mistune import html
    except ImportError:
        raise ImportError(f"slides need {MISTUNE}, which JupyterLab brings") from None
    shown = html(_LINK.sub(r"\1", _NOT_SHOWN.sub("", text)))
    return shown if isinstance(shown, str) else ""


def _code(cell: Cell) -> str:
    outputs = "".join(_output(one) for one in cell.get("outputs", ()))
    return f"<pre><code>{escape(''.join(cell['source']))}</code></pre>{outputs}"


def _output(output: Cell) -> str:
    data = output.get("data", {})
    if "text/html" in data:  # the picture with its alt text, or a question
        return f"<div>{''.join(data['text/html'])}</div>"
    if output["output_type"] == "error":
        return f'<pre class="error">{_short(output["ename"] + ": " + output["evalue"])}</pre>'
    text = "".join(output.get("text") or data.get("text/plain", ""))
    return f'<pre class="out">{_short(text)}</pre>'


def _short(text: str) -> str:
    lines = text.rstrip("\n").split("\n")
    rest = ["…"] if len(lines) > MOST_LINES else []
    return escape("\n".join(lines[:MOST_LINES] + rest))
