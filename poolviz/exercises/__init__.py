"""Exercises: questions, computed answers, and feedback that names the wrong rule.

``poolviz.exercises`` is this package and a function as well: called, it lists the exercises.

>>> import poolviz
>>> poolviz.exercises(notebook="02", level=1)
('stride-larger-than-input', 'unread-in-a-row', 'stride-over-the-input')
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from poolviz.exercises import library
from poolviz.exercises.library import exercise as exercise
from poolviz.exercises.model import Exercise as Exercise
from poolviz.exercises.model import Feedback as Feedback


class _Listing(ModuleType):
    """A package that can be called.

    Python binds a package to its name in the parent when it is first imported, over anything that
    had the name before. With the function and the package in one object, no order of imports
    makes a difference.
    """

    def __call__(
        self, notebook: str | int | None = None, level: int | None = None
    ) -> tuple[str, ...]:
        return library.exercises(notebook, level)

    def __repr__(self) -> str:
        return "poolviz.exercises(notebook=None, level=None)"


sys.modules[__name__].__class__ = _Listing

if TYPE_CHECKING:
    from poolviz.exercises.library import exercises as exercises
else:
    exercises = sys.modules[__name__]
