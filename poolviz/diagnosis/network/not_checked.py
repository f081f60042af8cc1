"""The layers that an unknown size keeps from being checked, with their lines."""

from __future__ import annotations

from collections.abc import Iterator

from poolviz.arithmetic.network.forward import ForwardPass
from poolviz.diagnosis.network.candidate_fixes import row_label
from poolviz.diagnosis.network.source import NotRead, Source
from poolviz.i18n.phrase import phrase


def unchecked(source: Source, done: ForwardPass) -> Iterator[NotRead]:
    """Yield the layers before which a size is open, so that it is not known whether they run."""
    lines = source.text.split("\n") if done.unchecked else []
    for index in done.unchecked:
        row = done.rows[index]
        line = source.lines.get(row.path)
        text = lines[line - 1].strip() if line is not None and line <= len(lines) else ""
        why = phrase("reading.unread.not_checked", layer=row_label(row))
        yield NotRead(line, text, why, keeps_unchecked=True)
