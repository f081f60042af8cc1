"""Parameters, put into the words of a framework, are read back as the same numbers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from poolviz.messages.message import MessageKind
from poolviz.reading.messages import Message, decode
from tests.reading.wordings.base import Wording
from tests.reading.wordings.exported import ONNX
from tests.reading.wordings.keras import KERAS
from tests.reading.wordings.others import OTHERS
from tests.reading.wordings.pytorch import PYTORCH
from tests.reading.wordings.tensorflow import JAX, TENSORFLOW
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


def test_every_kind_of_message_is_read_back() -> None:
    """Windows and arguments: `test_decode.py`, from the trace of any layer."""
    elsewhere = {
        "PADDING_LIMIT",
        "EMPTY_INPUT",
        "NOT_WHOLE",
        "OPEN_SIZE",
        "LAYOUT",
        "DIVISIBLE",
    }
    read = {wording.kind for wording in WORDINGS}

    assert {kind for kind in MessageKind if kind.name not in elsewhere} == read
