"""What frameworks say of shapes outside of the layers that the other recorders call.

    PYTHONPATH=. FOLDER/bin/python -m tools.record.messages.operation_messages torch
    PYTHONPATH=. KERAS_BACKEND=jax FOLDER/bin/python -m tools.record.messages.operation_messages
    keras PYTHONPATH=. FOLDER/bin/python -m tools.record.messages.operation_messages tensorflow

with PyTorch 2.13.0, Keras 3.15.1, TensorFlow 2.21.0 and onnxruntime 1.32.0 each write their rows of
`tests/data/operation_messages.jsonl.gz` (see `tools/record/messages/message_rows.py`) and keep the
others.
"""

# ruff: noqa: B023 (each call runs before the loop goes on)
from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from tests.support.paths import DATA
from tools.record.messages.message_rows import Row, row, write

NAME = "operation_messages"
FEATURES = ((400, 576), (3136, 2304), (12, 30))
MAPS = (([1, 8, 15, 15], [1, 8, 16, 16]), ([2, 64, 32, 20], [2, 32, 32, 21]))


def torch() -> Iterator[Row | None]:
    torch = import_module("torch")
    nn = torch.nn

    def said(scenario: str, call: Callable[[], Any], **parameters: Any) -> Row | None:
        return row("torch", torch.__version__, scenario, parameters, call)

    for wanted, shape in (
        ([64], [8, 64, 32, 30]),
        ([96], [2, 14, 14, 192]),
        ([8], [2, 8, 5]),
        ([64, 32, 32], [8, 64, 16, 16]),
    ):
        layer = nn.LayerNorm(wanted)
        yield said("layer-norm", lambda: layer(torch.zeros(shape)), wanted=wanted, shape=shape)
    for target, shape in (([32, 10, 64], [32, 2048]), ([4, 2, 50], [4, 99]), ([7, 7], [3, 16])):
        yield said("view", lambda: torch.zeros(shape).view(target), target=target, shape=shape)
    yield said("pool-1d", lambda: nn.MaxPool1d(5)(torch.zeros(1, 2, 3)), size=3, kernel=5)
    enlarge = nn.functional.interpolate
    for sizes, output, mode in (
        ([1, 1], [0, 0], "nearest"),
        ([3, 8], [0, 2], "bilinear"),
        ([0, 21], [64, 64], "bicubic"),
        ([1], [0], "linear"),
        ([1, 4, 4], [0, 2, 2], "trilinear"),
    ):
        given = torch.zeros(2, 3, *sizes)
        call = lambda: enlarge(given, size=tuple(output), mode=mode)  # noqa: E731
        yield said("resize", call, sizes=sizes, output=output)
    for output, kernel, blocks in ((8, 3, 30), (9, 2, 25), (28, 4, 49)):
        fold = nn.Fold(output, kernel, stride=kernel - 1)
        given = torch.zeros(2, kernel**2, blocks)
        across = (output - kernel) // (kernel - 1) + 1
        yield said("fold", lambda: fold(given), wanted=across**2, given=blocks)
        given = torch.zeros(2, kernel**2 + 1, across**2)
        asked = {"multiple": kernel**2, "channels": kernel**2 + 1}
        yield said("fold-channels", lambda: fold(given), **asked)
    for shape in ([1, 3, 9, 36], [5, 1, 3, 9, 36]):
        yield said("fold-rank", lambda: nn.Fold(8, 3)(torch.zeros(shape)), shape=shape)
    for shape in ([4, 8], [8]):
        yield said("local-norm", lambda: nn.LocalResponseNorm(3)(torch.zeros(shape)), shape=shape)
    for shape in ([4, 8], [2, 3, 4, 5, 6]):
        yield said("softmax-2d", lambda: nn.Softmax2d()(torch.zeros(shape)), shape=shape)
    for shape, order in (([28, 28, 3], [0, 3, 1, 2]), ([1, 4, 64, 64], [0, 2, 1, 3, 4])):
        call = lambda: torch.zeros(shape).permute(order)  # noqa: E731
        yield said("permute", call, shape=shape, order=order)
    for channels, groups in ((6, 4), (20, 8)):
        shuffle, given = nn.ChannelShuffle(groups), torch.zeros(1, channels, 2, 2)
        yield said("shuffle", lambda: shuffle(given), multiple=groups, channels=channels)


def keras() -> Iterator[Row | None]:
    keras, np = import_module("keras"), import_module("numpy")
    layers, ops = keras.layers, keras.ops

    def said(scenario: str, call: Callable[[], Any], **parameters: Any) -> Row | None:
        backend = keras.config.backend()
        return row("keras", f"{keras.__version__} ({backend})", scenario, parameters, call)

    for first, second in (([3], [4]), ([10], [64]), ([10, 3], [10, 4]), ([8, 8, 3], [4])):
        both = [keras.Input(first), keras.Input(second)]
        parameters = {"first": first, "second": second}
        yield said("add", lambda: layers.Add()(both), **parameters)
        yield said("add-operator", lambda: both[0] + both[1], **parameters)
    for size, kernel in ((3, 5), (2, 4)):
        given = keras.KerasTensor((None, size, size + 1, 8))
        parameters = {"size": size, "kernel": kernel}
        yield said("max-pool", lambda: ops.max_pool(given, kernel), **parameters)
        yield said("average-pool", lambda: ops.average_pool(given, kernel, 1), **parameters)
        x, w = np.zeros((1, size, 9, 8)), np.zeros((kernel, kernel, 8, 2))
        yield said("conv", lambda: ops.conv(x, w), **parameters)
    for expected, got in FEATURES:
        given, parameters = keras.Input((got,)), {"expected": expected, "got": got}
        yield said("matmul", lambda: ops.matmul(given, np.zeros((expected, 7))), **parameters)
    for name in ("my conv layer", "first"):
        x = np.zeros((3, 28, 28))
        yield said("name", lambda: layers.Conv2D(3, 3, name=name)(x), name=name)


def tensorflow() -> Iterator[Row | None]:
    tf = import_module("tensorflow")
    zeros = tf.zeros

    def said(scenario: str, call: Callable[[], Any], **parameters: Any) -> Row | None:
        return row("tensorflow", tf.__version__, scenario, parameters, call)

    def built(function: Callable[..., Any], *shapes: list[Any]) -> Callable[[], Any]:
        signature = [tf.TensorSpec(shape) for shape in shapes]
        return tf.function(function, input_signature=signature).get_concrete_function

    def compiled(function: Callable[..., Any], *shapes: list[int]) -> Callable[[], Any]:
        """Compile without knowing the shapes, so that XLA finds what is wrong."""
        signature = [tf.TensorSpec(None) for _ in shapes]
        made = tf.function(function, input_signature=signature, jit_compile=True)
        return lambda: made(*map(zeros, shapes))

    def conv(x: Any, filters: Any) -> Any:
        return tf.nn.conv2d(x, filters, 1, "VALID")

    for expected, got in ((3, 4), (40, 1), (64, 32)):
        shapes = [1, 8, 8, got], [3, 3, expected, 8]
        yield said("xla-channels", compiled(conv, *shapes), expected=expected, got=got)
    for shape in ([2, 2, 3], [28, 28]):
        yield said("xla-rank", compiled(conv, shape, [3, 3, 3, 8]), shape=shape)
    for first, second in MAPS:
        join = compiled(lambda x, y: tf.concat([x, y], 1), first, second)
        yield said("xla-concat", join, first=first, second=second)
    for shape in ([None, 7, 7, 64], [8, 2, 2, 1000]):
        parameters = {"shape": shape}
        squeeze = built(lambda x: tf.squeeze(x, [1, 2]), shape)
        yield said("squeeze", squeeze, **parameters)
        whole = [size or 1 for size in shape]
        yield said("squeeze-eager", lambda: tf.squeeze(zeros(whole), [1, 2]), **parameters)
        product = built(lambda x, w: tf.raw_ops.MatMul(a=x, b=w), shape, [3136, 10])
        yield said("matmul-map", product, **parameters)
        yield said("with-rank", lambda: tf.TensorShape(shape).with_rank(2), **parameters)
    for shape, target in (([128, 7, 7, 64], [64, 3136]), ([4, 12, 12, 32], [4, 6272])):
        reshape = built(lambda x: tf.reshape(x, target), shape)
        yield said("reshape-graph", reshape, shape=shape, target=target)

    for sizes, block in (([5, 4], 2), ([32, 30], 4)):
        given = [1, *sizes, 3]
        cut = lambda x: tf.nn.space_to_depth(x, block)  # noqa: E731
        yield said("cells", lambda: cut(zeros(given)), sizes=sizes, multiple=block)
        yield said("cells-graph", built(cut, given), sizes=sizes, multiple=block)
        batches = lambda: tf.space_to_batch(zeros(given), [block] * 2, [[0, 0]] * 2)  # noqa: E731
        yield said("batches", batches, sizes=sizes, multiple=block)
        channels = [1, 4, 4, block**2 + 2]
        asked = {"channels": channels[3], "multiple": block**2}
        enlarge = lambda x: tf.nn.depth_to_space(x, block)  # noqa: E731
        yield said("depth", lambda: enlarge(zeros(channels)), **asked)
        yield said("depth-graph", built(enlarge, channels), **asked)
        yield said("depth-rank", lambda: enlarge(zeros([4, 4, 4])), shape=[4, 4, 4])
        yield said("depth-rank-graph", built(enlarge, [4, 4, 4]), shape=[4, 4, 4])
    normalise = tf.compat.v1.nn.fused_batch_norm
    for expected, got in ((8, 6), (64, 3)):
        asked = {"expected": expected, "got": got}
        shapes = [2, 5, 4, got], [expected]
        yield said("bias", lambda: tf.nn.bias_add(*map(zeros, shapes)), **asked)
        yield said("bias-graph", built(tf.nn.bias_add, *shapes), **asked)
        norm = lambda x, w: normalise(x, w, w)  # noqa: E731
        yield said("norm", lambda: norm(*map(zeros, shapes)), **asked)
        yield said("norm-graph", built(norm, *shapes), **asked)
    pad = lambda x: tf.pad(x, [[0, 0], [1, 1]])  # noqa: E731
    yield said("pad-rank", built(pad, [1, 5, 4, 6]), shape=[1, 5, 4, 6])


def onnxruntime() -> Iterator[Row | None]:
    runtime, helper = import_module("onnxruntime"), import_module("onnx.helper")
    np = import_module("numpy")

    def said(
        scenario: str, kind: str, shapes: tuple[list[int], ...], name: str, /, **asked: Any
    ) -> Row | None:
        attributes = {"blocksize": asked["multiple"]} if "multiple" in asked else {}
        names = [f"x{i}" for i in range(len(shapes))]
        node = helper.make_node(kind, names, ["y"], name=name, **attributes)
        as_input = helper.make_tensor_value_info
        inputs = [as_input(x, 1, [None] * len(s)) for x, s in zip(names, shapes, strict=True)]
        graph = helper.make_graph([node], "g", inputs, [as_input("y", 1, None)])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        session = runtime.InferenceSession(model.SerializeToString())
        data = {x: np.zeros(s, "float32") for x, s in zip(names, shapes, strict=True)}
        call = lambda: session.run(None, data)  # noqa: E731
        return row("onnxruntime", runtime.__version__, scenario, {"name": name, **asked}, call)

    runtime.set_default_logger_severity(4)
    for expected, got in ((3, 4), (64, 32)):
        shapes = [1, got, 8, 8], [expected], [expected]
        asked = {"expected": expected, "got": got}
        yield said("instance-norm", "InstanceNormalization", shapes, "norm1", **asked)
    yield said("cells", "SpaceToDepth", ([1, 3, 5, 4],), "cut", sizes=[5, 4], multiple=2)
    yield said("cells", "SpaceToDepth", ([1, 3, 8, 6],), "cut", sizes=[8, 6], multiple=4)
    yield said("pool-rank", "GlobalAveragePool", ([4, 8],), "/pool/Pool", shape=[4, 8])
    for kind in ("Div", "Max"):
        yield said("maps", kind, MAPS[0], f"/block/{kind}", sizes=[15, 16])


def others(framework: str) -> Iterator[Row]:
    """Yield the rows of the other frameworks."""
    path = DATA / f"{NAME}.jsonl.gz"
    if path.exists():
        for line in gzip.decompress(path.read_bytes()).decode().splitlines():
            kept: Row = json.loads(line)
            if kept[0] != framework:
                yield kept


if __name__ == "__main__":
    asked = sys.argv[1]
    made = {one.__name__: one for one in (torch, keras, tensorflow, onnxruntime)}[asked]
    rows = [each for each in made() if each is not None]
    write(NAME, sorted([*others(asked), *rows], key=lambda each: str(each[0])))
