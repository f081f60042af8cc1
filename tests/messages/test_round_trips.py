"""Parameters, put into the words of a framework, are read back as the same numbers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from poolviz.messages.message import MessageKind
from poolviz.reading.messages import Message, decode
from tests.messages.wordings.base import Wording
from tests.messages.wordings.exported import ONNX
from tests.messages.wordings.keras import KERAS
from tests.messages.wordings.others import OTHERS
from tests.messages.wordings.pytorch import PYTORCH
from tests.messages.wordings.tensorflow import JAX, TENSORFLOW
from tests.support.recorded_messages import recorded_texts

WORDINGS = [*PYTORCH, *KERAS, *TENSORFLOW, *JAX, *ONNX, *OTHERS]

each_wording = pytest.mark.parametrize(
    "wording", WORDINGS, ids=lambda one: f"{one.file}-{one.scenario}"
)


def told(message: Message, name: str) -> Any:
    """Return a fact of a message; sizes of its axes as a list."""
    if name.endswith("s") and hasattr(message.axes[0] if message.axes else None, name[:-1]):
        return [getattr(axis, name[:-1]) for axis in message.axes]
    return getattr(message, name)


@each_wording
def test_a_wording_is_the_frameworks_own(wording: Wording) -> None:
    rows = [row for row in recorded_texts(wording.file) if row[0] == wording.scenario]

    assert any(wording.said(parameters) in text for _, parameters, text in rows)


@each_wording
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
def test_numbers_are_read_back(wording: Wording, data: st.DataObject) -> None:
    call = data.draw(wording.numbers)
    text = wording.said(call)
    message = decode(text)

    assert message is not None, text
    framework = wording.framework or {"torch": "pytorch"}.get(wording.file, wording.file)
    assert (message.kind, message.framework) == (wording.kind, framework), text
    wanted = wording.facts(call)
    assert {name: told(message, name) for name in wanted} == wanted, text


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 900), st.integers(1, 40), st.integers(0, 9), st.integers(2, 9))
def test_a_remainder_is_read_back(size: int, kernel: int, pad: int, stride: int) -> None:
    """DL4J in its strict mode: it needs a JVM, so its words are known from its source alone."""
    message = decode(
        "Strict requires: output width = (input width - kernelSize + 2*padding)/stride + 1 in "
        f"width dimension to be an integer. Got: ({size} - {kernel} + 2*{pad})/{stride} + 1"
    )

    assert message is not None
    assert (message.kind, message.framework) == (MessageKind.NOT_WHOLE, "dl4j")
    [axis] = message.axes
    said = (axis.name, axis.input_size, axis.span, axis.padding, axis.stride)
    assert said == ("width", size, kernel, pad, stride)


def test_every_kind_of_message_is_read_back() -> None:
    """Windows and arguments too: `test_generated_messages.py`, from the trace of any layer."""
    read = {wording.kind for wording in WORDINGS}

    assert {*MessageKind} - {MessageKind.NOT_WHOLE} == read
