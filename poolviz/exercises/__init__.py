"""Exercises: questions, computed answers, and feedback that names the wrong rule.

``poolviz.exercises`` is this package and a function as well: a call does the same as
``poolviz.list_exercises``.

>>> import poolviz
>>> poolviz.exercises(notebook="02", level=1)
('stride-larger-than-input', 'unread-in-a-row', 'stride-over-the-input')
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

# Loaded at first use: a widget needs `Task`, not the messages of all frameworks in the questions.
_MODULES = {
    "Exercise": "model",
    "Feedback": "grading",
    "exercise": "library",
    "list_exercises": "library",
}


class _Listing(ModuleType):
    """A package that can be called.

    Importing a package binds it to its name in the parent package and replaces whatever had the
    name before. As the package itself is the function, the order of imports does not matter.
    """

    def __call__(self, *args: object, **given: object) -> tuple[str, ...]:
        return self.list_exercises(*args, **given)  # type: ignore[no-any-return]

    def __getattr__(self, name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{self.__name__}.{_MODULES[name]}"), name)

    def __repr__(self) -> str:
        return "poolviz.exercises(notebook=None, level=None)"


sys.modules[__name__].__class__ = _Listing

if TYPE_CHECKING:
    from poolviz.exercises.grading import Feedback as Feedback
    from poolviz.exercises.library import exercise as exercise
    from poolviz.exercises.library import exercises as exercises
    from poolviz.exercises.library import list_exercises as list_exercises
    from poolviz.exercises.model import Exercise as Exercise
else:
    exercises = sys.modules[__name__]
