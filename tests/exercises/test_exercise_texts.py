"""Texts of the exercises: short sentences, no unused key, a complete translation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import poolviz as pv
from poolviz.exercises import library
from poolviz.exercises.answers.catalogue import catalogue
from poolviz.i18n.catalogue import languages
from tests.support.sampling import sampled

TEMPLATES = {**library.TEMPLATES, **library.UNLISTED}
PACKAGE = Path(pv.__file__).parent / "exercises"
ENGLISH = catalogue("en").texts
MOST_WORDS = 24
SEEDS = sampled(range(6), 2)
SOME = pytest.mark.parametrize("name", sampled([*TEMPLATES], 32))
EACH_LANGUAGE = pytest.mark.parametrize("language", languages())
# Not terms of pooling, and not explained in the notebooks.
UNEXPLAINED = ("tensor", "argument out of", "hyperparameter", "receptive", "tap", "collapse")


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!])\s+|\n", text) if part.strip()]


def words(sentence: str) -> int:
    """Code and numbers are no words to read; a call counts once."""
    plain = re.sub(r"`[^`]*`", "code", sentence)
    return sum(any(sign.isalpha() for sign in token) for token in plain.split())


def texts_of(name: str, seed: int, language: str) -> Iterator[str]:
    """Yield all texts that a student may read, except messages and grids."""
    exercise = pv.exercise(name, seed, language)
    yield exercise.question.removesuffix(exercise.block)
    yield from (exercise.hint, exercise.solution, exercise.wanted, *exercise.choices)
    yield exercise.check(exercise.answer).text
    yield from (exercise.check(answer).text for answer in (None, "?", 999, "padding=0", [1, 1]))
    form, texts = exercise.grading.case.form, exercise.grading.texts
    for slip in (*exercise.grading.case.listed[:6], *exercise.grading.case.others):
        if slip.value is not None:
            yield exercise.check(form.plain(slip.value, texts)).text


@EACH_LANGUAGE
@SOME
def test_sentences_are_short(name: str, language: str) -> None:
    """Under 25 words each, with all their numbers put in and no placeholder left."""
    found = [text for seed in SEEDS for text in texts_of(name, seed, language)]
    long = {s for text in found for s in sentences(text) if words(s) > MOST_WORDS}

    assert long == set()
    assert all(text.strip() and "{" not in text.replace("{{", "") for text in found)


def test_a_long_sentence_is_noticed() -> None:
    text = f"Short one. {'word ' * 25}`a b c` 1 2 3."

    assert [words(sentence) for sentence in sentences(text)] == [2, 26]


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_word_is_left_unexplained(name: str) -> None:
    found = " ".join(ENGLISH[f"exercise.{name}.{part}"] for part in ("question", "hint")).lower()

    assert [word for word in UNEXPLAINED if re.search(rf"\b{word}\b", found)] == []


def test_every_exercise_has_three_texts_and_no_text_is_left_over() -> None:
    expected = {f"exercise.{id}.{part}" for id in TEMPLATES for part in _PARTS}

    assert expected == {key for key in ENGLISH if key.startswith("exercise.")}


_PARTS = ("question", "hint", "solution")


@pytest.mark.long
def test_every_sentence_about_a_wrong_rule_is_used() -> None:
    """Each misconception has a sentence, and each sentence a misconception."""
    used = {
        slip.name
        for template in TEMPLATES.values()
        for seed in range(10)  # five have all of them
        for case in [template.case(seed)]
        for slip in (*case.listed, *case.others)
    }

    assert used == {key.removeprefix("wrong.") for key in ENGLISH if key.startswith("wrong.")}


def test_every_other_text_is_named_in_the_code() -> None:
    """As a key, or as the word that a key ends with."""
    named = set(_strings())
    ends = {key: key.rpartition(".")[2] for key in ENGLISH if key.split(".")[0] in _SHARED}

    assert [key for key, end in ends.items() if key not in named and end not in named] == []


_SHARED = ("feedback", "form", "answer", "word")
_OWN = (*_SHARED, "synonym", "wrong", "exercise")


def _strings() -> Iterator[str]:
    for path in PACKAGE.parent.rglob("*.py"):  # the names of the axes are in another package
        source = path.read_text(encoding="utf-8")
        yield from re.findall(r'"([^"\n]*)"', source)
        yield from re.findall(r"def (\w+)", source)  # smallest, largest


# --- the translation -----------------------------------------------------------------------------


def test_german_is_another_text() -> None:
    """Nothing was left in English, but for letters, numbers and names of axes."""
    own = {key: text for key, text in catalogue("de").texts.items() if key.split(".")[0] in _OWN}
    alike = {key for key, text in own.items() if text == ENGLISH[key]}

    assert languages() == ("de", "en")
    assert {key.split(".")[0] for key in alike} <= {"synonym", "word", "exercise"}
    assert {key for key in alike if key.startswith("exercise.")} == {
        "exercise.features-of-flatten.solution"
    }


@EACH_LANGUAGE
@SOME
def test_right_answer_is_right_in_every_language(name: str, language: str) -> None:
    exercise = pv.exercise(name, 1, language)

    assert exercise.check(exercise.answer).score == 1
    assert exercise == pv.exercise(name, 1, language)
    assert exercise.next().language == language


def test_german_answers_are_read() -> None:
    axis = pv.exercise("pytorch-message-axis", language="de")
    size = pv.exercise("size-two-axes", language="de")
    mean = pv.exercise("average-of-a-window", language="de")

    assert axis.choices == ("Höhe", "Breite", "Kanäle")
    assert axis.check("Höhe")
    assert axis.check("height")
    assert str(axis.check("Breite")) == "Noch nicht. Du hast Höhe und Breite vertauscht."
    assert size.check("Breite zehn, Höhe fünf")
    assert mean.check("27,25")
    assert "27,25" in mean.check("27,25").text
