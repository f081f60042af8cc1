"""Pooled values, indices of maxima and gradients equal those of the frameworks.

What no rule of poolviz covers is in `SKIPS`: each entry names the outputs that are not compared,
window by window, and why. An entry that hides no difference any more makes a test fail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
import pytest

from poolviz.arithmetic import gradients, values
from poolviz.arithmetic.trace import Trace, trace
from tests.arithmetic.parameters import each_table, each_tag
from tests.support.recordings import (
    VALUE_TAGS,
    WHOLE,
    Array,
    Run,
    Table,
    tag_of,
)

# The second kind: the maxima that a call returned together with their places, often another kernel.
VALUES, VALUES_BESIDE, WINNERS, GRADIENT = "values", "values beside winners", "winners", "gradient"
ARRAYS = {VALUES: "y", VALUES_BESIDE: "y_with_indices", WINNERS: "argmax_spatial", GRADIENT: "grad"}

ON_TENSORFLOW = (
    "tf221.nn-eager",
    "tf221.nn-eager-nodnn",
    "tf215.nn-eager",
    "tf215.nn-eager-nodnn",
    "tf221.keras-eager-nodnn",
    "tf215.keras-eager-nodnn",
)
WITHOUT_ONEDNN = tuple(tag for tag in ON_TENSORFLOW if tag.endswith("-nodnn"))

Mask = Array  # of truth values


class Window(NamedTuple):
    """One window: its input cells, (N, C, cells), and how it lies in the padded input."""

    cells: Array
    starts_in_padding: bool
    is_whole: bool  # every tap falls on an input cell


def _holds_nan(window: Window) -> Mask:
    return np.isnan(window.cells).any(axis=-1)


def _holds_no_number(window: Window) -> Mask:
    return (np.isnan(window.cells) | (window.cells == -np.inf)).all(axis=-1)


def _has_no_cell(window: Window) -> Mask:
    return np.full(window.cells.shape[:-1], window.cells.shape[-1] == 0)


def _starts_with_nan(window: Window) -> Mask:
    return np.isnan(window.cells[..., 0])


def _has_ties(window: Window) -> Mask:
    return (window.cells == window.cells.max(axis=-1, keepdims=True)).sum(axis=-1) > 1


def _reaches_padding(window: Window) -> Mask:
    return np.full(window.cells.shape[:-1], not window.is_whole)


def _everything(window: Window) -> Mask:
    return np.ones(window.cells.shape[:-1], dtype=bool)


@dataclass(frozen=True)
class Skip:
    """Outputs that are not compared: in which runs, which windows, and why."""

    name: str
    whats: tuple[str, ...]
    tags: tuple[str, ...]
    applies: Callable[[Run, Array], bool]
    windows: Callable[[Window], Mask]
    reason: str

    def __str__(self) -> str:
        return self.name


def _is_max(run: Run, x: Array) -> bool:
    return run.layer.op == "max"


def _is_max_3d(run: Run, x: Array) -> bool:
    return run.layer.op == "max" and run.layer.ndim == 3


def _is_cropped_3d(run: Run, x: Array) -> bool:
    is_same = run.layer.padding == "same"
    return is_same and run.layer.ndim == 3 and min(_same_totals(run)) <= -2


def _has_odd_padding(run: Run, x: Array) -> bool:
    is_same_average = run.layer.op == "avg" and run.layer.padding == "same"
    return is_same_average and any(total > 0 and total % 2 for total in _same_totals(run))


def _is_average_of_ints(run: Run, x: Array) -> bool:
    return run.layer.op == "avg" and x.dtype.kind in "iu"


def _same_totals(run: Run) -> list[int]:
    """Padding that "same" needs per axis; negative where the stride exceeds the kernel."""
    strides = run.row["stride"] or run.row["kernel"]
    return [
        (-(-n // s) - 1) * s + k - n
        for n, k, s in zip(run.input_size, run.row["kernel"], strides, strict=True)
    ]


SKIPS = (
    Skip(
        "keras-nan",
        (VALUES, GRADIENT),
        ("k3torch.keras-eager", "k3jax.keras-eager"),
        _is_max,
        _holds_nan,
        "poolviz shows Keras on TensorFlow, its default backend, where NaN never wins; on torch "
        "and on JAX it does",
    ),
    Skip(
        "keras-lowest",
        (VALUES,),
        ("k3torch.keras-eager", "k3jax.keras-eager"),
        _is_max,
        _holds_no_number,
        "a window of −inf only gives −3.4e38 on TensorFlow, −inf on torch and on JAX",
    ),
    Skip(
        "keras-ties-3d",
        (GRADIENT,),
        ("k3torch.keras-eager", "k3jax.keras-eager"),
        _is_max_3d,
        _has_ties,
        "in 3-D TensorFlow hands the gradient to every tied maximum, torch and JAX to the first",
    ),
    Skip(
        "keras-torch-edge",
        (VALUES, GRADIENT),
        ("k3torch.keras-eager",),
        _has_odd_padding,
        _reaches_padding,
        "AveragePooling 'same' on torch replicates the edge and divides by the whole kernel as "
        "soon as one axis has an odd total of padding",
    ),
    Skip(
        "keras-torch-ints",
        (VALUES,),
        ("k3torch.keras-eager",),
        _is_average_of_ints,
        _everything,
        "torch averages whole numbers in whole numbers; Keras on TensorFlow refuses them",
    ),
    Skip(
        "tensorflow-crop-3d",
        (VALUES, GRADIENT),
        WITHOUT_ONEDNN,
        _is_cropped_3d,
        _everything,
        "without oneDNN a 3-D 'same' pooling with stride > kernel starts its windows "
        "trunc(total/2) cells inside the input; with oneDNN (the default), and in 1-D and 2-D, "
        "it does not",
    ),
    Skip(
        "tensorflow-nan-3d",
        (VALUES,),
        WITHOUT_ONEDNN,
        _is_max_3d,
        _holds_nan,
        "without oneDNN the result of a 3-D window with NaN depends on where the NaN is",
    ),
    Skip(
        "tensorflow-lowest-3d",
        (VALUES,),
        WITHOUT_ONEDNN,
        _is_max_3d,
        _holds_no_number,
        "without oneDNN a 3-D window of −inf only gives −inf, not −3.4e38",
    ),
    Skip(
        "tensorflow-beside-winners",
        (VALUES_BESIDE,),
        ON_TENSORFLOW,
        _is_max,
        lambda window: _starts_with_nan(window) | _holds_no_number(window),
        "max_pool_with_argmax starts from the first cell of a window, max_pool from −3.4e38: it "
        "keeps a NaN there, and −inf where there is nothing else",
    ),
    Skip(
        "keras-padding-gradient",
        (GRADIENT,),
        ("k3jax.keras-eager",),
        _is_max,
        lambda window: _holds_no_number(window) & window.starts_in_padding,
        "JAX pads with −inf for the gradient, so in a window of −inf only the first cell wins "
        "even where it is padding, and the gradient is lost",
    ),
    Skip(
        "onnxruntime-nan",
        (VALUES, VALUES_BESIDE),
        ("onnx.ort-op22",),
        _is_max,
        _holds_nan,
        "onnxruntime's maxima with NaN follow no single rule: they depend on the code path",
    ),
    Skip(
        "onnxruntime-lowest",
        (VALUES, VALUES_BESIDE),
        ("onnx.ort-op22",),
        _is_max,
        _holds_no_number,
        "a window of −inf only gives −inf or −3.4e38, by the code path; beside winners −inf",
    ),
    Skip(
        "no-cell",
        (WINNERS,),
        ("torch.F", "onnx.ort-op22"),
        _is_max,
        _has_no_cell,
        "a dilated window whose taps all fall in the padding has no winner: poolviz says −1, "
        "PyTorch and onnxruntime point at a cell that is not in the window",
    ),
)


def _windows(traced: Trace, x: Array) -> Iterator[tuple[tuple[int, ...], Window]]:
    """Every output position with its window, in plain loops."""
    taps = [
        [[start + tap * axis.dilation for tap in range(axis.kernel_size)] for start in starts]
        for axis, starts in ((axis, axis.window_starts) for axis in traced.axes)
    ]
    for position in product(*(range(len(axis_taps)) for axis_taps in taps)):
        asked = [axis_taps[i] for axis_taps, i in zip(taps, position, strict=True)]
        inside = [
            [place for place in places if 0 <= place < size]
            for places, size in zip(asked, traced.input_size, strict=True)
        ]
        cells = x[(..., *np.ix_(*(np.array(places, dtype=int) for places in inside)))]
        is_whole = all(len(a) == len(b) for a, b in zip(asked, inside, strict=True))
        starts_in_padding = any(places[0] < 0 for places in asked)
        yield position, Window(cells.reshape(*x.shape[:2], -1), starts_in_padding, is_whole)


def _skipped_outputs(skip: Skip, run: Run, x: Array) -> Mask:
    traced = trace(run.layer, run.input_size)
    mask = np.zeros((*x.shape[:2], *(len(axis.window_starts) for axis in traced.axes)), dtype=bool)
    for position, window in _windows(traced, x.astype(float)):
        mask[(..., *position)] = skip.windows(window)
    return mask


def _cells_of(outputs: Mask, run: Run, x: Array) -> Mask:
    """The input cells of the marked windows: their gradients mix with others."""
    traced = trace(run.layer, run.input_size)
    mask = np.zeros(x.shape, dtype=bool)
    for position in product(*(range(len(axis.window_starts)) for axis in traced.axes)):
        cells = []
        for i, axis in zip(position, traced.axes, strict=True):
            start = axis.window_starts[i]
            places = range(start, start + axis.effective_kernel_size, axis.dilation)
            cells.append(np.array([p for p in places if 0 <= p < axis.input_size], dtype=int))
        marked = outputs[(..., *position)].reshape(*x.shape[:2], *[1] * len(cells))
        mask[(..., *np.ix_(*cells))] |= marked
    return mask


@dataclass(frozen=True)
class Comparison:
    """One recorded array: which of its numbers differ, and which of them a skip covers."""

    id: str
    differs: Mask
    skipped: dict[str, Mask]

    @property
    def is_covered(self) -> Mask:
        """The numbers that are not compared."""
        return np.logical_or.reduce([np.zeros_like(self.differs), *self.skipped.values()])

    @property
    def wrong(self) -> int:
        """Numbers that differ and are covered by no skip."""
        return int((self.differs & ~self.is_covered).sum())


@cache
def _comparisons(table: Table, tag: str, what: str) -> list[Comparison]:
    """Each recorded array of one kind, compared."""
    runs = table.value_runs(tag)
    return [_compared(table, run, what) for run in runs if ARRAYS[what] in run.row["arrays"]]


def _compared(table: Table, run: Run, what: str) -> Comparison:
    recorded = table.array(run.row["arrays"][ARRAYS[what]])
    x = table.array(run.row["arrays"]["x"])
    computed = _computed(table, run, what, x)

    assert recorded.shape == computed.shape, run.id
    skipped = {}
    for skip in SKIPS:
        if what in skip.whats and tag_of(run.row) in skip.tags and skip.applies(run, x):
            outputs = _skipped_outputs(skip, run, x)
            skipped[skip.name] = _cells_of(outputs, run, x) if what == GRADIENT else outputs
    return Comparison(run.id, _differ(recorded, computed, run, what), skipped)


def _computed(table: Table, run: Run, what: str, x: Array) -> Array:
    if what == WINNERS:
        return values.pool_indices(x, run.layer)
    if what == GRADIENT:
        return gradients.pool_gradient(x, run.layer, table.array(run.row["arrays"]["G"]))
    return values.pool(x, run.layer)


def _differ(recorded: Array, computed: Array, run: Run, what: str) -> Mask:
    """Maxima and their indices are exact; sums of floats depend on the order of summation."""
    is_exact = run.layer.op == "max" and what != GRADIENT
    relative = 2e-3 if recorded.dtype == np.float16 else 1e-5
    return ~np.isclose(
        recorded.astype(float),
        computed.astype(float),
        rtol=0 if is_exact else relative,
        atol=0 if is_exact else 1e-6,
        equal_nan=True,
    )


@each_table
@each_tag
@pytest.mark.parametrize("what", ARRAYS)
def test_numbers_are_the_recorded_ones(table: Table, tag: str, what: str) -> None:
    comparisons = _comparisons(table, tag, what)
    expected: dict[str, int] = {}
    actual = {one.id: one.wrong for one in comparisons if one.wrong}

    assert expected == actual, f"{len(actual)} of {len(comparisons)} recorded arrays differ"


@each_table
def test_no_kind_of_number_is_left_out(table: Table) -> None:
    """JAX has no call that returns the indices of maxima, and onnxruntime no gradient."""
    expected = {(tag, VALUES) for tag in VALUE_TAGS}
    expected |= {(tag, WINNERS) for tag in VALUE_TAGS if "nn-eager" in tag}
    expected |= {("torch.F", WINNERS), ("onnx.ort-op22", WINNERS)}
    expected |= {("onnx.ort-op22", VALUES_BESIDE)}
    expected |= {(tag, VALUES_BESIDE) for tag in VALUE_TAGS if "nn-eager" in tag}
    expected |= {(tag, GRADIENT) for tag in VALUE_TAGS if not tag.startswith("onnx")}
    actual = {
        (tag, what) for tag in VALUE_TAGS for what in ARRAYS if _comparisons(table, tag, what)
    }

    assert expected == actual


@each_table
@pytest.mark.parametrize("skip", SKIPS, ids=str)
def test_every_skip_is_still_needed(table: Table, skip: Skip) -> None:
    """It covers a difference in each kind of array that it names."""
    expected = set(skip.whats)
    actual = {
        what
        for what in skip.whats
        for tag in skip.tags
        for one in _comparisons(table, tag, what)
        if skip.name in one.skipped and (one.differs & one.skipped[skip.name]).any()
    }

    assert expected == actual, f"{skip.name} covers what is right by now: take it out of SKIPS"


@each_table
def test_hardly_anything_is_skipped(table: Table) -> None:
    """Print how many numbers were compared and covered; the compact table has many unusual runs."""
    compared, covered = Counter[str](), Counter[str]()
    for tag in VALUE_TAGS:
        for what in ARRAYS:
            for one in _comparisons(table, tag, what):
                compared[f"{VALUE_TAGS[tag]} {what}"] += int((~one.is_covered).sum())
                covered["in all"] += int(one.is_covered.sum())
                covered.update({name: int(mask.sum()) for name, mask in one.skipped.items()})
    print(f"\n{table}: compared {dict(compared)}, in all {compared.total()}")
    print(f"skipped {dict(covered)}")

    assert covered["in all"] < (0.06 if table is WHOLE else 0.25) * compared.total()
