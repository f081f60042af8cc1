"""`pv.decode` on kinds of texts that people bring; the numbers are ours.

What runs here is recorded elsewhere (tests/data); these wordings come from earlier versions, from
frameworks that cannot run here, or combine numbers in ways that were read wrongly once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import poolviz as pv
from tests.messages.decode_cases import read_cases

# Each with its kind and facts, words that the answer has, and words that would be false.
CASES = read_cases(Path(__file__).with_name("field_texts.toml"))["text"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:40])
def test_kinds_from_the_field(case: dict[str, Any]) -> None:
    facts = {name: case[name] for name in case if name not in ("text", "says", "never_says")}
    message = pv.decode(case["text"])

    assert message is not None
    told = {name: getattr(message, name) for name in facts}
    if "fixes" in facts:
        told["fixes"] = message.fixes[: len(facts["fixes"])]
    assert told == facts
    assert case["says"] in str(message)
    assert case["never_says"] not in str(message)


@pytest.mark.parametrize("text", ["从5减去3，得到2。", "al restar 3 de 10 queda 7, op: 'suma'"])
def test_a_subtraction_without_an_operation_is_not_read(text: str) -> None:
    assert pv.decode(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "input->dims->data[3] != filter->dims->data[3] (4 != 3)Node number 1 (CONV_2D) failed",
            'image = image.convert("RGB")',
        ),
        (
            "input->dims->size != 4 (3 != 4)Node number 0 (CONV_2D) failed to prepare.",
            "image = image[np.newaxis]",
        ),
        (
            "error: (-2) Number of input channels should be multiple of 3 but got 1 in function",
            "image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)",
        ),
        (
            "Error in operator conv0: Check failed: dshape.ndim() == 4U (3 vs. 4) : Input data "
            "should be 4D in batch-num_filter-y-x",
            "x = x.expand_dims(axis=0)",
        ),
    ],
    ids=["tflite", "tflite-rank", "opencv", "mxnet"],
)
def test_fixes_in_the_words_of_the_framework(text: str, code: str) -> None:
    message = pv.decode(text)

    assert message is not None
    assert message.fixes[0][1] == code
