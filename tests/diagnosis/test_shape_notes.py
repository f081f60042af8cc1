"""Channels among the sizes, a batch in the shape, an image without its channels: noticed."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

import poolviz as pv

THREE_AXES = "is read as three spatial axes"


@pytest.mark.parametrize(
    ("sizes", "kernel", "image"),
    [
        ((3, 28, 28), 2, "28 × 28"),
        ((1, 28, 28), 1, "28 × 28"),
        ((32, 32, 3), 2, "32 × 32"),
        ((3, 28, 28), (2, 2, 2), None),  # the kernel has three axes as well
        ((16, 28, 28), 2, None),
        ((3, 28, 30), 2, None),
        ((28, 28), 2, None),
        ((3, 4, 4), 2, None),
    ],
)
def test_output_size_warns_of_channels(sizes: Any, kernel: Any, image: str | None) -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        pv.output_size(sizes, kernel)

    assert [THREE_AXES in str(one.message) for one in seen] == [True] * (image is not None)
    assert all(str(one.message).endswith(f"leave them out: {image}.") for one in seen)
    assert all(one.filename == __file__ for one in seen)


def test_the_diagnosis_notes_channels_and_stays_as_it_is_otherwise() -> None:
    noted = pv.diagnose(pv.Pool(2), (3, 28, 28))

    assert noted.ok
    assert THREE_AXES in str(noted)
    assert THREE_AXES not in str(pv.diagnose(pv.Pool(2), (28, 28)))


CHANNELS, BATCH = "A greyscale image is {}.", "leave it out: {}."


@pytest.mark.parametrize(
    ("layers", "shape", "framework", "note"),
    [
        ([pv.Pool(2)], (28, 28), "pytorch", CHANNELS.format("1 × 28 × 28")),
        ([pv.Pool((2, 2))], (28, 28), "pytorch", CHANNELS.format("1 × 28 × 28")),
        ([pv.Pool(2)], (28, 28), "keras", CHANNELS.format("28 × 28 × 1")),
        ([pv.Pool((2,))], (28, 28), "pytorch", None),  # for sequences
        ([pv.Pool(2)], (30, 100), "pytorch", None),
        ([pv.Linear(2)], (28, 28), "pytorch", None),
        ([pv.Pool(2)], (1, 3, 10, 10), "pytorch", BATCH.format("3 × 10 × 10")),
        ([pv.Conv(8, (3, 3))], (64, 1, 28, 28), "pytorch", BATCH.format("1 × 28 × 28")),
        ([pv.Pool(2)], (1, 28, 28, 3), "keras", BATCH.format("28 × 28 × 3")),
        ([pv.Pool((2, 2, 2))], (1, 3, 10, 10), "pytorch", None),
        ([pv.Pool(2)], (1, 16, 28, 28), "pytorch", None),
        ([pv.Pool(2)], (3, 28, 28), "pytorch", None),
    ],
)
def test_a_stack_notes_a_batch_and_missing_channels(
    layers: list[Any], shape: tuple[int, ...], framework: str, note: str | None
) -> None:
    stack = pv.Stack(layers, shape, framework=framework)
    notes = [one for one in stack.diagnosis.findings if one.cause == "axes of the input"]

    assert len(notes) == (note is not None)
    assert all(str(one).endswith(str(note)) for one in notes)


@pytest.mark.parametrize(
    ("framework", "size", "is_noted"),
    [("pytorch", 1, True), ("pytorch", 2, False), ("keras", 1, False), ("jax", 1, False)],
)
def test_a_batch_norm_on_one_value_is_noted(framework: str, size: int, is_noted: bool) -> None:
    """PyTorch 2.13.0, batch of one: "Expected more than 1 value per channel when training".

    Keras 3.15.1 and Flax 0.12.8 run.
    """
    norm = pv.Identity("BatchNorm2d", 8, 2)
    stack = pv.Stack([norm, pv.Pool(1)], (8, size, size), "channels_first", framework)

    assert ("In training, PyTorch raises an error for a batch of one" in str(stack)) == is_noted
    assert stack.ok
