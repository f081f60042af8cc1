"""Which language is spoken, and the texts in it.

>>> with using_language("de"):
...     say("word.height")
'Höhe'
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

ENGLISH = "en"

_chosen: str | None = None  # by set_language
_spoken: ContextVar[str | None] = ContextVar(
    "spoken", default=None
)  # for a while, by using_language


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """Return the languages that there are.

    >>> languages()
    ('de', 'en')
    """
    names = [entry.name for entry in _folder().iterdir()]
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def language() -> str:
    """Return the language that is spoken now.

    English, unless `set_language` or the environment variable POOLVIZ_LANGUAGE chose another one.

    Raises
    ------
    ValueError
        If the environment variable names a language that there is not.
    """
    return _spoken.get() or _chosen or _usual()


@lru_cache(maxsize=1)
def _usual() -> str:
    """Read once: a language is looked up for every text."""
    return known(os.environ.get("POOLVIZ_LANGUAGE") or ENGLISH)


def set_language(name: str) -> None:
    """Speak another language from now on: words, pictures, exercises and new widgets.

    Code and the texts of the frameworks stay as they are. So do errors about wrong arguments.

    Parameters
    ----------
    name
        "en" or "de".

    Raises
    ------
    ValueError
        For a language that there is not.

    Examples
    --------
    >>> from poolviz import exercise
    >>> set_language("de")
    >>> exercise("size-padded").language
    'de'
    >>> set_language("en")
    """
    global _chosen
    _chosen = known(name)


@contextmanager
def using_language(name: str | None) -> Iterator[None]:
    """Speak a language for a while; None leaves it as it is."""
    token = _spoken.set(_spoken.get() if name is None else known(name))
    try:
        yield
    finally:
        _spoken.reset(token)


def known(name: str) -> str:
    """Return the name of a language that there is; ValueError names them all."""
    if name not in languages():
        all_of_them = ", ".join(f'"{one}"' for one in languages())
        raise ValueError(f"language must be one of {all_of_them}, got {name!r}")
    return name


def chosen(name: str | None) -> str:
    """The language of something new: the one that is named; without a name the one spoken now.

    Raises
    ------
    ValueError
        For a language that there is not.
    """
    return language() if name is None else known(name)


def say(key: str, /, **fields: Any) -> str:
    """The text under a key in the language that is spoken, with its numbers and words put in."""
    return texts(language())[key].format_map(fields)


@lru_cache(maxsize=16)
def texts(name: str) -> Mapping[str, str]:
    """Return all texts of a language: key, with dots, → template."""
    import tomllib  # here, because sizes are computed without any text

    source = (_folder() / f"{known(name)}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(source), ""))


def _folder() -> Traversable:
    """Return the folder of the catalogues, inside an archive too."""
    from importlib.resources import files  # loads zipfile, tempfile and shutil: 15 ms

    return files("poolviz.i18n")


def _flat(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
