"""The line of the user's file that a model is running."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Iterator
from functools import cached_property
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

    @cached_property
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

    @cached_property
    def _guarded(self) -> tuple[range, ...]:
        """The lines of the file at which an error is caught, and the text goes on."""
        if "except" not in self.text:
            return ()  # parsing a long file takes longer than reading most models
        try:
            return tuple(_guarded_lines(ast.parse(self.text)))
        except (SyntaxError, ValueError, RecursionError):
            return ()

    def is_guarded(self) -> bool:
        """Return whether the file catches an error of what is running, or may, without its text."""
        frame = sys._getframe(1) if self._guarded or not self.text else None
        while frame is not None:
            code, line = frame.f_code, frame.f_lineno
            if code.co_filename == self.file:
                handles = bool(code.co_exceptiontable) and not self.text
                if handles or any(line in lines for lines in self._guarded):
                    return True
            frame = frame.f_back
        return False

    def of(self, error: TracebackType | None) -> Location:
        """Return the innermost line of the file that an exception came through."""
        found = Location()
        while error is not None:
            if error.tb_frame.f_code.co_filename == self.file:
                found = self._location(error.tb_lineno)
            error = error.tb_next
        return found

    def line(self, number: int | None) -> str:
        """Return the text of a line."""
        return linecache.getline(self.file, number).strip() if number else ""

    def _location(self, line: int) -> Location:
        return Location(line, self.line(line))


def _guarded_lines(tree: ast.Module) -> Iterator[range]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Try):
            continue
        if any(not isinstance(each.body[-1], ast.Raise) for each in node.handlers):
            yield range(node.body[0].lineno, (node.body[-1].end_lineno or 0) + 1)
