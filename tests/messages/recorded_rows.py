"""Recorded messages about shapes, by file and scenario."""

from __future__ import annotations

from collections.abc import Iterator

from poolviz.reading.messages import Message, decode
from tests.support.recorded_messages import Recorded, recorded_messages

FILES = (
    *("keras2", "keras3", "tensorflow215", "tensorflow221", "jax", "onnx", "mxnet", "tfjs"),
    "tflite",
)
KERAS = ("keras2", "keras3")
TENSORFLOW = ("tensorflow215", "tensorflow221")


def rows(files: tuple[str, ...], *starts: str) -> Iterator[Recorded]:
    for name in files:
        for row in recorded_messages(name):
            if row.scenario.startswith(starts) and "tuple index" not in row.message:
                yield row


def read(row: Recorded) -> Message:
    message = decode(row.text)
    assert message is not None, row.text[-300:]
    return message
