"""Question banks say what `Exercise.check` says, for right answers, known mistakes and others."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest

import poolviz as pv
from poolviz.__main__ import main
from poolviz.exercises.answers.change import CHANGEABLE
from poolviz.exercises.grading import Feedback
from poolviz.teaching.banks.export import questions_of
from poolviz.teaching.banks.moodle import moodle_xml
from poolviz.teaching.banks.qti import qti_item
from poolviz.teaching.banks.qti_package import qti_package
from poolviz.teaching.banks.question import BankQuestion
from tests.support.moodle_reader import chosen, plain, read_moodle
from tests.support.qti_reader import Item
from tests.support.sampling import SEED, some_exercises

CLOSE = pytest.approx
# Moodle rejects other fractions of a choice when it imports; a cloze field takes any.
PARTS = [1 / n for n in (*range(1, 11), 20)]
FRACTIONS = [0.0, 0.9, 5 / 6, 0.8, 0.75, 0.7, 2 / 3, 0.6, 0.4, 0.3, *PARTS]


@cache
def sampled(name: str) -> BankQuestion:
    """A question that a bank would hold, with numbers and a language that change with the date."""
    language = ["en", "de"][(SEED + len(name)) % 2]
    first = pv.exercise(name, seed=SEED % 10_000, language=language)
    ((asked,),), _ = questions_of([first], 1)
    return asked


def keys_of(asked: BankQuestion) -> list[Any]:
    form: Any = asked.form
    return list(form.places()) if asked.kind == "cells" else [o.key for o in form.options]


def values(asked: BankQuestion) -> Iterator[Any]:
    """Right answer, known mistakes, and answers near and far."""
    case, random = asked.grading.case, Random(SEED)
    if asked.kind == "change":
        yield from ((name, n) for name in CHANGEABLE for n in (1, 2, 3, 5, 17))
    elif asked.kind == "choice":
        yield from keys_of(asked)
    elif asked.kind in ("several", "cells"):
        keys = keys_of(asked)
        yield from (value for value in case.known_values if value <= set(keys))
        yield from (frozenset(k for k in keys if random.random() < 0.5) for _ in range(4))
    else:
        is_one, right = asked.kind == "number", case.right
        known = [value for value in case.known_values if value]
        yield from (value for value in known if not is_one or len(set(value)) == 1)
        for step in (*range(-4, 5), 60, 4000):
            yield tuple(number + step for number in right)
        for step in (Fraction(1, 2), Fraction(1, 250), 1 + Fraction(1, 250)):
            yield tuple(number + step for number in right)
        yield (*right[:-1], right[-1] + 1) if not is_one else right


def check(asked: BankQuestion, value: Any) -> Feedback:
    return asked.grading.judge(value)


@some_exercises
def test_moodle_marks_as_check_does(name: str) -> None:
    asked = sampled(name)
    category, read = read_moodle(moodle_xml([[asked]]))
    assert category.type == "category"

    for value in values(asked):
        said = check(asked, value)
        text = said.reason.replace("`", "")
        if asked.kind in ("number", "change"):
            is_number = asked.kind == "number"
            score, shown = (
                read.number(float(value[0])) if is_number else read.typed("{}={}".format(*value))
            )
            assert score == CLOSE(said.score), value
            assert shown == text or (shown == "" and not is_named(asked, value)), value
        elif asked.kind == "choice":
            option = read.answers[keys_of(asked).index(value)]
            assert (option.fraction, option.feedback) == (CLOSE(said.score), text)
        elif asked.kind == "numbers":
            score, texts = read.fields_of([float(number) for number in value])
            assert score == CLOSE(said.score)
            _is_said(asked, value, texts, plain(read.text("generalfeedback")))
        else:
            options = read.answers if asked.kind == "several" else read.fields[0]
            for option in options if asked.kind == "several" else ():
                assert min(abs(abs(option.fraction) - part) for part in FRACTIONS) < 1e-6
            places = [place for place, key in enumerate(keys_of(asked)) if key in value]
            assert chosen(options, places) == CLOSE(said.score, abs=1e-4)
            _is_said(asked, value, [], plain(read.text("generalfeedback")))


def is_named(asked: BankQuestion, value: Any) -> bool:
    """The bank must say what it is worth: right, working, or what a known mistake gives."""
    return value in asked.grading.case.known_values or check(asked, value).works


def _is_said(asked: BankQuestion, value: Any, texts: list[str], general: str) -> None:
    """A known mistake is named, with the whole answer as its condition."""
    if value in [each.value for each in asked.mistakes]:
        named = asked.if_answer(asked.judged(value)).replace("`", "")
        assert named in " ".join([*texts, general])


@some_exercises
def test_qti_marks_and_speaks_as_check_does(name: str) -> None:
    asked = sampled(name)
    item = Item(qti_item(asked, "2.1", "picture.png"))

    for value in values(asked):
        said = check(asked, value)
        score, texts = item.process(given_to(item, asked, value))

        assert score == CLOSE(said.score, abs=1e-7), value
        own = said.reason.replace("`", "")
        if is_named(asked, value):
            assert texts == [own]
        elif asked.kind != "numbers":
            assert texts in ([own], [asked.grading.hinted.replace("`", "")]), value


def given_to(item: Item, asked: BankQuestion, value: Any) -> dict[str, Any]:
    if asked.kind in ("choice", "several", "cells"):
        names = dict(zip(keys_of(asked), item.choices, strict=True))
        one = asked.kind == "choice"
        return {"RESPONSE": names[value] if one else frozenset(names[key] for key in value)}
    if asked.kind == "change":
        return {"RESPONSE": "{} = {}".format(*value)}
    return {name: float(n) for name, n in zip(item.responses, value, strict=False)}


def test_a_mistake_beside_the_picture_is_not_said_of_what_is_left_of_it() -> None:
    """Counted from one, the last cell is outside; the other cells are another answer."""
    asked = BankQuestion(pv.exercise("unread-in-a-row"))
    outside = [s.value for s in asked.grading.case.listed if s.name == "counted_from_one"]

    assert (15,) in outside[0]
    assert all(each.misconception != "counted_from_one" for each in asked.answers)


# --- the files -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def categories() -> list[list[BankQuestion]]:
    names = ("size-plain", "size-two-axes", "who-raises", "winners-of-max", "one-change")
    return questions_of([pv.exercise(name, language="de") for name in names], 2)[0]


def test_moodle_gets_pictures_tags_hints_and_random_categories(
    categories: list[list[BankQuestion]],
) -> None:
    read = read_moodle(moodle_xml(categories))
    types = [each.type for each in read]

    assert types[::3] == ["category"] * 5
    assert set(types) == {"category", "numerical", "cloze", "multichoice", "shortanswer"}
    assert len({each.id for each in read}) == len(read)
    for each in read:
        if each.type == "category":
            assert each.text("category").startswith("$course$/top/poolviz (de)/")
            continue
        assert each.text("generalfeedback")
        assert each.text("hint")
        assert "Stufe" in [tag.text or "" for tag in each.node.iter("text")][-4]
        (file,) = each.node.iter("file")
        assert base64.b64decode(file.text or "").startswith(b"\x89PNG")
        (alt,) = re.findall(
            rf'src="@@PLUGINFILE@@/{file.get("name")}" alt="([^"]+)"', each.text("questiontext")
        )
        assert "Zellen" in alt


@pytest.mark.parametrize("version", ["2.1", "2.2"])
def test_a_qti_package_lists_its_files(version: str, categories: list[list[BankQuestion]]) -> None:
    content = qti_package(categories, version)
    package = zipfile.ZipFile(BytesIO(content))
    manifest = ET.fromstring(package.read("imsmanifest.xml"))
    listed = {n.get("href") for n in manifest.iter() if n.tag.endswith("}file")}

    assert listed == set(package.namelist()) - {"imsmanifest.xml"}
    assert {"de"} == {
        value for n in manifest.iter() for key, value in n.attrib.items() if key.endswith("lang")
    }
    test = ET.fromstring(package.read("test.xml"))
    assert f"v{version.replace('.', 'p')}" in test.tag
    assert [n.get("select") for n in test.iter() if n.tag.endswith("}selection")] == ["1"] * 5
    assert content == qti_package(categories, version)


def test_moodle_xml_parser_reads_the_same(categories: list[list[BankQuestion]]) -> None:
    """An independent reader of choices and cloze fields."""
    reader = pytest.importorskip("moodle_xml_parser.parser")
    found = reader.parse_bytes(moodle_xml(categories))
    two_axes = next(one for one in found["cloze"] if one.name.startswith("size-two-axes"))
    right = categories[1][0].grading.case.right

    assert [gap.sub_type for gap in two_axes.gaps] == ["NUMERICAL"] * 2
    assert [gap.options[0].answer for gap in two_axes.gaps] == [f"{n}:0.000001" for n in right]
    who_raises = found["multichoice"][0]
    assert [option.answer for option in who_raises.options] == list(categories[2][0].one.choices)


# --- from Python and from the command line -------------------------------------------------------


def test_every_exercise_is_exported_or_the_reason_is_given() -> None:
    found, left_out = questions_of(map(pv.exercise, pv.exercises()), 1)

    assert len(found) + len(left_out) == len(pv.exercises())
    assert all(left_out.values())


def test_an_exercise_without_a_right_choice_is_left_out() -> None:
    one = pv.exercise("who-raises")
    nobody = replace(one.grading.case, right=frozenset())
    object.__setattr__(one, "grading", replace(one.grading, case=nobody))

    assert "No choice is right" in BankQuestion(one).why_not


def test_ids_stay_the_same(tmp_path: Path) -> None:
    pv.export_questions(tmp_path / "one.zip", "size-plain", variants=2, language="en")
    pv.export_questions(tmp_path / "two.zip", ["size-plain"], variants=2, language="en")

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"variants": 0}, "variants must be"),
        ({"variants": True}, "variants must be"),
        ({"qti": "3.0"}, "qti must be"),
        ({"ids": ["size-plane"]}, "did you mean"),
        ({"ids": []}, "no question"),
        ({"path": "bank.csv"}, "says what is written"),
    ],
)
def test_what_cannot_be_written_says_why(
    arguments: dict[str, Any], why: str, tmp_path: Path
) -> None:
    path = tmp_path / arguments.get("path", "bank.xml")
    with pytest.raises(ValueError, match=why):
        pv.export_questions(path, **{k: v for k, v in arguments.items() if k != "path"})
    assert not list(tmp_path.iterdir())


def test_the_command_line_writes_a_bank(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "bank.xml"
    code = main(
        ["export", "02", "size-plain", "--to", str(target), "--variants", "1", "--language", "de"]
    )

    assert code == 0
    assert "questions" in capsys.readouterr().out
    count = len(pv.exercises(notebook="02")) + 1
    assert len(read_moodle(target.read_bytes())) == 2 * count
    assert main(["export", "nothing", "--to", str(target)]) == 1
