"""Grade a repaired network by what it does: it runs, it reads every pixel, it recognises digits.

Plain functions of NumPy. They see a network as a function from images (n, rows, columns) to scores
(n, classes), so they are the same for every framework, and for your own courses.

>>> import numpy as np
>>> images = np.random.default_rng(0).random((20, 4, 4), dtype="float32")
>>> def predict(images):  # looks at the first row only
...     return np.repeat(images[:, 0, :1] + images[:, 0, 1:], 2, axis=1)
>>> print(check_runs(predict, images, classes=6))
1 of 1: 20 images give scores of shape (20, 6), a single image too.
>>> print(check_reads_every_pixel(predict, images))
0 of 1: 12 of 16 pixels have no effect on any score, the first one in row 1, column 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]
Predict = Callable[[Array], Any]


class Points(NamedTuple):
    """Points of a task, and the reason; true for all points."""

    got: float
    of: float
    reason: str

    def __bool__(self) -> bool:
        return self.got == self.of

    def __str__(self) -> str:
        return f"{self.got:g} of {self.of:g}: {self.reason}"


def scores_of(predict: Predict, images: Array, classes: int = 10) -> Array:
    """Return the scores of images.

    Raises
    ------
    ValueError
        If the result is not one finite score for each image and class.
    """
    given = images.copy()
    scores = np.asarray(predict(given))
    if not np.array_equal(given, images):
        raise ValueError("predict changes the images that it receives")
    if scores.shape != (len(images), classes):
        wanted = (len(images), classes)
        raise ValueError(f"{len(images)} images must give {wanted}, not {scores.shape}")
    if scores.dtype.kind not in "fiu" or not np.isfinite(scores).all():
        raise ValueError("every score must be a finite number")
    return scores


def check_runs(predict: Predict, images: Array, classes: int = 10) -> Points:
    """One point for a network that runs, for many images and for a single one."""
    try:
        many = scores_of(predict, images, classes)
        scores_of(predict, images[:1], classes)
    except Exception as error:  # whatever a submission raises is its result
        return Points(0, 1, f"{type(error).__name__}: {error}")
    shape = tuple(many.shape)
    return Points(1, 1, f"{len(images)} images give scores of shape {shape}, a single image too.")


def unread_pixels(predict: Predict, images: Array, classes: int = 10) -> list[tuple[int, int]]:
    """Return the pixels (row, column) without an effect on any score of any image.

    Each pixel is made much brighter, then much darker, in up to 20 images.
    """
    some = images[:: max(1, len(images) // 20)][:20]
    before = scores_of(predict, some, classes)
    unread = []
    for row, column in np.ndindex(*some.shape[1:]):
        changed = np.concatenate([some, some])
        changed[: len(some), row, column] += 10
        changed[len(some) :, row, column] -= 10
        after = scores_of(predict, changed, classes)
        if np.allclose(after, np.concatenate([before, before]), rtol=1e-4, atol=1e-6):
            unread.append((row, column))
    return unread


def check_reads_every_pixel(predict: Predict, images: Array) -> Points:
    """One point for a network in which every pixel has an effect on a score."""
    try:
        classes = np.asarray(predict(images[:1].copy())).shape[-1]
        unread = unread_pixels(predict, images, classes)
    except Exception as error:
        return Points(0, 1, f"{type(error).__name__}: {error}")
    pixels = images[0].size
    if not unread:
        return Points(1, 1, f"all {pixels} pixels have an effect.")
    row, column = unread[0]
    where = f"the first one in row {row}, column {column}"
    return Points(0, 1, f"{len(unread)} of {pixels} pixels have no effect on any score, {where}.")


def accuracy(predict: Predict, images: Array, labels: Array, classes: int = 10) -> float:
    """Return the share of images whose highest score is that of their label."""
    return float((scores_of(predict, images, classes).argmax(axis=1) == labels).mean())


def check_accuracy(
    predict: Predict, images: Array, labels: Array, least: float = 0.95, most: float = 2
) -> Points:
    """Up to `most` points for an accuracy of `least`, and a share of them above guessing."""
    try:
        classes = int(labels.max()) + 1
        right = accuracy(predict, images, labels, classes)
    except Exception as error:
        return Points(0, most, f"{type(error).__name__}: {error}")
    guess = 1 / classes
    share = min(1.0, max(0.0, (right - guess) / (least - guess)))
    points = most if right >= least else round(most * share - 0.05, 1)
    return Points(max(0.0, points), most, f"accuracy {right:.3f}, wanted {least:.3f}.")
