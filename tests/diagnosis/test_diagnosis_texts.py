"""Texts of diagnoses, derived from the rules by hand."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given

import poolviz as pv
from poolviz.diagnosis.layer.findings import Cause
from tests.diagnosis.diagnosed_calls import (
    Call,
    any_calls,
    each_framework,
    few,
)

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
Any one of these gives valid shapes:
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
Any one of these gives valid shapes:
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
Any one of these gives valid shapes:
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
MaxPool 4, stride 4, no padding on 3: Keras 3.15 raises ValueError
  length: no window fits. The kernel 4 is longer than the input 3, by 1.
  Keras 3.0–3.14 returns an empty array, 0, without an error.
  length: ⌊(3 − 4) / 4⌋ + 1 = 0
Any one of these gives valid shapes:
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
Any one of these gives valid shapes:
  kernel 3 → 2 gives 1 × 1
  dilation 3 → 2 gives 1 × 1
  input 5 → 7 gives 1 × 1 (needs larger data, or fewer preceding layers)
  adaptive pooling to 1 gives 1 × 1 (one number per channel, for any input size)
  removing this layer gives 5 × 5 (the feature map keeps its size)
  padding 1 gives 1 × 1 (runs but combines nothing: each window reads one cell; \
padding is −∞ and never the maximum)""",
    ),
    "padding that is not enough": (
        pv.Pool(5, stride=1, padding=(1, 2), op="avg"),
        (2, 4),
        """\
AvgPool 5×5, stride 1, padding 1×2 on 2 × 4: PyTorch raises RuntimeError
  height: no window fits. The kernel 5 is longer than the padded input 4 = 2 + 2·1, by 1.
  height: ⌊(2 + 2·1 − 5) / 1⌋ + 1 = 0
  width: ⌊(4 + 2·2 − 5) / 1⌋ + 1 = 4
Any one of these gives valid shapes:
  kernel height 5 → 4 gives 1 × 4
  input height 2 → 3 gives 1 × 4 (needs larger data, or fewer preceding layers)
  adaptive pooling to 1 gives 1 × 1 (one number per channel, for any input size)
  padding 2 for the height gives 2 × 4 (runs but changes the values; \
padding adds 0 and is counted)
  removing this layer gives 2 × 4 (the feature map keeps its size)""",
    ),
    "Keras takes no padding numbers": (
        pv.Pool(3, padding=(1, 1), framework="keras"),
        10,
        """\
MaxPool 3×3, stride 3, padding 1 on 10 × 10: Keras rejects padding=(1, 1) (ValueError)
  Keras pooling does not accept padding=(1, 1), only "valid" and "same". \
Instead: padding="same", or ZeroPadding2D(((1, 1), (1, 1))) before the layer \
(which pads with zeros).
  height: ⌊(10 + 2·1 − 3) / 3⌋ + 1 = 4
  width: ⌊(10 + 2·1 − 3) / 3⌋ + 1 = 4
Any one of these gives valid shapes:
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
Any one of these gives valid shapes:
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
Any one of these gives valid shapes:
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
Any one of these gives valid shapes:
  ceil_mode=False gives 3 × 3
  global pooling gives 1 × 1 (one number per channel, for any input size)
  removing this layer gives 10 × 10 (the feature map keeps its size)""",
    ),
    "Keras takes no dilation": (
        pv.Pool(3, dilation=2, framework="keras"),
        10,
        """\
MaxPool 3×3, stride 3, no padding, dilation 2 on 10 × 10: \
Keras rejects dilation=(2, 2) (ValueError)
  Keras pooling has no dilation. Instead: keep dilation at 1.
  height: ⌊(10 − 5) / 3⌋ + 1 = 2
  width: ⌊(10 − 5) / 3⌋ + 1 = 2
Any one of these gives valid shapes:
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
Any one of these gives valid shapes:
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
Any one of these gives valid shapes:
  padding 1 gives 5 × 5
  kernel 3 → 4 gives 6 × 6
  adaptive pooling to 1 gives 1 × 1 (one number per channel, for any input size)
  removing this layer gives 10 × 10 (the feature map keeps its size)""",
    ),
    "onnxruntime truncates": (
        pv.Pool(15, stride=15, framework="onnxruntime"),
        10,
        """\
MaxPool 15×15, stride 15, no padding on 10 × 10: \
onnxruntime 1.21–1.32 returns 1 × 1 without an error
  height: the kernel 15 is longer than the input 10, by 5, \
but the division is rounded towards zero. \
So onnxruntime uses one window, reads only the 10 rows available, and raises no error.
  width: the kernel 15 is longer than the input 10, by 5, \
but the division is rounded towards zero. \
So onnxruntime uses one window, reads only the 10 columns available, and raises no error.
  onnxruntime 1.16–1.20 returns an empty array, 0 × 0, without an error.
  height: trunc((10 − 15) / 15) + 1 = 1
  width: trunc((10 − 15) / 15) + 1 = 1
Any one of these gives valid shapes:
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
Any one of these gives valid shapes:
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
Any one of these gives valid shapes:
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
    assert is_good != ("Any one of these gives valid shapes:" in expected)


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


@few
@given(any_calls())
def test_the_code_of_every_fix_can_be_parsed(call: Call) -> None:
    for fix in pv.diagnose(*call).fixes:
        if fix.code:
            assert isinstance(ast.parse(fix.code, mode="eval").body, ast.Call)
