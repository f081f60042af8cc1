"""One question as an item of QTI 2.1 or 2.2, with all of `Exercise.check` in its processing.

Unlike Moodle, QTI can judge several fields jointly and a set of choices as a whole.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from poolviz.drawing.output.html_page import without_controls
from poolviz.exercises.answers.cells import Cells
from poolviz.exercises.answers.choices import Options
from poolviz.i18n.html import escape, marked_up
from poolviz.teaching.banks.nodes import as_file, decimal, shares_of
from poolviz.teaching.banks.question import BankQuestion, Judged

VERSIONS = ("2.1", "2.2")
RESPONSE, SCORE, FEEDBACK = "RESPONSE", "SCORE", "FEEDBACK"
MOST_SETS = 64  # sets of choices with a feedback each
HINT = "hint"


def namespace(version: str) -> str:
    """Return the namespace of a version.

    >>> namespace("2.1")
    'http://www.imsglobal.org/xsd/imsqti_v2p1'
    """
    return f"http://www.imsglobal.org/xsd/imsqti_v{version.replace('.', 'p')}"


def qti_item(asked: BankQuestion, version: str, picture: str) -> bytes:
    """Return the file of an item; `picture` is the name of its picture's file."""
    item = _Item(asked)
    _declare(item)
    item.body(picture)
    _process(item)
    uri = namespace(version)
    root = ET.Element(
        "assessmentItem",
        {
            "xmlns": uri,
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:schemaLocation": f"{uri} {uri}.xsd",
            "identifier": asked.id,
            "title": asked.title,
            "xml:lang": asked.one.language,
            "adaptive": "false",
            "timeDependent": "false",
            "toolName": "poolviz",
        },
    )
    root.extend([*item.declarations, item.itembody, item.processing, *item.feedback])
    return as_file(root)


def _node(tag: str, *children: ET.Element, text: str = "", **attributes: str) -> ET.Element:
    node = ET.Element(tag, attributes)
    node.text = without_controls(text) or None
    node.extend(children)
    return node


def _html(tag: str, html: str, **attributes: str) -> ET.Element:
    node = ET.fromstring(without_controls(f"<{tag}>{html}</{tag}>"))
    node.attrib.update(attributes)
    return node


@dataclass
class _Item:
    """The parts of an item while it is written."""

    asked: BankQuestion
    declarations: list[ET.Element] = field(default_factory=list)
    itembody: ET.Element = field(default_factory=lambda: ET.Element("itemBody"))
    processing: ET.Element = field(default_factory=lambda: ET.Element("responseProcessing"))
    feedback: list[ET.Element] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.asked.kind

    @property
    def responses(self) -> list[str]:
        """The names of the responses: one, or one for each field."""
        count = len(self.asked.fields)
        return [RESPONSE] if count < 2 else [f"{RESPONSE}{i + 1}" for i in range(count)]

    @property
    def choices(self) -> list[tuple[object, str, str]]:
        """Return each choice as its value, its identifier and its text."""
        match self.asked.form:
            case Options() as form:
                texts = self.asked.grading.texts
                return [(o.key, f"C{i}", form.text(o, texts)) for i, o in enumerate(form.options)]
            case Cells() as form:
                texts = self.asked.grading.texts
                places = enumerate(form.places())
                return [(c, f"C{i}", form.shown(frozenset([c]), texts)) for i, c in places]
        return []

    def identifiers(self, value: object) -> list[str]:
        """Return the identifiers of what was chosen: a key, or a set of keys or cells."""
        chosen = value if isinstance(value, frozenset) else {value}
        return [name for key, name, _ in self.choices if key in chosen]

    def say(self, identifier: str, text: str, outcome: str = FEEDBACK) -> None:
        """Add a feedback that is shown when the outcome has its identifier."""
        said = _html("p", marked_up(text))
        self.feedback.append(
            _node(
                "modalFeedback",
                said,
                outcomeIdentifier=outcome,
                identifier=identifier,
                showHide="show",
            )
        )

    # --- what the student reads ----------------------------------------------------------------

    def body(self, picture: str) -> None:
        """Write question, picture and fields, and the solution for those who mark it."""
        asked, add = self.asked, self.itembody.append
        add(_html("p", marked_up(asked.grading.question)))
        if asked.one.block:
            add(_html("pre", escape(asked.one.block)))
        if asked.picture:
            add(_node("p", _node("img", src=picture, alt=without_controls(asked.picture[1]))))
        if self.choices:
            most = "1" if self.kind == "choice" else "0"
            shown = (_html("simpleChoice", marked_up(t), identifier=n) for _, n, t in self.choices)
            prompt = _html("prompt", marked_up(asked.prompt))
            attributes = {"responseIdentifier": RESPONSE, "shuffle": "false", "maxChoices": most}
            add(_node("choiceInteraction", prompt, *shown, **attributes))
        else:
            add(_html("p", marked_up(asked.prompt)))
            for name, label in zip(self.responses, self._labels(), strict=True):
                entry = _node("textEntryInteraction", responseIdentifier=name, expectedLength="12")
                add(_node("p", entry, text=label))
        add(_node("rubricBlock", _html("p", marked_up(asked.one.solution)), view="scorer tutor"))

    def _labels(self) -> list[str]:
        if self.kind != "numbers":
            return [""]
        return [f"{self.asked.grading.texts.word(name)}: " for name in self.asked.fields]


# --- declarations --------------------------------------------------------------------------------


def _declare(item: _Item) -> None:
    """Declare the responses with their right answers, the score, and one outcome per feedback."""
    right = item.asked.grading.case.right
    cardinality, base = {
        "choice": ("single", "identifier"),
        "several": ("multiple", "identifier"),
        "cells": ("multiple", "identifier"),
        "change": ("single", "string"),
    }.get(item.kind, ("single", "float"))
    if item.choices:
        values = [item.identifiers(right)]
    elif item.kind == "change":
        values = [[f"{right[0]}={right[1]}"]]
    else:
        values = [[decimal(right[i])] for i in range(len(item.responses))]
    for name, correct in zip(item.responses, values, strict=True):
        node = _node(
            "responseDeclaration",
            _node("correctResponse", *(_node("value", text=value) for value in correct)),
            identifier=name,
            cardinality=cardinality,
            baseType=base,
        )
        if cardinality == "multiple":
            node.append(_mapping(item))
        item.declarations.append(node)
    item.declarations.append(_outcome(SCORE, "float", "0"))
    item.declarations.append(_outcome("MAXSCORE", "float", "1"))
    names = [
        FEEDBACK,
        *(f"{FEEDBACK}{i + 1}" for i in range(len(item.responses)) if item.kind == "numbers"),
    ]
    item.declarations.extend(_outcome(name, "identifier") for name in names)


def _outcome(name: str, base: str, default: str = "") -> ET.Element:
    node = _node("outcomeDeclaration", identifier=name, cardinality="single", baseType=base)
    if default:
        node.append(_node("defaultValue", _node("value", text=default)))
    return node


def _mapping(item: _Item) -> ET.Element:
    """Return what each choice adds, from 0 to 1 together."""
    keys = [key for key, *_ in item.choices]
    shares = shares_of(keys, item.asked.grading.case.right)
    entries = (
        _node("mapEntry", mapKey=name, mappedValue=f"{float(shares[key]):.9f}")
        for key, name, _ in item.choices
    )
    return _node("mapping", *entries, lowerBound="0", upperBound="1", defaultValue="0")


# --- processing ----------------------------------------------------------------------------------


def _process(item: _Item) -> None:
    if item.kind == "numbers":
        _process_fields(item)
        return
    if item.choices and item.kind != "choice":
        mapped = _node("mapResponse", identifier=RESPONSE)
        item.processing.append(_set(SCORE, mapped))
    chosen = item.asked.answers
    if len(chosen) > MOST_SETS and item.choices:
        chosen = (item.asked.right, *item.asked.mistakes)
    branches = [
        (_given(item, judged), _judge(item, f"A{i}", judged)) for i, judged in enumerate(chosen)
    ]
    item.processing.append(_chain(branches, [_set(FEEDBACK, _value("identifier", HINT))]))
    item.say(HINT, item.asked.grading.hinted)


def _judge(item: _Item, identifier: str, judged: Judged) -> list[ET.Element]:
    item.say(identifier, judged.text)
    found = [_set(FEEDBACK, _value("identifier", identifier))]
    if item.kind in ("number", "choice", "change") or judged.score == 1:
        found.append(_set(SCORE, _value("float", _score(judged.score))))
    return found


def _process_fields(item: _Item) -> None:
    """Count the fields that are right; a known mistake is recognised by all fields together."""
    asked, count = item.asked, len(item.responses)
    right = asked.grading.case.right
    for name, value in zip(item.responses, right, strict=True):
        one_more = _node("sum", _node("variable", identifier=SCORE), _value("float", "1"))
        test = _near(name, value, asked.tolerance)
        item.processing.append(_chain([(test, [_set(SCORE, one_more)])], []))
    share = _node("divide", _node("variable", identifier=SCORE), _value("float", str(count)))
    item.processing.append(_set(SCORE, share))
    branches = []
    for i, judged in enumerate((asked.right, *asked.mistakes)):
        pairs = zip(item.responses, judged.value, strict=True)
        tests = (_near(name, value, asked.tolerance) for name, value in pairs)
        item.say(f"A{i}", judged.text)
        branches.append((_node("and", *tests), [_set(FEEDBACK, _value("identifier", f"A{i}"))]))
    item.processing.append(_chain(branches, list(_alone(item))))


def _alone(item: _Item) -> Iterator[ET.Element]:
    """Yield the processing of each field alone."""
    for i, name in enumerate(item.responses):
        outcome = f"{FEEDBACK}{i + 1}"
        branches = []
        for n, judged in enumerate(each for each in item.asked.field_answers(i) if each.text):
            identifier = f"F{i + 1}_{n}"
            item.say(identifier, judged.text, outcome)
            test = _near(name, judged.value[0], judged.tolerance)
            branches.append((test, [_set(outcome, _value("identifier", identifier))]))
        if branches:
            yield _chain(branches, [])


def _given(item: _Item, judged: Judged) -> ET.Element:
    """Return the test whether this answer was given."""
    response = _node("variable", identifier=RESPONSE)
    if item.kind == "number":
        return _near(RESPONSE, judged.value[0], judged.tolerance)
    if item.kind == "change":
        name, number = judged.value
        forms = (f"{name}={number}", f"{name} = {number}")
        return _node("or", *(_same_text(form) for form in forms))
    names = [_value("identifier", name) for name in item.identifiers(judged.value)]
    if item.kind == "choice":
        return _node("match", response, *names)
    return (
        _node("match", response, _node("multiple", *names)) if names else _node("isNull", response)
    )


def _near(name: str, value: Fraction, tolerance: Fraction) -> ET.Element:
    given, number = _node("variable", identifier=name), _value("float", decimal(value))
    reach = decimal(tolerance)
    return _node("equal", given, number, toleranceMode="absolute", tolerance=f"{reach} {reach}")


def _same_text(text: str) -> ET.Element:
    response = _node("variable", identifier=RESPONSE)
    return _node("stringMatch", response, _value("string", text), caseSensitive="false")


def _chain(
    branches: list[tuple[ET.Element, list[ET.Element]]], otherwise: list[ET.Element]
) -> ET.Element:
    tags = ["responseIf", *["responseElseIf"] * (len(branches) - 1)]
    nodes = [_node(tag, test, *then) for tag, (test, then) in zip(tags, branches, strict=True)]
    last = [_node("responseElse", *otherwise)] if otherwise else []
    return _node("responseCondition", *nodes, *last)


def _set(name: str, value: ET.Element) -> ET.Element:
    return _node("setOutcomeValue", value, identifier=name)


def _value(base: str, text: str) -> ET.Element:
    return _node("baseValue", text=text, baseType=base)


def _score(share: float) -> str:
    return f"{share:.9f}".rstrip("0").rstrip(".")
