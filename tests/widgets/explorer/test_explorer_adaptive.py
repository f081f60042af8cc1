"""PoolExplorer with windows that follow from the sizes: adaptive and global pooling."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import poolviz as pv
from poolviz.widgets.explorer.settings import read_settings
from tests.arithmetic.test_pooling_kinds import FIRST
from tests.widgets.explorer.explorer_controls import ask


def _explorer() -> pv.PoolExplorer:
    return pv.PoolExplorer(8, layer=pv.AdaptivePool(3, "max"))


def _asked(widget: pv.PoolExplorer, **changes: Any) -> pv.PoolExplorer:
    """Send settings as the controls do; None takes one away."""
    settings = {**widget.state["settings"], **changes}
    widget._apply_request({"settings": {k: v for k, v in settings.items() if v != "left out"}})
    return widget


def test_the_output_size_is_a_control() -> None:
    """It is in the settings, and only there for adaptive pooling."""
    widget = _explorer()

    assert widget.state["settings"]["output_size"] == [3, 3]
    assert _asked(widget, output_size=[4, 2]).layer == pv.AdaptivePool((4, 2), "max")
    assert _asked(widget, output_size="global").layer == pv.GlobalPool("max")
    assert _asked(widget, output_size="left out", kernel_size=[3, 3]).layer == pv.Pool((3, 3))
    assert "output_size" not in widget.state["settings"]


def test_the_browser_gets_the_windows_of_each_axis() -> None:
    """By their number: the script computes where each begins and ends."""
    axis = _explorer().state["geometry"]["down"]

    assert (axis["parts"], axis["size"]) == (3, 8)
    assert "parts" not in pv.PoolExplorer(8).state["geometry"]["down"]


def test_it_says_that_windows_overlap() -> None:
    """In the findings, with the numbers."""
    texts = [finding["text"] for finding in _explorer().state["findings"]]

    assert texts == [
        "height: 8 rows in 3 windows, 3–4 long; read more than once: 2 rows.",
        "width: 8 columns in 3 windows, 3–4 long; read more than once: 2 columns.",
    ]


def test_a_page_offers_output_sizes(tmp_path: Path) -> None:
    """The fields of the output size, and no kernel."""
    widget = _explorer()

    page = widget.save(tmp_path / "page.html", output_size=[2, 3], op="max", framework="pytorch")
    assert "output_size" in page.read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="AdaptivePool has no parameter"):
        widget.save(tmp_path / "other.html", kernel_size=[2, 3])


@pytest.mark.parametrize("layer", [pv.AdaptivePool(3), pv.GlobalPool("max", framework="keras")])
def test_the_picture_shows_the_values(layer: Any) -> None:
    """In 1-D, 2-D and 3-D; of global pooling one cell, whether the axes are kept or not."""
    for sizes in ((7,), (7, 8), (3, 4, 5)):
        scene = pv.PoolExplorer(sizes, layer=layer)._scene
        x = scene.input_values

        assert scene.results is not None
        assert x is not None
        if len(sizes) == 2:
            assert np.allclose(
                scene.results.pooled.ravel(), pv.pool(x[None, None], layer, **FIRST).ravel()
            )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"op": "lp"}, {"op": "lp"}),
        ({"op": "lp", "norm": 1}, {"op": "lp", "norm": 1}),
        ({"op": "lp", "norm": "1.5"}, {"op": "lp", "norm": 1.5}),
        ({"op": "lp", "norm": "∞"}, {"op": "lp", "norm": float("inf")}),
        ({"op": "avg", "divisor_override": 3}, {"op": "avg", "divisor_override": 3}),
        ({"op": "avg", "divisor_override": -2}, {"op": "avg", "divisor_override": -2}),
        ({"op": "avg", "divisor_override": None}, {"op": "avg"}),
        ({"op": "max", "norm": 1, "divisor_override": 3}, {}),  # of other operations
    ],
    ids=str,
)
def test_norm_and_divisor_have_controls(changes: dict[str, Any], expected: Any) -> None:
    """Each for every value; the settings that come back are those of the layer."""
    widget = pv.PoolExplorer(6, 2, stride=2)
    ask(widget, **changes)

    assert widget.state["problem"] == ""
    assert widget.layer == pv.Pool((2, 2), 2, 0, **expected)
    again = read_settings(widget.state["settings"], widget.spec)
    assert again.layer == widget.layer


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"op": "lp", "norm": "many"}, "norm must be a number > 0"),
        ({"op": "lp", "norm": 0}, "norm must be a number > 0"),
        ({"op": "lp", "norm": "-1"}, "norm must be a number > 0"),
        ({"op": "lp", "norm": "nan"}, "norm must be a number > 0"),
        ({"op": "avg", "divisor_override": "half"}, "divisor_override must be an int or None"),
        ({"op": "avg", "divisor_override": 1.5}, "divisor_override must be an int or None"),
    ],
    ids=str,
)
def test_a_wrong_norm_or_divisor_is_named(changes: dict[str, Any], named: str) -> None:
    """And the layer stays."""
    widget = pv.PoolExplorer(6, 2)
    before = widget.layer
    ask(widget, **changes)

    assert named in widget.state["problem"]
    assert widget.layer == before


def test_the_sentence_of_a_norm_names_no_divisor() -> None:
    """A root of powers is no average; with values and without."""
    for sizes in ((4, 4), (1200, 1200)):
        said = " ".join(label.text for label in pv.draw(pv.Pool(2, op="lp"), sizes)._scene.captions)

        assert "the norm of rows 0–1, columns 0–1" in said
        assert "divided" not in said
