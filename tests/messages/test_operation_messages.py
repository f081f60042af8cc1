"""`pv.decode` on recorded messages of Paddle, and of operations outside of the usual layers."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import pytest

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.messages.message import MessageKind as Kind
from poolviz.reading.messages import Message, decode
from tests.support.recorded_messages import recorded_messages

Facts = dict[str, Any]
Asked = dict[str, Any]


def two(asked: Asked) -> Facts:
    return {"expected": (asked["expected"],), "got": (asked["got"],)}


def rank(asked: Asked, expected: int = 4) -> Facts:
    return {"expected": (expected,), "got": (len(asked["shape"]),)}


def rows_of_map(asked: Asked) -> Facts:
    return rank(asked, 2)


def differing(asked: Asked) -> Facts:
    """The sizes that differ, counted from the last."""
    first, second = asked["first"], asked["second"]
    length = min(len(first), len(second))
    pairs = zip(first[-length:], second[-length:], strict=True)
    apart = [pair for pair in pairs if pair[0] != pair[1]]
    return {"expected": tuple(one for one, _ in apart), "got": tuple(two for _, two in apart)}


def one_of_joined(asked: Asked) -> Facts:
    return {"is_of_maps": True, "shapes": (tuple(asked["first"]), tuple(asked["second"]))}


def numbers(asked: Asked) -> Facts:
    wanted = prod(size for size in asked["target"] if size > 0)
    return {"expected": (wanted,), "got": (prod(asked["shape"]),)}


def normalised(asked: Asked) -> Facts:
    wanted = asked["wanted"] if isinstance(asked["wanted"], list) else [asked["wanted"]]
    return {"expected": tuple(wanted), "got": tuple(asked["shape"][-len(wanted) :])}


def nothing(asked: Asked) -> Facts:
    return {}


def undivided(asked: Asked) -> Facts:
    return {"expected": (asked["multiple"],), "got": (asked["channels"],)}


def cells(asked: Asked) -> Facts:
    """onnxruntime states no sizes, and names the side."""
    if "name" in asked:
        return {"expected": (), "axis": "height" if asked["sizes"][0] == 5 else "width"}
    return {"expected": (asked["multiple"],), "got": tuple(asked["sizes"])}


def uneven(asked: Asked) -> Facts:
    sizes = [size for size in asked["sizes"] if size % asked["multiple"]]
    return {"expected": (asked["multiple"],), "got": tuple(sizes[:1])}


def resized(asked: Asked) -> Facts:
    """The sides that are empty: of the map, or of what it would be resized to."""
    is_empty = 0 in asked["sizes"]
    sides = asked["sizes"] if is_empty else asked["output"]
    names = zip(AXIS_NAMES[len(sides)], sides, strict=True)
    empty = tuple(name for name, size in names if size == 0)
    return {"failing_axes": empty, "argument": None if is_empty else "resized"}


def ranks(low: int, high: int) -> Callable[[Asked], Facts]:
    return lambda asked: {"expected": (low, high), "got": (len(asked["shape"]),), "op": None}


PADDLE: dict[str, tuple[Kind, Callable[[Asked], Facts]]] = {
    "channels": (Kind.CHANNELS, two),
    "channels-transposed": (Kind.CHANNELS, two),
    "rank": (Kind.RANK, rank),
    "rank-pool": (Kind.RANK, rank),
    "linear": (Kind.LINEAR, two),
    "norm": (Kind.CHANNELS, two),
    "layer-norm": (Kind.CHANNELS, normalised),
    "add": (Kind.SUM, differing),
    "concat": (Kind.CONCATENATE, one_of_joined),
    "reshape": (Kind.RESHAPE, numbers),
    "reshape-full": (Kind.RESHAPE, numbers),
    "reflection": (Kind.REFLECTION, lambda asked: {"axis": "height"}),
    "rows": (
        Kind.TARGET,
        lambda asked: {"expected": (asked["outputs"],), "got": (asked["targets"],)},
    ),
    "label": (
        Kind.CLASSES,
        lambda asked: {"expected": (asked["classes"],), "got": (asked["label"],)},
    ),
}
OPERATIONS: dict[str, tuple[Kind, Callable[[Asked], Facts]]] = {
    "layer-norm": (Kind.CHANNELS, normalised),
    "view": (Kind.RESHAPE, numbers),
    "pool-1d": (Kind.NO_FIT, lambda asked: {"axis": "length"}),
    "add": (Kind.SUM, differing),
    "add-operator": (Kind.SUM, differing),
    "max-pool": (Kind.NO_FIT, lambda asked: {"failing_axes": ("height", "width")}),
    "average-pool": (Kind.NO_FIT, lambda asked: {"failing_axes": ("height", "width")}),
    "conv": (Kind.NO_FIT, nothing),
    "matmul": (Kind.LINEAR, two),
    "name": (Kind.RANK, lambda asked: {"layer_name": asked["name"]}),
    "xla-channels": (Kind.CHANNELS, two),
    "xla-rank": (Kind.RANK, rank),
    "xla-concat": (Kind.CONCATENATE, one_of_joined),
    "squeeze": (Kind.INPUT_SHAPE, lambda asked: {"got": (asked["shape"][1],)}),
    "squeeze-eager": (Kind.INPUT_SHAPE, lambda asked: {"got": (asked["shape"][1],)}),
    "matmul-map": (Kind.RANK, rows_of_map),
    "with-rank": (Kind.RANK, rows_of_map),
    "reshape-graph": (Kind.RESHAPE, numbers),
    "resize": (Kind.EMPTY_INPUT, resized),
    "fold": (
        Kind.INPUT_SHAPE,
        lambda asked: {"expected": (asked["wanted"],), "got": (asked["given"],)},
    ),
    "fold-channels": (Kind.DIVISIBLE, undivided),
    "fold-rank": (Kind.RANK, ranks(2, 3)),
    "local-norm": (Kind.RANK, lambda asked: rank(asked, 3)),
    "softmax-2d": (Kind.RANK, ranks(3, 4)),
    "permute": (Kind.RANK, lambda asked: rank(asked, len(asked["order"]))),
    "shuffle": (Kind.DIVISIBLE, undivided),
    "cells": (Kind.DIVISIBLE, cells),
    "cells-graph": (Kind.DIVISIBLE, uneven),
    "batches": (Kind.DIVISIBLE, uneven),
    "depth": (Kind.DIVISIBLE, undivided),
    "depth-graph": (Kind.DIVISIBLE, undivided),
    "depth-rank": (Kind.RANK, rank),
    "depth-rank-graph": (Kind.RANK, rank),
    "bias": (Kind.CHANNELS, lambda asked: two(asked) | {"op": None}),
    "bias-graph": (Kind.CHANNELS, lambda asked: two(asked) | {"op": None}),
    "norm": (Kind.CHANNELS, lambda asked: two(asked) | {"op": "norm"}),
    "norm-graph": (Kind.CHANNELS, lambda asked: two(asked) | {"op": "norm"}),
    "instance-norm": (Kind.CHANNELS, two),
    "pool-rank": (Kind.RANK, lambda asked: {"layer_name": asked["name"]}),
    "maps": (Kind.SUM, lambda asked: {"expected": (16,), "got": (15,)}),
}


def check(name: str, told: dict[str, tuple[Kind, Callable[[Asked], Facts]]]) -> None:
    seen = set()
    for row in recorded_messages(name):
        if row.scenario not in told:
            continue
        kind, facts = told[row.scenario]
        is_sequence = row.scenario == "layer-norm" and len(row.parameters["shape"]) < 4
        message = decode(row.text)
        if is_sequence:
            assert message is None, row.text
            continue
        assert isinstance(message, Message), row.text
        is_shape = row.scenario == "layer-norm" and len(facts(row.parameters)["expected"]) > 1
        assert message.kind is (Kind.INPUT_SHAPE if is_shape else kind), row.text
        wanted = facts(row.parameters)
        assert {key: getattr(message, key) for key in wanted} == wanted, row.text
        assert message.framework == {"torch": "pytorch"}.get(row.framework, row.framework)
        seen.add(row.scenario)
    assert seen == set(told)


def test_paddle() -> None:
    check("paddle", PADDLE)


def test_operations() -> None:
    check("operation", OPERATIONS)


def test_what_takes_a_matrix_beside_dense_layers_is_left_alone() -> None:
    [text] = [row.text for row in recorded_messages("operation") if row.scenario == "pad-rank"]

    assert "must be rank 2 but is rank 4" in text
    assert decode(text) is None


def test_kernels_of_a_gpu_state_both_shapes() -> None:
    text = (
        "[ONNXRuntimeError] : 1 : FAIL : Non-zero status code returned while running {0} node. "
        "Name:'{1}' Status Message: {1}: left operand cannot broadcast on dim 3 "
        "LeftShape: {{1,64,20,20}}, RightShape: {{1,64,21,21}}"
    )
    message = decode(text.format("Add", "/layer1/Add"))
    assert message is not None
    assert message.shapes == ((1, 64, 20, 20), (1, 64, 21, 21))
    assert message.failing_axes == ("height", "width")
    assert decode(text.format("Add", "/layers.0/self_attn/Add_2")) is None
    assert decode(text.format("Expand", "Expand_33526")) is None


# Texts that were not run here; the numbers are ours. Each is known from public threads.
PUBLIC = [  # no Apple here
    (
        "RuntimeError: Adaptive pool MPS: input sizes must be divisible by output sizes. "
        "Non-divisible input sizes are not implemented on MPS device yet.",
        Kind.DIVISIBLE,
        {"argument": "input"},
    ),
    (
        "RuntimeError: Adaptive pool MPS: output sizes must be divisible by input sizes.",
        Kind.DIVISIBLE,
        {"argument": "output"},
    ),
    # Distributed normalisation of earlier PyTorch and of Apex, which need several devices.
    ("ValueError: expected at least 3D input (got 2D input)", Kind.RANK, {"argument": "least"}),
    ("ValueError: Expected more than 1 value per channel when training", Kind.ONE_VALUE, {}),
    # XLA before 2023.
    (
        "Expected LHS feature dimension (value 1) to be a multiple of feature_group_count (value "
        "1), and LHS feature dimension / feature_group_count = RHS feature dimension (value 40)",
        Kind.CHANNELS,
        {"expected": (40,), "got": (1,)},
    ),
    # TensorFlow 1 on its own kernels.
    (
        "Conv2DSlowBackpropInput: Size of out_backprop doesn't match computed: actual = 14, "
        "computed = 7 spatial_dim: 1 input: 28 filter: 5 output: 14 stride: 4 dilation: 1",
        Kind.ARGUMENT,
        {"argument": "output_shape", "expected": (7,), "got": (14,)},
    ),
    ("InvalidArgumentError: In[0] is not a matrix\n\t [[Node: MatMul = MatMul", Kind.RANK, {}),
    (
        "ValueError: Dimension 1 in both shapes must be equal, but are 9 and 8 for 'concat' (op: "
        "'ConcatV2') with input shapes: [?,9,9,64], [?,8,8,64], [].",
        Kind.CONCATENATE,
        {"expected": (9, 9), "got": (8, 8)},
    ),
    # Theano, which needs an older Python.
    (
        "ValueError: Shape mismatch: x has 1152 cols (and 64 rows) but y has 800 rows (and 5 cols)",
        Kind.LINEAR,
        {"expected": (800,), "got": (1152,)},
    ),
    (
        "ValueError: dimension mismatch in args to gemm (128,1152)x(800,500)->(128,500)",
        Kind.LINEAR,
        {"expected": (800,), "got": (1152,)},
    ),
    (
        "ValueError: Input dimension mis-match. (input[0].shape[2] = 5, input[1].shape[2] = 4)",
        Kind.SUM,
        {"expected": (5,), "got": (4,), "axis": "height"},
    ),
    (
        "ValueError: ('The specified size contains a dimension with value <= 0', (-448, 512))",
        Kind.NO_FIT,
        {"certainty": "likely"},
    ),
    (
        "ValueError: Input 0 of layer conv2d is incompatible with the layer: : expected "
        "min_ndim=4, found ndim=3. Full shape received: 【416, 416, 3】",
        Kind.RANK,
        {"layer_name": "conv2d"},
    ),
    (
        "`expected input[2, 3, 64, 64] to have 1 channels, but got 3 channels instead`",
        Kind.CHANNELS,
        {"expected": (1,), "got": (3,)},
    ),
    (
        "Error when checking target: expected sigmoid to have 4 dimensions, but got array with "
        "shape (67, 40000, 10)",
        Kind.TARGET,
        {"layer_name": "sigmoid", "certainty": "certain"},
    ),
    (
        "InvalidArgumentError: The input's dimension of Operator(Conv2DFusion) is expected to be "
        "4. But received: input's dimension = 3, shape = [1, 32, 20].",
        Kind.RANK,
        {"framework": "paddle", "expected": (4,), "got": (3,)},
    ),
    # TensorFlow Lite and OpenCV: nothing but the node, or the condition.
    ("Node number 3 (MAX_POOL_2D) failed to prepare.", Kind.INPUT_SHAPE, {"certainty": "guess"}),
    (
        "kernel_util.cc:224 d1 == d2 || d1 == 1 || d2 == 1 was not true. Node number 94 (ADD) "
        "failed to prepare.",
        Kind.SUM,
        {},
    ),
    ("reshape.cc:58 stretch_dim != -1 (0 != -1)", Kind.RESHAPE, {}),
    (
        "error: (-215:Assertion failed) s >= 0 in function 'setSize'",
        Kind.NO_FIT,
        {"certainty": "guess"},
    ),
    (
        "Got invalid dimensions for input: frames for the following indices\n index: 1 Got: 25 "
        "Expected: 16\n Please fix either the inputs/outputs or the model.",
        Kind.INPUT_SHAPE,
        {"expected": (16,), "got": (25,)},
    ),
]


@pytest.mark.parametrize(("text", "kind", "facts"), PUBLIC, ids=lambda one: str(one)[:50])
def test_public_texts(text: str, kind: Kind, facts: Facts) -> None:
    message = decode(text)

    assert message is not None
    assert message.kind is kind
    assert {key: getattr(message, key) for key in facts} == facts


@pytest.mark.parametrize(
    "text",
    [
        "tensorflow/lite/kernels/conv.cc:343 input->type != kTfLiteFloat32\nNode number 0 "
        "(CONV_2D) failed to prepare.",
        "Node number 2840 (WHILE) failed to prepare.",
        "Node number 7 (FlexStridedSlice) failed to prepare.",
        "small = cv2.resize(frame, size)\ns >= 0 in function 'setSize'",
        "Got invalid dimensions for input: attention_mask for the following indices\n index: 1 "
        "Got: 25 Expected: 16\n Please fix either the inputs/outputs or the model.",
        "ValueError: Shape (?, 12, 64) must have rank 2",
        "operands could not be broadcast together with shapes (3,) (4,)",
        "Given normalized_shape=[768], expected input with shape [*, 768], but got input of "
        "size[8, 197, 512]",
        "ValueError: cannot select an axis to squeeze out which has size not equal to one",
    ],
    ids=lambda text: text[:50],
)
def test_neighbours_are_none(text: str) -> None:
    assert decode(text) is None


def test_onednn_aborts_a_convolution_without_a_place_for_the_channels() -> None:
    # Recorded with TensorFlow 2.21.0, from tf.nn.conv2d on (5, 5, 3): the process ends.
    text = (
        "tensor_format.h:428] Check failed: index >= 0 && index < num_total_dims "
        "Invalid index from the dimension: {}, 0, C"
    )
    message = decode(text.format(3))
    assert message is not None
    assert (message.kind, message.expected, message.certainty) == (Kind.RANK, (4,), "likely")
    assert message.fixes[0][0] == "add the batch axis"
    assert decode(text.format(9)) is None
