"""Exercises for viewers without a kernel: the questions in words, with answers to unfold.

All of it is text, which screen readers and searches find; pictures are an addition.
"""

from __future__ import annotations

from collections.abc import Sequence

from poolviz.exercises.model import Exercise
from poolviz.i18n.catalogue import say, using_language
from poolviz.i18n.html import image, lang, marked_up, picture
from poolviz.widgets.exercise.state import figure_of, scene_of

MOST_DRAWN = 4  # exercises; of more only the words are stored, as every picture is some kilobytes


def exercises_html(exercises: Sequence[Exercise]) -> str:
    """Return exercises as HTML, each with hint and answer folded.

    >>> from poolviz.exercises.library import exercise
    >>> html = exercises_html([exercise("largest-kernel")])
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
        return f"<div{lang(language)}>{shown}<p><small>{say('card.static')}</small></p></div>"


def exercises_text(exercises: Sequence[Exercise]) -> str:
    """Return exercises as plain text, without hints and answers.

    >>> from poolviz.exercises.library import exercise
    >>> print(exercises_text([exercise("effective-kernel", seed=1)]))
    effective-kernel, seed 1, level 1
    A kernel of size 8 has dilation 5. How many cells does it span, from its first element to its \
last?
    Answer with one whole number, for example 5.
    """
    return "\n\n".join(map(repr, exercises))


def question_html(one: Exercise) -> str:
    """Return a question with its picture for a saved page."""
    figure = figure_of(one, scene_of(one, is_over=False))
    shown = "" if figure is None else picture(figure.png(), figure.alt)
    return f"{one._repr_html_()}\n{shown}"


def _heading(one: Exercise, number: int, of: int) -> str:
    heading = say("card.heading", number=number, of=of, level=one.level)
    return f"<p><strong>{heading}</strong></p>" if of > 1 else ""


def _folded(one: Exercise) -> str:
    parts = ((say("card.hint"), one.hint), (say("card.answer"), one.solution))
    return "".join(
        f"<details><summary>{name}</summary><p>{marked_up(text)}</p></details>"
        for name, text in parts
    )


def _picture(one: Exercise) -> str:
    question = scene_of(one, is_over=False)
    figure = figure_of(one, question)
    if question is None or figure is None:
        return ""
    # Not a paragraph: the theme of Jupyter Book 2 shrinks an image in one to the height of a line.
    return f"<div>{image(figure.png(), question.alt)}</div>"
