"""Explain a pasted text in the terminal: `python -m poolviz decode error.txt`, or from a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from poolviz.i18n.catalogue import using_language
from poolviz.i18n.sanitize import in_lines
from poolviz.reading.explain import Explanation, explain


def explained(path: Path | None, language: str | None = None) -> tuple[str, bool]:
    """Return the explanation of a file, or of standard input, and whether it was recognised.

    Raises OSError if the file cannot be read.
    """
    text = sys.stdin.read() if path is None else path.read_text("utf-8", errors="replace")
    with using_language(language):
        explanation = explain(text)
        said = in_lines("\n".join(_lines(explanation)))
    return said, explanation.message is not None or explanation.stack is not None


def _lines(explanation: Explanation) -> Iterator[str]:
    yield explanation.title
    yield from (f"  {sentence}" for sentence in explanation.sentences)
    if explanation.fixes:
        yield explanation.fixes_title
    for words, code in explanation.fixes:
        yield f"  - {words}"
        if code:
            yield f"      {code}"
