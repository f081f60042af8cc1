"""Cells in a real framework: whether one can run here, and what is said where it cannot."""

from __future__ import annotations

import json
import os
from importlib.util import find_spec
from pathlib import Path

from poolviz.arithmetic.framework_names import COURSES, family
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.in_use import chosen_framework
from poolviz.arithmetic.layers.validation import one_of
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.i18n.catalogue import say
from poolviz.i18n.keywords import answers_keywords
from poolviz.i18n.phrase import joined


@answers_keywords()
def can_run(framework: str) -> bool:
    """Return whether code of PyTorch or Keras can run here; if it cannot, print the reason.

    The framework has to be installed, and no other one may be in use: see `use`. Nothing is
    imported. Where Keras would look for a backend that is not installed, the environment variable
    KERAS_BACKEND is set to one that is.

    Parameters
    ----------
    framework
        "pytorch" or "keras".

    Raises
    ------
    ValueError
        For another framework.

    Examples
    --------
    >>> from poolviz import can_run
    >>> if can_run("keras"):  # doctest: +SKIP
    ...     import keras
    Skipped: Keras is not installed. To run this: pip install keras jax
    """
    name = one_of("framework", framework, COURSES)
    chosen = chosen_framework()
    reason = ""
    if chosen is not None and family(chosen) != name:
        reason = say("can_run.another", framework=_title(name), chosen=_title(family(chosen)))
    elif find_spec(_package(name)) is None:
        reason = say("can_run.absent", framework=_title(name), packages=_to_install(name))
    elif not _has_backend(name):
        backends = joined([_title(backend) for backend in DIALECTS[name].backends])
        reason = say("can_run.backend", framework=_title(name), backends=backends)
    if reason:
        print(reason)
    return not reason


def _title(name: str) -> str:
    return FRAMEWORKS[name].title


def _package(name: str) -> str:
    """The package to import: of two, the last one is the framework itself."""
    return DIALECTS[name].names.packages[-1]


def _to_install(name: str) -> str:
    backends = DIALECTS[name].backends
    return " ".join([_package(name), *(_package(one) for one in backends[1:2])])


def _has_backend(name: str) -> bool:
    """Return whether a framework that needs a backend has one, and choose one for it."""
    backends = DIALECTS[name].backends
    if not backends:
        return True
    variable = f"{name.upper()}_BACKEND"
    if find_spec(os.environ.get(variable) or _configured(name) or _backend(backends[0])):
        return True
    installed = [one for one in map(_backend, backends) if find_spec(one)]
    if installed:
        os.environ[variable] = installed[0]
    return bool(installed)


def _backend(name: str) -> str:
    """The name of a backend in Keras, which is that of its package."""
    packages = DIALECTS[name].names.packages
    return packages[-1] if packages else name


def _configured(name: str) -> str | None:
    """Return the backend in the file that Keras reads, and writes when it is first imported."""
    folder = os.environ.get(f"{name.upper()}_HOME") or Path.home() / f".{name}"
    try:
        found = json.loads((Path(folder) / f"{name}.json").read_text(encoding="utf-8"))["backend"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, str) and found else None
