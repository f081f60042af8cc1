"""A stack as a table: one line per layer up to the layer where it stops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from poolviz.arithmetic.layers.network_layers import Identity
from poolviz.arithmetic.network.forward import SIDE, Failure, Row
from poolviz.diagnosis.network.phrases import failure_outcome, is_telling, operation_title
from poolviz.diagnosis.phrases import by, number
from poolviz.i18n.catalogue import say
from poolviz.i18n.html import escape

COLUMNS = ("layer", "output", "sees", "jump", "parameters", "unread")
MOST_LINES = 40
MARK = "✗"
RED = "#b00020"


def titles() -> tuple[str, ...]:
    """Headers of the columns; the first column has none."""
    return ("", *(say(f"table.{column}") for column in COLUMNS))


@dataclass(frozen=True, slots=True)
class Line:
    """Cells of one line, as texts; `note` replaces the cells after the layer."""

    cells: tuple[str, ...]
    note: str = ""
    is_failure: bool = False


def lines(
    rows: Sequence[Row], failure: Failure | None, more: int, most: int = MOST_LINES
) -> list[Line]:
    """Return one line per layer up to the failure; the middle of long stacks is left out.

    `more`: layers after the last line, which did not run or run on an empty map.
    """
    shown = rows if failure is None else rows[: failure.index]
    found: list[Line] = []
    if len(shown) > most:
        head, tail = shown[: most // 2], shown[-(most // 2) :]
        between = len(shown) - len(head) - len(tail)
        gap = Line(("", say("table.layers_between", count=number(between))))
        found += [*map(_line, head), gap, *map(_line, tail)]
    else:
        found += map(_line, shown)
    if failure is not None:
        note = failure_outcome(failure)
        found.append(Line(_failure_cells(failure), note, is_failure=True))
        if more:
            found.append(Line(("", say("table.more", count=number(more)))))
    return found


def _line(row: Row) -> Line:
    unread = row.unread_count
    return Line(
        (
            str(row.index),
            _indented(row.path, _label(row)),
            by(row.output_shape),
            by_each(row.receptive_field),
            by_each(row.jump),
            number(row.parameters) if row.parameters else "",
            number(unread) if unread else "",
        )
    )


def by_each(values: Sequence[object]) -> str:
    """Write one number where all are equal.

    >>> by_each((3, 3)), by_each((3, 5))
    ('3', '3 × 5')
    """
    words = [number(value) if isinstance(value, int) else str(value) for value in values]
    return words[0] if len(set(words)) == 1 else " × ".join(words)


def _label(row: Row | Failure) -> str:
    title = operation_title(row.layer, len(row.input_size))
    if not is_telling(row.name) or isinstance(row.layer, Identity):
        return title
    return f"{row.name}: {title}"


def _indented(path: tuple[int, ...], label: str) -> str:
    """Indent a layer inside a branch, with the number of its branch, + for a further output."""
    depth = len(path) // 2
    branch = "+" if depth and path[-2] == SIDE else str(path[-2] + 1) if depth else ""
    return f"{'  ' * depth}[{branch}] {label}" if depth else label


def _failure_cells(failure: Failure) -> tuple[str, ...]:
    return (str(failure.index), _indented(failure.path, _label(failure)))


def as_text(found: Sequence[Line]) -> str:
    """Format the table for a terminal: numbers aligned right, the layer that fails marked."""
    heads = titles()
    full = [line.cells for line in found if len(line.cells) == len(heads)]
    columns = list(zip(heads, *full, strict=True)) if full else [(title,) for title in heads]
    widths = [max(map(len, column)) for column in columns]
    # Lines about layers that are left out have no further cells, but a long second one.
    widths[1] = max([widths[1], *(len(line.cells[1]) for line in found)])
    # A column without any entry would only make the table wider.
    kept = [i for i, column in enumerate(columns) if i < 3 or any(column[1:])]
    texts = [_text_line(heads, widths, kept)]
    for line in found:
        mark = f"  {MARK} {line.note}" if line.is_failure else ""
        texts.append(_text_line(line.cells, widths, kept) + mark)
    return "\n".join(text.rstrip() for text in texts)


def _text_line(cells: Sequence[str], widths: Sequence[int], kept: Sequence[int]) -> str:
    shown = []
    for i in kept:
        if i < len(cells):
            is_left = _align(i) == "left"
            shown.append(cells[i].ljust(widths[i]) if is_left else cells[i].rjust(widths[i]))
    return "  ".join(shown)


_SPACE = "padding-inline:.5em"  # only Jupyter's style sheet keeps columns apart by itself


def as_html(found: Sequence[Line]) -> str:
    """Format the table for a notebook, escaped."""
    head = "".join(f'<th style="{_SPACE}">{escape(title)}</th>' for title in titles())
    return f"<table><tr>{head}</tr>{''.join(_html_lines(found))}</table>"


def _align(column: int) -> str:
    """Alignment of a column; JupyterLab aligns every cell right by default."""
    return "left" if column in (1, 2) else "right"


def _styled(align: str) -> str:
    return f' style="text-align:{align};{_SPACE}"'


def _html_lines(found: Sequence[Line]) -> Iterator[str]:
    for line in found:
        cells = [
            f"<td{_styled(_align(i))}>{escape(cell).replace('  ', '&emsp;')}</td>"
            for i, cell in enumerate(line.cells)
        ]
        left = 1 + len(COLUMNS) - len(cells)
        if left:
            note = f"{MARK} {line.note}" if line.is_failure else line.note
            cells.append(f'<td colspan="{left}"{_styled("left")}>{escape(note)}</td>')
        style = f' style="color:{RED};font-weight:bold"' if line.is_failure else ""
        yield f"<tr{style}>{''.join(cells)}</tr>"
