"""All exercises by their ids."""

from __future__ import annotations

import copyreg
import operator
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from poolviz.arithmetic.layers.in_use import chosen_framework
from poolviz.exercises.case import Template
from poolviz.exercises.courses import belongs
from poolviz.exercises.model import Exercise
from poolviz.exercises.questions import (
    cells,
    claims,
    convolutions,
    empty_maps,
    gradients,
    heads,
    kinds,
    limits,
    message_facts,
    messages,
    myths,
    networks,
    outcomes,
    sizes,
    windows,
)
from poolviz.exercises.questions.whole_networks import batch_axes, odd_sizes, why_pool
from poolviz.i18n.catalogue import chosen
from poolviz.i18n.keywords import answers_keywords

_MODULES = (
    sizes,
    windows,
    limits,
    cells,
    outcomes,
    empty_maps,
    networks,
    heads,
    kinds,
    messages,
    message_facts,
    myths,
    gradients,
    convolutions,
    batch_axes,
    odd_sizes,
    why_pool,
)
LEVELS = (1, 2, 3)

TEMPLATES: dict[str, Template] = {
    template.id: template
    for template in sorted(
        (template for module in _MODULES for template in module.TEMPLATES),
        key=lambda template: (template.notebook, template.level),
    )
}
# For the concept test: they are in no notebook and on no card.
UNLISTED: dict[str, Template] = {template.id: template for template in claims.TEMPLATES}
NOTEBOOKS = tuple(sorted({template.notebook for template in TEMPLATES.values()}))


@answers_keywords()
def list_exercises(notebook: str | int | None = None, level: int | None = None) -> tuple[str, ...]:
    """Return the ids of all exercises, or those of one notebook or level, easier ones first.

    After `use`, those of the other frameworks are left out.

    Parameters
    ----------
    notebook
        The number of a notebook, as in "01", or 1.
    level
        1, 2 or 3.

    Raises
    ------
    ValueError
        For an unknown notebook or level.

    Examples
    --------
    >>> list_exercises(notebook="02", level=1)
    ('stride-larger-than-input', 'unread-in-a-row', 'stride-over-the-input')
    """
    wanted = None if notebook is None else _notebook(notebook)
    framework = chosen_framework()
    if level is not None and level not in LEVELS:
        raise ValueError(f"level must be 1, 2 or 3, got {level!r}")
    return tuple(
        template.id
        for template in TEMPLATES.values()
        if wanted in (None, template.notebook)
        and level in (None, template.level)
        and belongs(template.id, framework)
    )


exercises = list_exercises  # both names are public


@answers_keywords()
def exercise(id: str, seed: int = 0, language: str | None = None) -> Exercise:
    """Return an exercise; the seed decides its numbers.

    Parameters
    ----------
    id
        One of `exercises()`.
    seed
        Any integer; equal seeds give equal exercises in every version of Python.
    language
        The language of the texts: "en" or "de"; the current one if left out.

    Raises
    ------
    TypeError
        If the seed is not an integer.
    ValueError
        For an unknown id or language.

    Examples
    --------
    >>> print(exercise("effective-kernel", seed=1).check(40))
    Not yet. You used d·k as the length of the kernel. There are only k − 1 steps of d between \
its elements.
    """
    found = TEMPLATES.get(id) or UNLISTED.get(id) if isinstance(id, str) else None
    if found is None:
        near = get_close_matches(str(id).replace("_", "-"), TEMPLATES, n=1)
        if near:
            raise ValueError(f'there is no exercise {id!r}; did you mean "{near[0]}"?')
        raise ValueError(f"there is no exercise {id!r}; poolviz.exercises() lists them all")
    # An unknown language raises here and not when the first question is shown.
    return Exercise(found, _seed(seed), chosen(language))


def _reduced(one: Exercise) -> tuple[Callable[..., Exercise], tuple[object, ...]]:
    """Pickle an exercise by its id; its case holds functions, which cannot be pickled."""
    return _again, (one.id, one.seed, one.language, one.framework)


def _again(id: str, seed: int, language: str, framework: str | None) -> Exercise:
    return Exercise(TEMPLATES.get(id) or UNLISTED[id], seed, language, framework)


copyreg.pickle(Exercise, _reduced)


def _notebook(number: str | int) -> str:
    name = str(number).zfill(2)[:2]
    if name not in NOTEBOOKS:
        raise ValueError(f"notebook must be one of {', '.join(NOTEBOOKS)}, got {number!r}")
    return name


def _seed(seed: Any) -> int:
    try:
        if isinstance(seed, bool):
            raise TypeError
        return operator.index(seed)
    except TypeError:
        kind = type(seed).__name__
        raise TypeError(f"seed must be a whole number, got {seed!r} ({kind})") from None
