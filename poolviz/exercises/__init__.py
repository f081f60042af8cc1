"""Exercises: questions, computed answers, and feedback that names the wrong rule.

``poolviz.exercises`` is this package and a function as well: a call does the same as
``poolviz.list_exercises``.

>>> import poolviz
>>> poolviz.exercises(notebook="02", level=1)
('stride-larger-than-input', 'unread-in-a-row', 'stride-over-the-input')
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from poolviz.exercises import library
from poolviz.exercises.grading import Feedback as Feedback
from poolviz.exercises.library import exercise as exercise
from poolviz.exercises.library import list_exercises as list_exercises
from poolviz.exercises.model import Exercise as Exercise


class _Listing(ModuleType):
    """A package that can be called.

    Importing a package binds it to its name in the parent package and replaces whatever had the
    name before. As the package itself is the function, the order of imports does not matter.
    """

    def __call__(self, *args: Any, **given: Any) -> tuple[str, ...]:
        return library.list_exercises(*args, **given)

    def __repr__(self) -> str:
        return "poolviz.exercises(notebook=None, level=None)"


sys.modules[__name__].__class__ = _Listing

if TYPE_CHECKING:
    from poolviz.exercises.library import exercises as exercises
else:
    exercises = sys.modules[__name__]
