"""All feedback on one exercise as plain values, for a card on a page without a kernel.

Each form of answer has its table. An answer that is in none of them gets the text for "no common
mistake", in which {answer} is replaced by the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain, combinations, product
from math import floor

from poolviz.exercises.answers.cells import Cells
from poolviz.exercises.answers.change import CHANGEABLE, Change, names_of
from poolviz.exercises.answers.choices import Choice, Several
from poolviz.exercises.answers.forms import RAISES, Numbers
from poolviz.exercises.answers.notation import Notation, Unreadable, plain_words
from poolviz.exercises.grading import Feedback, Grading
from poolviz.exercises.model import Exercise

TRIED = range(-30, 301)  # integers that are tried where the answer is one number
CHANGES_TRIED = range(61)
MOST_NUMBERS = 9  # in one answer

Verdict = list[str]  # the mark, the feedback, and "hint" if the hint follows
Table = dict[str, object]


def answer_table(one: Exercise) -> Table:
    """Return the feedback on every answer.

    >>> from poolviz.exercises.library import exercise
    >>> table = answer_table(exercise("size-plain"))
    >>> table["form"], table["values"][0][0], table["values"][0][1][0]
    ('numbers', [2, 2], '✓')
    """
    grading = one.grading
    shared: Table = {
        "form": one.form,
        "empty": _unread(grading, "empty"),
        "unread": _unread(grading, "unreadable"),
    }
    return {**shared, **_by_form(grading)}


def _by_form(grading: Grading) -> Table:
    form = grading.case.form
    if isinstance(form, Several):
        return {"exact": dict(_several(grading, form))}
    if isinstance(form, Choice):
        keys = ((form.text(option, grading.texts), option.key) for option in form.options)
        return {"exact": {text: _verdict(grading.judge(key)) for text, key in keys}}
    if isinstance(form, Cells):
        return _cells(grading, form)
    if isinstance(form, Change):
        return _changes(grading, form)
    assert isinstance(form, Numbers)
    return _numbers(grading, form)


def _verdict(feedback: Feedback) -> Verdict:
    more = ["hint"] if feedback.hint else []
    return [feedback.mark, feedback.reason, *more]


def _unread(grading: Grading, reason: str, **fields: int) -> Verdict:
    return _verdict(grading.ask_again(Unreadable(reason, **fields)))


def _with_gaps(grading: Grading, key: str, *names: str) -> Verdict:
    """Return a text in which the page fills in the named numbers."""
    return ["✗", grading.say(key, **{name: f"{{{name}}}" for name in names})]


def _notation(notation: Notation) -> dict[str, object]:
    """Return how numbers are written; a word is at the place of its value."""
    return {
        "words": sorted(notation.words, key=notation.words.__getitem__),
        "minus": list(notation.minus),
        "times": list(notation.times),
        "noise": list(notation.noise),
        "bounds": list(notation.bounds),
        "either": list(notation.either),
        "decimalComma": notation.decimal_comma,
    }


# --- chosen --------------------------------------------------------------------------------------


def _several(grading: Grading, form: Several) -> Iterator[tuple[str, Verdict]]:
    """Yield every set of options, by their indices, with its feedback."""
    places = range(len(form.options))
    for chosen in chain.from_iterable(combinations(places, n) for n in range(len(places) + 1)):
        keys = frozenset(form.options[place].key for place in chosen)
        yield ",".join(map(str, chosen)), _verdict(grading.judge(keys))


# --- cells ---------------------------------------------------------------------------------------


def _cells(grading: Grading, form: Cells) -> Table:
    """Return the feedback on the sets that a rule gives; a page counts the hits in the others."""
    known, texts = grading.case.known_values, grading.texts
    none = (*_none(grading), texts.word("none"))
    return {
        "reading": {
            "notation": _notation(texts.notation),
            "sizes": list(form.sizes),
            "none": list(map(plain_words, none)),
            "range": list(texts.word_list("answer.range")),
            "axes": [list(texts.word_list(f"answer.{key}")) for key in ("rows", "columns")],
        },
        "pairs": _unread(grading, "pairs"),
        "right": sorted(map(list, grading.case.right)),
        "exact": {_cells_key(value): _verdict(grading.judge(value)) for value in known},
        "marked": _with_gaps(grading, "marked", "hits", "missing", "extra"),
    }


def _cells_key(value: Iterable[tuple[int, ...]]) -> str:
    return " ".join(",".join(map(str, cell)) for cell in sorted(value))


# --- changes -------------------------------------------------------------------------------------


def _changes(grading: Grading, form: Change) -> Table:
    """Return the feedback on one parameter with a small value."""
    tried = product(CHANGEABLE, CHANGES_TRIED)
    allowed = [(name, value) for name, value in tried if value or name == "padding"]
    return {
        "reading": {
            "notation": _notation(grading.texts.notation),
            "noise": list(grading.texts.noise("answer.change")),
            "names": {name: names_of(name, grading.texts) for name in CHANGEABLE},
            "old": {name: form.old(name) for name in CHANGEABLE},
        },
        "exact": {f"{name}={n}": _verdict(grading.judge((name, n))) for name, n in allowed},
        "oneChange": _unread(grading, "one_change"),
        "beyond": _beyond(grading, CHANGES_TRIED),
    }


# --- numbers -------------------------------------------------------------------------------------


def _numbers(grading: Grading, form: Numbers) -> Table:
    """Return the feedback on numbers: listed where something is said, else rules for the page."""
    count = len(form.names)
    judged = [(value, grading.judge(value)) for value in tried_numbers(grading, form)]
    # If the largest one works, those beyond may, too: a page must not call them wrong.
    works = count == 1 and grading.judge((Fraction(TRIED[-1]),)).works
    return {
        "reading": {
            "notation": _notation(grading.reading.notation),
            "labels": [list(names) for names in form.labels(grading.texts)],
            "decimals": count == 1 and not form.whole,
            "oneForAll": form.one_for_all,
            "isSquare": form.is_square,
            "start": form.start,
            "raises": [plain_words(word) for word in _words(grading, "raises")],
            "raiseWords": list(grading.texts.word_list("answer.raises")),
            "negations": list(grading.texts.word_list("answer.negations")),
            "none": [word for word in map(plain_words, _none(grading)) if word],
        },
        "open": _unread(grading, "open"),
        "tolerance": float(form.tolerance),
        "joint": _joint(form),
        "raises": _verdict(grading.judge(RAISES)),
        # The rest gets the text "unknown", which ends with the hint: pages stay small.
        "values": [
            [_plain(value), _verdict(feedback)] for value, feedback in judged if not feedback.hint
        ],
        "right": _plain(grading.case.right),
        "partly": _partly(grading, form),
        "unknown": [*_with_gaps(grading, "unknown", "answer"), "hint"],
        "beyond": _beyond(grading, TRIED) if works else None,
        "notWhole": _with_gaps(grading, "not_whole", "answer") if form.whole else None,
        "counts": [_unread(grading, "count", got=n, wanted=count) for n in range(MOST_NUMBERS)],
    }


def tried_numbers(grading: Grading, form: Numbers) -> list[tuple[Fraction, ...]]:
    """Return the answers with a specific feedback, the known ones first, and many others."""
    known_values = [value for value in grading.case.known_values if value]
    near = form.near(grading.case.right)
    values = list(dict.fromkeys((*known_values, *near, *_rough(grading, form))))
    if len(form.names) == 1:
        known = set(values)
        values += [(Fraction(n),) for n in TRIED if (Fraction(n),) not in known]
    return values


def _rough(grading: Grading, form: Numbers) -> Iterator[tuple[Fraction, ...]]:
    """Yield the right fraction with too few decimals."""
    if not form.whole:
        (right,) = grading.case.right
        for digits in (1, 10):
            yield from ((Fraction(step, digits),) for step in _around(right * digits))


def _around(value: Fraction) -> range:
    return range(floor(value), floor(value) + 2)


def _none(grading: Grading) -> tuple[str, ...]:
    return grading.texts.word_list("answer.none")


def _beyond(grading: Grading, tried: range) -> Verdict:
    """Return what is said of a value that works, or may, and is larger than those tried."""
    text = grading.say("beyond", least=tried[0], most=tried[-1], answer="{answer}")
    return ["✗", text]


def _words(grading: Grading, key: str) -> list[str]:
    """Return the word of a key and its synonyms, as a student may type them."""
    texts = grading.texts
    return [texts.word(key).casefold(), *texts.word_list(f"synonym.{key}")]


def _plain(value: Iterable[Fraction]) -> list[float]:
    return [int(n) if n.denominator == 1 else float(n) for n in value]


def _joint(form: Numbers) -> str:
    """Return the text between the numbers of an answer in the feedback."""
    is_size = form.one_for_all or set(form.names) == {"height", "width"}
    return " × " if is_size else ", "


def _partly(grading: Grading, form: Numbers) -> dict[str, Verdict]:
    """Return the feedback by which parts are right: "10" is the first of two."""
    found: dict[str, Verdict] = {}
    for mask in product((True, False), repeat=len(form.names)):
        if any(mask) and not all(mask):
            names = [name for name, is_right in zip(form.names, mask, strict=True) if is_right]
            text = grading.say("partly", names=grading.listed(names))
            found["".join("01"[is_right] for is_right in mask)] = ["✗", text]
    return found
