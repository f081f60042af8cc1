"""Which exercises belong to a course in one framework: see `use`."""

from __future__ import annotations

from poolviz.arithmetic.framework_names import COURSES, family
from poolviz.arithmetic.layers.in_use import chosen_framework

# What an exercise needs that only one of the two frameworks has: padding in numbers, dilation,
# ceil_mode, divisors and unpooling in PyTorch; "same" of pooling layers in Keras, and the messages
# of TensorFlow, on which Keras runs.
_ONLY = (
    (  # the first of COURSES
        "size-padded largest-kernel smallest-input-of-layer size-dilated smallest-padding "
        "dilation-outgrows-input largest-padding claim-about-repairs "
        "max-in-the-padding average-with-padding-counted change-that-helps pytorch-message-axis "
        "adaptive-window-length adaptive-maximum elements-read-twice size-after-unpooling "
        "index-of-a-maximum features-message length-in-a-message ceil-mode-size ceil-mode-dropped "
        "average-with-its-own-divisor divisor-in-ceil-mode padding-in-a-message "
        "size-with-everything one-change conv-size-padded padding-that-keeps-the-size "
        "transposed-size-padded channels-message batch-as-read flatten-without-a-batch "
        "rows-in-a-product rows-of-a-view view-that-fails first-linear-size sizes-in-a-join "
        "axis-of-a-sum output-padding-needed pad-of-a-map sizes-to-choose "
        "parameters-instead-of-pooling halved-two-ways padding-like-pooling "
        "normalisation-that-raises rows-in-a-loss"
    ),
    (  # the second
        "tensorflow-message-numbers tensorflow-message-axis keras-message-axis "
        "sequence-message-numbers same-size same-default-stride same-total same-split "
        "same-with-a-large-kernel same-pads-evenly claim-about-same conv-size-same "
        "missing-axis-in-keras"
    ),
    (  # neither
        "numbers-in-an-empty-map truncated-size same-lower-split who-takes-the-padding "
        "who-raises who-has-the-argument axis-to-add"
    ),
)
_COURSE = {
    id: course for course, ids in zip((*COURSES, ""), _ONLY, strict=True) for id in ids.split()
}


def belongs(id: str, framework: str | None) -> bool:
    """Return whether an exercise belongs to the course in a framework; without one, all do.

    >>> [belongs(id, "keras") for id in ("size-plain", "size-padded", "who-raises")]
    [True, False, False]
    """
    return framework is None or _COURSE.get(id, family(framework)) == family(framework)


def in_course(ids: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """Return the exercises that belong to the course; `others` replace the rest.

    One that is requested alone is kept: the text around it is about it.

    >>> from poolviz.arithmetic.layers.in_use import using_framework
    >>> with using_framework("keras"):
    ...     in_course(("size-plain", "size-padded"), ("size-plain", "size-two-axes"))
    ('size-plain', 'size-two-axes')
    """
    if len(ids) == 1:
        return ids
    chosen = chosen_framework()
    kept = tuple(id for id in ids if belongs(id, chosen))
    spare = [id for id in others if id not in ids and belongs(id, chosen)]
    return kept + tuple(spare[: len(ids) - len(kept)])
