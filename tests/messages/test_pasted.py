"""Recorded messages, changed as people paste them, give the same numbers; the last one is read."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

import pytest

from poolviz.reading.messages import Message, decode
from tests.support.pasted import STYLES
from tests.support.recorded_messages import FILES, recorded_texts
from tests.support.sampling import sampled

LEFT_OUT = ("other-",)


def facts(message: Message) -> tuple[object, ...]:
    sizes = tuple(axis.input_size for axis in message.axes)
    return message.kind, message.expected, message.got, sizes


@cache
def texts() -> list[tuple[str, Message]]:
    """A recorded text of every wording, as far as it has numbers, and what is read of it."""
    unlike = {
        re.sub(r"\d+", "#", text)[-160:]: text
        for file in FILES
        for scenario, _, text in recorded_texts(file)
        if len(text) < 1_500 and not scenario.startswith(LEFT_OUT)
    }
    read = [(text, decode(text)) for text in unlike.values()]
    return [(text, said) for text, said in read if said is not None and any(facts(said)[1:])]


@pytest.mark.parametrize("style", STYLES)
def test_a_pasted_message_gives_the_same_numbers(style: str) -> None:
    assert len(texts()) > 300
    for text, plain in sampled(texts(), 30):
        pasted = STYLES[style](text)
        said = decode(pasted)

        assert said is not None, pasted
        assert facts(said) == facts(plain), pasted


def test_shapes_in_the_arguments_of_a_keras_layer_may_be_wrapped() -> None:
    read = 0
    for file in ("keras2", "keras3"):
        for scenario, _, text in recorded_texts(file):
            if not scenario.startswith(("window-eager", "model-without-batch", "crop")):
                continue
            plain, narrow = decode(text), decode(STYLES["narrow"](text))
            assert (narrow and facts(narrow)) == (plain and facts(plain)), text
            read += plain is not None

    assert read > 10


@pytest.mark.parametrize(
    ("between", "others"),
    [
        ("\n\nNow I get:\n", 1),
        ("\nEpoch 3/10\n", 1),
        ("\n\nDuring handling of the above exception, another exception occurred:\n\n", 0),
    ],
)
def test_the_last_of_two_messages_is_read(between: str, others: int) -> None:
    certain = [pair for pair in texts() if pair[1].certainty != "guess"]
    for (one, first), (other, last) in pairwise(sampled(certain, 60)):
        if first.kind is last.kind:
            continue
        said = decode(f"{one}{between}{other}")

        assert said is not None
        assert (facts(said), said.others) == (facts(last), others), one + between + other


def test_of_one_chain_the_text_with_numbers_is_told() -> None:
    said = decode(
        "Given input size: (8x1x9). Calculated output size: (8x0x4). Output size is too small\n\n"
        "The above exception was the direct cause of the following exception:\n\n"
        "Default MaxPoolingOp only supports NHWC on device type CPU"
    )

    assert said is not None
    assert said.axes
    assert said.others == 0
