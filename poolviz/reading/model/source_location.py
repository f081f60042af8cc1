"""The line of the user's file that a model is running."""

from __future__ import annotations

import linecache
import sys
from types import TracebackType
from typing import NamedTuple


class Location(NamedTuple):
    """A line and its text; None and "" outside the model's file."""

    line: int | None = None
    text: str = ""


class SourceFile:
    """The file that defines the `forward` of a model."""

    def __init__(self, forward: object) -> None:
        code = getattr(getattr(forward, "__wrapped__", forward), "__code__", None)
        name = "" if code is None else code.co_filename
        # `Sequential.forward` is PyTorch's: its lines do not help a user.
        self.file = "" if "/torch/nn/" in name.replace("\\", "/") else name

    @property
    def text(self) -> str:
        """The whole file; "" where it cannot be read."""
        return "".join(linecache.getlines(self.file)) if self.file else ""

    def here(self) -> Location:
        """Return the innermost line of the file that is running."""
        # Innermost first: a helper in the same file is the line that matters.
        frame = sys._getframe(1) if self.file else None
        while frame is not None:
            if frame.f_code.co_filename == self.file:
                return self._location(frame.f_lineno)
            frame = frame.f_back
        return Location()

    def of(self, error: TracebackType | None) -> Location:
        """Return the innermost line of the file that an exception came through."""
        found = Location()
        while error is not None:
            if error.tb_frame.f_code.co_filename == self.file:
                found = self._location(error.tb_lineno)
            error = error.tb_next
        return found

    def _location(self, line: int) -> Location:
        return Location(line, linecache.getline(self.file, line).strip())
