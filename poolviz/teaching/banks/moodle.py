"""Questions as Moodle XML: every exercise is a category, its variants are the questions in it."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence

from poolviz.drawing.output.html_page import without_controls
from poolviz.exercises.answers.cells import Cells
from poolviz.exercises.answers.change import Change
from poolviz.exercises.answers.choices import Options
from poolviz.i18n.catalogue import say, using_language
from poolviz.i18n.html import escape, marked_up
from poolviz.teaching.banks.nodes import as_file, decimal, shares_of
from poolviz.teaching.banks.question import BankQuestion, Judged

PENALTY = "0.3333333"  # for each try, where the teacher lets students try again
_NOT_IN_A_FIELD = frozenset("{}#~\\<>&")  # they end a cloze field, or need an escape


def moodle_xml(categories: Sequence[Sequence[BankQuestion]]) -> bytes:
    """Return a bank with one category for each list of questions.

    >>> from poolviz.exercises.library import exercise
    >>> b'type="numerical"' in moodle_xml([[BankQuestion(exercise("size-plain"))]])
    True
    """
    quiz = ET.Element("quiz")
    for questions in categories:
        quiz.append(_category(questions[0]))
        quiz.extend(map(_question, questions))
    ET.indent(quiz)
    return as_file(quiz)


def _category(first: BankQuestion) -> ET.Element:
    one = first.one
    node = ET.Element("question", type="category")
    with using_language(one.language):
        path = say("bank.category", notebook=one.notebook, level=one.level, id=one.id)
        info = say("bank.category_info")
    _text(node, "category", f"$course$/top/poolviz ({one.language})/{path}")
    _html(node, "info", f"<p>{escape(info)}</p>")
    _leaf(node, "idnumber", f"poolviz-{one.id}-{one.language}")
    return node


TYPES = {
    "number": "numerical",
    "numbers": "cloze",
    "choice": "multichoice",
    "several": "multichoice",
    "cells": "cloze",
    "change": "shortanswer",
}


def _question(asked: BankQuestion) -> ET.Element:
    node = ET.Element("question", type=TYPES[asked.kind])
    _text(node, "name", asked.title)
    body = {"numbers": _number_fields, "cells": _cell_field}.get(asked.kind, lambda _: "")(asked)
    _questiontext(node, asked, body)
    _html(node, "generalfeedback", _general_feedback(asked))
    if TYPES[asked.kind] != "cloze":
        _leaf(node, "defaultgrade", "1.0")
    _leaf(node, "penalty", PENALTY)
    _leaf(node, "hidden", "0")
    _leaf(node, "idnumber", asked.id)
    match asked.kind:
        case "number":
            _numerical(node, asked)
        case "choice" | "several":
            _choices(node, asked)
        case "change":
            _short_answers(node, asked)
    _html(node, "hint", f"<p>{marked_up(asked.one.hint)}</p>")
    tags = ET.SubElement(node, "tags")
    for tag in asked.tags:
        _text(tags, "tag", tag)
    return node


def _questiontext(node: ET.Element, asked: BankQuestion, body: str) -> None:
    block = asked.one.block
    parts = [f"<p>{marked_up(asked.grading.question)}</p>"]
    if block:
        parts.append(f"<pre>{escape(block)}</pre>")
    if asked.picture:
        alt = escape(asked.picture[1])
        parts.append(f'<p><img src="@@PLUGINFILE@@/{asked.id}.png" alt="{alt}"></p>')
    parts.append(f"<p>{marked_up(asked.prompt)}</p>{body}")
    text = _html(node, "questiontext", "\n".join(parts))
    if asked.picture:
        file = ET.SubElement(text, "file", name=f"{asked.id}.png", path="/", encoding="base64")
        file.text = base64.b64encode(asked.picture[0]).decode()


def _general_feedback(asked: BankQuestion) -> str:
    """Return the solution, and what known mistakes give that no answer of the format can say."""
    said = [asked.one.solution]
    if asked.kind in ("several", "cells"):
        said += map(asked.if_answer, asked.mistakes)
    if asked.kind == "numbers":
        texts = (text for i in range(len(asked.fields)) for _, text in _field_texts(asked, i))
        said += (text for text in texts if not _fits(text))
    return "".join(f"<p>{marked_up(text)}</p>" for text in said)


# --- one number, choices, a change ---------------------------------------------------------------


def _numerical(node: ET.Element, asked: BankQuestion) -> None:
    for judged in asked.answers:
        answer = _answer(node, judged, decimal(judged.value[0]))
        _leaf(answer, "tolerance", decimal(judged.tolerance))
    _leaf(node, "unitgradingtype", "0")
    _leaf(node, "unitpenalty", "0.1")
    _leaf(node, "showunits", "3")
    _leaf(node, "unitsleft", "0")


def _choices(node: ET.Element, asked: BankQuestion) -> None:
    form = asked.form
    assert isinstance(form, Options)
    is_one = asked.kind == "choice"
    _leaf(node, "single", str(is_one).lower())
    _leaf(node, "shuffleanswers", "false")
    _leaf(node, "answernumbering", "abc")
    judged = {each.value: each for each in asked.answers}
    shares = (
        {} if is_one else shares_of([one.key for one in form.options], asked.grading.case.right)
    )
    for option in form.options:
        share = judged[option.key].score if is_one else float(shares[option.key])
        said = judged[option.key].text if is_one else ""
        text = form.text(option, asked.grading.texts)
        answer = _html(node, "answer", marked_up(text), fraction=_percent(share, 5))
        _html(answer, "feedback", f"<p>{marked_up(said)}</p>" if said else "")
    if not is_one:
        _html(node, "correctfeedback", f"<p>{marked_up(asked.right.text)}</p>")


def _short_answers(node: ET.Element, asked: BankQuestion) -> None:
    """Write every change in the ways in which it may be typed; Moodle ignores upper case."""
    form = asked.form
    assert isinstance(form, Change)
    _leaf(node, "usecase", "0")
    for judged in asked.answers:
        name, number = judged.value
        for joint in ("=", " = "):
            _answer(node, judged, f"{name}{joint}{number}")


def _answer(node: ET.Element, judged: Judged, text: str) -> ET.Element:
    answer = ET.SubElement(
        node, "answer", fraction=_percent(judged.score, 5), format="moodle_auto_format"
    )
    _leaf(answer, "text", text)
    _html(answer, "feedback", f"<p>{marked_up(judged.text)}</p>")
    return answer


# --- fields in the text --------------------------------------------------------------------------


def _number_fields(asked: BankQuestion) -> str:
    words = [asked.grading.texts.word(name) for name in asked.fields]
    fields = (f"{escape(word)}: {_number_field(asked, i)}" for i, word in enumerate(words))
    return "".join(f"<p>{field}</p>" for field in fields)


def _number_field(asked: BankQuestion, i: int) -> str:
    right = f"={decimal(asked.grading.case.right[i])}:{decimal(asked.tolerance)}"
    wrong = (
        f"~%0%{decimal(each.value[0])}:{decimal(each.tolerance)}#{text.replace('`', '')}"
        for each, text in _field_texts(asked, i)
        if _fits(text)
    )
    return f"{{1:NUMERICAL:{right}{''.join(wrong)}}}"


def _field_texts(asked: BankQuestion, i: int) -> Iterator[tuple[Judged, str]]:
    """Yield wrong numbers in a field with a text that is true whatever the other fields hold.

    What a known mistake gives as a whole is said at the first number that it gets wrong, with the
    whole answer as the condition.
    """
    for each in asked.field_answers(i):
        whole = map(asked.if_answer, asked.joint_answers(i, each.value[0]))
        text = " ".join(filter(None, [each.text, *whole]))
        if text:
            yield each, text


def _cell_field(asked: BankQuestion) -> str:
    form = asked.form
    assert isinstance(form, Cells)
    cells = list(form.places())
    shares = shares_of(cells, asked.grading.case.right)
    options = "~".join(
        f"%{_percent(float(shares[cell]), 7)}%{form.shown(frozenset([cell]), asked.grading.texts)}"
        for cell in cells
    )
    return f"<p>{{1:MULTIRESPONSE_H:{options}}}</p>"


def _fits(text: str) -> bool:
    return not _NOT_IN_A_FIELD & set(text)


# --- nodes ---------------------------------------------------------------------------------------


def _percent(share: float, digits: int) -> str:
    return f"{100 * share:.{digits}f}".rstrip("0").rstrip(".")


def _leaf(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = without_controls(text)


def _text(parent: ET.Element, tag: str, text: str) -> None:
    _leaf(ET.SubElement(parent, tag), "text", text)


def _html(parent: ET.Element, tag: str, html: str, **attributes: str) -> ET.Element:
    node = ET.SubElement(parent, tag, {"format": "html", **attributes})
    _leaf(node, "text", html)
    return node
