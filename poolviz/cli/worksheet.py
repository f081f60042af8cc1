"""`python -m poolviz worksheet`: exercises on paper, and the key on separate pages."""

from __future__ import annotations

from collections.abc import Sequence

from poolviz.cli.export_bank import _ids as ids_of
from poolviz.exercises.library import exercise
from poolviz.exercises.model import Exercise
from poolviz.i18n.catalogue import chosen, say, using_language
from poolviz.i18n.html import escape, lang, marked_up
from poolviz.widgets.exercise.static_html import question_html

_CSS = """
@page { size: A4; margin: 18mm 16mm }
body { font: 11pt/1.45 sans-serif; max-width: 46em; margin: 1em auto; padding: 0 1em; color: #111 }
h1 { font-size: 1.4em } h2 { font-size: 1em; margin: 0 0 .3em }
section { break-inside: avoid; margin: 0 0 1.6em; border-top: 1px solid #bbb; padding-top: .6em }
.line { border-bottom: 1px solid #555; height: 1.8em }
.key { break-before: page }
img { max-width: 100%; max-height: 85mm } pre { white-space: pre-wrap }
code { font-family: monospace }
"""


def worksheet(names: Sequence[str], seed: int = 0, language: str | None = None) -> str:
    """Return a page to print: the exercises with space for answers, then the key.

    Parameters
    ----------
    names
        Ids of exercises, and numbers of notebooks.
    seed
        Decides the numbers: another seed makes another sheet, with its own key.

    Raises
    ------
    ValueError
        For an unknown id or language.

    Examples
    --------
    >>> page = worksheet(["size-plain", "06"], seed=3)
    >>> page.count('class="line"'), page.count("<li>")
    (8, 7)
    """
    spoken = chosen(language)
    ids = [id for name in names for id in ids_of(name)]
    asked = [exercise(id, seed=seed, language=spoken) for id in dict.fromkeys(ids)]
    with using_language(spoken):
        title = say("worksheet.title", seed=seed)
        questions = "\n".join(_question(number, one) for number, one in enumerate(asked, 1))
        key = "\n".join(f"<li>{_answer(one)}</li>" for one in asked)
        return (
            f'<!doctype html>\n<html{lang(spoken)}><head><meta charset="utf-8">'
            f"<title>{escape(title)}</title><style>{_CSS}</style></head><body>\n"
            f"<h1>{escape(title)}</h1><p>{escape(say('worksheet.name'))}</p>"
            f'<div class="line"></div>\n{questions}\n'
            f'<div class="key"><h1>{escape(say("worksheet.key", seed=seed))}</h1>'
            f"<ol>{key}</ol></div>\n</body></html>\n"
        )


def _question(number: int, one: Exercise) -> str:
    heading = say("worksheet.question", number=number, level=one.level)
    return (
        f'<section><h2>{escape(heading)}</h2>{question_html(one)}<div class="line"></div></section>'
    )


def _answer(one: Exercise) -> str:
    return f"<strong>{escape(answer_text(one))}</strong><br>{marked_up(one.solution)}"


def answer_text(one: Exercise) -> str:
    """Return the right answer as a student would write it.

    >>> answer_text(exercise("size-plain")), answer_text(exercise("largest-kernel"))
    ('2, 2', '8')
    """
    answer = one.answer
    return ", ".join(map(str, answer)) if isinstance(answer, tuple | list) else str(answer)
