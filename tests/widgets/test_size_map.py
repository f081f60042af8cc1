"""SizeMap: every cell of the chart is what the layer itself gives; the mark and the layer agree."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

import poolviz as pv
from poolviz.arithmetic.sweep import LEAST, PARAMETERS
from poolviz.drawing.charts.size_chart import COLUMNS, ROWS, build_chart, kind_of
from poolviz.drawing.mpl.glyphs import outline
from poolviz.widgets.size_map.widget import SizeMap

PAIRS = list(itertools.permutations(PARAMETERS, 2))
_serial = itertools.count(1)


def act(w: SizeMap, name: str, value: Any = None) -> dict[str, Any]:
    w.view.set_state({"asked": {"action": {"name": name, "value": value}, "n": next(_serial)}})
    state: dict[str, Any] = json.loads(json.dumps(w.view.state))
    return state


def cell_of(w: SizeMap, x: int, y: int) -> list[int]:
    swept = w.view.chart.sweep
    return [len(swept.ys) - 1 - swept.ys.index(y), swept.xs.index(x)]


@pytest.mark.parametrize(("x", "y"), PAIRS)
def test_cells_are_what_the_layer_gives(x: str, y: str) -> None:
    """Each corner and the middle, computed from scratch."""
    w = SizeMap(11, 4, stride=2, padding=1, x=x, y=y)
    swept = w.view.chart.sweep
    for i, j in itertools.product((0, ROWS // 2, ROWS - 1), (0, COLUMNS // 2, COLUMNS - 1)):
        values = {"kernel_size": 4, "stride": 2, "padding": 1, "input_size": 11}
        values |= {x: swept.xs[j], y: swept.ys[i]}
        size = values.pop("input_size")
        fresh = pv.trace(pv.Pool(**values), size)
        assert swept.rows[i][j].axes[0].output_size == fresh.axes[0].output_size
        assert swept.rows[i][j].outcome == fresh.outcome


def test_stride_never_crosses_a_cell_out() -> None:
    """The popular mistake, refuted at a glance: a column is crossed out whole, or not at all."""
    swept = SizeMap(10, 3).view.chart.sweep
    columns = [{kind_of(row[j]) for row in swept.rows} for j in range(COLUMNS)]

    assert columns == [{"fits"}] * 10 + [{"none"}] * 10


def test_padding_beyond_half_the_kernel_is_refused_not_crossed() -> None:
    w = SizeMap(10, 4, stride=1, x="kernel_size", y="padding")
    swept = w.view.chart.sweep
    kinds = {(k, p): kind_of(row[j]) for p, row in zip(swept.ys, swept.rows, strict=True)
             for j, k in enumerate(swept.xs)}  # fmt: skip

    assert kinds[4, 2] == "fits"
    assert kinds[4, 3] == "refused"
    assert kinds[15, 2] == "none"


def test_keras_refuses_every_padding() -> None:
    w = SizeMap(10, 3, framework="keras", x="kernel_size", y="padding")
    swept = w.view.chart.sweep

    assert {kind_of(one) for one in swept.rows[1]} == {"refused", "none"}
    assert "fits" in {kind_of(one) for one in swept.rows[0]}


def test_a_click_takes_both_parameters() -> None:
    w = SizeMap(10, 3)
    act(w, "cell", cell_of(w, 5, 2))

    assert w.explorer.layer == pv.Pool((5, 5), (2, 2))
    assert w.view.chart.here == tuple(cell_of(w, 5, 2))


def test_axes_that_differ_are_changed_alone() -> None:
    w = SizeMap((10, 12), (3, 4), stride=1, axis=1)
    act(w, "cell", cell_of(w, 6, 2))

    assert w.explorer.layer == pv.Pool((3, 6), (2, 2))
    assert w.explorer.input_size == (10, 12)


def test_the_mark_follows_the_explorer() -> None:
    w = SizeMap(10, 3)
    w.explorer.layer = pv.Pool(7, 4)

    assert w.view.chart.here == tuple(cell_of(w, 7, 4))
    assert json.loads(json.dumps(w.view.state))["here"] == cell_of(w, 7, 4)


def test_an_explorer_shown_elsewhere() -> None:
    explorer = pv.PoolExplorer(10, 3)
    w = SizeMap(explorer=explorer)
    act(w, "cell", cell_of(w, 2, 1))

    assert w.children == (w.view,)
    assert explorer.layer.kernel_size == (2, 2)


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_any_number_of_axes(ndim: int) -> None:
    w = SizeMap((9,) * ndim, 2, x="input_size", y="dilation")

    assert len(w.view.state["axes"]) == ndim
    w.explorer.set_state({"asked": {"action": {"name": "axes", "value": 1}, "n": 1}})
    assert len(w.view.state["axes"]) == 1


def test_large_values_stay_in_sight() -> None:
    w = SizeMap(10**9, 1000, stride=1)
    chart = w.view.chart

    assert 1000 in chart.sweep.xs
    assert chart.here is not None


def test_named_padding_has_no_mark_and_a_click_makes_it_numbers() -> None:
    w = SizeMap(10, 3, padding="same", framework="keras", x="kernel_size", y="padding")

    assert w.view.chart.here is None
    act(w, "cell", cell_of(w, 3, 0))
    assert w.explorer.layer.padding == (0, 0)


def test_the_same_parameter_twice_changes_places() -> None:
    w = SizeMap(10, 3)
    act(w, "x", "stride")

    assert (w.view.x, w.view.y) == ("stride", "kernel_size")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("cell", [0, 99], "no cell"),
        ("cell", [-1, 0], "no cell"),
        ("cell", "0,0", "row and a column"),
        ("cell", [0.5, 1], "row and a column"),
        ("cell", None, "row and a column"),
        ("x", "padding_mode", "must be one of"),
        ("y", None, "must be one of"),
        ("axis", 2, "axis must be"),
        ("axis", "x", "axis must be"),
        ("nothing", 1, "no such action"),
    ],
)
def test_what_cannot_be(name: str, value: Any, says: str) -> None:
    w = SizeMap(10, 3)

    assert says in act(w, name, value)["problem"]
    assert w.explorer.layer == pv.Pool((3, 3))


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"x": "stride", "y": "stride"}, ValueError),
        ({"x": "size"}, ValueError),
        ({"axis": 2}, ValueError),
        ({"explorer": "no"}, TypeError),
        ({"explorer": pv.PoolExplorer(3, 2), "input_size": 3}, TypeError),
    ],
)
def test_wrong_settings(settings: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        SizeMap(**settings)


def test_closed_map_no_longer_follows() -> None:
    explorer = pv.PoolExplorer(10, 3)
    w = SizeMap(explorer=explorer)
    w.close()
    explorer.layer = pv.Pool(5)

    assert w.view.traced.layer.kernel_size == (3, 3)


def test_words_and_bundle() -> None:
    w = SizeMap(10, 3, stride=1)
    data, _ = w._repr_mimebundle_()

    assert data["text/plain"] == (
        "SizeMap(output height by kernel_size and stride, PyTorch: of 280 settings 140 work, "
        "140 have no room for a window. Marked: kernel_size 3, stride 1: 8.)"
    )
    assert "image/png" in data


def test_labels_keep_inside() -> None:
    for size, kernel in ((10, 3), (10**12, 10**6)):
        chart = build_chart(pv.trace(pv.Pool(kernel), size), 0, "input_size", "kernel_size")
        for label in chart.labels:
            if not label.upright:
                length = outline(label.text, label.bold).width * label.size
                left = label.x - length * {"left": 0, "center": 0.5, "right": 1}[label.align]
                assert 0 <= left <= chart.width - length, label.text


def test_least_values() -> None:
    assert set(LEAST) == set(PARAMETERS)


@pytest.mark.parametrize("widget", [pv.SizeMap, pv.FrameworkComparison, pv.PoolExplorer])
def test_a_layer_may_be_given_in_either_order(widget: Any) -> None:
    class MaxPool2d:
        """As PyTorch's layers, known by the name of their base class."""

    wanted = repr(widget(10, kernel_size=3, stride=2))
    for given in [(pv.Pool(3, 2), 10), (10, pv.Pool(3, 2))]:
        assert repr(widget(*given)) == wanted
    with pytest.raises(TypeError, match="not both"):
        widget(pv.Pool(3), 10, stride=2)
    with pytest.raises(TypeError, match="input_size"):
        widget(MaxPool2d(), 10)


def test_output_size_takes_a_layer() -> None:
    assert pv.output_size(10, pv.Pool(3, 2)) == pv.output_size(pv.Pool(3, 2), 10) == 4
    with pytest.raises(TypeError, match="not both"):
        pv.output_size(10, pv.Pool(3), stride=2)


@pytest.mark.parametrize("layer", [pv.GlobalPool(), pv.AdaptivePool(3), pv.Conv(8, 3)], ids=str)
def test_a_layer_without_the_parameters(layer: Any) -> None:
    """It is rejected with the reason; where the explorer goes on to one, the chart says so."""
    kind = type(layer).__name__
    reason = "not convolutions" if kind == "Conv" else f"{kind} computes both from the input"
    if kind != "Conv":
        with pytest.raises(TypeError, match=reason):
            SizeMap(10, layer=layer)

    w = SizeMap(10, 3)
    before = w.view.chart.alt
    w.explorer.layer = layer
    assert (w.view.chart.alt, reason in w.view.state["problem"]) == (before, True)
    w.undo()
    assert (w.view.chart.alt, w.view.state["problem"]) == (before, "")
