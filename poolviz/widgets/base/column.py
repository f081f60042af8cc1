"""Widgets below each other that live and end together."""

from __future__ import annotations

import ipywidgets

from poolviz.widgets.base.language import StaticReprMixin


class Column(StaticReprMixin, ipywidgets.VBox):
    """A box that closes what is in it; ipywidgets' own box leaves its children open for ever."""

    def close(self) -> None:
        """Close the box and everything in it."""
        parts = self.children
        super().close()
        for part in parts:
            part.close()
