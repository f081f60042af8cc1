"""What Paddle says of shapes that do not fit.

    FOLDER/bin/pip install paddlepaddle==3.3.1 setuptools
    PYTHONPATH=. FOLDER/bin/python -m tools.record.messages.paddle_messages paddle_messages

writes `tests/data/NAME.jsonl.gz` (see `tools/record/messages/message_rows.py`).
"""

# ruff: noqa: B023 (each call runs before the loop goes on)
from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import paddle
from paddle import nn
from paddle.nn import functional

from tools.record.messages.message_rows import Row, row, write

Made = Iterator[Row | None]


def said(scenario: str, call: Callable[[], Any], **parameters: Any) -> Row | None:
    return row("paddle", paddle.__version__, scenario, parameters, call)


def layers() -> Made:
    zeros = paddle.zeros
    for expected, shape in ((3, [1, 4, 9, 9]), (64, [2, 32, 8, 7]), (3, [1, 224, 224, 3])):
        yield said(
            "channels",
            lambda: nn.Conv2D(expected, 8, 3)(zeros(shape)),
            expected=expected,
            got=shape[1],
            shape=shape,
        )
        yield said(
            "channels-transposed",
            lambda: nn.Conv2DTranspose(expected, 8, 3)(zeros(shape)),
            expected=expected,
            got=shape[1],
            shape=shape,
        )
    for shape in ([3, 28, 28], [28, 28], [1, 2, 3, 16, 16]):
        yield said("rank", lambda: nn.Conv2D(3, 8, 3)(zeros(shape)), shape=shape)
        yield said("rank-pool", lambda: nn.MaxPool2D(2)(zeros(shape)), shape=shape)
        yield said("rank-norm", lambda: nn.BatchNorm2D(3)(zeros(shape)), shape=shape)
    for expected, shape in ((400, [4, 576]), (3136, [2, 2304]), (512, [2, 512, 7, 7])):
        yield said(
            "linear",
            lambda: nn.Linear(expected, 10)(zeros(shape)),
            expected=expected,
            got=shape[-1],
            shape=shape,
        )
    for channels, shape in ((8, [1, 16, 4, 4]), (64, [2, 32, 7, 7])):
        yield said(
            "norm", lambda: nn.BatchNorm2D(channels)(zeros(shape)), expected=channels, got=shape[1]
        )
    for wanted, shape in ((64, [8, 64, 4, 4]), (96, [2, 14, 14, 192])):
        yield said(
            "layer-norm", lambda: nn.LayerNorm(wanted)(zeros(shape)), wanted=wanted, shape=shape
        )


def maps() -> Made:
    zeros = paddle.zeros
    for first, second in (
        ([1, 8, 15, 15], [1, 8, 16, 16]),
        ([2, 64, 32, 32], [2, 64, 16, 16]),
        ([2, 64, 56, 56], [2, 256, 56, 56]),
    ):
        both = {"first": first, "second": second}
        yield said("add", lambda: zeros(first) + zeros(second), **both)
    for first, second in (([1, 8, 15, 15], [1, 8, 16, 16]), ([2, 64, 32, 20], [2, 32, 32, 21])):
        both = {"first": first, "second": second}
        yield said("concat", lambda: paddle.concat([zeros(first), zeros(second)], 1), **both)
    for shape, target in (([4, 16, 6, 6], [-1, 400]), ([4, 12, 12, 32], [-1, 6272])):
        parameters = {"shape": shape, "target": target}
        yield said("reshape", lambda: zeros(shape).reshape(target), **parameters)
    for shape, target in (([4, 16, 6, 6], [4, 400]), ([2, 64, 6, 6], [2, 3136])):
        parameters = {"shape": shape, "target": target}
        yield said("reshape-full", lambda: zeros(shape).reshape(target), **parameters)
    for size, pad in ((4, 5), (2, 3)):
        yield said(
            "reflection",
            lambda: functional.pad(zeros([1, 3, size, 20]), [0, 0, pad, pad], mode="reflect"),
            size=size,
            pad=pad,
        )
    for outputs, targets in ((36, 4), (64, 256)):
        yield said(
            "rows",
            lambda: functional.cross_entropy(zeros([outputs, 10]), zeros([targets], "int64")),
            outputs=outputs,
            targets=targets,
        )
    for classes, label in ((10, 10), (3, 7)):
        yield said(
            "label",
            lambda: functional.cross_entropy(zeros([4, classes]), paddle.full([4], label, "int64")),
            classes=classes,
            label=label,
        )
    indices = zeros([1, 1, 3, 2], "int32")
    yield said("unpool", lambda: nn.MaxUnPool2D(2)(zeros([1, 1, 2, 2]), indices))


if __name__ == "__main__":
    write(sys.argv[1], [*layers(), *maps()])
