"""Answers as people write them: signs, words, units, calculations, letters run together."""

from __future__ import annotations

from typing import Any

import pytest

import poolviz as pv
from tests.support.sampling import some_exercises


def with_answer(name: str, answer: Any, language: str = "en") -> pv.Exercise:
    """The first variant of an exercise with this answer."""
    found = (pv.exercise(name, seed, language) for seed in range(400))
    return next(one for one in found if one.answer == answer)


RIGHT = [
    ("formula-below-zero", -3, ["minus 3", "Minus three", "−3", "- 3", "‑3", "= -3", "negative 3"]),
    (
        "size-plain",
        (3, 3),
        ["3 by 3", "3×3", "３×３", "3x3 pixels", "it's 3 by 3", "3 rows", "3px"],
    ),
    ("size-two-axes", (4, 10), ["4/10", "4h 10w", "10 columns, 4 rows", "4 → 10", "4 x 10 cells"]),
    (
        "sequence-length",
        32,
        ["32 elements", "64/2", "8*4", "8·4 = 32", "(64 - 1) / 2 + 0.5", "32!"],
    ),
    ("features-of-flatten", 2592, ["32*9*9", "32 · 9 · 9", "2,592", "2 592", "9 x 9 x 32 = 2592"]),
    ("smallest-picture", 15, ["15 × 15", (15, 15), "15x15", "15 rows", "15 by 15 pixels"]),
    ("average-of-a-window", 27.25, ["109/4", "27,25", "≈ 27.25", "27.25 .", "(109)/4"]),
    ("layer-that-fails", "pool2", ["c) pool2", "option c", "C.", "pool2!", "2"]),
    (
        "kernel-too-large",
        "an error is raised",
        ["error", "it fails", "Exception", "It does not work."],
    ),
    (
        "who-raises",
        ("PyTorch", "TensorFlow", "Keras", "onnxruntime"),
        ["abce", "torch, tf, keras, onnx", "a b c e", "all but jax", "A/B/C/E", "pt tf keras ort"],
    ),
    (
        "who-takes-the-padding",
        ("TensorFlow", "JAX", "onnxruntime"),
        ["bde", "tf, jax, onnx", "b, d & e"],
    ),
    ("unread-in-a-row", (3, 4, 8, 9, 13, 14), ["3-4, 8-9, 13-14", "cells 3, 4, 8, 9, 13 and 14"]),
    ("sizes-on-the-way", (10, 5, 2), ["10→5→2", "10 -> 5 -> 2", "pool1: 10, pool2: 5, pool3 = 2"]),
    (
        "one-change",
        "dilation=2",
        ["set the dilation to 2", "dilation 4 → 2", "dilation from 4 to 2"],
    ),
]


@pytest.mark.parametrize(
    ("name", "answer", "text"), [(name, key, one) for name, key, texts in RIGHT for one in texts]
)
def test_it_is_right_however_it_is_written(name: str, answer: Any, text: Any) -> None:
    if name == "layer-that-fails":
        one = next(
            found
            for found in (pv.exercise(name, seed) for seed in range(99))
            if found.answer == "pool2" and found.choices[2] == "pool2"
        )
    else:
        one = with_answer(name, answer)

    assert one.check(text), one.check(text)


GERMAN = [
    ("size-plain", (3, 3), ["3 mal 3", "3 auf 3", "3,3", "3 Zeilen", "3x3 Pixel", "3 und 3"], True),
    (
        "size-two-axes",
        (4, 10),
        ["4,10", "4, 10", "Höhe 4, Breite 10", "10 Spalten, 4 Zeilen"],
        True,
    ),
    ("features-of-flatten", 2592, ["2.592", "32*81", "2592 Merkmale"], True),
    ("average-of-a-window", 27.25, ["27,25", "109/4", "27.25"], True),
    ("size-plain", (3, 3), ["2,5", "2,5 × 2,5", "3,4"], False),
    ("kernel-too-large", "ein Fehler", ["Fehler", "error", "Es geht nicht."], True),
]


@pytest.mark.parametrize(
    ("name", "answer", "text", "is_right"),
    [(name, key, one, is_right) for name, key, texts, is_right in GERMAN for one in texts],
)
def test_german(name: str, answer: Any, text: str, is_right: bool) -> None:
    one = with_answer(name, answer, "de")

    assert bool(one.check(text)) == is_right
    assert is_right or one.check(text).score == 0


def test_a_german_fraction_is_one_number() -> None:
    assert (
        "2,5 × 2,5 angegeben, das ist keine ganze Zahl"
        in with_answer("size-plain", (3, 3), "de").check("2,5").text
    )


def test_rows_are_whole_rows() -> None:
    """ "row 2, row 3" is not the cell (2, 3); "column 3, row 2" is."""
    form = pv.exercise("unread-in-a-grid").grading.case.form
    texts = pv.exercise("unread-in-a-grid").grading.texts
    rows, columns = form.sizes
    line = {row: {(row, column) for column in range(columns)} for row in range(rows)}

    assert form.read("row 2, row 3", texts) == line[2] | line[3]
    assert form.read("rows 2-3", texts) == line[2] | line[3]
    assert form.read("column 1", texts) == {(row, 1) for row in range(rows)}
    assert form.read("column 3, row 2", texts) == form.read("row 2 column 3", texts) == {(2, 3)}
    assert form.read("none of them", texts) == frozenset()
    for unclear in ("row 1, column 2, column 3", "row 9", "rows 1, 2 and column 3"):
        assert "Each cell needs two numbers" in pv.exercise("unread-in-a-grid").check(unclear).text


@some_exercises
@pytest.mark.parametrize("language", ["en", "de"])
def test_an_error_is_an_answer_to_every_size(name: str, language: str) -> None:
    one = pv.exercise(name, language=language)
    if one.form == "numbers":
        feedback = one.check({"en": "an error", "de": "ein Fehler"}[language])

        assert feedback.score == 0
        assert one.wanted not in feedback.text


def test_the_misconception_of_notebook_02_can_be_typed() -> None:
    one = pv.exercise("stride-larger-than-input")

    assert one.check("error").misconception == "stride_must_fit"
    assert pv.exercise("same-size").check("It raises an error.").misconception == "same_can_fail"
    assert pv.exercise("size-plain").check("error").misconception == "kernel_fits"


@pytest.mark.parametrize(
    "text", ["10 minus 3", "5-5", "3 - 3", "minus", "5 apples", "a lot", "1/0"]
)
def test_what_is_no_answer_is_asked_again(text: str) -> None:
    for name in ("sequence-length", "size-plain"):
        assert pv.exercise(name).check(text).text.endswith(pv.exercise(name).wanted)


@pytest.mark.parametrize(
    ("language", "texts", "start"),
    [
        ("en", ["> 14", "14 < n", "15+", "15±1", "15 or 16", "over 14", "between 3 and 5"], "You"),
        ("de", ["> 14", "größer als 14", "15 oder 16", "zwischen 3 und 5", "14 bis 16"], "Du"),
    ],
)
def test_a_range_is_no_answer(language: str, texts: list[str], start: str) -> None:
    one = pv.exercise("smallest-picture", language=language)
    for text in texts:
        feedback = one.check(text)

        assert feedback.score == 0
        assert feedback.text == f"{one.grading.say('open')} {one.wanted}"
        assert feedback.text.startswith(start)


def test_a_square_with_channels_is_no_product() -> None:
    one = with_answer("smallest-picture", 15)

    for text in ("15 × 15 × 3", "3 × 5", "15 x 15 x 1"):
        assert not one.check(text).works
        assert one.check(text).text.startswith("Numbers found")
    assert one.check("15²")


@pytest.mark.parametrize(
    "name",
    ["transposed-size", "value-of-a-convolution", "smallest-input-of-layer"],
)
def test_a_reason_does_not_contain_the_answer(name: str) -> None:
    one = with_answer(name, {"transposed-size": 19, "value-of-a-convolution": 54}.get(name, 13))
    for given in (*range(one.answer - 9, one.answer), 0, *range(one.answer + 1, one.answer + 9)):
        assert str(one.answer) not in one.check(given).text.split("You can go")[0], given


def lettered() -> list[pv.Exercise]:
    """Exercises with choices, in both languages."""
    found = (pv.exercise(id, 2, language) for id in pv.exercises() for language in ("en", "de"))
    return [one for one in found if one.choices]


def test_a_letter_is_the_one_that_is_shown() -> None:
    """ "b" is the second choice, although it is also a name of the batch axis."""
    for one in lettered():
        form, texts = one.grading.case.form, one.grading.texts
        for letter, option in zip("abcdefgh", form.options, strict=False):
            assert form.option(letter, texts) is option, (one.id, letter)
            assert form.option(form.text(option, texts), texts) is option, (one.id, letter)


@pytest.mark.parametrize(
    ("name", "language", "right", "wrong"),
    [
        ("same-pads-evenly", "en", "15, 17; a, c; only a and c", "a-c; a to c; 15-17; a - b"),
        ("who-raises", "en", "a-c; A–C; a to c; a, b and c", "a-b; a-d; b-c"),
        ("who-raises", "de", "a bis c; nur a, b und c", "a bis b; a-d"),
        ("stride-over-the-input", "en", "it returns 1x1; the third; last one", "0; not 1x1"),
        ("missing-axis-in-keras", "en", "the batch axis; Batch.; first", "b; c; not the batch"),
        ("missing-axis-in-keras", "de", "die Batch-Achse; Batchachse", "b; c; nicht Batch"),
        ("layer-that-fails", "en", "pool 4; the last one; layer pool4", "pool; the first"),
        (
            "change-that-helps",
            "en",
            "padding=2; padding 2; MaxPool2d(9, stride=3, padding=2); option 3",
            "padding=1; stride=1; MaxPool2d(9, stride=3); option 9",
        ),
        ("permutation-that-repairs", "en", "permute(0,3,1,2); x = x.permute(0, 3, 1, 2)", "0"),
        ("after-an-empty-map", "en", "all zeros; only zeros", "no zeros; not zeros"),
        ("zero-or-negative", "en", "<0; minus; less than 0", "not negative; >0"),
        ("largest-kernel", "en", "at most 11; <= 11; up to 11", "at least 11; >= 11; < 11"),
        ("largest-kernel", "de", "höchstens 11; maximal 11", "mindestens 11; >= 11"),
        ("smallest-padding", "en", "at least 3; >= 3; padding=3", "at most 3; <= 3; stride=3"),
        ("largest-kernel", "en", "kernel_size=11; kernel_size = 11", "stride=11; in_features=11"),
        ("output-padding-needed", "en", "output_padding=2", "padding=2; output_padding=3"),
        ("effective-kernel", "en", "9x9; 9", "3x3; 9x8"),
        ("sizes-to-choose", "en", "smallest 28, largest 30; from 28 to 30", "30, 28"),
        ("size-plain", "en", "3 in both directions", "at least 3; >= 3"),
    ],
)
def test_a_choice_or_a_bound_in_other_words(
    name: str, language: str, right: str, wrong: str
) -> None:
    one = pv.exercise(name, 2, language)

    assert [text for text in right.split("; ") if not one.check(text)] == []
    assert [text for text in wrong.split("; ") if one.check(text)] == []
