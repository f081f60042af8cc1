"""The words: findings typed by hand from the rules, fixes recomputed, errors that carry both."""

from __future__ import annotations

import ast
import copy
import pickle
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

import poolviz as pv
from poolviz.diagnosis.layer.findings import Cause, Finding, Severity
from poolviz.diagnosis.layer.fixes import Fix
from tests.support.work import counted

FRAMEWORKS = ("pytorch", "tensorflow", "keras", "jax", "onnxruntime")
AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
ANOTHER_LAYER = ("adaptive", "layer")  # fixes that put something else in the layer's place
MUCH_WORK = 50_000  # calls; a diagnosis or a scene takes some thousands, at any size

quick = settings(
    derandomize=True, deadline=None, phases=[Phase.explicit, Phase.generate, Phase.shrink]
)
few = settings(quick, max_examples=40)
many = settings(quick, max_examples=100)

each_framework = pytest.mark.parametrize("framework", FRAMEWORKS)


class Call(NamedTuple):
    """A layer and what it is laid on."""

    layer: pv.Pool
    input_size: tuple[int, ...]


def _pairs(ndim: int) -> st.SearchStrategy[tuple[tuple[int, int], ...]]:
    return st.tuples(*[st.tuples(st.integers(0, 3), st.integers(0, 3))] * ndim)


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """Small calls of every kind; most of them ask for something that is not offered."""
    ndim = draw(st.integers(1, 3))
    padding: Any = st.sampled_from([0, 1, 4, "valid", "same", "same_lower"]) | _pairs(ndim)
    layer = pv.Pool(
        draw(st.tuples(*[st.integers(1, 9)] * ndim)),
        draw(st.none() | st.tuples(*[st.integers(1, 7)] * ndim)),
        draw(padding),
        draw(st.sampled_from([1, 1, 2, 3])),
        draw(st.booleans()),
        draw(st.sampled_from(["max", "avg"])),
        draw(st.sampled_from([None, None, True, False])),
        draw(st.sampled_from(FRAMEWORKS)),
    )
    return Call(layer, draw(st.tuples(*[st.integers(0, 12)] * ndim)))


@st.composite
def offered_calls(draw: st.DrawFn) -> Call:
    """Calls with arguments that their framework takes, on inputs that are not empty."""
    framework = draw(st.sampled_from(FRAMEWORKS))
    op: Any = draw(st.sampled_from(["max", "avg"]))
    ndim = draw(st.integers(1, 3))
    kernel = draw(st.tuples(*[st.integers(1, 9)] * ndim))
    paddings: dict[str, st.SearchStrategy[Any]] = {
        "pytorch": st.tuples(*[st.integers(0, size // 2) for size in kernel]),
        "jax": st.sampled_from(["same", "same_lower"]) | _pairs(ndim),
        "onnxruntime": st.sampled_from(["same", "same_lower", 0, "valid"]),
    }
    has_dilation = framework == "onnxruntime" or (framework in ("pytorch", "jax") and op == "max")
    layer = pv.Pool(
        kernel,
        draw(st.none() | st.tuples(*[st.integers(1, 7)] * ndim)),
        draw(paddings.get(framework, st.sampled_from(["valid", "same", 0]))),
        draw(st.sampled_from([1, 1, 2, 3])) if has_dilation else 1,
        draw(st.booleans()) if framework in ("pytorch", "onnxruntime") else False,
        op,
        None,
        framework,
    )
    return Call(layer, draw(st.tuples(*[st.integers(1, 12)] * ndim)))


def any_calls() -> st.SearchStrategy[Call]:
    """Both kinds."""
    return calls() | offered_calls()


def arguments(layer: pv.Pool) -> dict[str, Any]:
    """A layer as keywords of `output_size`."""
    names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "op")
    words = {name: getattr(layer, name) for name in names}
    return {**words, "count_include_pad": layer.count_include_pad, "framework": layer.framework}


def returned(layer: pv.Pool, input_size: tuple[int, ...]) -> tuple[int, ...] | None:
    """What the call returns, by the public function; None where it raises."""
    try:
        size = pv.output_size(input_size, **arguments(layer))
    except pv.PoolShapeError:
        return None
    return size if isinstance(size, tuple) else (size,)


def is_truncated(layer: pv.Pool, input_size: tuple[int, ...]) -> bool:
    """onnxruntime's windows that are longer than the padded input, without ceil_mode."""
    if layer.framework != "onnxruntime" or layer.ceil_mode:
        return False
    if returned(layer, input_size) is None:
        return False
    axes = pv.trace(layer, input_size).axes
    return any(
        axis.dilation * (axis.kernel_size - 1) + 1 > axis.input_size + sum(axis.padding)
        for axis in axes
    )


def works(layer: pv.Pool, input_size: tuple[int, ...]) -> bool:
    """Does the call return something, made of windows that fit?"""
    size = returned(layer, input_size)
    return size is not None and 0 not in size and not is_truncated(layer, input_size)


def own_fixes(diagnosis: pv.Diagnosis) -> list[Fix]:
    """Fixes that change the layer or its input, and keep it a layer of its kind."""
    return [fix for fix in diagnosis.fixes if fix.parameter not in ANOTHER_LAYER]


# --- golden texts --------------------------------------------------------------------------------

GOLDEN = {
    "kernel too long on both axes": (
        pv.Pool(15),
        10,
        """\
MaxPool 15×15, stride 15, no padding on 10 × 10: PyTorch raises RuntimeError
  height and width: no window fits. The kernel 15 is longer than the input 10, by 5.
  height: ⌊(10 − 15) / 15⌋ + 1 = 0
  width: ⌊(10 − 15) / 15⌋ + 1 = 0
Any one of these works:
  kernel 15 → 10 gives 1 × 1 (the stride follows the kernel size: 10)
  padding 3 gives 1 × 1 (padding is −∞ and never the maximum)
  input 10 → 15 gives 1 × 1 (needs larger data, or fewer preceding layers)
  adaptive pooling to 1 gives 1 × 1 (one number per channel, for any input size)
  removing this layer gives 10 × 10 (the feature map keeps its size)""",
    ),
    "negative by the formula": (
        pv.Pool(15, stride=1),
        10,
        """\
MaxPool 15×15, stride 1, no padding on 10 × 10: PyTorch raises RuntimeError
  height and width: no window fits. The kernel 15 is longer than the input 10, by 5.
  height: ⌊(10 − 15) / 1⌋ + 1 = −4
  width: ⌊(10 − 15) / 1⌋ + 1 = −4
Any one of these works:
  kernel 15 → 10 gives 1 × 1
  padding 3 gives 2 × 2 (padding is −∞ and never the maximum)
  input 10 → 15 gives 1 × 1 (needs larger data, or fewer preceding layers)
  adaptive pooling to 1 gives 1 × 1 (one number per channel, for any input size)
  removing this layer gives 10 × 10 (the feature map keeps its size)""",
    ),
    "kernel too long on one axis": (
        pv.Pool((5, 3), stride=2),
        (4, 6),
        """\
MaxPool 5×3, stride 2, no padding on 4 × 6: PyTorch raises RuntimeError
  height: no window fits. The kernel 5 is longer than the input 4, by 1.
  height: ⌊(4 − 5) / 2⌋ + 1 = 0
  width: ⌊(6 − 3) / 2⌋ + 1 = 2
Any one of these works:
  kernel height 5 → 4 gives 1 × 2
  padding 1 for the height gives 1 × 2 (padding is −∞ and never the maximum)
  input height 4 → 5 gives 1 × 2 (needs larger data, or fewer preceding layers)
  adaptive pooling to 1 gives 1 × 1 (one number per channel, for any input size)
  removing this layer gives 4 × 6 (the feature map keeps its size)""",
    ),
    "sequence too short": (
        pv.Pool((4,), framework="keras"),
        3,
        """\
MaxPool 4, stride 4, no padding on 3: Keras raises ValueError
  length: no window fits. The kernel 4 is longer than the input 3, by 1.
  length: ⌊(3 − 4) / 4⌋ + 1 = 0
Any one of these works:
  kernel 4 → 3 gives 1 (the stride follows the kernel size: 3)
  input 3 → 4 gives 1 (needs larger data, or fewer preceding layers)
  padding="same" gives 1 (⌈n / s⌉ windows on every axis)
  global pooling gives 1 (one number per channel, for any input size)
  removing this layer gives 3 (the feature map keeps its size)""",
    ),
    "dilation too large": (
        pv.Pool(3, stride=2, dilation=3),
        5,
        """\
MaxPool 3×3, stride 2, no padding, dilation 3 on 5 × 5: PyTorch raises RuntimeError
  height and width: no window fits. The effective kernel 7 = 3·(3 − 1) + 1 is longer than \
the input 5, by 2.
  height: ⌊(5 − 7) / 2⌋ + 1 = 0
  width: ⌊(5 − 7) / 2⌋ + 1 = 0
Any one of these works:
  kernel 3 → 2 gives 1 × 1
  padding 1 gives 1 × 1 (padding is −∞ and never the maximum)
  dilation 3 → 2 gives 1 × 1
  input 5 → 7 gives 1 × 1 (needs larger data, or fewer preceding layers)
  adaptive pooling to 1 gives 1 × 1 (one number per channel, for any input size)
  removing this layer gives 5 × 5 (the feature map keeps its size)""",
    ),
    "padding that is not enough": (
        pv.Pool(5, stride=1, padding=(1, 2), op="avg"),
        (2, 4),
        """\
AvgPool 5×5, stride 1, padding 1×2 on 2 × 4: PyTorch raises RuntimeError
  height: no window fits. The kernel 5 is longer than the padded input 4 = 2 + 2·1, by 1.
  height: ⌊(2 + 2·1 − 5) / 1⌋ + 1 = 0
  width: ⌊(4 + 2·2 − 5) / 1⌋ + 1 = 4
Any one of these works:
  kernel height 5 → 4 gives 1 × 4
  padding 2 for the height gives 2 × 4 (padding adds 0 and is counted)
  input height 2 → 3 gives 1 × 4 (needs larger data, or fewer preceding layers)
  adaptive pooling to 1 gives 1 × 1 (one number per channel, for any input size)
  removing this layer gives 2 × 4 (the feature map keeps its size)""",
    ),
    "Keras takes no padding numbers": (
        pv.Pool(3, padding=(1, 1), framework="keras"),
        10,
        """\
MaxPool 3×3, stride 3, padding 1 on 10 × 10: Keras rejects padding=(1, 1) (ValueError)
  Keras pooling does not accept padding=(1, 1), only "valid" and "same". \
Instead: padding="same", or ZeroPadding2D(((1, 1), (1, 1))) before the layer \
(that one pads with real zeros).
  height: ⌊(10 + 2·1 − 3) / 3⌋ + 1 = 4
  width: ⌊(10 + 2·1 − 3) / 3⌋ + 1 = 4
Any one of these works:
  padding="same" gives 4 × 4
  padding 0 gives 3 × 3
  global pooling gives 1 × 1 (one number per channel, for any input size)
  removing this layer gives 10 × 10 (the feature map keeps its size)""",
    ),
    'PyTorch takes no "same"': (
        pv.Pool(3, stride=2, padding="same"),
        11,
        """\
MaxPool 3×3, stride 2, padding "same" (1 on every side) on 11 × 11: \
PyTorch rejects padding="same" (TypeError)
  PyTorch pooling accepts integers, not padding="same". Instead: padding=(1, 1).
  height: ⌈11 / 2⌉ = 6
  width: ⌈11 / 2⌉ = 6
Any one of these works:
  padding 1 gives 6 × 6
  padding 0 gives 5 × 5
  adaptive pooling to 1 gives 1 × 1 (one number per channel, for any input size)
  removing this layer gives 11 × 11 (the feature map keeps its size)""",
    ),
    "PyTorch pads both sides equally": (
        pv.Pool(3, stride=2, padding=((0, 1), (0, 1))),
        10,
        """\
MaxPool 3×3, stride 2, padding 0 before, 1 after on 10 × 10: \
PyTorch rejects padding=((0, 1), (0, 1)) (TypeError)
  PyTorch pads both sides equally. \
Instead: F.pad(x, (0, 1, 0, 1), value=float("-inf")) before the layer, then padding=0.
  height: ⌊(10 + 1 − 3) / 2⌋ + 1 = 5
  width: ⌊(10 + 1 − 3) / 2⌋ + 1 = 5
Any one of these works:
  padding 1 gives 5 × 5 (the windows start earlier than requested)
  padding 0 gives 4 × 4
  adaptive pooling to 1 gives 1 × 1 (one number per channel, for any input size)
  removing this layer gives 10 × 10 (the feature map keeps its size)""",
    ),
    "TensorFlow has no ceil_mode": (
        pv.Pool(3, ceil_mode=True, framework="tensorflow"),
        10,
        """\
MaxPool 3×3, stride 3, no padding, ceil_mode on 10 × 10: \
TensorFlow rejects ceil_mode=True (TypeError)
  TensorFlow has no ceil_mode. Instead: padding="SAME" keeps the last cells.
  height: ⌈(10 − 3) / 3⌉ + 1 = 4
  width: ⌈(10 − 3) / 3⌉ + 1 = 4
Any one of these works:
  ceil_mode=False gives 3 × 3
  global pooling gives 1 × 1 (one number per channel, for any input size)
  removing this layer gives 10 × 10 (the feature map keeps its size)""",
    ),
    "Keras takes no dilation": (
        pv.Pool(3, dilation=2, framework="keras"),
        10,
        """\
MaxPool 3×3, stride 3, no padding, dilation 2 on 10 × 10: \
Keras rejects dilation=(2, 2) (TypeError)
  Keras pooling has no dilation. Instead: keep dilation at 1.
  height: ⌊(10 − 5) / 3⌋ + 1 = 2
  width: ⌊(10 − 5) / 3⌋ + 1 = 2
Any one of these works:
  dilation 2 → 1 gives 3 × 3
  global pooling gives 1 × 1 (one number per channel, for any input size)
  removing this layer gives 10 × 10 (the feature map keeps its size)""",
    ),
    "a divisor for max pooling": (
        pv.Pool(3, count_include_pad=True),
        10,
        """\
MaxPool 3×3, stride 3, no padding, count_include_pad=True on 10 × 10: \
PyTorch rejects count_include_pad=True (TypeError)
  Max pooling has no divisor, so padding cannot be counted in it. \
Instead: omit count_include_pad, or use average pooling.
  height: ⌊(10 − 3) / 3⌋ + 1 = 3
  width: ⌊(10 − 3) / 3⌋ + 1 = 3
Any one of these works:
  no count_include_pad gives 3 × 3
  adaptive pooling to 1 gives 1 × 1 (one number per channel, for any input size)
  removing this layer gives 10 × 10 (the feature map keeps its size)""",
    ),
    "PyTorch padding over half the kernel": (
        pv.Pool(3, stride=2, padding=2),
        10,
        """\
MaxPool 3×3, stride 2, padding 2 on 10 × 10: PyTorch raises RuntimeError
  height and width: PyTorch allows at most half of the kernel size, 3//2 = 1, \
regardless of the dilation; got 2. Instead: at most padding=1, or pad with F.pad before the layer.
  height: ⌊(10 + 2·2 − 3) / 2⌋ + 1 = 6
  width: ⌊(10 + 2·2 − 3) / 2⌋ + 1 = 6
Any one of these works:
  padding 1 gives 5 × 5
  kernel 3 → 4 gives 6 × 6
  adaptive pooling to 1 gives 1 × 1 (one number per channel, for any input size)
  removing this layer gives 10 × 10 (the feature map keeps its size)""",
    ),
    "onnxruntime truncates": (
        pv.Pool(15, stride=15, framework="onnxruntime"),
        10,
        """\
MaxPool 15×15, stride 15, no padding on 10 × 10: onnxruntime returns 1 × 1 without an error
  height: the kernel 15 is longer than the input 10, by 5, \
but the division is rounded towards zero. \
So onnxruntime uses one window, reads only the 10 rows available, and raises no error.
  width: the kernel 15 is longer than the input 10, by 5, \
but the division is rounded towards zero. \
So onnxruntime uses one window, reads only the 10 columns available, and raises no error.
  height: trunc((10 − 15) / 15) + 1 = 1
  width: trunc((10 − 15) / 15) + 1 = 1
Any one of these works:
  kernel 15 → 10 gives 1 × 1
  padding (2, 3) gives 1 × 1 (padding is −∞ and never the maximum)
  input 10 → 15 gives 1 × 1 (needs larger data, or fewer preceding layers)
  padding="same" gives 1 × 1 (⌈n / s⌉ windows on every axis)
  global pooling gives 1 × 1 (one number per channel, for any input size)
  removing this layer gives 10 × 10 (the feature map keeps its size)""",
    ),
    "JAX returns an empty array": (
        pv.Pool(15, stride=15, framework="jax"),
        10,
        """\
MaxPool 15×15, stride 15, no padding on 10 × 10: \
JAX returns an empty array, 0 × 0, without an error
  height and width: no window fits. The kernel 15 is longer than the input 10, by 5.
  height: ⌊(10 − 15) / 15⌋ + 1 = 0
  width: ⌊(10 − 15) / 15⌋ + 1 = 0
Any one of these works:
  kernel 15 → 10 gives 1 × 1
  padding (2, 3) gives 1 × 1 (padding is −∞ and never the maximum)
  input 10 → 15 gives 1 × 1 (needs larger data, or fewer preceding layers)
  padding="same" gives 1 × 1 (⌈n / s⌉ windows on every axis)
  global pooling gives 1 × 1 (one number per channel, for any input size)
  removing this layer gives 10 × 10 (the feature map keeps its size)""",
    ),
    "unread cells": (
        pv.Pool(3, stride=5),
        10,
        """\
MaxPool 3×3, stride 5, no padding on 10 × 10: PyTorch returns 2 × 2
  height: no window reads 4 rows of 10 (3–4, 8–9, counted from 0). \
The stride 5 is longer than the kernel 3, so each step skips 2 rows.
  width: no window reads 4 columns of 10 (3–4, 8–9, counted from 0). \
The stride 5 is longer than the kernel 3, so each step skips 2 columns.
  height: ⌊(10 − 3) / 5⌋ + 1 = 2
  width: ⌊(10 − 3) / 5⌋ + 1 = 2""",
    ),
    "a remainder": (
        pv.Pool((3,)),
        10,
        """\
MaxPool 3, stride 3, no padding on 10: PyTorch returns 3
  length: no window reads 1 element of 10 (9, counted from 0). \
The remaining cells do not fill another window.
  length: ⌊(10 − 3) / 3⌋ + 1 = 3""",
    ),
    'uneven "same"': (
        pv.Pool(3, stride=2, padding="same", framework="keras"),
        10,
        """\
MaxPool 3×3, stride 2, padding "same" (0 before, 1 after) on 10 × 10: Keras returns 5 × 5
  height and width: "same" pads 0 before and 1 after. \
No symmetric padding gives these windows.
  height: ⌈10 / 2⌉ = 5
  width: ⌈10 / 2⌉ = 5""",
    ),
    "ceil_mode hangs over": (
        pv.Pool(3, stride=2, ceil_mode=True),
        10,
        """\
MaxPool 3×3, stride 2, no padding, ceil_mode on 10 × 10: PyTorch returns 5 × 5
  height: ceil_mode adds a last window that overhangs by 1 row. \
The overhang contains no values and is not counted.
  width: ceil_mode adds a last window that overhangs by 1 column. \
The overhang contains no values and is not counted.
  height: ⌈(10 − 3) / 2⌉ + 1 = 5
  width: ⌈(10 − 3) / 2⌉ + 1 = 5""",
    ),
    "ceil_mode window that is dropped": (
        pv.Pool(2, stride=2, padding=1, ceil_mode=True),
        5,
        """\
MaxPool 2×2, stride 2, padding 1, ceil_mode on 5 × 5: PyTorch returns 3 × 3
  height and width: ceil_mode would add a window that starts in the padding at the end. \
PyTorch drops it.
  height: ⌈(5 + 2·1 − 2) / 2⌉ + 1 − 1 = 3
  width: ⌈(5 + 2·1 − 2) / 2⌉ + 1 − 1 = 3""",
    ),
    "empty input": (
        pv.Pool(2),
        0,
        """\
MaxPool 2×2, stride 2, no padding on 0 × 0: PyTorch raises RuntimeError
  height and width: PyTorch does not accept an input of size 0. \
Instead: check the preceding layers: one of them removed the feature map.
  height and width: no window fits. The kernel 2 is longer than the input 0, by 2.
  height: ⌊(0 − 2) / 2⌋ + 1 = 0
  width: ⌊(0 − 2) / 2⌋ + 1 = 0
Any one of these works:
  input 0 → 2 gives 1 × 1 (needs larger data, or fewer preceding layers)""",
    ),
    "nothing to say": (
        pv.Pool(2),
        4,
        """\
MaxPool 2×2, stride 2, no padding on 4 × 4: PyTorch returns 2 × 2
  height: ⌊(4 − 2) / 2⌋ + 1 = 2
  width: ⌊(4 − 2) / 2⌋ + 1 = 2""",
    ),
}


@pytest.mark.parametrize(("layer", "input_size", "expected"), GOLDEN.values(), ids=GOLDEN)
def test_text(layer: pv.Pool, input_size: Any, expected: str) -> None:
    assert expected == str(pv.diagnose(layer, input_size))


@pytest.mark.parametrize(("layer", "input_size", "expected"), GOLDEN.values(), ids=GOLDEN)
def test_fixes_are_offered_for_what_is_not_ok(
    layer: pv.Pool, input_size: Any, expected: str
) -> None:
    """And only for that: raising, empty and truncated calls."""
    is_good = " returns " in expected.splitlines()[0] and "without an error" not in expected

    assert is_good == pv.diagnose(layer, input_size).ok
    assert is_good != ("Any one of these works:" in expected)


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("max", 'Instead: F.pad(x, (2, 3, 0, 1), value=float("-inf")) before the layer'),
        ("avg", "Instead: F.pad(x, (2, 3, 0, 1), value=0) before the layer"),
    ],
)
def test_padding_by_hand_names_the_last_axis_first(op: Any, expected: str) -> None:
    """As torch.nn.functional.pad takes it: width before and after, then height."""
    layer = pv.Pool(3, stride=2, padding=((0, 1), (2, 3)), op=op)

    assert expected in str(pv.diagnose(layer, 10))


def test_padding_is_added_to_what_is_there() -> None:
    """Kernel 9 on 1 + 5: three cells are short, one goes before and two after."""
    layer = pv.Pool(9, stride=1, padding=((1, 0), (1, 0)), framework="jax")
    (fix,) = (fix for fix in pv.diagnose(layer, 5).fixes if fix.change.startswith("padding 2"))

    assert fix.layer is not None
    assert fix.output_size == (1, 1)
    assert [axis.padding for axis in pv.trace(fix.layer, 5).axes] == [(2, 2), (2, 2)]


def test_empty_input_with_same_is_blamed_on_the_input() -> None:
    """With "same" a kernel of any length fits, so the kernel is not what is wrong."""
    diagnosis = pv.diagnose(pv.Pool(2, padding="same", framework="keras"), 0)
    expected = (
        "height and width: the input is empty, and so is the output. "
        "Keras returns an empty array, 0 × 0, without an error."
    )

    assert [expected] == [str(finding) for finding in diagnosis.findings]
    assert diagnosis.findings[0].cause is Cause.EMPTY_INPUT


@each_framework
def test_same_never_fails_on_an_input_that_is_not_empty(framework: str) -> None:
    """Textbook example 3: ⌈11 / 2⌉ = 6, in the four frameworks that have it."""
    diagnosis = pv.diagnose(pv.Pool(3, stride=2, padding="same", framework=framework), 11)

    assert (framework != "pytorch") == diagnosis.ok


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow", "keras", "jax", "onnxruntime"])
@pytest.mark.parametrize("stride", [1, 4, 5, 10, 1000])
def test_no_stride_makes_a_layer_fail(framework: str, stride: int) -> None:
    assert pv.diagnose(pv.Pool(3, stride=stride, framework=framework), 10).ok


# --- what the findings claim is true -------------------------------------------------------------


@many
@given(any_calls())
def test_the_axes_where_no_window_fits_are_blamed_and_no_other(call: Call) -> None:
    diagnosis = pv.diagnose(*call)
    axes = diagnosis.trace.axes
    short = [
        axis.name
        for axis in axes
        if axis.dilation * (axis.kernel_size - 1) + 1 > axis.input_size + sum(axis.padding)
        and axis.output_size < 1
    ]
    causes = (Cause.KERNEL_DOES_NOT_FIT, Cause.EMPTY_INPUT)
    blamed = {
        axis for finding in diagnosis.findings if finding.cause in causes for axis in finding.axes
    }

    assert set(short) <= blamed
    assert blamed - set(short) <= {axis.name for axis in axes if axis.input_size == 0}


@pytest.mark.parametrize(
    ("layer", "input_size", "axis"),
    [
        (pv.Pool((3, 5), stride=1), (6, 4), "width"),
        (pv.Pool((5, 3), stride=1), (4, 6), "height"),
        (pv.Pool((2, 2, 5), stride=1), (4, 6, 4), "width"),
        (pv.Pool((2, 5, 2), stride=1), (4, 4, 6), "height"),
        (pv.Pool((5, 2, 2), stride=1), (4, 4, 6), "depth"),
    ],
)
@each_framework
def test_one_axis_is_said_as_one_axis(
    layer: pv.Pool, input_size: tuple[int, ...], axis: str, framework: str
) -> None:
    """The other axes are not blamed, and no fix touches them."""
    call = {**arguments(layer), "framework": framework}
    diagnosis = pv.diagnose(pv.Pool(**call), input_size)
    changed = [fix.change for fix in own_fixes(diagnosis) if '"same"' not in fix.change]

    assert [(axis,)] == [finding.axes for finding in diagnosis.findings]
    assert len(changed) >= 2
    for other in {"depth", "height", "width"} - {axis}:
        assert not any(other in change for change in changed)


@many
@given(offered_calls())
@example(Call(pv.Pool((3,), stride=2, padding="same", framework="keras"), (10,)))
@example(Call(pv.Pool((3,), stride=2, padding="same_lower", framework="jax"), (10,)))
def test_uneven_padding_says_whether_an_even_one_does_the_same(call: Call) -> None:
    """What the finding claims: tried for every even padding, by laying the windows."""
    diagnosis = pv.diagnose(*call)
    for axis in diagnosis.trace.axes:
        notes = [
            finding.why
            for finding in diagnosis.findings
            if finding.cause is Cause.UNEVEN_PADDING and axis.name in finding.axes
        ]
        if not notes:
            continue
        reach = axis.dilation * (axis.kernel_size - 1) + 1
        even = [
            padding
            for padding in range(axis.input_size + reach + 1)
            if list(range(-padding, axis.input_size + padding - reach + 1, axis.stride))
            == list(axis.window_starts)
        ]
        expected = (
            f"Padding {even[0]} on both sides gives the same windows."
            if even
            else "No symmetric padding gives these windows."
        )

        assert [expected] == notes


def listed(text: str) -> list[int]:
    """The places in "3–4, 8–9": ranges written out."""
    found: list[int] = []
    for part in text.split(", "):
        first, _, last = part.partition("–")
        found += range(int(first), int(last or first) + 1)
    return found


@many
@given(offered_calls())
def test_unread_cells_are_those_that_no_window_touches(call: Call) -> None:
    """Their number and places, by laying every window on a line of cells."""
    diagnosis = pv.diagnose(*call)
    if not diagnosis.ok:
        return
    for axis in diagnosis.trace.axes:
        read = {
            start + tap * axis.dilation
            for start in axis.window_starts
            for tap in range(axis.kernel_size)
        }
        unread = [place for place in range(axis.input_size) if place not in read]
        said = [
            finding.what
            for finding in diagnosis.findings
            if finding.cause is Cause.UNREAD and axis.name in finding.axes
        ]

        assert bool(unread) == bool(said)
        if said:
            places = said[0].partition("(")[2].partition(", counted from 0")[0]

            assert said[0].startswith(f"no window reads {len(unread)} ")
            assert f" of {axis.input_size} (" in said[0]
            if "…" not in places:
                assert unread == listed(places)


@many
@given(offered_calls())
@example(Call(pv.Pool((3,)), (10,)))
@example(Call(pv.Pool((3,), stride=1000), (10,)))
def test_what_is_left_really_does_not_fill_a_window(call: Call) -> None:
    """The reason for unread cells is a remainder only where it is one."""
    diagnosis = pv.diagnose(*call)
    for finding in diagnosis.findings:
        if finding.cause is not Cause.UNREAD or "does not fill" not in finding.why:
            continue
        for axis in diagnosis.trace.axes:
            if axis.name in finding.axes:
                reach = axis.dilation * (axis.kernel_size - 1) + 1
                end = axis.window_starts[-1] + reach

                assert axis.input_size + max(0, axis.padding.after) - end < reach
                assert axis.unread[0] >= end


def test_a_huge_stride_is_named_as_the_reason() -> None:
    """Seven cells would fill another window of 3; the stride 1000 is what skips them."""
    diagnosis = pv.diagnose(pv.Pool((3,), stride=1000), 10)

    assert "stride 1000" in diagnosis.findings[0].why


def test_a_call_that_raises_is_not_said_to_say_nothing() -> None:
    """onnxruntime: the height alone would be cut short, but the width makes the call fail."""
    diagnosis = pv.diagnose(pv.Pool((12, 20), stride=(15, 1), framework="onnxruntime"), 10)

    assert "onnxruntime raises Fail" in diagnosis.headline
    assert not any("says nothing" in str(finding) for finding in diagnosis.findings)


@pytest.mark.parametrize("count_include_pad", [None, True, False])
@each_framework
def test_whether_padding_counts_is_said_as_it_is(
    framework: str, count_include_pad: bool | None
) -> None:
    """An average of ones falls below 1 where zeros are counted."""
    layer = pv.Pool(5, stride=1, op="avg", count_include_pad=count_include_pad, framework=framework)
    diagnosis = pv.diagnose(layer, 4)
    for fix in own_fixes(diagnosis):
        if fix.parameter == "padding" and "counted" in fix.also:
            assert fix.layer is not None
            averages = pv.pool(np.ones(fix.input_size), fix.layer)

            assert bool((averages < 1).any()) == ("is counted" in fix.also)


# --- what a diagnosis promises -------------------------------------------------------------------


@many
@given(any_calls())
@example(Call(pv.Pool((15,), framework="jax"), (10,)))
@example(Call(pv.Pool((15,), stride=15, framework="onnxruntime"), (10,)))
@example(Call(pv.Pool((2,), padding="same", dilation=2, framework="onnxruntime"), (1,)))
def test_ok_is_false_exactly_for_errors_and_silent_failures(call: Call) -> None:
    assert works(*call) == pv.diagnose(*call).ok


@many
@given(offered_calls())
def test_a_working_layer_has_no_fixes_and_a_failing_one_has(call: Call) -> None:
    """And one of them keeps the layer: leaving it out is not the only way."""
    diagnosis = pv.diagnose(*call)

    assert works(*call) == (diagnosis.fixes == ())
    assert works(*call) == (own_fixes(diagnosis) == [])


@many
@given(any_calls())
def test_every_fix_works_and_gives_what_it_says(call: Call) -> None:
    for fix in pv.diagnose(*call).fixes:
        if fix.layer is None:
            assert call.input_size == fix.input_size == fix.output_size
            continue

        assert fix.output_size == returned(fix.layer, fix.input_size)
        assert works(fix.layer, fix.input_size)
        assert fix.text.startswith(f"{fix.change} gives {fix.gives}")


@many
@given(any_calls())
def test_no_fix_changes_an_explicit_stride_or_the_kind_of_pooling(call: Call) -> None:
    diagnosis = pv.diagnose(*call)
    for fix in diagnosis.fixes:
        if fix.layer is None:
            continue

        assert diagnosis.trace.layer.stride == fix.layer.stride
        assert (call.layer.op, call.layer.framework) == (fix.layer.op, fix.layer.framework)


@many
@given(any_calls())
@example(Call(pv.Pool((15, 15)), (10, 10)))
@example(Call(pv.Pool((3, 3), padding=2), (10, 10)))
@example(Call(pv.Pool((2, 1, 1), padding=(1, 0, 0), op="avg"), (1, 1, 1)))
def test_a_stride_that_moves_with_the_kernel_is_said(call: Call) -> None:
    """Without an explicit stride PyTorch, TensorFlow and Keras take the kernel's."""
    diagnosis = pv.diagnose(*call)
    before = [axis.stride for axis in diagnosis.trace.axes]
    for fix in own_fixes(diagnosis):
        assert fix.layer is not None
        after = [axis.stride for axis in pv.trace(fix.layer, fix.input_size).axes]

        assert before == after or "stride follows the kernel" in fix.text


@many
@given(offered_calls())
def test_no_fix_of_a_kernel_that_does_not_fit_takes_padding_away(call: Call) -> None:
    """Less padding makes a map smaller. "same" is a rule of its own: it may pad a fitting axis
    less, and never one that fails.
    """
    diagnosis = pv.diagnose(*call)
    if diagnosis.trace.refusals:
        return
    for fix in own_fixes(diagnosis):
        assert fix.layer is not None
        new_axes = pv.trace(fix.layer, fix.input_size).axes
        for old, new in zip(diagnosis.trace.axes, new_axes, strict=True):
            is_new_rule = fix.layer.padding == "same" != call.layer.padding
            if not is_new_rule:
                assert new.padding.before >= old.padding.before
                assert new.padding.after >= old.padding.after
            elif old.missing:
                assert new.padding.total >= old.padding.total


@many
@given(any_calls())
def test_fixes_differ_and_change_only_what_is_wrong(call: Call) -> None:
    """No fix is offered twice, and each says what it sets."""
    fixes = pv.diagnose(*call).fixes
    texts = [fix.text for fix in fixes]

    assert len(texts) == len(set(texts))
    assert all(fix.change for fix in fixes)


@many
@given(any_calls())
@example(Call(pv.Pool((20, 20), stride=(10, 1), framework="onnxruntime"), (10, 10)))
@example(Call(pv.Pool((20, 20), stride=(1, 10), framework="onnxruntime"), (10, 10)))
@example(Call(pv.Pool((20, 21), stride=(10, 1), framework="onnxruntime"), (10, 10)))
def test_findings_are_errors_exactly_where_the_call_raises(call: Call) -> None:
    """And the gravest stand first."""
    diagnosis = pv.diagnose(*call)
    severities = [list(Severity).index(finding.severity) for finding in diagnosis.findings]
    gravest = diagnosis.findings[0].severity if diagnosis.findings else None

    assert severities == sorted(severities)
    assert (returned(*call) is None) == (gravest is Severity.ERROR)


@many
@given(any_calls())
def test_it_always_shows_itself(call: Call) -> None:
    diagnosis = pv.diagnose(*call)
    text = str(diagnosis)

    assert text == repr(diagnosis)
    assert text.splitlines()[0] == diagnosis.headline
    assert all(str(finding) in text for finding in diagnosis.findings)
    assert all(fix.text in text and str(fix) == fix.text for fix in diagnosis.fixes)
    assert [*_Markup.of(diagnosis).texts] == [
        diagnosis.headline,
        *map(str, diagnosis.findings),
        *diagnosis.trace.formula.splitlines(),
        *(["Any one of these works:"] if diagnosis.fixes else []),
        *(words for fix in diagnosis.fixes for words in (fix.text, fix.code) if words),
    ]


class _Markup(HTMLParser):
    """The tags of a piece of HTML, and its texts with the entities read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.texts: list[str] = []

    @classmethod
    def of(cls, diagnosis: pv.Diagnosis) -> _Markup:
        """The HTML of a diagnosis, read."""
        reader = cls()
        reader.feed(diagnosis._repr_html_())
        reader.close()
        return reader

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data.strip())


def test_html_is_escaped() -> None:
    """Whatever a text holds, only the tags of the frame are tags."""
    trace = pv.trace(pv.Pool(15), 10)
    nasty = "<script>alert('1 & 2')</script>"
    finding = Finding(Cause.UNREAD, Severity.NOTE, ("height",), nasty, nasty)
    fix = Fix("kernel_size", None, (1,), (1,), nasty, nasty, nasty)
    diagnosis = pv.Diagnosis(trace, (finding,), (fix,))
    read = _Markup.of(diagnosis)

    assert {"div", "p", "strong", "ul", "li", "code"} == read.tags
    assert {str(finding), fix.text, nasty} <= set(read.texts)


def test_what_a_bare_cell_shows_is_the_sentence() -> None:
    diagnosis = pv.diagnose(pv.Pool(15), 10)

    assert repr(diagnosis.findings[0]) == str(diagnosis.findings[0])
    assert (
        repr(diagnosis.fixes[0])
        == diagnosis.fixes[0].text
        == "kernel 15 → 10 gives 1 × 1 \
(the stride follows the kernel size: 10)"
    )


def test_quotes_are_escaped() -> None:
    assert '"same"' not in pv.diagnose(pv.Pool(3, padding="same"), 11)._repr_html_()


HUGE = 10**9


@pytest.mark.parametrize(
    ("layer", "input_size"),
    [
        (pv.Pool(HUGE), 10),
        (pv.Pool(2), HUGE),
        (pv.Pool(HUGE, stride=HUGE), HUGE),
        (pv.Pool(3, stride=7), HUGE),
        (pv.Pool(2, stride=3, dilation=HUGE), HUGE),
        (pv.Pool(HUGE, dilation=HUGE, stride=1), HUGE),
        (pv.Pool(3, padding=HUGE, framework="jax"), HUGE),
        (pv.Pool(HUGE, padding="same", framework="jax"), (HUGE, 1, HUGE)),
        (pv.Pool(HUGE, ceil_mode=True, op="avg"), (3, HUGE)),
        (pv.Pool(HUGE, framework="onnxruntime"), (HUGE - 1, 1)),
        (pv.Pool(HUGE, stride=2 * HUGE, framework="onnxruntime"), (HUGE - 1, 1)),
    ],
)
def test_huge_sizes_are_no_more_work(layer: pv.Pool, input_size: Any) -> None:
    diagnosis, calls = counted(lambda: pv.diagnose(layer, input_size))
    texts, more_calls = counted(lambda: (str(diagnosis), diagnosis._repr_html_()))

    assert calls + more_calls < MUCH_WORK
    assert all("MaxPool" in text or "AvgPool" in text for text in texts)


# --- the error -----------------------------------------------------------------------------------

RAISING: dict[str, Callable[[], Any]] = {
    "output_size": lambda: pv.output_size((4, 6), (5, 3), stride=2),
    "pool": lambda: pv.pool(np.zeros((4, 6)), pv.Pool((5, 3), stride=2)),
    "pool_indices": lambda: pv.pool_indices(np.zeros((4, 6)), pv.Pool((5, 3), stride=2)),
    "pool_gradient": lambda: pv.pool_gradient(
        np.zeros((1, 2, 4, 6)), pv.Pool((5, 3), stride=2), np.zeros((1, 2, 0, 2))
    ),
}


@pytest.mark.parametrize("call", RAISING.values(), ids=RAISING)
def test_the_error_names_axis_numbers_and_a_fix(call: Callable[[], Any]) -> None:
    with pytest.raises(pv.PoolShapeError) as caught:
        call()
    text = str(caught.value)

    assert isinstance(caught.value, ValueError)
    assert "height: no window fits. The kernel 5 is longer than the input 4, by 1." in text
    assert "width: no window" not in text
    assert "kernel height 5 → 4 gives 1 × 2" in text


def test_the_error_carries_the_diagnosis() -> None:
    with pytest.raises(pv.PoolShapeError) as caught:
        pv.output_size(10, 15)
    expected = pv.diagnose(pv.Pool(15), 10)

    assert expected == caught.value.diagnosis
    assert str(expected) == str(caught.value)
    assert expected.trace == caught.value.trace


@pytest.mark.parametrize(
    "clone",
    [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_the_error_survives_a_copy(clone: Callable[[Any], Any]) -> None:
    """A process pool and a notebook kernel send errors as pickles."""
    with pytest.raises(pv.PoolShapeError) as caught:
        pv.output_size((4, 6), (5, 3), stride=2)
    error = caught.value
    _ = error.diagnosis  # computed before the copy is made
    twin = clone(error)

    assert type(twin) is pv.PoolShapeError
    assert str(error) == str(twin)
    assert error.diagnosis == twin.diagnosis


@few
@given(any_calls())
def test_the_error_is_raised_where_the_framework_raises(call: Call) -> None:
    traced = pv.trace(*call)
    if traced.outcome != "raises":
        assert returned(*call) == traced.returned_size
        return
    with pytest.raises(pv.PoolShapeError) as caught:
        pv.output_size(call.input_size, **arguments(call.layer))

    assert str(pv.diagnose(*call)) == str(caught.value)


# --- five frameworks, three textbook examples ----------------------------------------------------

# What the frameworks did when run: the recorded textbook examples, one id per line
# (there msg-<id>). The rows of Keras 2.15 on TensorFlow 2.15.1 stand for TensorFlow's static
# shapes. A size, or the exception's class.
RECORDED = {
    "textbook 1": {
        "PyTorch": "RuntimeError",  # seed1.torch
        "TensorFlow": "ValueError",  # seed1-functional.tf215.keras
        "Keras": "ValueError",  # seed1-functional.tf221.keras
        "JAX": (0, 0),  # seed1-flax.jax
        "onnxruntime": (1, 1),  # seed1-max.onnx.ort
    },
    "textbook 1 with stride 1": {
        "PyTorch": "RuntimeError",  # seed1-stride1.torch
        "TensorFlow": "ValueError",  # seed1-stride1-functional.tf215.keras
        "Keras": "ValueError",  # seed1-stride1-functional.tf221.keras
        "JAX": (0, 0),  # seed1-flax-default-stride.jax
        "onnxruntime": "Fail",  # seed1-stride1-max.onnx.ort
    },
    "textbook 2": {
        "PyTorch": (2, 2),  # seed2.torch
        "TensorFlow": (2, 2),  # seed2-functional.tf215.keras
        "Keras": (2, 2),  # seed2-functional.tf221.keras
        "JAX": (2, 2),  # seed2-flax.jax
        "onnxruntime": (2, 2),  # seed2-max.onnx.ort
    },
    "textbook 3": {
        "PyTorch": "TypeError",  # seed3-padding-same-string.torch
        "TensorFlow": (6, 6),  # seed3-functional.tf215.keras
        "Keras": (6, 6),  # seed3-functional.tf221.keras
        "JAX": (6, 6),  # seed3-flax.jax
        "onnxruntime": (6, 6),  # seed3-max.onnx.ort
    },
}
TEXTBOOK = {
    "textbook 1": (pv.Pool(15, framework="keras"), 10),
    "textbook 1 with stride 1": (pv.Pool(15, stride=1, framework="keras"), 10),
    "textbook 2": (pv.Pool(3, stride=5, padding="valid", framework="keras"), 10),
    "textbook 3": (pv.Pool(3, stride=2, padding="same", framework="keras"), 11),
}
VERDICTS = {
    "textbook 1": [
        "raises RuntimeError",
        "raises ValueError",
        "raises ValueError",
        "returns an empty array, 0 × 0, without an error",
        "returns 1 × 1 from a partial window, without an error",
    ],
    "textbook 1 with stride 1": [
        "raises RuntimeError",
        "raises ValueError",
        "raises ValueError",
        "returns an empty array, 0 × 0, without an error",
        "raises Fail",
    ],
    "textbook 2": ["returns 2 × 2"] * 5,
    "textbook 3": ['rejects padding="same" (TypeError)', *["returns 6 × 6"] * 4],
}


@pytest.mark.parametrize("asked_in", FRAMEWORKS)
@pytest.mark.parametrize("example", TEXTBOOK)
def test_the_verdicts_are_the_recorded_ones(example: str, asked_in: str) -> None:
    """The same in whichever framework the stride is written out."""
    layer, input_size = TEXTBOOK[example]
    stride = layer.stride or layer.kernel_size
    call = {**arguments(layer), "stride": stride, "framework": asked_in}
    verdicts = pv.compare(pv.trace(pv.Pool(**call), input_size))
    actual = {
        verdict.title: verdict.trace.error_name or verdict.trace.returned_size
        for verdict in verdicts
    }

    assert RECORDED[example] == actual
    assert VERDICTS[example] == [verdict.text for verdict in verdicts]


def test_the_stride_in_force_goes_along() -> None:
    """15 left out is 15 in Keras, so it is 15 in JAX too, whose own default is 1."""
    verdicts = pv.compare(pv.trace(pv.Pool(4, framework="keras"), 12))

    assert [verdict.text for verdict in verdicts] == ["returns 3 × 3"] * 5


@few
@given(any_calls())
def test_each_verdict_is_what_its_framework_does(call: Call) -> None:
    asked = pv.trace(*call)
    stride = tuple(axis.stride for axis in asked.axes)
    for verdict, framework in zip(pv.compare(asked), FRAMEWORKS, strict=True):
        words = {**arguments(asked.layer), "stride": stride, "framework": framework}

        assert returned(pv.Pool(**words), asked.input_size) == verdict.trace.returned_size
        assert verdict.text.startswith(
            "returns" if verdict.trace.outcome != "raises" else ("raises", "rejects")
        )


@few
@given(any_calls())
def test_the_code_of_every_fix_can_be_parsed(call: Call) -> None:
    for fix in pv.diagnose(*call).fixes:
        if fix.code:
            assert isinstance(ast.parse(fix.code, mode="eval").body, ast.Call)
