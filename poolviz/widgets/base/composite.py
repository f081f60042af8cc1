"""A widget made of others: one anywidget that shows them below each other.

Where anywidget is older than 0.11, whose front ends find other widgets, it is a box of ipywidgets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets
import traitlets

from poolviz.browser.bundle import composition
from poolviz.widgets.base.column import ClosesChildren, Column
from poolviz.widgets.base.language import StaticReprMixin

if TYPE_CHECKING or hasattr(anywidget, "WidgetTrait"):

    def _references(parts: tuple[ipywidgets.Widget, ...], owner: object) -> list[str]:
        """Return what anywidget's hosts look the parts up by."""
        return [f"anywidget:{part.model_id}" for part in parts]

    class Composite(ClosesChildren, StaticReprMixin, anywidget.AnyWidget):
        """Shows its `children` below each other, and closes them; the first one is its view."""

        _esm = composition()

        children = ipywidgets.widgets.trait_types.TypedTuple(trait=anywidget.WidgetTrait()).tag(
            sync=True, to_json=_references
        )
        # marimo runs the cells that use a widget after a message from its browser side: each part
        # sends its own, so that the composite reports what is new in a part.
        _is_reactive = traitlets.Bool(False).tag(sync=True)
        _reported = traitlets.Int(0).tag(sync=True)
        state = traitlets.Dict().tag(sync=True)  # of the view, for `value` in marimo

        def __init__(self, children: tuple[ipywidgets.Widget, ...]) -> None:
            super().__init__(children=children)
            if type(self.comm).__module__.startswith("marimo."):
                self._is_reactive = True
                children[0].observe(self._mirror, "state")
                self.state = children[0].state

        def _mirror(self, change: Mapping[str, Any]) -> None:
            self.state = change["new"]
else:
    Composite = Column
