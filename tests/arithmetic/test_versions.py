"""Every version gives what it gave when it ran, and a name with a version is read or refused."""

from __future__ import annotations

import math
import pickle
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

import poolviz as pv
from poolviz.arithmetic.framework_names import (
    EDITIONS,
    FRAMEWORK_NAMES,
    Edition,
    edition_of,
    editions,
    family,
)
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS, choices
from poolviz.arithmetic.trace import Trace, trace
from poolviz.arithmetic.versions import other_versions, title_of
from tests.support.version_runs import APIS, content, runs, versions

VERSIONS = versions()
each_version = pytest.mark.parametrize(
    ("api", "place", "framework"), VERSIONS, ids=[f"{api}-{name}" for api, _, name in VERSIONS]
)


def _outcome(traced: Trace) -> list[object]:
    if traced.returned_size is None:
        return [traced.error_name, traced.says(channels=2)]
    return list(traced.returned_size)


@each_version
def test_every_call_gives_what_the_version_gave(api: str, place: int, framework: str) -> None:
    rows = list(runs(api, place, framework))
    expected = {row.id: row.came for row in rows}
    actual = {row.id: _outcome(trace(row.layer, row.input_size)) for row in rows}

    assert len(rows) > 90
    assert expected == actual


@pytest.mark.parametrize("name", FRAMEWORK_NAMES)
def test_the_ends_of_an_edition_are_versions_that_ran(name: str) -> None:
    if name == "mlx":
        return
    ran = [
        tuple(map(int, each.partition("==")[2].split(".")))
        for *_, each in VERSIONS
        if family(each) == name
    ]
    for edition in EDITIONS[name]:
        for end in edition:
            assert any(version[: len(end)] == end for version in ran)


_DIFFER_ELSEWHERE = {  # in values, or in other layers: see `test_layer_versions.py`
    ("2.3–2.13", "2.1–2.2"),
    ("3.14", "3.13"),
    ("3.13", "3.11–3.12"),
    ("3.11–3.12", "3.0–3.10"),
    ("1.29", "1.28"),
    ("1.28", "1.27"),
    ("1.27", "1.25–1.26"),
    ("1.25–1.26", "1.21–1.24"),
    ("1.20", "1.16–1.19"),
}


@pytest.mark.parametrize("api", content()["frameworks"])
def test_versions_with_the_same_rules_gave_the_same(api: str) -> None:
    """And neighbouring editions differ, or they would be one."""
    framework = APIS[api][0]
    sizes: dict[Edition, list[list[object]]] = {}
    for _, place, name in (each for each in VERSIONS if each[0] == api):
        found = [row.came if not row.raises else ["raises"] for row in runs(api, place, name)]
        sizes.setdefault(edition_of(name), []).append(found)

    assert list(sizes) == list(EDITIONS[framework])
    for alike in sizes.values():
        assert all(each == alike[0] for each in alike)
    for (newer, ours), (older, theirs) in pairwise(sizes.items()):
        if (str(newer), str(older)) not in _DIFFER_ELSEWHERE:
            assert ours[0] != theirs[0]


def _keras_layer(code: str, shape: list[int], framework: str) -> pv.Stack:
    """One recorded line of Keras as poolviz reads it, in a version."""
    text = f"keras.Sequential([keras.Input({tuple(shape)}), layers.{code}])"
    read = pv.read_code(text, framework=framework)
    assert read.not_read == ()
    return read


@pytest.mark.parametrize("recorded", content()["layers"], ids=lambda each: each["keras"])
def test_other_layers_of_keras_give_what_they_gave(recorded: dict[str, Any]) -> None:
    expected, actual, texts = {}, {}, []
    for code, shape, came in recorded["rows"]:
        stack = _keras_layer(code, shape, f"keras=={recorded['keras']}")
        failure = stack.first_failure
        call = f"{code} on {shape}"
        expected[call] = came[0] if isinstance(came[0], str) else came
        output = stack.output_shape
        actual[call] = list(output) if output is not None else failure and failure.error_name
        if output is None and failure is not None and failure.says is not None:
            texts.append((call, failure.says, came[1]))

    assert expected == actual
    for call, says, text in texts:
        assert says == text, call


def test_convolutions_were_silent_until_3_13() -> None:
    """On a map that is one too short, with its versions in the text."""
    code, shape = "Conv2D(4, 5)", [4, 4, 3]
    said = str(_keras_layer(code, shape, "keras"))

    assert "Keras 3.14–3.15 raises ValueError" in said
    assert "Keras 3.0–3.13 returns an empty feature map, without an error." in said
    assert _keras_layer(code, shape, "keras==3.13").output_shape == (0, 0, 4)
    assert "Keras raises ValueError" in str(_keras_layer(code, [2, 9, 3], "keras"))


# --- the first textbook example, and the silent model -------------------------------------------


@pytest.mark.parametrize(
    ("framework", "expected"),
    [
        ("keras", None),
        ("keras==3.15.1", None),
        ("keras==3.14", (0, 0)),
        ("keras==3.3", (0, 0)),
        ("keras==2.15", None),
    ],
)
def test_the_first_textbook_example(framework: str, expected: object) -> None:
    traced = trace(pv.Pool(15, framework=framework), (10, 10))

    assert traced.returned_size == expected
    if expected is None:
        with pytest.raises(pv.PoolShapeError):
            pv.output_size((10, 10), 15, framework=framework)
    else:
        assert pv.output_size((10, 10), 15, framework=framework) == expected


@pytest.mark.parametrize("run", content()["models"], ids=lambda run: run["versions"]["keras"])
def test_five_poolings_build_where_they_did(run: dict[str, object]) -> None:
    from poolviz.arithmetic.layers.network_layers import Flatten, Linear

    framework = f"keras=={run['versions']['keras']}"  # type: ignore[index]
    layers = [*[pv.Pool(2)] * 5, Flatten(), Linear(10)]
    stack = pv.Stack(layers, (28, 28, 1), framework=framework)
    build = run["build"]
    assert isinstance(build, list)

    if build[0] == "ValueError":
        assert stack.first_failure is not None
        assert stack.first_failure.error_name == "ValueError"
        assert stack.output_shape is None
    else:
        assert [[None, *row.output_shape] for row in stack.rows] == build
        assert stack.parameters == run["parameters"] == 10
        assert stack.first_failure is not None
        assert stack.first_failure.is_silent
        assert stack.first_failure.index == 4


def test_what_became_of_the_silent_model() -> None:
    """The numbers of notebook 05: it fails in predict, and on JAX it trains on nothing."""
    by_backend = {
        run["backend"]: run for run in content()["models"] if run["versions"]["keras"] == "3.14.1"
    }

    assert by_backend["torch"]["predict"][0] == "RuntimeError"
    assert by_backend["tensorflow"]["predict"][0] == "ValueError"
    assert "Negative dimension size" in by_backend["tensorflow"]["predict"][1]
    assert by_backend["jax"]["predict"] == [[0.0] * 10] * 4
    assert by_backend["jax"]["fit"] == pytest.approx([math.log(10)])


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("keras==3.14", "keras==3.14"),
        ("Keras == 3.10.0", "keras==3.10.0"),
        ("keras==v3.3", "keras==3.3"),
        ("keras==3.15.1", "keras"),
        ("keras==3.15", "keras"),
        ("keras==3", "keras"),
        ("keras==2", "keras==2"),
        ("pytorch==1", "pytorch==1"),
        ("pytorch==2.13.0", "pytorch"),
        ("jax==0.4.26", "jax==0.4.26"),
        # as people write them
        ("keras3.14", "keras==3.14"),
        ("keras3", "keras"),
        ("Keras-3.14", "keras==3.14"),
        ("keras version 3.14", "keras==3.14"),
        ("tf2.15", "tensorflow==2.15"),
        ("tf.keras 2.15", "keras==2.15"),
        ("torch==2.4.1+cu121", "pytorch==2.4.1"),  # torch.__version__
        ("PyTorch v2.2.0.post1", "pytorch==2.2.0"),
        ("pytorch latest", "pytorch"),
        ("torch 2.x", "pytorch"),
        ("keras==2.15.*", "keras==2.15"),
        ("PyTorch (2.1)", "pytorch==2.1"),
        ("torch.nn", "pytorch"),
    ],
)
def test_a_version_is_kept_unless_it_is_the_newest(given: str, kept: str) -> None:
    layer = pv.Pool(2, framework=given)

    assert layer.framework == kept
    assert eval(repr(layer), {"Pool": pv.Pool}) == layer
    assert pickle.loads(pickle.dumps(layer)) == layer
    assert FRAMEWORKS[kept].version


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("keras==3.16", "version 3.16 of keras was never run"),
        ("keras==2.14", "2.15, 3.0–3.10, 3.11–3.12, 3.13, 3.14, 3.15"),
        ("pytorch==1.12", "1.13–2.0"),
        ("keras==", "framework must be one of"),
        ("keras==x", "framework must be one of"),
        ("keras>=3.14", '"keras>=3.14" is a range: name one version, such as "keras==3.14"'),
        ("keras<3.15", 'such as "keras==3.14"'),
        ("keras>3.99", 'such as "keras==3.15"'),
        ("torch>=2.0", 'such as "pytorch==2.0", or none for the newest'),
        ("keras>=3.3,<3.15", "is a range"),
        ("torch~=2.1", "is a range"),
        ("PyTorch 2.1 or newer", "is a range"),
        ("torch 2.0+", "is a range"),
        ("keras==3.14.0rc1", "version 3.14.0rc1 of keras was never run"),
        ("flax==0.12.8", "flax 0.12.8 is no version of jax"),
        ("onnx 1.16", "onnx 1.16 is no version of onnxruntime"),
        ("tensorflow 1.15", "version 1.15 of tensorflow was never run"),
        ("pytorch-lightning", "framework must be one of"),
        ("torchvision", "framework must be one of"),
        ("keras==3.14.1.2", "version 3.14.1.2 of keras was never run"),
        ("keras==99999", "version 99999 of keras was never run"),
    ],
)
def test_other_versions_are_refused(given: str, named: str) -> None:
    for refuse in (
        lambda: pv.Pool(2, framework=given),
        lambda: pv.output_size(10, 2, framework=given),
        lambda: pv.Stack([pv.Pool(2)], (1, 8, 8), framework=given),
    ):
        with pytest.raises(ValueError, match=re.escape(named)):
            refuse()


def test_a_choice_stands_for_its_edition() -> None:
    names = [name for name, _ in choices("keras==3.10")]

    assert [title for name, title in choices("keras==3.10") if family(name) == "keras"] == [
        "Keras 3.15",
        "Keras 3.14",
        "Keras 3.13",
        "Keras 3.11–3.12",
        "Keras 3.0–3.10",
        "Keras 2.15",
    ]
    assert "keras==3.10" in names
    assert "keras==3.9" not in names
    assert [name for name, _ in choices("pytorch") if "==" not in name] == list(FRAMEWORK_NAMES)


@pytest.mark.parametrize("name", FRAMEWORK_NAMES)
def test_the_newest_edition_has_the_version_of_the_rules(name: str) -> None:
    """The title of a plain name, `EDITIONS` and `version` agree."""
    newest = EDITIONS[name][0].newest

    assert FRAMEWORKS[name].version.startswith(newest)
    assert editions(name)[0] == name


# --- where versions differ -----------------------------------------------------------------------


def test_the_version_is_named_where_another_gives_another_result() -> None:
    silent = trace(pv.Pool(15, framework="keras"), 10)
    loud = trace(pv.Pool(15, 1, framework="keras"), 10)

    assert title_of(silent) == "Keras 3.15"
    assert [other.title for other in other_versions(silent)] == ["Keras 3.0–3.14"]
    assert title_of(loud) == "Keras"
    assert other_versions(loud) == ()
    assert title_of(replace_framework(silent, "keras==3.7")) == "Keras 3.7"
    assert len(other_versions(replace_framework(silent, "keras==3.7"))) == 2


def replace_framework(traced: Trace, framework: str) -> Trace:
    return trace(replace(traced.layer, framework=framework), traced.input_size)
