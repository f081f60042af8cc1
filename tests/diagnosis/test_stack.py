"""Stacks: every layer as the frameworks computed it, and words that were computed, not typed.

The recorded architectures come from `tools/record_architectures.py`. Values typed here were read
off runs of the version named beside them.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from typing import Any, NamedTuple

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from poolviz.arithmetic.layers import network_layers as operations
from poolviz.arithmetic.layers.network_layers import (
    AdaptivePool,
    Add,
    Concatenate,
    Conv,
    ConvTranspose,
    Crop,
    DepthwiseConv,
    Flatten,
    GlobalPool,
    Linear,
    Named,
    Permute,
    Reshape,
    Same,
    Upsample,
    ZeroPad,
)
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.failures import FailureKind
from poolviz.arithmetic.network.forward import walk
from poolviz.arithmetic.network.shape_rules import NetworkConfig
from poolviz.arithmetic.network.window_cache import window_calculator
from poolviz.arithmetic.trace import trace
from poolviz.diagnosis.layer.findings import Severity
from poolviz.diagnosis.network.stack import Stack
from tests.support.paths import ROOT
from tests.support.recordings import COMPACT_FOLDER
from tools import architecture

FRAMEWORKS = ("pytorch", "tensorflow", "keras", "jax", "onnxruntime")
HEAVY = ("numpy", "matplotlib", "ipywidgets", "anywidget", "traitlets")

quick = settings(
    derandomize=True, deadline=None, phases=[Phase.explicit, Phase.generate, Phase.shrink]
)
few = settings(quick, max_examples=40)
many = settings(quick, max_examples=200)


# --- recorded architectures ----------------------------------------------------------------------


class Recorded(NamedTuple):
    """One run of one architecture, as poolviz sees it and as the framework did."""

    id: str
    stack: Stack
    run: dict[str, Any]


def _as_tuple(value: Any) -> Any:
    return tuple(map(_as_tuple, value)) if isinstance(value, list) else value


def layer_of(entry: dict[str, Any]) -> Any:
    """A poolviz layer from its neutral description."""
    skipped = ("op", "op_name", "branches")
    arguments = {name: _as_tuple(value) for name, value in entry.items() if name not in skipped}
    if "op_name" in entry:
        arguments["op"] = entry["op_name"]
    if "branches" in entry:
        arguments["branches"] = tuple(tuple(map(layer_of, b)) for b in entry["branches"])
    kind = Pool if entry["op"] == "Pool" else getattr(operations, entry["op"])
    return kind(**arguments)


def _recorded() -> list[Recorded]:
    runs = []
    for each in _CONTENT["architectures"]:
        layers = tuple(map(layer_of, each["layers"]))
        for run in each["runs"]:
            name = f"{each['name']}-{'x'.join(map(str, run['input_shape']))}"
            stack = Stack(layers, run["input_shape"], each["data_format"], each["framework"])
            runs.append(Recorded(name, stack, run))
    return runs


_CONTENT = json.loads(gzip.decompress((COMPACT_FOLDER / "architectures.json.gz").read_bytes()))
RUNS = _recorded()
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


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


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


def vgg16_like(size: int, padding: Any = 0) -> Stack:
    """Five blocks of convolutions, a sixteenth of VGG16's channels."""
    layers: list[Any] = []
    for block, (times, channels) in enumerate([(2, 4), (2, 8), (3, 16), (3, 32), (3, 32)], 1):
        for i in range(1, times + 1):
            layers.append(Conv(channels, 3, padding="same", name=f"block{block}_conv{i}"))
        layers.append((f"block{block}_pool", Pool(2, 2, padding)))
    return Stack(layers, (size, size, 3), "channels_last", "keras")


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
        "The input 1 × 28 × 28 is read as height 1, width 28 and 28 channels. Channels first, it "
        "is height 28, width 28 and 1 channel: then every layer runs, and the output is 10."
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


# --- windows on any size, as fast as it gets -----------------------------------------------------


@st.composite
def pools(draw: st.DrawFn) -> Pool:
    ndim = draw(st.integers(1, 3))
    pads = st.tuples(*[st.tuples(st.integers(0, 3), st.integers(0, 3))] * ndim)
    return Pool(
        draw(st.tuples(*[st.integers(1, 7)] * ndim)),
        draw(st.none() | st.tuples(*[st.integers(1, 5)] * ndim)),
        draw(st.sampled_from([0, 1, "valid", "same", "same_lower"]) | pads),
        draw(st.sampled_from([1, 1, 2, 3])),
        draw(st.booleans()),
        draw(st.sampled_from(["max", "avg"])),
        framework=draw(st.sampled_from(FRAMEWORKS)),
    )


@many
@given(pools(), st.data())
def test_a_window_gives_the_sizes_of_its_trace(layer: Pool, data: st.DataObject) -> None:
    """One trace per remainder is enough, in every framework."""
    ndim = layer.ndim or 1
    sizes = data.draw(st.tuples(*[st.integers(0, 40)] * ndim))
    fast = window_calculator(layer, layer.framework, ndim).sizes(sizes)
    slow = trace(layer, sizes)

    if fast is not None:
        assert slow.outcome == "ok"
        assert not slow.is_truncated
        assert slow.returned_size == fast
    else:
        is_short = any(
            size < axis.effective_kernel_size for size, axis in zip(sizes, slow.axes, strict=True)
        )
        assert is_short or slow.outcome == "raises"


def test_a_thousand_layers() -> None:
    stack = Stack([Pool(2, 1)] * 1000, (1, 1003, 1001), framework="pytorch")

    assert len(stack.rows) == 1000
    assert stack.output_shape == (1, 3, 1)
    assert stack.rows[-1].receptive_field == (1001, 1001)
    assert stack.minimum_input_size == (1001, 1001)
    assert len(stack.table().splitlines()) == 42


def test_a_thousand_layers_stop_at_the_right_one() -> None:
    stack = Stack([Pool(2, 1)] * 1000, (1, 900, 1001), framework="pytorch")

    assert stack.first_failure is not None
    assert stack.first_failure.index == 899
    assert "… 100 more …" in stack.table()


# --- receptive fields, by brute force ------------------------------------------------------------


def _seen_by_window(axis: Any, size: int, seen: list[set[int]]) -> list[set[int]]:
    """Which inputs each output depends on: taps one by one, without any formula."""
    found = []
    start = -axis.padding.before
    while start + axis.effective_kernel_size <= size + axis.padding.after:
        taps = [start + tap * axis.dilation for tap in range(axis.kernel_size)]
        found.append(set().union(*(seen[tap] for tap in taps if 0 <= tap < size)))
        start += axis.stride
    return found


def _dependence(layers: Iterable[Any], size: int) -> list[set[int]]:
    seen = [{i} for i in range(size)]
    for layer in layers:
        size = len(seen)
        if isinstance(layer, Upsample):
            seen = [seen[i // layer.scale_factor[0]] for i in range(size * layer.scale_factor[0])]  # type: ignore[index]
        elif isinstance(layer, ConvTranspose):
            axis = layer.window.axes(1)[0]
            stride, kernel = axis.stride or 1, axis.kernel_size
            spread: list[set[int]] = [set() for _ in range((size - 1) * stride + kernel)]
            for i, part in enumerate(seen):
                for tap in range(kernel):
                    spread[i * stride + tap] |= part
            seen = spread
        else:
            window = layer if isinstance(layer, Pool) else layer.window
            seen = _seen_by_window(trace(window, (size,)).axes[0], size, seen)
    return seen


def _extent(seen: list[set[int]]) -> int:
    return max(max(part) - min(part) + 1 for part in seen if part)


window_layers = st.one_of(
    st.builds(
        lambda k, s, p: Pool((k,), (s,), (min(p, k // 2),)),
        st.integers(1, 4),
        st.integers(1, 3),
        st.integers(0, 2),
    ),
    st.builds(
        lambda k, s, d: Conv(1, (k,), (s,), dilation=(d,)),
        st.integers(1, 4),
        st.integers(1, 3),
        st.integers(1, 3),
    ),
)
enlarging_layers = st.one_of(
    st.builds(lambda f: Upsample((f,)), st.integers(1, 3)),
    st.builds(lambda k, s: ConvTranspose(1, (k,), (s,)), st.integers(1, 4), st.integers(1, 3)),
)


@many
@given(st.lists(window_layers, min_size=1, max_size=4))
def test_receptive_field_of_windows_by_brute_force(layers: list[Any]) -> None:
    size = 400
    stack = Stack(layers, (1, size))
    assume(stack.ok)
    seen = _dependence(layers, size)
    middle = seen[len(seen) // 2]
    field, jump = stack.rows[-1].receptive_field[0], stack.rows[-1].jump[0]
    assume(len(seen) > 4 and field < size // 4)

    assert field == _extent(seen)
    assert jump == min(seen[len(seen) // 2 + 1]) - min(middle)


@many
@given(st.lists(window_layers | enlarging_layers, min_size=1, max_size=4))
def test_receptive_field_never_says_too_little(layers: list[Any]) -> None:
    stack = Stack(layers, (1, 200))
    assume(stack.ok and len(layers) > 0)

    assert stack.rows[-1].receptive_field[0] >= _extent(_dependence(layers, 200))


@pytest.mark.parametrize(
    "layers",
    [
        [Upsample((2,)), Conv(1, (3,))],
        [Pool((2,)), Upsample((2,)), Conv(1, (2,))],
        [Pool((2,)), Conv(1, (3,)), Upsample((2,)), Conv(1, (3,)), Conv(1, (3,))],
        [Pool((2,)), Pool((2,)), ConvTranspose(1, (2,), (2,)), Conv(1, (3,)), Upsample((2,))],
        [Pool((3,)), ConvTranspose(1, (4,), (2,)), Conv(1, (3,))],
    ],
)
def test_receptive_field_on_the_way_up_is_exact(layers: list[Any]) -> None:
    stack = Stack(layers, (1, 200))

    assert stack.rows[-1].receptive_field[0] == _extent(_dependence(layers, 200))


def test_a_stride_between_two_enlargements_costs_no_element() -> None:
    """Found by search: the closed form without its slack says 1 here."""
    layers = [Upsample((2,)), Pool((2,), (3,)), ConvTranspose(1, (1,), (2,))]

    assert _extent(_dependence(layers, 60)) == 2
    assert Stack(layers, (1, 60)).rows[-1].receptive_field == (2,)


def test_known_receptive_fields() -> None:
    """VGG16's last pooling sees 212 pixels, 32 apart."""
    last = vgg16_like(64).rows[-1]

    assert last.receptive_field == (212, 212)
    assert last.jump == (32, 32)


def test_jump_is_a_fraction_after_upsampling() -> None:
    rows = Stack([Upsample(2), Pool((4, 2)), Flatten()], (1, 8, 8)).rows

    assert rows[0].jump == (Fraction(1, 2), Fraction(1, 2))
    assert rows[1].jump == (2, 1)
    assert rows[2].jump == ()


def test_global_and_adaptive_pooling_see_everything() -> None:
    rows = Stack([AdaptivePool(2), AdaptivePool(1)], (1, 8, 9)).rows

    assert rows[0].receptive_field == (4, 6)
    assert rows[1].receptive_field[0] == 8


def test_branches_see_what_the_widest_sees() -> None:
    rows = Stack(
        [Concatenate(((), (Conv(1, 3, padding=1),), (Conv(1, 5, padding=2),)))], (1, 9, 9)
    ).rows

    assert [row.receptive_field for row in rows] == [(3, 3), (5, 5), (5, 5)]


def test_unread_cells_are_counted() -> None:
    rows = Stack([Pool(2), Same("ReLU"), Conv(3, 3, 2)], (1, 9, 8)).rows

    assert [row.unread_count for row in rows] == [8, 0, 7]
    assert rows[1].trace is None


# --- the smallest input --------------------------------------------------------------------------


@st.composite
def stacks(draw: st.DrawFn, with_branches: bool = True) -> Stack:
    """Small stacks of layers that a framework takes, on small inputs."""
    framework = draw(st.sampled_from(["pytorch", "keras", "jax"]))
    padding = st.sampled_from([0, "same"] if framework != "pytorch" else [0, 1])
    sides = st.tuples(st.integers(1, 4), st.integers(1, 4))
    pool = st.builds(
        lambda k, s, p: Pool(k, s, min(p, min(k) // 2) if isinstance(p, int) else p),
        sides,
        st.none() | st.integers(1, 3),
        padding,
    )
    conv = st.builds(lambda k, s, p: Conv(4, k, s, p), sides, st.integers(1, 2), padding)
    plain: st.SearchStrategy[Any] = pool | conv | st.just(Same("ReLU"))
    layers = draw(st.lists(plain, min_size=1, max_size=6))
    if with_branches and draw(st.booleans()):
        factor = draw(st.integers(2, 3))
        way = (Pool(factor), Conv(4, 3, padding=1 if framework == "pytorch" else "same"))
        layers.append(Concatenate(((), (*way, ConvTranspose(4, factor, factor)))))
    sizes = draw(st.tuples(st.integers(1, 24), st.integers(1, 24)))
    shape = (3, *sizes) if framework == "pytorch" else (*sizes, 3)
    return Stack(layers, shape, framework=framework)


def _on(stack: Stack, sizes: tuple[int, ...]) -> Stack:
    setting = stack.network.setting
    flow = setting.flow(stack.input_shape)._replace(sizes=sizes)
    return replace(stack, input_shape=setting.shape(flow))


@many
@given(stacks())
def test_the_smallest_input_runs_and_one_less_does_not(stack: Stack) -> None:
    least = stack.minimum_input_size

    assert least is not None
    assert _on(stack, least).ok
    for axis in range(len(least)):
        less = tuple(size - (i == axis) for i, size in enumerate(least))
        if min(less) > 0:
            assert not _on(stack, less).ok


@few
@given(stacks(with_branches=False), st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_whatever_is_larger_than_the_smallest_runs_too(stack: Stack, more: tuple[int, int]) -> None:
    least = stack.minimum_input_size

    assert least is not None
    assert _on(stack, tuple(map(sum, zip(least, more, strict=True)))).ok


def test_a_dense_layer_asks_for_one_size() -> None:
    layers = [Conv(6, 5), Pool(2), Conv(16, 5), Pool(2), Flatten(), Linear(120, 400)]
    stack = Stack(layers, (1, 28, 28))

    assert stack.minimum_input_size == (32, 32)
    assert (
        "400 features are 16 channels of size 5 × 5; the layer receives 16 channels of size 4 × 4."
        in str(stack)
    )


@pytest.mark.parametrize(
    "stack",
    [
        Stack([Pool(2, padding=1)], (9, 9, 1), framework="keras"),  # refused at every size
        Stack([Conv(4, 3, in_channels=2)], (3, 9, 9)),
        Stack([Linear(4)], (7,)),
        Stack([Concatenate(((), (Conv(3, 3),)))], (3, 9, 9)),
    ],
)
def test_where_no_size_helps_there_is_no_smallest_one(stack: Stack) -> None:
    assert stack.minimum_input_size is None


def test_the_smallest_input_of_a_volume_whose_rule_looks_at_the_bare_input() -> None:
    """PyTorch's avg_pool3d wants an input as long as the kernel, padded or not."""
    assert Stack([Pool(3, 1, 1, op="avg")], (1, 2, 5, 5)).minimum_input_size == (3, 3, 3)


@pytest.mark.parametrize(
    ("layers", "shape", "expected"),
    [
        ([], (3, 4, 4), 2),
        ([Pool(2)], (3, 32, 32), 4),
        ([Pool(3)], (3, 32, 32), 2),
        ([Pool(2)], (3, 2, 32), 0),
        ([Pool(2), Flatten()], (3, 32, 32), 0),
        ([Pool(2), Pool(2)], (3, 2, 32), 0),
        ([Pool(2, 2, "same", framework="keras")], (8, 8, 1), 2),
    ],
)
def test_how_many_more_poolings_fit(
    layers: list[Any], shape: tuple[int, ...], expected: int
) -> None:
    assert Stack(layers, shape).more_poolings == expected


# --- fixes ---------------------------------------------------------------------------------------


@many
@given(stacks())
def test_each_fix_works_over_the_whole_stack(stack: Stack) -> None:
    fixes = stack.fixes

    assert bool(fixes) == (not stack.ok)
    for fix in fixes:
        again = Stack(
            fix.stack.layers, fix.stack.input_shape, fix.stack.data_format, fix.stack.framework
        )

        assert again.ok
        assert again.output_shape == fix.output_shape
        assert fix.stack != stack
        assert fix.text.startswith(fix.change)


@few
@given(stacks())
def test_a_larger_input_is_among_the_fixes_of_a_chain(stack: Stack) -> None:
    failure = stack.first_failure
    assume(failure is not None and failure.failure.problem.kind is FailureKind.NO_WINDOW)

    assert any(fix.parameter == "input_size" for fix in stack.fixes)


def test_fixes_are_ranked_by_how_near_they_are_to_the_victim() -> None:
    parameters = [fix.parameter for fix in vgg16_like(28).fixes]

    assert parameters == [
        "padding",
        "adaptive",
        "layer",
        "stride",
        "layer",
        "padding",
        "input_size",
    ]


def test_a_fix_keeps_the_names() -> None:
    fix = vgg16_like(28).fixes[0]

    assert fix.change == 'padding="same" in block5_pool'
    assert fix.code == "layers.MaxPooling2D(2, strides=2, padding='same')"
    assert fix.stack.rows[17].name == "block5_pool"


def test_a_fix_may_need_several_layers() -> None:
    stack = Stack([Pool(2)] * 6, (1, 4, 4))
    left_out = [fix for fix in stack.fixes if fix.change.startswith("removing")]

    assert [fix.change for fix in left_out] == ["removing the last 4 pooling layers"]
    assert left_out[0].output_shape == (1, 1, 1)


def test_a_head_made_for_one_size_becomes_adaptive() -> None:
    layers = [Conv(64, 3, 2, 1), Pool(2), Pool(7, op="avg"), Flatten(), Linear(10, 64)]
    stack = Stack(layers, (3, 16, 16))

    assert "The head pools 7 × 7, but its input is 4 × 4." in str(stack)
    assert "Inputs of at least 27 × 27 give a feature map that large." in str(stack)
    assert stack.fixes[0].layer == AdaptivePool(1)


def test_a_dense_layer_gets_what_arrives_or_an_adaptive_pooling() -> None:
    stack = Stack([Conv(16, 5), Pool(2), Flatten(), Linear(10, 2304)], (1, 20, 20))

    assert [(fix.parameter, fix.stack.ok) for fix in stack.fixes] == [
        ("in_features", True),
        ("adaptive", True),
        ("input_size", True),
    ]
    assert stack.fixes[0].layer == Linear(10, 1024)
    assert stack.fixes[2].input_shape == (1, 28, 28)


def test_a_missing_flatten_is_found() -> None:
    stack = Stack([Pool(2), Linear(10, 48)], (3, 8, 8))

    assert "The feature map 3 × 4 × 4 was not flattened." in str(stack)
    assert stack.fixes[0].change == "Flatten before layer 1 (Linear to 10)"


def test_an_odd_size_is_found_where_branches_meet() -> None:
    up = ConvTranspose(8, 2, 2)
    stack = Stack([Concatenate(((), (("pool", Pool(2)), up)))], (8, 33, 32))
    failure = stack.first_failure

    assert failure is not None
    assert (failure.index, failure.failure.path) == (2, (0,))
    assert failure.axes == ("height",)
    assert "height: pool reads 32 of 33 rows." in str(stack)
    assert [fix.change for fix in stack.fixes] == [
        "padding the smaller feature map to 33 × 32 before layer 2 (Concatenate)",
        "the larger map cropped to 32 × 32 before layer 2 (Concatenate)",
        "output_padding=(1, 0) in layer 1 (ConvTranspose 2×2)",
        "padding or resizing the input from 33 × 32 to 34 × 32",
        "cropping or resizing the input from 33 × 32 to 32 × 32",
    ]
    assert stack.minimum_input_size == (2, 2)


def test_a_skip_with_other_channels_gets_a_convolution() -> None:
    stack = Stack([Add(((Conv(8, 3, padding=1),), ()))], (3, 9, 9))

    assert [fix.change for fix in stack.fixes] == [
        "a 1×1 convolution (3 → 8 channels) before layer 1 (Add)"
    ]


def test_a_failure_inside_a_branch_has_a_path() -> None:
    stack = Stack([Pool(2), Concatenate(((Conv(4, 1),), (Pool(2), Conv(4, 5))))], (3, 9, 9))
    failure = stack.first_failure

    assert failure is not None
    assert (failure.index, failure.failure.path) == (3, (1, 1, 1))
    assert [one.index for one in failure.guilty if one.axis == "height"] == [0, 2]


def test_layers_of_earlier_branches_may_be_guilty() -> None:
    inception = Concatenate(((Pool(2),), (Conv(4, 3), Pool(2))))
    stack = Stack([Concatenate(((Pool(2),), (Pool(2),))), Conv(4, 7)], (3, 9, 9))
    failure = stack.first_failure

    assert failure is not None
    assert [one.index for one in failure.guilty if one.axis == "height"] == [0]
    assert Stack([inception], (3, 9, 9)).first_failure is not None


def test_channels_that_do_not_match_can_be_corrected() -> None:
    stack = Stack([Conv(8, 3, in_channels=3)], (1, 28, 28))

    assert [fix.change for fix in stack.fixes] == [
        "in_channels 3 → 1 in layer 0 (Conv 3×3)",
        "repeating the single channel 3 times",
    ]


def test_another_order_than_the_framework_s_is_said() -> None:
    stack = Stack([Pool(2)], (28, 28, 16), "channels_last", "pytorch")

    assert stack.output_shape == (14, 14, 16)
    assert "PyTorch layers expect channels first." in str(stack)


@pytest.mark.parametrize(
    ("framework", "layer", "shape", "words"),
    [
        ("pytorch", Conv(4, (3,), padding="causal"), (3, 9), 'PyTorch has no "causal"'),
        ("keras", Conv(4, (3, 3), padding="causal"), (9, 9, 3), 'Keras has no "causal"'),
        ("keras", Conv(4, 3, padding="same_lower"), (9, 9, 3), 'Keras has no "same_lower"'),
        ("keras", Conv(4, 3, padding=1), (9, 9, 3), "no padding numbers"),
        ("pytorch", Conv(4, 3, padding=((0, 1), (0, 1))), (3, 9, 9), "pads both sides equally"),
        ("pytorch", Conv(4, 3, 2, "same"), (3, 9, 9), "with stride 1 only"),
        ("keras", Conv(4, 3, 2, dilation=2), (9, 9, 3), "a stride or a dilation, not both"),
        ("onnxruntime", Conv(4, 3, 1, "same", 2), (3, 9, 9), "no dilation together with auto_pad"),
        ("pytorch", ConvTranspose(4, 3, padding="same"), (3, 9, 9), "integers as padding"),
        ("keras", ConvTranspose(4, 3, padding="causal"), (9, 9, 3), 'has no "causal" here'),
        ("keras", ConvTranspose(4, 3, padding=1), (9, 9, 3), 'accept only "valid" and "same"'),
        ("keras", ConvTranspose(4, 3, groups=2), (9, 9, 4), "have no groups"),
        ("keras", ConvTranspose(4, 3, 2, dilation=2), (9, 9, 4), "a stride or a dilation"),
        ("jax", ConvTranspose(4, 3, 2, output_padding=1), (9, 9, 4), "has no output_padding"),
        ("pytorch", ConvTranspose(4, 3, 2, 0, 2), (3, 9, 9), "smaller than the stride or the"),
        ("keras", Pool(2, padding=1), (9, 9, 4), "Keras pooling does not accept padding=(1, 1)"),
    ],
)
def test_a_refused_argument_is_named_and_another_one_works(
    framework: str, layer: Any, shape: tuple[int, ...], words: str
) -> None:
    stack = Stack([layer], shape, framework=framework)

    assert words in str(stack)
    assert stack.fixes
    assert all(fix.stack.ok for fix in stack.fixes)
    assert stack.minimum_input_size is None


def test_adaptive_pooling_is_not_everywhere() -> None:
    stack = Stack([AdaptivePool(2)], (9, 9, 4), framework="jax")

    assert "JAX has no adaptive pooling layer." in str(stack)


def test_the_other_order_may_only_come_further() -> None:
    """Three more poolings than there is room for, and the channels in the wrong place."""
    stack = Stack([Pool(2)] * 6, (3, 32, 32), framework="keras")

    assert "then it gets as far as layer 5 (MaxPool 2×2)." in str(stack)
    assert "channel order" not in [fix.parameter for fix in stack.fixes]


def test_an_order_that_is_worse_is_not_proposed() -> None:
    assert "is read as" not in str(Stack([Pool(2)] * 6, (32, 32, 3), framework="keras"))
    assert "is read as" not in str(Stack([Pool((2, 2))], (9, 9, 1), framework="keras"))
    assert "is read as" not in str(Stack([Pool(40)], (3, 32, 32), framework="keras"))


def test_features_that_are_no_multiple_of_the_channels() -> None:
    stack = Stack([Conv(7, 3), Flatten(), Linear(10, 400)], (1, 9, 9))

    assert (
        "400 features are not a multiple of the number of channels: the layer receives 7 channels "
        "of size 7 × 7." in str(stack)
    )
    assert [fix.parameter for fix in stack.fixes] == ["in_features"]


@pytest.mark.parametrize(
    ("shape", "features", "expected"),
    [
        ((4, 20), 4 * 7, (14,)),
        ((4, 20, 20), 4 * 7 * 6, (12, 14)),
        ((4, 9, 9, 9), 4 * 27, (6, 6, 6)),
        ((4, 9, 9, 9), 4 * 28, None),
    ],
)
def test_the_size_that_a_dense_layer_was_built_for(
    shape: tuple[int, ...], features: int, expected: tuple[int, ...] | None
) -> None:
    stack = Stack([Pool(2), Flatten(), Linear(10, features)], shape)

    assert stack.minimum_input_size == expected


def test_a_dense_layer_before_a_reshape_is_corrected() -> None:
    stack = Stack([Linear(100), Reshape((8, 4, 4)), Conv(4, 3)], (10,))

    assert [fix.change for fix in stack.fixes] == [
        "out_features 100 → 128 in layer 0 (Linear to 100)"
    ]
    assert stack.fixes[0].output_shape == (4, 2, 2)
    assert stack.fixes[0].stack.rows[2].receptive_field == (3, 3)  # counted from the reshape on


def test_fixes_reach_into_nested_branches() -> None:
    inner = Named("inner", Concatenate(((), (Pool(2), Conv(4, 5), ConvTranspose(4, 2, 2)))))
    stack = Stack([Named("outer", Concatenate(((Pool(2), inner), (Pool(2),))))], (3, 8, 8))
    failure = stack.first_failure

    assert failure is not None
    assert failure.failure.path == (0, 0, 1, 1, 1)
    assert stack.fixes
    assert all(fix.stack.ok for fix in stack.fixes)
    assert [row.name for row in stack.fixes[0].stack.rows if row.name] == ["inner", "outer"]


def test_one_number_per_channel_may_be_added_where_channels_are_last() -> None:
    gate = Add(((), (GlobalPool(), Linear(3))))

    assert Stack([gate], (9, 9, 3), framework="keras").output_shape == (9, 9, 3)
    assert Stack([Add(((), (Flatten(), Linear(3))))], (3, 9, 9)).output_shape is None


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([Permute((2, 1))], "The layer needs 1 spatial axis, the feature map has 2."),
        ([Flatten(), Conv(4, (3, 3))], "The layer needs 2 spatial axes, but none is left."),
        ([Flatten(), Pool(2)], "The layer needs a spatial axis, but none is left."),
        ([Pool((2, 2, 2))], "The layer needs 3 spatial axes, the feature map has 2."),
        ([Crop(((2, 2), (0, 0))), Crop(9)], "nothing is left of the feature map"),
    ],
)
def test_maps_of_another_kind(layers: list[Any], words: str) -> None:
    assert words in str(Stack(layers, (3, 9, 9)))


# --- what may be written down --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Conv(0, 3), r"out_channels must be an int ≥ 1, got 0"),
        (lambda: Conv(8.0, 3), r"out_channels must be an int ≥ 1, got 8\.0 \(float\)"),
        (lambda: Conv((8, 8), 3), r"out_channels must be an int ≥ 1, got \(8, 8\)"),
        (lambda: Conv(8, "3"), r"kernel_size must be an int ≥ 1 or one per axis, got '3' \(str\)"),
        (lambda: Conv(8, 3, None), r"stride must be an int ≥ 1 or one per axis, got None"),
        (lambda: Conv(8, 3, padding="full"), r'"same_lower", "causal" or .* got \'full\''),
        (lambda: Conv(8, 3, padding=-1), r"padding must be .* got -1"),
        (lambda: Conv(8, 3, groups=0), r"groups must be an int ≥ 1, got 0"),
        (lambda: Conv(8, 3, bias=1), r"bias must be True or False, got 1 \(int\)"),
        (
            lambda: Conv(8, 3, in_channels=True),
            r"in_channels must be an int ≥ 1, got True \(bool\)",
        ),
        (lambda: Conv(8, 3, name=3), r"name must be a text or None, got 3 \(int\)"),
        (lambda: Conv(8, (3, 3), (1, 1, 1)), r"every tuple needs one entry per axis"),
        (lambda: DepthwiseConv(3, depth_multiplier=0), r"depth_multiplier must be an int ≥ 1"),
        (lambda: ConvTranspose(8, 3, output_padding=-1), r"output_padding must be an int ≥ 0"),
        (lambda: AdaptivePool("7"), r"output_size must be an int ≥ 1"),
        (lambda: AdaptivePool((0, 1)), r"output_size must be an int ≥ 1"),
        (lambda: AdaptivePool(1, "mean"), r'op must be one of "max", "avg", got \'mean\''),
        (lambda: GlobalPool(keepdims="yes"), r"keepdims must be True or False, got 'yes' \(str\)"),
        (lambda: Linear("10"), r"out_features must be an int ≥ 1, got '10' \(str\)"),
        (lambda: Linear(10, 0), r"in_features must be an int ≥ 1, got 0"),
        (lambda: ZeroPad("same"), r"padding must be an int ≥ 0, one per axis or .* got 'same'"),
        (lambda: Crop(-1), r"cropping must be an int ≥ 0.* got -1"),
        (lambda: Upsample(), r"takes either scale_factor or size"),
        (lambda: Upsample(2, 3), r"takes either scale_factor or size"),
        (lambda: Upsample(1.5), r"scale_factor must be an int ≥ 1"),
        (lambda: Upsample(2, mode="bicubic"), r'mode must be one of "nearest", "linear", "cubic"'),
        (
            lambda: Concatenate(3),
            r"branches must be a list of branches, each a list of layers, got 3",
        ),
        (lambda: Concatenate([]), r"branches must be a list of branches.* got none"),
        (lambda: Add([[3]]), r"branches\[0\]\[0\] must be a layer such as Pool or Conv"),
        (lambda: Same(3), r"name must be a text or None"),
        (lambda: Reshape((-1, -1)), r"at most one of them −1"),
        (lambda: Reshape((2.5,)), r"shape must be an int ≥ 0, got 2\.5"),
        (lambda: Permute((1, 3)), r"dims must be 1 to n in some order"),
        (lambda: Named(3, Pool(2)), r"name must be a text, got 3"),
        (lambda: Named("x", 3), r"layer must be a layer such as Pool or Conv"),
        (lambda: Stack(Pool(2), (3, 9, 9)), r"layers must be a list of layers"),
        (lambda: Stack([Pool(2), 3], (3, 9, 9)), r"layers\[1\] must be a layer .* got 3 \(int\)"),
        (
            lambda: Stack([Pool(2)], 9),
            r"input_shape must have one int ≥ 0 per axis.* got 9 \(int\)",
        ),
        (lambda: Stack([Pool(2)], (3, 9.0)), r"input_shape must be an int ≥ 0, got 9\.0"),
        (lambda: Stack([Pool(2)], (3, None, None)), r"input_shape must be an int ≥ 0, got None"),
        (lambda: Stack([Pool(2)], (-1, 9)), r"input_shape must be an int ≥ 0, got -1"),
        (lambda: Stack([Pool(2)], (1, 2, 3, 4, 5)), r"1 to 4 entries"),
        (
            lambda: Stack([Pool(2)], (3, 9, 9), "NCHW"),
            r'data_format must be one of "channels_first"',
        ),
        (
            lambda: Stack([Pool(2)], (3, 9, 9), framework="mxnet"),
            r'framework must be one of "pytorch"',
        ),
        (lambda: Stack([Pool(2)], (3, 9, 9), framework=3), r"framework must be one of"),
    ],
)
def test_wrong_arguments_are_refused_by_name(make: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        make()


def test_types_raise_type_errors_and_values_raise_value_errors() -> None:
    with pytest.raises(TypeError):
        Conv(8.0, 3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="out_channels"):
        Conv(0, 3)


def test_any_geometry_may_be_written_down() -> None:
    stack = Stack([Conv(4, 99), Pool(99, padding=98), Crop(99)], (1, 3, 3))

    assert stack.first_failure is not None
    assert stack.first_failure.index == 0


def test_a_single_layer_stands_for_a_branch() -> None:
    assert Add((Conv(3, 1), ())).branches == ((Conv(3, 1),), ())


def test_names_of_layers() -> None:
    rows = Stack([("stem", Conv(4, 3)), Conv(4, 1, name="mix"), Same("ReLU")], (3, 9, 9)).rows

    assert [row.name for row in rows] == ["stem", "mix", "ReLU"]
    assert rows[0].layer == Conv(4, 3)


def test_the_framework_of_the_stack_holds_for_its_layers() -> None:
    same = Pool(3, 2, "same", framework="keras")

    assert Stack([same], (10, 10, 1)).framework == "keras"
    assert Stack([Conv(1, 3)], (1, 10, 10)).framework == "pytorch"
    assert Stack([Pool(3, 2)], (10, 10, 1), framework="jax").output_shape == (4, 4, 1)
    assert Stack([Pool(2)], (10, 10, 1), framework="jax").output_shape == (9, 9, 1)


def test_the_data_format_of_each_framework() -> None:
    formats = {name: Stack([], (1,), framework=name).data_format for name in FRAMEWORKS}

    assert formats == {
        "pytorch": "channels_first",
        "tensorflow": "channels_last",
        "keras": "channels_last",
        "jax": "channels_last",
        "onnxruntime": "channels_first",
    }


def test_parameters_are_added_up() -> None:
    layers = [
        Conv(6, 5),
        Pool(2),
        Conv(16, 5),
        Pool(2),
        Flatten(),
        Linear(120),
        Linear(84),
        Linear(10),
    ]

    assert Stack(layers, (1, 32, 32)).parameters == 61706  # LeNet-5 as PyTorch's tutorials have it


# --- how it shows itself -------------------------------------------------------------------------


def test_repr_is_the_same_every_time() -> None:
    assert repr(vgg16_like(28)) == repr(vgg16_like(28)) == str(vgg16_like(28))
    assert vgg16_like(28) == vgg16_like(28)
    assert hash(vgg16_like(28)) == hash(vgg16_like(28))


def test_the_table_stops_at_the_guilty_layer() -> None:
    stack = Stack([Pool(2)] * 5, (5, 12, 1), framework="keras")

    assert stack.table().splitlines() == [
        "   layer        output     sees  jump  unread",
        "0  MaxPool 2×2  2 × 6 × 1     2     2      12",
        "1  MaxPool 2×2  1 × 3 × 1     4     4",
        "2  MaxPool 2×2  ✗ Keras raises ValueError",
        "   … 2 more …",
    ]


def test_names_are_escaped_in_html() -> None:
    html = Stack([("<b>&", Pool(2)), ("<script>", Pool(9))], (3, 4, 4))._repr_html_()
    parser = _Texts()
    parser.feed(html)

    assert "script" not in parser.tags
    assert "b" not in parser.tags
    assert "<script>" in "".join(parser.texts)


def test_long_tables_show_both_ends() -> None:
    table = Stack([Pool(1)] * 100, (3, 4, 4)).table(most=10)

    assert "… 90 layers …" in table
    assert len(table.splitlines()) == 12


def test_layers_in_branches_stand_to_the_right() -> None:
    table = Stack([Concatenate(((Conv(4, 1),), (Pool(1),)))], (3, 4, 4)).table()

    assert "[1] Conv 1×1" in table
    assert "[2] MaxPool 1×1" in table


def test_an_empty_stack_gives_its_input() -> None:
    stack = Stack([], (3, 4, 4))

    assert stack.ok
    assert stack.output_shape == (3, 4, 4)
    assert stack.rows == ()
    assert stack.fixes == ()
    assert str(stack.diagnosis).startswith("0 layers on 3 × 4 × 4: 3 × 4 × 4 comes out")


def test_the_walk_is_reachable_without_words() -> None:
    done = walk((Pool(2), Pool(9)), (3, 4, 4), NetworkConfig("pytorch", channels_last=False))

    assert done.failure is not None
    assert done.failure.problem.kind is FailureKind.NO_WINDOW
    assert not done.is_complete


def test_stacks_need_no_library() -> None:
    code = (
        "from poolviz.diagnosis.network.stack import Stack\n"
        "from poolviz.arithmetic.layers.pool import Pool\n"
        "str(Stack([Pool(2)] * 3, (3, 5, 5)))"
    )

    assert architecture.loaded_by(code, HEAVY, ROOT) == []


def test_axes_that_change_places_make_nobody_guilty() -> None:
    layers = [Conv(8, 3), Permute((2, 3, 1)), Permute((3, 1, 2)), Pool(9)]
    failure = Stack(layers, (3, 8, 8)).first_failure

    assert failure is not None
    assert {one.label for one in failure.guilty} == {"layer 0 (Conv 3×3)"}
