"""What is made of several views is one anywidget, or a box where anywidget is older."""

from __future__ import annotations

from typing import Any

import anywidget
import ipywidgets
import pytest
from ipywidgets.widgets.widget import Widget

import poolviz as pv

COMPOSITES = {
    "stack": lambda: pv.StackExplorer(pv.Stack([pv.Pool(2)] * 3, (1, 20, 20))),
    "map": lambda: pv.SizeMap(10, 3),
    "comparison": lambda: pv.FrameworkComparison(10, 3),
    "decoder": lambda: pv.ErrorDecoder("Negative dimension size caused by subtracting 2 from 1"),
}
composes = pytest.mark.skipif(
    not hasattr(anywidget, "WidgetTrait"), reason="this anywidget does not find other widgets"
)


@pytest.mark.parametrize("name", COMPOSITES)
def test_is_one_widget_that_is_closed_whole(name: str) -> None:
    w = COMPOSITES[name]()
    has_trait = hasattr(anywidget, "WidgetTrait")
    assert isinstance(w, anywidget.AnyWidget if has_trait else ipywidgets.VBox)
    if has_trait:
        assert w.get_state("children") == {
            "children": [f"anywidget:{part.model_id}" for part in w.children]
        }
    parts = w.children
    w.close()
    assert {part.comm for part in (w, *parts)} == {None}


class _MarimoComm:
    """A comm of marimo, known by its module."""

    __module__ = "marimo._plugins.ui._impl.comm"
    comm_id = "1"
    kernel = "marimo"

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None


@composes
@pytest.mark.parametrize("name", COMPOSITES)
def test_has_a_value_where_cells_react(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert COMPOSITES[name]().state == {}  # Jupyter's kernel does not send it twice
    monkeypatch.setattr(Widget, "comm", _MarimoComm())
    w = COMPOSITES[name]()
    assert w._is_reactive
    before = w.state["title"]
    if name == "decoder":
        w.text = "RuntimeError: Given input size: (1x4x4). Output size is too small"
    elif name == "stack":
        w.stack = pv.Stack([pv.Pool(9)], (1, 5, 5))
    else:
        w.explorer.layer = pv.Pool(4, framework="keras")
    assert w.state == w.view.state
    assert w.state["title"] != before
