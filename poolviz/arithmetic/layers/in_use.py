"""The framework of layers that name none: PyTorch, unless another one is in use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from poolviz.arithmetic.framework_names import COURSES, known_framework
from poolviz.i18n.keywords import answers_keywords

VARIABLE = "POOLVIZ_FRAMEWORK"
BOTH = "both"

_chosen: str | None = None  # by use
_inside: ContextVar[str | None] = ContextVar("inside", default=None)  # by using_framework


class InUse(str):
    """A default value that stands for the framework in use; compared as text it is PyTorch's."""

    __slots__ = ()


DEFAULT = InUse(COURSES[0])


@answers_keywords()
def use(name: str | None = None, *, default: str = "pytorch") -> str:
    """Choose the framework of everything that names none, and return it: layers, exercises.

    Notebooks and exercises follow the choice: code, messages and sizes are those of this framework,
    and questions about others are left out. The environment variable POOLVIZ_FRAMEWORK makes the
    same choice from the start. A layer with its own ``framework=`` keeps it.

    Parameters
    ----------
    name
        "pytorch" or "keras", with or without a version: "keras==3.14"; "both" for no choice.
        Without it, nothing changes.
    default
        What is returned if nothing was chosen.

    Raises
    ------
    ValueError
        For another framework, or for a version that was never run.

    Examples
    --------
    >>> from poolviz import Pool, trace
    >>> use("keras")
    'keras'
    >>> trace(Pool(15), 10).error_name
    'ValueError'
    >>> use("both")
    'pytorch'
    >>> trace(Pool(15), 10).error_name
    'RuntimeError'
    """
    global _chosen
    if name is not None:
        _chosen = BOTH if name == BOTH else _known(name)
    return chosen_framework() or default


def chosen_framework() -> str | None:
    """Return the chosen framework; None where nothing was chosen.

    Raises
    ------
    ValueError
        If the environment variable names another framework.
    """
    found = _inside.get() or _chosen or _of_environment()
    return None if found == BOTH else found


def framework_in_use() -> str:
    """Return the framework of a layer that names none."""
    return chosen_framework() or COURSES[0]


@contextmanager
def using_framework(name: str) -> Iterator[None]:
    """Use a framework, or no choice ("both"), inside a `with` block."""
    token = _inside.set(name if name == BOTH else _known(name))
    try:
        yield
    finally:
        _inside.reset(token)


@lru_cache(maxsize=1)
def _of_environment() -> str | None:
    """Return the choice at the start. It is read once, because every layer looks it up."""
    given = os.environ.get(VARIABLE)
    return _known(given) if given and given != BOTH else None


def _known(name: str) -> str:
    known = known_framework(name) if isinstance(name, str) else None
    if known is None or not known.startswith(COURSES):
        raise ValueError(f"name must be {', '.join(COURSES)} or {BOTH}, got {name!r}")
    return known
