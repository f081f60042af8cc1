"""The current language, and its texts.

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

from poolviz.i18n.keywords import answers_keywords

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

ENGLISH = "en"

_chosen: str | None = None  # by set_language
# One for each thread and task: the sessions of a server may have different languages.
_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)  # by using_language


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """Return the available languages.

    >>> languages()
    ('de', 'en')
    """
    names = [entry.name for entry in _folder().iterdir()]
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def language() -> str:
    """Return the current language.

    English, unless `set_language` or the environment variable POOLVIZ_LANGUAGE chose another one.

    Raises
    ------
    ValueError
        If the environment variable names an unknown language.
    """
    return _spoken.get() or _chosen or _usual()


def language_argument(name: str) -> tuple[str, ...]:
    """Return the argument that a line of code needs for a language; none where all is English.

    >>> language_argument("de")
    ("language='de'",)
    """
    is_usual = name == ENGLISH == (_chosen or _usual())
    return () if is_usual else (f"language={name!r}",)


@lru_cache(maxsize=1)
def _usual() -> str:
    """Return the default language. It is read once, because every text looks it up."""
    return known(os.environ.get("POOLVIZ_LANGUAGE") or ENGLISH)


@answers_keywords()
def set_language(name: str) -> None:
    """Set the language of words, pictures, exercises and new widgets.

    Code, the messages of the frameworks and errors about wrong arguments stay in English.

    Parameters
    ----------
    name
        "en" or "de".

    Raises
    ------
    ValueError
        For an unknown language.

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
    """Use a language inside a `with` block; None keeps the current one."""
    token = _spoken.set(_spoken.get() if name is None else known(name))
    try:
        yield
    finally:
        _spoken.reset(token)


def known(name: str) -> str:
    """Return the name of an available language; raise ValueError, which lists them, otherwise."""
    if name not in languages():
        all_of_them = ", ".join(f'"{one}"' for one in languages())
        raise ValueError(f"language must be one of {all_of_them}, got {name!r}")
    return name


def chosen(name: str | None) -> str:
    """Return the named language, or without a name the current one.

    Raises
    ------
    ValueError
        For an unknown language.
    """
    return language() if name is None else known(name)


def say(key: str, /, **fields: object) -> str:
    """Return the text of a key in the current language, with its fields filled in."""
    return texts(language())[key].format_map(fields)


@lru_cache(maxsize=16)
def texts(name: str) -> Mapping[str, str]:
    """Return all texts of a language: key, with dots, → template."""
    import tomllib  # here, because computing sizes needs no text

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
