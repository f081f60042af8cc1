"""Widgets below each other that are closed together."""

from __future__ import annotations

import ipywidgets

from poolviz.widgets.base.language import StaticReprMixin


class ClosesChildren:
    """Closes its children with itself; the box of ipywidgets leaves them open."""

    children: tuple[ipywidgets.Widget, ...]

    def close(self) -> None:
        """Close the widget and its children."""
        parts = self.children
        super().close()  # type: ignore[misc]
        for part in parts:
            part.close()


class Column(ClosesChildren, StaticReprMixin, ipywidgets.VBox):
    """A box of any widgets."""
