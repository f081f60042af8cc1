"""The texts of saved pages. Errors about arguments are in English only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.diagnosis.phrases import count, joined, number
from poolviz.i18n.catalogue import say
from poolviz.i18n.phrase import plural


def note(key: str, **fields: object) -> str:
    """Return the text at the foot of a page: that it has no kernel, and what it can show."""
    return f"{say('page.no_kernel')} {say(f'page.{key}', **fields)}"


def alone() -> str:
    """Return why nothing can be set."""
    return say("page.alone", again=say("page.again"))


def ranges_note(ranges: Mapping[str, Sequence[object]]) -> str:
    """Return which settings a page has."""
    return note("ranges", ranges=_ranges(ranges))


def refusal(ranges: Mapping[str, Sequence[object]]) -> str:
    """Return the text for a setting that the page does not have."""
    return note("refused", ranges=_ranges(ranges))


def words(note: str, **others: str) -> dict[str, str]:
    """Return the texts of a page."""
    return {"note": note, "again": say("page.again"), "otherLink": say("page.other_link"), **others}


def cards_note(variants: int) -> str:
    """Return what a page of exercises has."""
    offered = plural("page.variants", variants, count=variants)
    return f"{say('page.no_kernel')} {offered} {say('page.reading')}"


def _ranges(ranges: Mapping[str, Sequence[object]]) -> str:
    """Return the settings with their values, the fastest changing one first."""
    settings = [name for name in reversed(list(ranges)) if name != "framework"]
    parts = [f"{name} {_values(ranges[name])}" for name in settings]
    names = [FRAMEWORKS[str(name)].title for name in ranges.get("framework", ())]
    return joined([*parts, *([joined(names)] if names else [])])


def _values(values: Sequence[object]) -> str:
    """Return values as text: consecutive numbers as a range, pairs axis by axis.

    >>> _values([1, 2, 3, 5, "same"])
    '1 to 3, 5, "same"'
    >>> _values([(1, 2), (1, 3), (2, 2), (2, 3)])
    '1 to 2 × 2 to 3'
    """
    texts = _runs([value for value in values if type(value) is int])
    pairs = [value for value in values if isinstance(value, tuple)]
    if pairs:
        texts.append(" × ".join(", ".join(_runs(sorted(set(c)))) for c in zip(*pairs, strict=True)))
    others = [value for value in values if type(value) is not int and not isinstance(value, tuple)]
    return ", ".join([*texts, *map(_value, others)])


def _value(value: object) -> str:
    if value is None:
        return say("page.default")
    return f'"{value}"' if isinstance(value, str) else str(value)


def _runs(values: Sequence[Any]) -> list[str]:
    """Return consecutive numbers as ranges; pairs (before, after) stay as they are."""
    runs: list[list[int]] = []
    for value in values:
        if runs and isinstance(value, int) and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    return [_run(run[0], run[-1]) for run in runs]


def _run(first: Any, last: Any) -> str:
    if not isinstance(first, int):
        return str(first)
    return (
        number(first)
        if first == last
        else say("page.range", first=number(first), last=number(last))
    )


def too_many(counts: dict[str, int], total: int, most: int) -> str:
    """Return why ranges are rejected."""
    product = " × ".join(f"{number(many)} of {name}" for name, many in counts.items() if many > 1)
    return (
        f"{product} are {number(total)} settings, but a page holds at most {number(most)}: "
        "give fewer values"
    )


def too_large(size: int, most: int, settings: int) -> str:
    """Return why a page is rejected."""
    return (
        f"the page would have {_megabytes(size)} for {count(settings, 'setting')}, but a page may "
        f"have at most {_megabytes(most)}: give fewer values, or take a smaller input"
    )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
