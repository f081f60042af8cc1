"""Where in the reader's file a model is at the moment."""

from __future__ import annotations

import linecache
import sys
from types import TracebackType
from typing import NamedTuple


class Place(NamedTuple):
    """A line and what stands there; None and "" where the file is not the model's."""

    line: int | None = None
    text: str = ""


class Home:
    """The file that has the `forward` of a model."""

    def __init__(self, forward: object) -> None:
        code = getattr(getattr(forward, "__wrapped__", forward), "__code__", None)
        name = "" if code is None else code.co_filename
        self.file = "" if "/torch/nn/" in name.replace("\\", "/") else name

    @property
    def text(self) -> str:
        """The whole file; "" where it cannot be read."""
        return "".join(linecache.getlines(self.file)) if self.file else ""

    def here(self) -> Place:
        """The innermost line of the file that is being run."""
        frame = sys._getframe(1) if self.file else None
        while frame is not None:
            if frame.f_code.co_filename == self.file:
                return self._place(frame.f_lineno)
            frame = frame.f_back
        return Place()

    def of(self, error: TracebackType | None) -> Place:
        """The innermost line of the file that an exception came through."""
        found = Place()
        while error is not None:
            if error.tb_frame.f_code.co_filename == self.file:
                found = self._place(error.tb_lineno)
            error = error.tb_next
        return found

    def _place(self, line: int) -> Place:
        return Place(line, linecache.getline(self.file, line).strip())
