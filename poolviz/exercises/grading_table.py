"""All feedback on one exercise as plain values, for a card on a page without a kernel.

Each kind of answer has its table. What is in none of them gets the text for "no usual slip", in
which {answer} stands for what was answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain, combinations, product
from typing import Any

from poolviz.exercises.answers import Unreadable
from poolviz.exercises.change import CHANGEABLE, Change
from poolviz.exercises.choices import Choice, Several
from poolviz.exercises.forms import TOLERANCE, Cells, Numbers
from poolviz.exercises.model import Exercise, Feedback

TRIED = range(-30, 301)  # whole numbers that are tried where one number is asked for
CHANGES_TRIED = range(61)
MOST_NUMBERS = 9  # in one answer

Said = list[Any]  # is it right, and what is said


def answer_table(one: Exercise) -> dict[str, Any]:
    """What is said to every answer.

    >>> from poolviz.exercises.library import exercise
    >>> table = answer_table(exercise("size-plain"))
    >>> table["form"], table["values"][0][0], table["values"][0][1][0]
    ('numbers', [2, 2], True)
    """
    form = one._case.form
    shared = {
        "form": one.form,
        "empty": _unread(one, "empty"),
        "unread": _unread(one, "unreadable"),
    }
    if isinstance(form, Several):
        return {**shared, "exact": dict(_several(one, form))}
    if isinstance(form, Choice):
        judged = ((form.text(option, one._texts), option.key) for option in form.options)
        return {**shared, "exact": {text: _said(one._judged(key)) for text, key in judged}}
    if isinstance(form, Cells):
        return {**shared, **_cells(one)}
    if isinstance(form, Change):
        return {**shared, **_changes(one)}
    assert isinstance(form, Numbers)
    return {**shared, **_numbers(one, form)}


def _said(feedback: Feedback) -> Said:
    return [feedback.ok, feedback.text]


def _unread(one: Exercise, reason: str, **fields: int) -> Said:
    return _said(one._asked_again(Unreadable(reason, **fields)))


def _with_gaps(one: Exercise, key: str, *names: str) -> Said:
    """A text in which the named numbers are still to be put in."""
    gaps = {name: f"{{{name}}}" for name in names}
    return [False, one._texts.say(f"feedback.{key}", {"hint": one.hint, **gaps})]


# --- chosen --------------------------------------------------------------------------------------


def _several(one: Exercise, form: Several) -> Iterator[tuple[str, Said]]:
    """Every set of options, by their places."""
    places = range(len(form.options))
    for chosen in chain.from_iterable(combinations(places, n) for n in range(len(places) + 1)):
        keys = frozenset(form.options[place].key for place in chosen)
        yield ",".join(map(str, chosen)), _said(one._judged(keys))


# --- cells ---------------------------------------------------------------------------------------


def _cells(one: Exercise) -> dict[str, Any]:
    """The sets that a rule gives; for every other one it is counted what is right in it."""
    case = one._case
    given = [case.right, *(slip.value for slip in (*case.listed, *case.others))]
    values = [value for value in given if value is not None]
    return {
        "right": sorted(map(list, case.right)),
        "exact": {_cells_key(value): _said(one._judged(value)) for value in values},
        "marked": _with_gaps(one, "marked", "hits", "missing", "extra"),
    }


def _cells_key(value: Iterable[tuple[int, ...]]) -> str:
    return " ".join(",".join(map(str, cell)) for cell in sorted(value))


# --- changes -------------------------------------------------------------------------------------


def _changes(one: Exercise) -> dict[str, Any]:
    """One parameter and a value in reach."""
    tried = [(name, value) for name in CHANGEABLE for value in CHANGES_TRIED]
    allowed = [(name, value) for name, value in tried if value or name == "padding"]
    return {
        "exact": {f"{name}={value}": _said(one._judged((name, value))) for name, value in allowed},
        "unread": _unread(one, "one_change"),
    }


# --- numbers -------------------------------------------------------------------------------------


def _numbers(one: Exercise, form: Numbers) -> dict[str, Any]:
    case, count = one._case, len(form.names)
    unknown = _with_gaps(one, "unknown", "answer")
    given = [case.right, *(slip.value for slip in (*case.listed, *case.others))]
    values = list(dict.fromkeys(value for value in given if value is not None))
    if count == 1:
        known = set(values)
        values += [(Fraction(n),) for n in TRIED if (Fraction(n),) not in known]
    judged = ((value, one._judged(value)) for value in values)
    return {
        "count": count,
        "oneForAll": form.one_for_all,
        "decimals": not form.whole,
        "tolerance": float(TOLERANCE),
        "joint": _joint(form),
        "values": [
            [_plain(value), _said(feedback)]
            for value, feedback in judged
            if feedback.text != _filled(one, unknown[1], value)
        ],
        "right": _plain(case.right),
        "partly": _partly(one, form),
        "unknown": unknown,
        "notWhole": _with_gaps(one, "not_whole", "answer") if form.whole else None,
        "counts": [_unread(one, "count", got=got, wanted=count) for got in range(MOST_NUMBERS)],
    }


def _plain(value: Iterable[Fraction]) -> list[float]:
    return [int(n) if n.denominator == 1 else float(n) for n in value]


def _filled(one: Exercise, text: str, value: Any) -> str:
    return text.replace("{answer}", one._case.form.shown(value, one._texts))


def _joint(form: Numbers) -> str:
    """What stands between the numbers where an answer is repeated."""
    is_size = form.one_for_all or set(form.names) == {"height", "width"}
    return " × " if is_size else ", "


def _partly(one: Exercise, form: Numbers) -> dict[str, Said]:
    """Which parts are right ("10": the first of two) → what is said."""
    found: dict[str, Said] = {}
    for mask in product((True, False), repeat=len(form.names)):
        if any(mask) and not all(mask):
            names = [name for name, is_right in zip(form.names, mask, strict=True) if is_right]
            words = one._texts.listed([one._texts.word(name) for name in names])
            text = one._texts.say("feedback.partly", {"names": words, "hint": one.hint})
            found["".join("01"[is_right] for is_right in mask)] = [False, text]
    return found
