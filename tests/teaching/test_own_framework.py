"""The framework in use: layers, exercises and cells follow it."""

from __future__ import annotations

import json
import os
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import poolviz as pv
from poolviz.arithmetic.layers import in_use
from poolviz.teaching import can_run as module

LAYERS = (
    pv.Pool(2),
    pv.AdaptivePool(1),
    pv.GlobalPool(),
    pv.Conv(1, 3),
    pv.ConvTranspose(1, 3),
    pv.DepthwiseConv(3),
)


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(in_use, "_chosen", None)
    monkeypatch.delenv(in_use.VARIABLE, raising=False)
    in_use._of_environment.cache_clear()
    yield
    in_use._of_environment.cache_clear()


def test_without_a_choice_it_is_pytorch() -> None:
    assert pv.use() == "pytorch"
    assert pv.use(default="keras") == "keras"
    assert in_use.chosen_framework() is None


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_a_layer_follows_unless_it_names_a_framework(layer: pv.Pool) -> None:
    required = {
        name: getattr(layer, name)
        for name in ("kernel_size", "out_channels", "output_size")
        if hasattr(layer, name)
    }
    pv.use("keras==3.14")

    assert layer.framework == "pytorch"  # made before
    assert type(layer)(**required).framework == "keras==3.14"
    assert type(layer)(**required, framework="pytorch") == layer
    assert type(layer.framework) is str


def test_networks_messages_and_functions_follow() -> None:
    pv.use("Keras")

    stack = pv.Stack([pv.Conv(4, 3), pv.Flatten()], (8, 8, 1))
    assert (stack.framework, stack.data_format) == ("keras", "channels_last")
    assert "strides=(15, 15)" in str(pv.trace(pv.Pool(15), 10).says())
    with pytest.raises(pv.PoolShapeError, match="Keras"):
        pv.output_size(10, 15)


def test_the_environment_chooses_and_use_changes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(in_use.VARIABLE, "keras")
    in_use._of_environment.cache_clear()

    assert pv.Pool(2).framework == pv.use(default="pytorch") == "keras"
    assert pv.use("pytorch") == pv.Pool(2).framework == "pytorch"
    assert pv.use("both", default="keras") == "keras"
    assert pv.Pool(2).framework == "pytorch"


@pytest.mark.parametrize("name", ["jax", "caffe", "keras==9.9", 3])
def test_another_framework_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"pytorch, keras or both|never run"):
        pv.use(name)


# --- cells in a real framework -------------------------------------------------------------------


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> set[str]:
    """The packages that are taken for installed."""
    found: set[str] = set()
    monkeypatch.setattr(module, "find_spec", lambda name: name if name in found else None)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("KERAS_BACKEND", "")
    return found


def test_a_cell_says_why_it_is_skipped(
    packages: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert not pv.can_run("pytorch")
    assert "PyTorch is not installed. To run this: pip install torch" in capsys.readouterr().out
    assert not pv.can_run("keras")
    assert "pip install keras jax" in capsys.readouterr().out
    packages |= {"torch", "keras"}
    assert pv.can_run("pytorch")
    assert capsys.readouterr().out == ""
    pv.use("keras")
    assert not pv.can_run("pytorch")
    assert "Skipped: this course is in Keras" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("installed", "configured", "chosen"),
    [
        ({"tensorflow", "jax"}, None, ""),  # Keras' own choice
        ({"jax", "torch"}, None, "jax"),
        ({"torch"}, "tensorflow", "torch"),
        ({"torch"}, "torch", ""),
        ({"jax"}, 3, "jax"),
    ],
)
def test_keras_gets_a_backend_that_is_installed(
    packages: set[str], tmp_path: Path, installed: set[str], configured: object, chosen: str
) -> None:
    packages |= installed | {"keras"}
    if configured is not None:
        (tmp_path / "keras.json").write_text(json.dumps({"backend": configured}), encoding="utf-8")

    assert pv.can_run("keras")
    assert os.environ["KERAS_BACKEND"] == chosen


def test_keras_without_a_backend(packages: set[str], capsys: pytest.CaptureFixture[str]) -> None:
    packages.add("keras")

    assert not pv.can_run("keras")
    assert "none of its backends (TensorFlow, JAX and PyTorch)" in capsys.readouterr().out


# --- exercises -----------------------------------------------------------------------------------

NAMED = {
    "pytorch": r"PyTorch|\bnn\.|torch|permute",
    "keras": r"Keras|layers\.[A-Z]|keras",
    "jax": r"JAX|Flax",
    "onnxruntime": r"onnx|ONNX",
}
LISTS_ALL = "default-stride"  # its solution compares the frameworks


@pytest.mark.parametrize("course", ["pytorch", "keras"])
def test_exercises_of_a_course_name_no_other_framework(course: str) -> None:
    everything = pv.exercises()
    pv.use(course)
    own = pv.exercises()

    assert len(own) > len(everything) / 2
    for id in own:
        one = pv.exercise(id, seed=1)
        text = str(one) if id == LISTS_ALL else f"{one} {one.hint} {one.solution} {one.answer}"
        others = [name for name in NAMED if name != course and re.search(NAMED[name], text)]
        assert others == [], (id, text)
        assert one.check(one.answer).ok


def test_an_exercise_keeps_its_framework() -> None:
    before = pv.exercise("size-plain")
    pv.use("keras")
    one = pv.exercise("size-plain")

    assert "nn.MaxPool2d" in before.question
    assert "layers.MaxPooling2D" in one.question
    assert one.next().framework == "keras"
    assert pickle.loads(pickle.dumps(before)) == before
    assert "nn.MaxPool2d" in pv.exercise("size-padded").question  # Keras has no such padding


def test_a_card_takes_others_of_the_same_notebook() -> None:
    pv.use("keras")
    card = pv.ExerciseCard("max-of-a-window", "size-padded", "size-two-axes")
    ids = [item.exercise.id for item in card.session.items]

    assert ids[:2] == ["max-of-a-window", "size-two-axes"]
    assert len(ids) == 3
    assert pv.exercise(ids[2]).notebook == "00"


def test_a_notebook_without_exercises_of_the_course_takes_those_that_follow() -> None:
    pv.use("pytorch")
    assert pv.exercises(notebook="03") == ()  # "same" in pooling layers is not PyTorch's
    items = pv.ExerciseCard("same-split", "same-size").session.items

    assert [item.exercise.notebook for item in items] == ["04", "04"]


def test_an_exercise_that_is_asked_for_alone_is_kept() -> None:
    """In a notebook, it is the prediction that the text around it is about."""
    pv.use("pytorch")
    (item,) = pv.ExerciseCard("same-split").session.items

    assert item.exercise.id == "same-split"


CARD = re.compile(r"pv\.ExerciseCard\(([^*()]+)\)")


@pytest.mark.parametrize("course", ["pytorch", "keras"])
def test_the_text_before_a_card_follows_its_exercises(course: str) -> None:
    """A text that names other exercises than the card of the course shows has its own version."""
    pv.use(course)
    for path in sorted(Path("notebooks").glob("[0-9]*.ipynb")):
        before: dict[str, Any] = {}
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            for given in (
                CARD.findall("".join(cell["source"])) if cell["cell_type"] == "code" else ()
            ):
                ids = re.findall(r'"([a-z-]+)"', given)
                shown = [one.exercise.id for one in pv.ExerciseCard(*ids).session.items]
                is_own = course in before["metadata"].get("poolviz", {})
                named = "".join(before["source"])
                assert shown == ids or is_own or (path.name, course) in UNNAMED, (path.name, named)
            before = cell if cell["cell_type"] == "markdown" else before


UNNAMED = {("00_start_here.ipynb", "keras"), ("07_channel_order.ipynb", "keras")}  # name none
