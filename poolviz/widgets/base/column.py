"""Widgets below each other that are closed together."""

from __future__ import annotations

import ipywidgets

from poolviz.widgets.base.language import StaticReprMixin


class Column(StaticReprMixin, ipywidgets.VBox):
    """A box that closes its children; the box of ipywidgets leaves them open."""

    def close(self) -> None:
        """Close the box and its children."""
        parts = self.children
        super().close()
        for part in parts:
            part.close()
