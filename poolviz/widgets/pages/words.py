"""All that a saved page says by itself: in English, in this one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from poolviz.arithmetic.frameworks import FRAMEWORKS
from poolviz.diagnosis.wording import count, joined, number

AGAIN = "start again"
NEEDS_SCRIPT = "The controls need JavaScript and a browser of 2023 or newer."
NO_KERNEL = "This page has no kernel."
FIXED = "Only what it shows was computed before."
FIXED_NOTE = "On this page the settings of a layer of a network stay as they are."
LAYERS_NOTE = "Every layer can be looked at, and every fix of the network tried and undone."
DECODED_NOTE = "It has the answer to the text above; another text needs a notebook."
ALONE = f"On this page no other settings lead on from here; “{AGAIN}” leads back."


def ranges_note(ranges: Mapping[str, Sequence[object]]) -> str:
    """Which settings a page has."""
    return f"{NO_KERNEL} It has {_ranges(ranges)}, computed before."


def chart_note(x: str, y: str) -> str:
    """Which settings the page of a chart has."""
    return f"{NO_KERNEL} It has every {x} and {y} of the chart, computed before."


def cards_note(variants: int) -> str:
    """What the page of exercises has."""
    each = (
        "each exercise with these numbers only"
        if variants == 1
        else (f"each exercise with {number(variants)} sets of numbers")
    )
    return f"It has {each}. Answers are read as numbers and choices; for words it needs a notebook."


def refusal(ranges: Mapping[str, Sequence[object]]) -> str:
    """What is said to a setting that it does not have."""
    return f"{NO_KERNEL} This setting was not computed; it has {_ranges(ranges)}."


def _ranges(ranges: Mapping[str, Sequence[object]]) -> str:
    """The one that changes fastest first, as a reader would name them."""
    settings = [name for name in reversed(list(ranges)) if name != "framework"]
    parts = [f"{name} {_values(ranges[name])}" for name in settings]
    names = [FRAMEWORKS[str(name)].title for name in ranges.get("framework", ())]
    return joined([*parts, *([joined(names)] if names else [])])


def _values(values: Sequence[object]) -> str:
    """Neighbouring numbers as a range; pairs axis by axis.

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
        return "the default"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _runs(values: Sequence[Any]) -> list[str]:
    """Sides that differ (before, after) stay as they are."""
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
    return number(first) if first == last else f"{number(first)} to {number(last)}"


def too_many(counts: dict[str, int], total: int, most: int) -> str:
    """Why ranges are refused."""
    product = " × ".join(f"{number(many)} of {name}" for name, many in counts.items() if many > 1)
    return (
        f"{product} are {number(total)} settings, but a page holds at most {number(most)}: "
        "give fewer values"
    )


def too_large(size: int, most: int, settings: int) -> str:
    """Why a page is refused."""
    return (
        f"the page would have {_megabytes(size)} for {count(settings, 'setting')}, but a page may "
        f"have at most {_megabytes(most)}: give fewer values, or take a smaller input"
    )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
