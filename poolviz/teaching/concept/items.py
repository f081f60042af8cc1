"""The items of the concept test, and the misconceptions that they reveal."""

from __future__ import annotations

from functools import lru_cache

from poolviz.arithmetic.layers.in_use import BOTH, using_framework
from poolviz.exercises.library import exercise
from poolviz.exercises.model import Exercise

# An item → the misconceptions that every variant of it in a form can reveal.
ITEMS: dict[str, tuple[str, ...]] = {
    "size-with-everything": (*("no_plus_one", "padding_once", "axes_swapped"),),
    "formula-below-zero": ("not_below_zero",),
    "same-with-a-large-kernel": ("same_keeps_the_size", "same_can_fail"),
    "same-split": ("half_of_the_kernel",),
    "unread-in-a-row": ("gaps_without_the_end",),
    "true-statements": (
        *("division_must_be_exact", "stride_must_fit", "zeros_for_padding", "gradient_shared"),
        "dilation_times_kernel",
    ),
    "tensorflow-message-numbers": ("kernel_and_input_swapped",),
    "who-raises": ("every_framework",),
    "change-that-helps": ("less_padding_helps", "stride_does_not_help"),
    "smallest-for-poolings": ("product_of_strides",),
    "layer-that-fails": ("last_that_runs",),
    "layer-that-took-most": ("failing_layer_for_cause",),
}
MISCONCEPTIONS = tuple(name for names in ITEMS.values() for name in names)
FORMS = {"before": 7000, "after": 8000}  # the seeds from which each form takes its numbers


def seed_of(when: str, seed: int = 0) -> int:
    """Return the seed of the exercises of a form; `seed` chooses another pair of forms.

    Raises
    ------
    ValueError
        For another form than "before" or "after".

    >>> seed_of("before"), seed_of("after")
    (7000, 8000)
    """
    if when not in FORMS:
        raise ValueError(f'a concept test is "before" or "after", got {when!r}')
    return FORMS[when] + 10_000 * seed


@lru_cache(maxsize=64)
def form_of(when: str, seed: int, language: str) -> tuple[Exercise, ...]:
    """Return the exercises of a form, which is the same for a course in any framework."""
    with using_framework(BOTH):
        return tuple(exercise(name, seed_of(when, seed), language) for name in ITEMS)


def revealed_by(one: Exercise) -> dict[str, object]:
    """Return what an exercise reveals: misconception → an answer that is named after it."""
    case = one.grading.case
    values = (slip.value for slip in (*case.listed, *case.others) if slip.value is not None)
    found: dict[str, object] = {}
    for value in values:
        name = one.grading.judge(value).misconception
        if name is not None:
            found.setdefault(name, value)
    return found
