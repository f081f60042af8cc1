"""Pictures that are only cells, marks, arrows and labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from poolviz.drawing.scene.picture import Arrow, Cells, Label, Mark


class PlainPicture(Protocol):
    """What is painted, in this order, in picture units."""

    @property
    def width(self) -> float: ...
    @property
    def height(self) -> float: ...
    @property
    def cells(self) -> Sequence[Cells]: ...
    @property
    def marks(self) -> Sequence[Mark]: ...
    @property
    def arrows(self) -> Sequence[Arrow]: ...
    @property
    def labels(self) -> Sequence[Label]: ...
