"""Sizes through a network: any size, receptive fields and smallest inputs by brute force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from poolviz.arithmetic.layers.network_layers import (
    AdaptivePool,
    Concatenate,
    Conv,
    ConvTranspose,
    Flatten,
    Linear,
    Same,
    Upsample,
)
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.window_cache import window_calculator
from poolviz.arithmetic.trace import trace
from poolviz.diagnosis.network.stack import Stack
from tests.diagnosis.stack_cases import few, many, pools, stacks, vgg16_like

# --- windows on any size, as fast as it gets -----------------------------------------------------


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
    """Inputs that each output depends on: kernel elements one by one, without any formula."""
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
        lambda k, s, d: Conv(1, (k,), stride=(s,), dilation=(d,)),
        st.integers(1, 4),
        st.integers(1, 3),
        st.integers(1, 3),
    ),
)


enlarging_layers = st.one_of(
    st.builds(lambda f: Upsample((f,)), st.integers(1, 3)),
    st.builds(
        lambda k, s: ConvTranspose(1, (k,), stride=(s,)), st.integers(1, 4), st.integers(1, 3)
    ),
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
        [
            Pool((2,)),
            Pool((2,)),
            ConvTranspose(1, (2,), stride=(2,)),
            Conv(1, (3,)),
            Upsample((2,)),
        ],
        [Pool((3,)), ConvTranspose(1, (4,), stride=(2,)), Conv(1, (3,))],
    ],
)
def test_receptive_field_on_the_way_up_is_exact(layers: list[Any]) -> None:
    stack = Stack(layers, (1, 200))

    assert stack.rows[-1].receptive_field[0] == _extent(_dependence(layers, 200))


def test_a_stride_between_two_enlargements_costs_no_element() -> None:
    """Found by search: the closed form without its slack says 1 here."""
    layers = [Upsample((2,)), Pool((2,), (3,)), ConvTranspose(1, (1,), stride=(2,))]

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


def _on(stack: Stack, sizes: tuple[int, ...]) -> Stack:
    setting = stack.network.config
    flow = setting.flow(stack.input_shape)._replace(sizes=sizes)
    return replace(stack, input_shape=setting.shape(flow))


@pytest.mark.long
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
    """PyTorch's avg_pool3d requires an input as long as the kernel, padded or not."""
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
