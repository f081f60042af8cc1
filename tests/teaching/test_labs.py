"""The graders of the labs, with submissions that are right and wrong; labs for students."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.support.paths import ROOT
from tools.writing import labs

Array = np.ndarray[Any, Any]
Predict = Callable[[Array], Any]


def _load() -> ModuleType:
    """Import the graders as students do: from the folder of the labs."""
    path = ROOT / "notebooks" / "labs" / "graders.py"
    spec = importlib.util.spec_from_file_location("graders", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


graders = _load()
RANDOM = np.random.default_rng(0)
CENTRES = RANDOM.random((10, 8, 8)).astype("float32")
LABELS = np.arange(200) % 10
IMAGES = (CENTRES[LABELS] + 0.1 * RANDOM.random((200, 8, 8))).astype("float32")


def right(images: Array) -> Array:
    """Score by the nearest centre."""
    return -((images[:, None] - CENTRES) ** 2).sum(axis=(2, 3))


def strided(images: Array) -> Array:
    """Read two of four rows and columns only."""
    seen = np.zeros_like(images)
    for row in (0, 1, 4, 5):
        seen[:, row, [0, 1, 4, 5]] = images[:, row, [0, 1, 4, 5]]
    return right(seen)


def impolite(images: Array) -> Array:
    images += 1
    return right(images)


WRONG: dict[str, tuple[Predict, str]] = {
    "raises": (lambda images: 1 / 0, "ZeroDivisionError"),
    "labels": (lambda images: right(images).argmax(axis=1), r"\(200, 10\), not \(200,\)"),
    "classes": (lambda images: right(images)[:, :9], "not"),
    "nan": (lambda images: right(images) * np.nan, "finite"),
    "text": (lambda images: right(images).astype(str), "finite"),
    "nothing": (lambda images: None, "not"),
    "one image": (lambda images: right(images) if len(images) > 1 else right(images)[0], "not"),
    "changes": (impolite, "changes the images"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_network_that_does_not_run_gets_no_point(name: str) -> None:
    predict, reason = WRONG[name]
    points = graders.check_runs(predict, IMAGES)

    assert not points
    assert points.got == 0
    assert re.search(reason, points.reason)
    assert graders.check_accuracy(lambda images: 1 / 0, IMAGES, LABELS).got == 0
    assert not graders.check_reads_every_pixel(lambda images: 1 / 0, IMAGES)


def test_a_right_network_gets_all_points() -> None:
    before = IMAGES.copy()
    sheet = (
        graders.check_runs(right, IMAGES),
        graders.check_reads_every_pixel(right, IMAGES),
        graders.check_accuracy(right, IMAGES, LABELS),
    )

    assert all(sheet)
    assert sum(points.got for points in sheet) == 4
    assert np.array_equal(IMAGES, before)


def test_pixels_that_are_not_read_are_counted() -> None:
    points = graders.check_reads_every_pixel(strided, IMAGES)

    assert len(graders.unread_pixels(strided, IMAGES)) == 48
    assert "48 of 64 pixels" in points.reason
    assert "row 0, column 2" in points.reason
    assert not points


@pytest.mark.parametrize(
    ("right_ones", "points"), [(200, 2), (190, 2), (180, 1.8), (110, 1.0), (20, 0), (0, 0)]
)
def test_points_for_an_accuracy(right_ones: int, points: float) -> None:
    scores = np.eye(10)[(LABELS + (np.arange(200) >= right_ones)) % 10]
    found = graders.check_accuracy(lambda images: scores, IMAGES, LABELS)

    assert abs(found.got - points) <= 0.1
    assert bool(found) == (right_ones >= 190)


def test_labs_for_students_have_no_repair() -> None:
    for path, text in labs.contents().items():
        lab = json.loads(text)
        solved = json.loads((labs.SOLUTIONS / path.name).read_text(encoding="utf-8"))
        assert text.count("write your repair here") == 3
        assert "SOLUTION" not in text
        assert "padding=1),\\n" not in text
        assert 'padding=\\"same\\", activation' not in text
        assert len(lab["cells"]) == len(solved["cells"])
        outputs = [bool(cell.get("outputs")) for cell in lab["cells"]]
        assert sum(outputs) == 3  # the data, the error, its cause
        assert sum(bool(cell.get("outputs")) for cell in solved["cells"]) == 8
        assert counts(solved) == [*range(1, 10)]
        assert counts(lab) == [1, 2, 3, 4, None, None, None, None, None]


def counts(notebook: dict[str, Any]) -> list[int | None]:
    cells = notebook["cells"]
    return [cell["execution_count"] for cell in cells if cell["cell_type"] == "code"]


def test_labs_train_to_the_accuracy_that_is_asked() -> None:
    for path in labs.SOLUTIONS.glob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        assert '"points: 4 of 4\\n"' in text, path.name
