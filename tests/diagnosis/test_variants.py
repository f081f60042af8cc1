"""Variants are compared with all their recorded runs, including those where no fact applies."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest

import poolviz as pv
from poolviz.diagnosis.layer.variants import VariantOutcome, variants
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.dialects.common.variants import KILLED, Variant
from poolviz.i18n.catalogue import using_language
from tests.support.recordings import WHOLE, Array
from tests.support.variant_runs import FILE, NUMPY_TAG, Outcome, averages, calls, versions
from tools.record.layers import compact_table

# Which recorded calls are a variant.
TAGS = {
    "TensorFlow, eager execution": ("tf221.nn-eager", "tf215.nn-eager"),
    "TensorFlow, eager execution without oneDNN": ("tf221.nn-eager-nodnn", "tf215.nn-eager-nodnn"),
    "Keras on TensorFlow, called on an array": ("tf221.keras-eager", "tf215.keras-eager"),
    "Keras on TensorFlow without oneDNN, called on an array": (
        "tf221.keras-eager-nodnn",
        "tf215.keras-eager-nodnn",
    ),
    "Keras on PyTorch, called on an array": ("k3torch.keras-eager",),
    "Keras on JAX or NumPy, called on an array": ("k3jax.keras-eager", NUMPY_TAG),
    "ONNX shape inference": ("onnx.infer-op22",),
}
INFERENCE = "ONNX shape inference"
VARIANTS = [variant for dialect in DIALECTS.values() for variant in dialect.variants]
EACH = pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.title)


@cache
def runs(variant: Variant) -> list[tuple[str, pv.Trace, Outcome]]:
    """Every recorded run of a variant, as the framework that it belongs to sees the call."""
    return [
        (f"{id}.{tag}", pv.trace(layer, size), _said(outcome))
        for tag in TAGS[variant.title]
        for id, (layer, size, outcome) in calls(tag).items()
    ]


def _said(outcome: Outcome) -> Outcome:
    return KILLED if outcome == "PROCESS_CRASH" else outcome


def _own(traced: pv.Trace) -> Outcome:
    return traced.error_name or traced.returned_size or ()


def told(variant: Variant, traced: pv.Trace) -> VariantOutcome | None:
    found = [one for one in variants(traced) if one.variant is variant]
    return found[0] if found else None


@pytest.mark.long
def test_every_variant_was_run() -> None:
    assert set(TAGS) == {variant.title for variant in VARIANTS}
    assert all(len(calls(tag)) >= 100 for tags in TAGS.values() for tag in tags)


@EACH
def test_every_recorded_run_is_as_told(variant: Variant) -> None:
    wrong = {}
    for id, traced, recorded in runs(variant):
        fact = told(variant, traced)
        if fact is None and variant.title == INFERENCE and 0 in traced.input_size:
            continue  # a map that is already empty is not reported
        expected = _own(traced) if fact is None else fact.result
        if expected != recorded:
            wrong[id] = (str(traced), expected, recorded)

    assert wrong == {}


@EACH
def test_the_counts_are_those_of_the_runs(variant: Variant) -> None:
    """A fact about numbers counts the runs whose numbers were kept."""
    facts = [fact for _, traced, _ in runs(variant) if (fact := told(variant, traced)) is not None]
    found = Counter(fact.fact for fact in facts if not fact.fact.differs_in_numbers)
    for layer, x, _ in averages():
        fact = told(variant, pv.trace(layer, x.shape[2:]))
        found.update([] if fact is None or not fact.fact.differs_in_numbers else [fact.fact])

    assert [(fact.reason, fact.runs) for fact in variant.facts] == [
        (fact.reason, found[fact]) for fact in variant.facts
    ]


@EACH
def test_nothing_is_told_that_nobody_saw(variant: Variant) -> None:
    """TensorFlow has a kernel for each operation and number of axes, so each must have been run.

    ONNX infers all of them in one function: there it is enough that the fact was seen.
    """

    def kind(fact: VariantOutcome) -> tuple[str, ...]:
        if variant.title == INFERENCE:
            return (fact.fact.reason,)
        return fact.fact.reason, layer.op, str(len(size))

    seen = set()
    for _, traced, _ in runs(variant):
        layer, size = traced.layer, traced.input_size
        if (fact := told(variant, traced)) is not None:
            seen.add(kind(fact))
    for layer, size in many_calls(variant.framework):
        fact = told(variant, pv.trace(layer, size))
        assert fact is None or kind(fact) in seen, (layer, size)


def many_calls(framework: str) -> Iterator[tuple[pv.Pool, tuple[int, ...]]]:
    """All kernels and strides up to 7 on maps of 1 to 3 axes, in each kind of padding."""
    paddings: list[Any] = ["valid", "same", 1, 3]
    sizes = [(4,), (0,), (4, 9), (9, 4), (9, 9, 4), (4, 9, 9), (1, 2, 3)]
    for size, op, padding in product(sizes, ("max", "avg"), paddings):
        for kernel, stride in product((1, 2, 3, 5, 6, 7, 13), (1, 2, 3, 7)):
            yield pv.Pool(kernel, stride, padding, op=op, framework=framework), size


@EACH
def test_only_what_differs_is_told(variant: Variant) -> None:
    for _, traced, _ in runs(variant):
        fact = told(variant, traced)
        assert fact is None or fact.fact.differs_in_numbers or fact.result != _own(traced)


@EACH
def test_the_versions_are_those_that_ran(variant: Variant) -> None:
    for tag in TAGS[variant.title]:
        for part in versions()[tag].replace(",", "").split():
            if part[0].isdigit() and "jax" not in tag and "numpy" not in tag:
                assert part in variant.version


def test_the_numpy_backend_was_run_with_the_version_that_is_named() -> None:
    assert versions()[NUMPY_TAG].startswith("keras 3.15.1, numpy 2.4.6, jax 0.10.2")


@pytest.mark.skipif(WHOLE is None, reason="the whole recording is not here")
def test_all_runs_of_the_recording_are_in_the_project() -> None:
    assert WHOLE is not None
    expected = json.loads(gzip.decompress(compact_table.variants_file(WHOLE)))

    assert expected == json.loads(gzip.decompress(FILE.read_bytes()))


# --- the average that repeats the edge -----------------------------------------------------------


def _repeated(layer: pv.Pool, x: Array, traced: pv.Trace) -> Array:
    """numpy's own edge padding, then plain means, window by window."""
    pads = [(0, 0), (0, 0), *(axis.padding for axis in traced.axes)]
    padded = np.pad(x.astype(float), pads, mode="edge")
    result = np.empty((*x.shape[:2], *traced.output_size))
    for place in product(*map(range, traced.output_size)):
        window = tuple(
            slice(i * axis.stride, i * axis.stride + axis.kernel_size)
            for i, axis in zip(place, traced.axes, strict=True)
        )
        mean = padded[(..., *window)].mean(axis=tuple(range(2, x.ndim)))
        result[(slice(None), slice(None), *place)] = mean
    return result


@pytest.mark.filterwarnings("ignore:invalid value")
def test_an_uneven_same_repeats_the_edge_on_pytorch() -> None:
    repeated = {True: 0, False: 0}
    for layer, x, y in averages():
        traced = pv.trace(layer, x.shape[2:])
        is_told = any(one.fact.differs_in_numbers for one in variants(traced))
        expected = _repeated(layer, x, traced) if is_told else pv.pool(x, layer)
        repeated[is_told] += 1
        np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)

    assert repeated == {True: 18, False: 11}


# --- texts ---------------------------------------------------------------------------------------


def test_only_the_framework_that_is_asked_has_its_variants() -> None:
    assert variants(pv.trace(pv.Pool(15), 10)) == ()
    assert variants(pv.trace(pv.Pool(3, 2, 1, framework="keras"), 10)) == ()  # no such argument
    assert variants(pv.trace(pv.Pool(3, 2, framework="keras"), 10)) == ()  # nothing differs


def test_a_kernel_that_kills_the_process() -> None:
    """4 × 4, kernel 5, stride 1 was recorded: SIGFPE."""
    told = variants(pv.trace(pv.Pool(5, 1, framework="tensorflow"), 4))

    assert [one.text for one in told] == [
        "terminates the Python process (SIGFPE)",
        "returns an empty array, 0 × 0",
    ]


def test_inference_says_a_negative_size() -> None:
    (told,) = variants(pv.trace(pv.Pool(15, 1, framework="onnxruntime"), 10))

    assert told.text == "infers −4 × −4"


def test_variants_speak_the_language() -> None:
    (told,) = variants(pv.trace(pv.Pool(15, 1, framework="onnxruntime"), 10))
    with using_language("de"):
        assert told.text == "bestimmt −4 × −4"
        assert told.fact.why.startswith("geteilt wird wie bei der Ausführung")
