"""Stacks: every layer as the frameworks computed it, and words that were computed, not typed.

The recorded architectures come from `tools/record_architectures.py`. Values typed here were read
off runs of the version named beside them.
"""

from __future__ import annotations

from typing import Any

import pytest

from poolviz.arithmetic.layers.network_layers import (
    AdaptivePool,
    Conv,
    ConvTranspose,
    Crop,
    Flatten,
    GlobalPool,
    Linear,
    Permute,
    Same,
    Upsample,
)
from poolviz.arithmetic.layers.pool import Pool
from poolviz.diagnosis.layer.findings import Severity
from poolviz.diagnosis.network.stack import Stack
from tests.diagnosis.stack_cases import _CONTENT, RUNS, Recorded, _Texts, vgg16_like

# --- recorded architectures ----------------------------------------------------------------------


FAILING = [each for each in RUNS if each.run["error"] is not None]


each_run = pytest.mark.parametrize("recorded", RUNS, ids=[each.id for each in RUNS])


each_failing = pytest.mark.parametrize("recorded", FAILING, ids=[each.id for each in FAILING])


# Texts that hold a name made up by Keras, or that poolviz does not give word for word.
OTHER_WORDS = (
    "Input 0 with name",
    "non-empty 3D or 4D",
    "output padding must be smaller",
    "`output_padding` must be strictly less",
    "The total size of the tensor",
    "Values in `cropping`",
)


def test_the_recording_is_large_enough() -> None:
    names = {each["name"] for each in _CONTENT["architectures"]}

    assert len(names) >= 40
    assert len(RUNS) > 200
    assert len(FAILING) > 100
    assert {"torch", "keras"} <= set(_CONTENT["versions"])


@each_run
def test_every_layer_has_the_recorded_shape(recorded: Recorded) -> None:
    stack, run = recorded.stack, recorded.run

    assert [list(row.output_shape) for row in stack.rows] == run["shapes"]
    assert [row.parameters for row in stack.rows] == run["parameters"]


@each_run
def test_the_failure_is_the_recorded_one(recorded: Recorded) -> None:
    failure, error = recorded.stack.first_failure, recorded.run["error"]

    if error is None:
        # A map of 0 elements is a failure of which the framework says nothing.
        assert recorded.stack.ok == all(0 not in shape for shape in recorded.run["shapes"])
        assert failure is None or failure.is_silent
    else:
        assert failure is not None
        assert failure.index == error["layer"] == len(recorded.stack.rows)
        assert failure.error_name == error["type"]
        assert not failure.is_silent


@each_failing
def test_the_framework_s_text_is_the_recorded_one(recorded: Recorded) -> None:
    failure = recorded.stack.first_failure
    text = recorded.run["error"]["message"]

    assert failure is not None
    if failure.says is None:
        assert any(words in text for words in OTHER_WORDS)
    else:
        assert failure.says == text


@each_failing
def test_every_failure_is_explained(recorded: Recorded) -> None:
    stack = recorded.stack
    text = str(stack)

    assert stack.first_failure is not None
    assert stack.diagnosis.findings[0].severity is Severity.ERROR
    assert stack.diagnosis.findings[0].layer == stack.first_failure.index
    assert f"raises {stack.first_failure.error_name}" in text
    assert all(fix.text in text for fix in stack.fixes)
    assert _text_in(stack._repr_html_())


@each_failing
def test_fixes_of_recorded_failures_run(recorded: Recorded) -> None:
    """When this was written, 502 of them ran in their framework and gave the same final shape.

    The other two put a Keras Resizing in, which the recorder does not know.
    """
    for fix in recorded.stack.fixes:
        again = Stack(fix.stack.layers, fix.input_shape, fix.stack.data_format, fix.stack.framework)

        assert again.ok
        assert again.output_shape == fix.output_shape


def _text_in(html: str) -> str:
    parser = _Texts()
    parser.feed(html)
    return "".join(parser.texts)


# --- rules of the other frameworks ---------------------------------------------------------------


# (framework, layer, input shape, output shape or None where it raises), each of them run:
# Flax 0.12.8 on JAX 0.10.2, onnxruntime 1.32.0 (opset 22), TensorFlow 2.21.0 (static shapes).
SINGLE_LAYERS: list[tuple[str, Any, tuple[int, ...], tuple[int, ...] | None]] = [
    ("jax", Conv(8, 15, padding="valid"), (10, 10, 3), (0, 0, 8)),
    ("jax", Conv(8, 15, 3, "valid"), (10, 10, 3), (0, 0, 8)),
    ("jax", Conv(8, 3, padding="same"), (0, 10, 3), (0, 10, 8)),
    ("jax", Conv(8, 3, padding="valid"), (0, 10, 3), (0, 8, 8)),
    ("jax", Conv(8, 3, padding=((2, 2), (1, 1))), (0, 10, 3), (2, 10, 8)),
    ("jax", Conv(8, 3, dilation=5, padding="valid"), (10, 10, 3), (0, 0, 8)),
    ("jax", Conv(8, 3, 2, "same", dilation=2), (11, 10, 3), (6, 5, 8)),
    ("jax", Conv(8, 3, 2, "same_lower"), (11, 10, 3), (6, 5, 8)),
    ("jax", Conv(8, (3,), padding="causal"), (11, 10), (11, 8)),
    ("jax", ConvTranspose(8, 3, 2, "same"), (4, 5, 3), (8, 10, 8)),
    ("jax", ConvTranspose(8, 2, 3, "same"), (4, 5, 3), (12, 15, 8)),
    ("jax", ConvTranspose(8, 3, 1, "valid", dilation=2), (4, 5, 3), (8, 9, 8)),
    ("jax", ConvTranspose(8, 3, 2, "valid", dilation=2), (4, 5, 3), (11, 13, 8)),
    ("jax", ConvTranspose(8, 5, 2, "valid", dilation=3), (4, 5, 3), (19, 21, 8)),
    ("jax", ConvTranspose(8, 1, 3, "valid"), (4, 5, 3), (12, 15, 8)),
    ("jax", ConvTranspose(8, 3, 2, 1), (4, 5, 3), (7, 9, 8)),
    ("jax", ConvTranspose(8, 3, 2, 0), (4, 5, 3), (5, 7, 8)),
    ("jax", ConvTranspose(8, 3, 2, 2), (4, 5, 3), (9, 11, 8)),
    ("jax", ConvTranspose(8, 3, 2, "same"), (0, 5, 3), (1, 10, 8)),
    ("jax", Linear(8), (4, 5, 3), (4, 5, 8)),
    ("jax", Linear(8), (0,), None),
    ("jax", GlobalPool("avg"), (0, 5, 3), (3,)),
    ("jax", GlobalPool("max"), (0, 5, 3), None),
    ("jax", Upsample(2), (0, 5, 3), (0, 10, 3)),
    ("jax", Flatten(), (0, 5, 3), (0,)),
    ("jax", AdaptivePool(2), (4, 5, 3), None),
    ("onnxruntime", Conv(8, 3), (3, 9, 9), (8, 7, 7)),
    ("onnxruntime", Conv(8, 5), (3, 3, 9), None),
    ("onnxruntime", Conv(8, 4, 2), (3, 3, 9), None),
    ("onnxruntime", Conv(8, 5, 2, "same"), (3, 3, 9), (8, 2, 5)),
    ("onnxruntime", Conv(8, 3, padding="same", dilation=2), (3, 3, 9), None),
    ("onnxruntime", Conv(8, 1, 3, "same"), (3, 4, 10), (8, 2, 4)),
    ("onnxruntime", Conv(8, 3, padding=5), (3, 4, 10), (8, 12, 18)),
    ("onnxruntime", Conv(8, 3, padding=((0, 1), (0, 1))), (3, 4, 10), (8, 3, 9)),
    ("onnxruntime", Conv(8, 1), (3, 0, 10), None),
    ("onnxruntime", Conv(8, 1, in_channels=3), (4, 9, 10), None),
    ("onnxruntime", ConvTranspose(8, 3, 2), (3, 4, 5), (8, 9, 11)),
    ("onnxruntime", ConvTranspose(8, 3, 2, 1, 1), (3, 4, 5), (8, 8, 10)),
    ("onnxruntime", ConvTranspose(8, 3, 2, output_padding=2), (3, 4, 5), None),
    ("onnxruntime", ConvTranspose(8, 3, 2, "same"), (3, 4, 5), (8, 8, 10)),
    ("onnxruntime", ConvTranspose(8, 1, 3, "same"), (3, 4, 5), (8, 10, 13)),
    ("onnxruntime", ConvTranspose(8, 3, padding=3), (3, 2, 5), None),
    ("onnxruntime", ConvTranspose(8, 2, padding=1), (3, 1, 5), None),
    ("onnxruntime", GlobalPool("avg"), (3, 2, 5), (3, 1, 1)),
    ("onnxruntime", GlobalPool("avg"), (3, 0, 5), None),
    ("onnxruntime", Linear(4, in_features=30), (31,), None),
    ("tensorflow", Conv(8, 5), (3, 9, 3), None),
    ("tensorflow", Conv(8, 5, 3), (3, 9, 3), None),
    ("tensorflow", Conv(8, 3, 2), (8, 9, 3), (3, 4, 8)),
    ("tensorflow", Conv(8, 3, 2, "same", dilation=2), (8, 9, 3), (4, 5, 8)),
    ("tensorflow", Conv(8, 3, 2, "valid", dilation=2), (8, 9, 3), (2, 3, 8)),
    ("tensorflow", Conv(8, 3, dilation=4), (8, 9, 3), None),
    ("tensorflow", Conv(8, 3, padding=((5, 1), (0, 0))), (8, 9, 3), (12, 7, 8)),
    ("tensorflow", Conv(8, (5,), padding=1), (4, 3), None),
    ("tensorflow", Conv(8, (5, 5, 5), padding=1), (9, 9, 9, 3), None),
    ("tensorflow", Conv(8, 3, padding="same"), (0, 9, 3), (0, 9, 8)),
    ("tensorflow", Conv(8, 1), (0, 9, 3), None),
    ("tensorflow", Conv(8, 3, in_channels=4), (8, 9, 3), None),
    ("keras", Conv(8, 3, padding="same"), (0, 5, 5), (0, 5, 8)),
    ("keras", Conv(8, 1), (0, 5, 5), None),
    ("keras", ConvTranspose(8, 2, 3, "same", 0), (1, 3), (0, 8)),
    ("keras", ConvTranspose(8, 3, 2), (0, 3), (1, 8)),
    ("keras", AdaptivePool(3), (0, 3), (3, 3)),
    ("keras", GlobalPool("max"), (0, 5, 3), (3,)),
    ("keras", GlobalPool(keepdims=True), (4, 5, 3), (1, 1, 3)),
    ("pytorch", Conv(8, 1), (3, 0, 9), None),
    ("pytorch", Conv(8, 3, padding=2), (3, 0, 9), None),
    ("pytorch", ConvTranspose(8, 3), (3, 0, 5), None),
    ("pytorch", Upsample(2), (3, 0, 5), None),
    ("pytorch", AdaptivePool(7), (3, 0, 5), None),
    ("pytorch", AdaptivePool((None, 2)), (3, 4, 5), (3, 4, 2)),
    ("pytorch", ConvTranspose(8, 3, padding="same"), (3, 2, 5), None),
    ("pytorch", ConvTranspose(8, 3, 2, 0, 2, 3), (3, 4, 5), (8, 15, 17)),
    ("pytorch", Crop(((3, 2), (0, 0))), (3, 5, 4), (3, 0, 4)),
    ("pytorch", Crop(((3, 3), (0, 0))), (3, 5, 4), None),
    ("pytorch", Linear(3), (0,), (3,)),
]


@pytest.mark.parametrize(("framework", "layer", "shape", "expected"), SINGLE_LAYERS)
def test_one_layer_gives_what_was_seen(
    framework: str, layer: Any, shape: tuple[int, ...], expected: tuple[int, ...] | None
) -> None:
    stack = Stack([layer], shape, framework=framework)

    assert stack.output_shape == expected
    assert [row.output_shape for row in stack.rows] == ([] if expected is None else [expected])


# --- deep stacks and channel order, as they were recorded ----------------------------------------


@pytest.mark.parametrize("size", [16, 28, 31])
def test_vgg16_is_too_deep_for_small_pictures(size: int) -> None:
    stack = vgg16_like(size)
    failure = stack.first_failure

    assert failure is not None
    assert (failure.index, failure.name) == (17, "block5_pool")
    assert failure.input_shape == (1, 1, 32)
    assert failure.axes == ("height", "width")
    assert failure.error_name == "ValueError"
    assert stack.minimum_input_size == (32, 32)


def test_vgg16_fits_from_32_on() -> None:
    assert vgg16_like(32).output_shape == (1, 1, 32)
    assert vgg16_like(16, "same").output_shape == (1, 1, 32)


def test_the_guilty_are_named_with_what_they_took() -> None:
    failure = vgg16_like(28).first_failure

    assert failure is not None
    height = [(one.label, one.taken) for one in failure.guilty if one.axis == "height"]
    assert height == [
        ("block1_pool", 14),
        ("block2_pool", 7),
        ("block3_pool", 4),
        ("block4_pool", 2),
    ]
    assert (
        "Along the height (and likewise the width), block1_pool removed 14 rows (28 → 14), "
        "block2_pool removed 7 rows (14 → 7), block3_pool removed 4 rows (7 → 3) and 1 other layer "
        "removed 2 rows."
    ) in str(vgg16_like(28))


def test_a_pooling_as_victim_has_its_own_diagnosis() -> None:
    failure = vgg16_like(28).first_failure

    assert failure is not None
    assert not failure.diagnosis.ok
    assert failure.diagnosis.findings[0].axes == ("height", "width")
    assert "MaxPool 2×2, stride 2, no padding on 1 × 1" in str(failure.diagnosis)


def test_the_victim_is_called_by_its_name() -> None:
    """A name is written as the reader wrote it; a title begins with a capital letter."""
    named, plain = (
        Stack([Pool(2), layer], (3, 2, 2)).first_failure for layer in (("pool2", Pool(2)), Pool(2))
    )

    assert str(named) == "pool2: PyTorch raises RuntimeError"
    assert str(plain) == "Layer 1 (MaxPool 2×2): PyTorch raises RuntimeError"


def test_a_convolution_as_victim_shares_the_diagnosis_of_the_stack() -> None:
    stack = Stack([Conv(4, 5)], (3, 3, 9))

    assert stack.first_failure is not None
    assert stack.first_failure.diagnosis is stack.diagnosis
    assert stack.first_failure.axes == ("height",)


MNIST = [Conv(32, 3), Same("ReLU"), Pool(2), Flatten(), Linear(10)]


def test_channels_first_data_in_a_channels_last_model() -> None:
    """The tell is a height of 1 or 3; both readings stand side by side, the fix comes first."""
    stack = Stack(MNIST, (1, 28, 28), "channels_last", "keras")

    assert stack.first_failure is not None
    assert stack.first_failure.index == 0
    assert (
        "The input 1 × 28 × 28 is read as height 1, width 28 and 28 channels. Read as channels "
        "first, it is height 28, width 28 and 1 channel: then every layer runs, and the output is "
        "10."
    ) in str(stack)
    assert [fix.parameter for fix in stack.fixes] == ["channel order", "data_format"]
    assert [fix.stack.input_shape for fix in stack.fixes] == [(28, 28, 1), (1, 28, 28)]
    assert stack.fixes[1].stack.data_format == "channels_first"


@pytest.mark.parametrize(
    ("layers", "shape", "index", "before"),
    [
        (MNIST, (1, 28, 28), 0, (1, 28, 28)),
        ([Conv(32, 3, padding="same"), *MNIST[1:]], (1, 28, 28), 2, (1, 28, 32)),
        ([Conv(32, 3), Pool(2)], (3, 32, 32), 1, (1, 30, 32)),
        ([Conv(32, 3, padding="same"), Pool(2)] * 2, (3, 32, 32), 3, (1, 16, 32)),
        ([Conv(64, 3, padding="same"), Pool(2), Pool(2)], (3, 224, 224), 2, (1, 112, 64)),
    ],
)
def test_channels_first_scenarios(
    layers: list[Any], shape: tuple[int, ...], index: int, before: tuple[int, ...]
) -> None:
    """Keras raises at this layer, with this map before it (2.15, and 3.15.1 on three backends)."""
    failure = Stack(layers, shape, "channels_last", "keras").first_failure

    assert failure is not None
    assert (failure.index, failure.input_shape) == (index, before)


def test_channels_first_is_mended_by_data_format_or_permute() -> None:
    pools = [Pool(2), Pool(2)]

    assert Stack(pools, (3, 32, 32), "channels_first", "keras").output_shape == (3, 8, 8)
    assert Stack([Permute((2, 3, 1)), *pools], (3, 32, 32), framework="keras").output_shape == (
        8,
        8,
        3,
    )


def test_channels_last_data_in_pytorch() -> None:
    stack = Stack([Conv(32, 3, in_channels=3), Pool(2)], (32, 32, 3))

    assert stack.first_failure is not None
    assert stack.first_failure.says == (
        "Given groups=1, weight of size [32, 3, 3, 3], expected input[1, 32, 32, 3] "
        "to have 3 channels, but got 32 channels instead"
    )
    assert [(fix.parameter, fix.code) for fix in stack.fixes] == [
        ("channel order", "x = x.permute(0, 3, 1, 2)")
    ]
    assert stack.minimum_input_size is None


def test_a_strange_order_that_runs_is_a_note() -> None:
    stack = Stack([Conv(8, 3, padding="same")], (3, 32, 32), framework="keras")
    finding = stack.diagnosis.findings[0]

    assert stack.ok
    assert (finding.cause, finding.severity) == ("channel order", Severity.NOTE)
    assert stack.fixes == ()


def test_one_axis_alone_may_fail() -> None:
    failure = Stack([Pool(2)] * 3, (5, 12, 1), framework="keras").first_failure

    assert failure is not None
    assert failure.axes == ("height",)
    assert {one.axis for one in failure.guilty} == {"height"}


# --- silence -------------------------------------------------------------------------------------


FLAX_VGG = [layer for _ in range(5) for layer in (Conv(8, 3, padding="same"), Pool(2, 2))]


def test_flax_goes_on_with_an_empty_map() -> None:
    """Flax 0.12.8: the mean of a 0-sized map is nan, and nothing is said."""
    stack = Stack([*FLAX_VGG, GlobalPool()], (28, 28, 3), framework="jax")
    failure = stack.first_failure

    assert failure is not None
    assert (failure.index, failure.is_silent, failure.error_name) == (9, True, None)
    assert stack.rows[9].output_shape == (0, 0, 8)
    assert stack.output_shape == (8,)
    assert not stack.diagnosis.ok
    assert all(fix.stack.ok for fix in stack.fixes)
    assert stack.minimum_input_size == (32, 32)


def test_flax_divides_by_zero_in_the_dense_layer() -> None:
    """Flax 0.12.8: ZeroDivisionError, two layers after the map was lost."""
    stack = Stack([*FLAX_VGG, Flatten(), Linear(10)], (16, 16, 3), framework="jax")

    assert stack.first_failure is not None
    assert stack.first_failure.index == 9
    assert len(stack.rows) == 11
    assert stack.output_shape is None


def test_onnxruntime_truncates_and_says_nothing() -> None:
    stack = Stack([Pool(2, 2)], (3, 1, 8), framework="onnxruntime")

    assert stack.output_shape == (3, 1, 4)
    assert stack.first_failure is not None
    assert stack.first_failure.is_silent
    assert "first problem at layer 0 (MaxPool 2×2)" in str(stack)
