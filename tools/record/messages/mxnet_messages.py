"""What MXNet says of shapes that do not fit.

    FOLDER/bin/pip install mxnet==1.9.1 numpy==1.23.5
    FOLDER/bin/python -m tools.record.messages.mxnet_messages NAME

writes `tests/data/NAME.jsonl.gz` (see `tools/record/messages/message_rows.py`).
"""

# ruff: noqa: B023 (each call runs before the loop goes on)
from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import mxnet as mx

from tools.record.messages.message_rows import Row, row, write

Made = Iterator[Row | None]
nn = mx.gluon.nn


def said(scenario: str, parameters: dict[str, Any], call: Callable[[], Any]) -> Row | None:
    """Run, and wait for what runs in the background."""

    def run() -> None:
        call().wait_to_read()

    return row("mxnet", mx.__version__, scenario, parameters, run)


def symbol(scenario: str, parameters: dict[str, Any], made: Any, **shapes: Any) -> Row | None:
    """Let a symbol infer its shapes, as Module.bind does."""
    return row("mxnet", mx.__version__, scenario, parameters, lambda: made.infer_shape(**shapes))


def rows() -> Made:
    data = mx.sym.Variable("data")
    for size, kernel, pad in ((2, 3, 0), (1, 2, 0), (4, 7, 1), (3, 5, 0)):
        for shape in ((2, 8, size, 20), (2, 8, 20, size)):
            parameters = {"shape": list(shape), "kernel": kernel, "pad": pad}
            both = {"kernel": (kernel, kernel), "pad": (pad, pad)}
            convolution = {**both, "num_filter": 4}
            for name, made in (
                ("pool", mx.sym.Pooling(data, pool_type="max", name="pool3", **both)),
                ("conv", mx.sym.Convolution(data, name="conv5_2", **convolution)),
                ("conv-dilated", mx.sym.Convolution(data, name="c", dilate=(2, 2), **convolution)),
            ):
                yield symbol(name, parameters, made, data=shape)
            layer = nn.MaxPool2D(kernel, padding=pad)
            yield said("pool-gluon", parameters, lambda: layer(mx.nd.zeros(shape)))

            def conv() -> Any:
                layer = nn.Conv2D(4, kernel, padding=pad)
                layer.initialize()
                return layer(mx.nd.zeros(shape))

            yield said("conv-gluon", parameters, conv)
    for expected, got in ((3136, 2304), (400, 576), (25088, 100352)):
        parameters = {"expected": expected, "got": got}
        full = mx.sym.FullyConnected(data, num_hidden=10, name="fc1")
        shapes = {"data": (2, got), "fc1_weight": (10, expected)}
        yield symbol("fc", parameters, full, **shapes)

        def dense() -> Any:
            layer = nn.Dense(10, in_units=expected)
            layer.initialize()
            return layer(mx.nd.zeros((2, got)))

        yield said("fc-gluon", parameters, dense)
    for expected, got in ((3, 4), (3, 1), (64, 32)):
        parameters = {"expected": expected, "got": got}

        def channels() -> Any:
            layer = nn.Conv2D(8, 3, in_channels=expected)
            layer.initialize()
            return layer(mx.nd.zeros((1, got, 16, 16)))

        yield said("channels-gluon", parameters, channels)
        made = mx.sym.Convolution(data, num_filter=8, kernel=(3, 3), name="conv1")
        shapes = {"data": (1, got, 16, 16), "conv1_weight": (8, expected, 3, 3)}
        yield symbol("channels", parameters, made, **shapes)
    for first, second in (((1, 64, 32, 32), (1, 64, 16, 16)), ((2, 8, 15, 20), (2, 8, 16, 20))):
        parameters = {"first": list(first), "second": list(second)}
        other = mx.sym.Variable("other")
        shapes = {"data": first, "other": second}
        yield symbol("concat", parameters, mx.sym.Concat(data, other, name="join"), **shapes)
        yield symbol("add", parameters, data + other, **shapes)
        yield symbol("broadcast", parameters, mx.sym.broadcast_add(data, other), **shapes)
        zeros = mx.nd.zeros
        yield said("add-nd", parameters, lambda: zeros(first) + zeros(second))
        yield said("concat-nd", parameters, lambda: mx.nd.concat(zeros(first), zeros(second)))
    for shape in ((3, 16, 16), (1, 2, 3, 16, 16)):
        made = mx.sym.Convolution(data, num_filter=8, kernel=(3, 3), name="conv1")
        yield symbol("rank", {"shape": list(shape)}, made, data=shape)
        pool = mx.sym.Pooling(data, kernel=(2, 2), pool_type="max", name="pool1")
        yield symbol("rank-pool", {"shape": list(shape)}, pool, data=shape)
    for shape, target in (((4, 12, 12, 32), (-1, 6272)), ((2, 64, 6, 6), (2, 3136))):
        parameters = {"shape": list(shape), "target": list(target)}
        yield said("reshape", parameters, lambda: mx.nd.zeros(shape).reshape(target))
        yield symbol("reshape-symbol", parameters, mx.sym.reshape(data, target), data=shape)


if __name__ == "__main__":
    write(sys.argv[1], rows())
