"""Layers of networks and values of pooling layers, in every version that was run."""

from __future__ import annotations

import gzip
import json
import re
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import poolviz as pv
from poolviz.arithmetic.framework_names import EDITIONS, edition_of
from tests.support.paths import DATA
from tests.support.recordings import call_of
from tests.support.version_runs import APIS
from tools.record.layers.pooling_cases import case, checksum
from tools.versions import values as value_versions

calls = cache(value_versions.calls)


@cache
def _recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress((DATA / name).read_bytes()))
    return found


def _versions(name: str) -> list[Any]:
    """Each API, the place of a version in its list, and poolviz's name of the version."""
    return [
        pytest.param(api, place, f"{APIS[api][0]}=={found}", id=f"{api}-{found}")
        for api, one in _recorded(name).items()
        for place, installed in enumerate(one["versions"])
        if (found := installed["jax" if api == "flax" else APIS[api][1]].partition("+")[0])
    ]


def _sorted(text: str) -> str:
    """The text with its sets in order: `{'valid', 'same'}` varies from run to run."""
    return re.sub(r"\{'[^}]*\}", lambda found: "".join(sorted(found[0])), text)


def _came(row: list[Any], place: int) -> Any:
    *_, newest, others = row
    return others.get(str(place), newest)


@pytest.mark.parametrize(("api", "place", "framework"), _versions("layer_versions.json.gz"))
def test_layers_give_what_they_gave(api: str, place: int, framework: str) -> None:
    """The shape, or the class of the exception and, where poolviz states it, its text."""
    is_first = api in ("torch", "onnxruntime")
    rows = _recorded("layer_versions.json.gz")[api]["rows"]
    wrong = []
    for row in rows:
        code, shape, came = *row[:2], _came(row, place)
        if came is None:  # not in this version
            continue
        given = tuple(shape if is_first else (*shape[1:], shape[0]))
        stack = pv.Stack([eval(f"pv.{code}")], given, framework=framework)
        failure, output = stack.first_failure, stack.output_shape
        if came and isinstance(came[0], str):
            is_right = output is None and failure is not None and failure.error_name == came[0]
            is_right = is_right and _sorted(failure.says or "") in _sorted(came[1])
        else:
            is_right = output is not None and [*output] == came
        if not is_right:
            wrong.append((code, shape, came, output or failure))

    assert len(rows) > 25
    assert wrong == []


# Cases that follow no rule of poolviz, in any version: NaN in maxima of onnxruntime, windows of
# nothing, and dtypes other than float32, of which poolviz does not say whether they are taken.
_NO_RULE = {
    "onnxruntime": {"nan", "mixed", "neginf"},
    "torch": {"const"},
    "tensorflow": {"nan", "mixed", "neginf", "neginf_window"},
}


def _ours(api: str, key: str, framework: str, came: Any) -> dict[str, Any] | str | None:
    """Values of a recorded call as poolviz computes them; None where it has no rule."""
    if key.split("-")[0] in ("adaptive", "global", "unpool"):
        return None  # `test_pooling_kinds.py` compares them, and no version differs
    if key.startswith("lp"):
        given = case("lp", int(key[3:]))
        layer, x = pv.Pool(op="lp", framework=framework, **given.arguments), given.x
    else:
        row, arrays = calls(api)[key]
        if row["dtype"] != "float32" or row["kind"] in _NO_RULE.get(api, ()):
            return None
        _, kernel, keywords = call_of(row, framework)
        layer, x = pv.Pool(kernel, **keywords), arrays["x"]
    try:
        found = {"y": pv.pool(x, layer, data_format="channels_first")}
    except pv.PoolShapeError as raised:
        return raised.trace.error_name
    if "i" in came:
        found["i"] = pv.pool_indices(x, layer, data_format="channels_first")
    return found


def _is_like(ours: Any, came: Any) -> bool:
    if isinstance(ours, str) or isinstance(came, str):
        return bool(ours == came)
    for key, found in ours.items():
        shape, total = checksum(found)
        if shape != came[key][1] or abs(total - came[key][2]) > 0.03 + 2e-5 * abs(came[key][2]):
            return False
    return True


VALUE_VERSIONS = _versions("value_versions.json.gz")


@pytest.mark.parametrize(("api", "place", "framework"), VALUE_VERSIONS)
def test_values_are_those_of_the_version(api: str, place: int, framework: str) -> None:
    """Where a version gave other values than the newest; other tests compare the newest."""
    recorded = _recorded("value_versions.json.gz")[api]
    wrong = []
    for key, row in recorded["rows"].items():
        came = _came(row, place)
        ours = _ours(api, key, framework, came)
        if ours is not None and not _is_like(ours, came):
            wrong.append((key, came, ours))

    assert recorded["calls"] >= 24
    assert wrong == []


def test_where_values_differ_is_known() -> None:
    """In PyTorch and onnxruntime only: everywhere else the rules of the newest version hold."""
    recorded = _recorded("value_versions.json.gz")

    assert {api for api, one in recorded.items() if one["rows"]} == {"torch", "onnxruntime"}


def test_gradients_are_those_of_every_version() -> None:
    """Which gives the rule for the newest version to earlier ones; 20 are of the new lp_pool3d."""
    recorded = _recorded("value_versions.json.gz")
    asked = {"torch": 178, "tensorflow": 76, "flax": 77, "lax": 9}

    assert {api: one["gradients"] for api, one in recorded.items() if api in asked} == asked
    for api in asked:
        for newest, others in recorded[api]["rows"].values():
            for came in (one for one in others.values() if isinstance(one, dict)):
                assert came.get("g") == newest.get("g"), (api, newest, came)


@pytest.mark.parametrize("name", ["pytorch", "onnxruntime"])
def test_an_edition_is_what_versions_have_in_common(name: str) -> None:
    """In values of float32 and in layers; texts and classes of errors may differ.

    Neighbouring editions differ there.
    """
    api = {"pytorch": "torch"}.get(name, name)
    layers = _recorded("layer_versions.json.gz")[api]["rows"]
    values = _recorded("value_versions.json.gz")[api]["rows"]
    known = calls(api)
    found: dict[Any, list[Any]] = {}
    for _, place, framework in (p.values for p in _versions("layer_versions.json.gz")):
        if framework.partition("==")[0] != name:
            continue
        shapes = [_shape(_came(row, place)) for row in layers]
        sums = [
            _without_gradients(_came(row, place))
            for key, row in values.items()
            if key not in known or known[key][0]["dtype"] == "float32"
        ]
        found.setdefault(edition_of(framework), []).append([shapes, sums])

    assert list(found) == list(EDITIONS[name])
    for edition, alike in found.items():
        assert all(one == alike[0] for one in alike), edition
    for newer, older in pairwise(found.values()):
        assert newer[0] != older[0]


def _without_gradients(came: Any) -> Any:
    return {k: v for k, v in came.items() if k != "g"} if isinstance(came, dict) else came


def _shape(came: Any) -> Any:
    """Every exception is one outcome, and so is a layer that a version does not have."""
    return "raises" if came is None or (came and isinstance(came[0], str)) else came


def test_averages_of_onnxruntime_by_version() -> None:
    """Ones, kernel 3, stride 2, padding (1, 1), ceil_mode: what the last windows divide by."""
    layer = {"kernel_size": (3, 3), "stride": 2, "padding": ((1, 1), (0, 0)), "ceil_mode": True}
    last = {}
    for version in ("1.20", "1.24", "1.25", "1.32"):
        pool = pv.Pool(
            **layer, op="avg", count_include_pad=True, framework=f"onnxruntime=={version}"
        )
        last[version] = pv.pool(np.ones((4, 4), np.float32), pool)[-1, -1]

    assert [round(float(last[key]), 3) for key in last] == [0.222, 1.0, 0.5, 0.5]
