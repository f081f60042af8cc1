"""What a viewer without a kernel shows of exercises: the questions in words, answers to be opened.

All of it is text, so that it is read aloud and found by a search; a picture is an addition.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from poolviz.drawing.charts.question import build_question
from poolviz.drawing.mpl.figure import AccessibleFigure
from poolviz.drawing.output.mime_bundle import said_in
from poolviz.exercises.model import Exercise, marked_up
from poolviz.i18n.catalogue import say, using_language

MOST_DRAWN = 4  # of a longer sheet only the words are stored: every picture is some kilobytes


def still_html(exercises: Sequence[Exercise]) -> str:
    """One exercise, or several in a row, each with hint and answer folded away.

    >>> from poolviz.exercises.library import exercise
    >>> html = still_html([exercise("largest-kernel")])
    >>> html.count("<details>"), html.count("<img"), "What is the largest kernel" in html
    (2, 1, True)
    """
    is_drawn = len(exercises) <= MOST_DRAWN
    language = exercises[0].language
    with using_language(language):
        shown = "<hr>".join(
            f"{_heading(one, number, len(exercises))}{one._repr_html_()}"
            f"{_picture(one) if is_drawn else ''}{_folded(one)}"
            for number, one in enumerate(exercises, start=1)
        )
        return f"<div{said_in(language)}>{shown}<p><small>{say('card.still')}</small></p></div>"


def still_text(exercises: Sequence[Exercise]) -> str:
    """The same in plain text, without hints and answers.

    >>> from poolviz.exercises.library import exercise
    >>> print(still_text([exercise("effective-kernel", seed=1)]))
    effective-kernel, seed 1, level 1
    A kernel of size 8 has dilation 5. How many cells long is it, from its first cell to its last?
    Answer with one whole number, for example 5.
    """
    return "\n\n".join(map(repr, exercises))


def _heading(one: Exercise, number: int, of: int) -> str:
    told = say("card.heading", number=number, of=of, level=one.level)
    return f"<p><strong>{told}</strong></p>" if of > 1 else ""


def _folded(one: Exercise) -> str:
    parts = ((say("card.hint"), one.hint), (say("card.answer"), one.solution))
    return "".join(
        f"<details><summary>{name}</summary><p>{marked_up(text)}</p></details>"
        for name, text in parts
    )


def _picture(one: Exercise) -> str:
    if one.layer is None or one.input_size is None or one.drawn_later:
        return ""
    question = build_question(one.layer, one.input_size, one.values)
    if question is None:
        return ""
    png = AccessibleFigure(question, question.alt, one.id).png()
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    return f'<p><img alt="{escape(question.alt)}" src="{source}"></p>'
