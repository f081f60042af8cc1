"""All frameworks by name: one module beside this one for each of `FRAMEWORK_NAMES`.

`FORMULA` can be looked up, too, but it is no framework and is not listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from poolviz.arithmetic.framework_names import (
    EDITIONS,
    FORMULA,
    FRAMEWORK_NAMES,
    edition_of,
    editions,
    family,
    known_framework,
    version_of,
)
from poolviz.arithmetic.frameworks.base import Framework


class _Frameworks(Mapping[str, Framework]):
    """Name → rules. A module is imported at its first use: most calls need one framework.

    A name with a version has the rules of that version; only names without are listed.
    """

    def __init__(self) -> None:
        self._loaded: dict[str, Framework] = {}

    def __getitem__(self, name: str) -> Framework:
        try:
            return self._loaded[name]
        except KeyError:
            if name not in FRAMEWORK_NAMES and name != FORMULA and not _is_version(name):
                raise
        rules = self._loaded[name] = _rules(name)
        return rules

    def __iter__(self) -> Iterator[str]:
        return iter(FRAMEWORK_NAMES)

    def __len__(self) -> int:
        return len(FRAMEWORK_NAMES)

    def __repr__(self) -> str:
        return repr(dict(self))


def _is_version(name: str) -> bool:
    try:
        # Only as it is kept: with "Keras 3.14" there would be two objects for the same rules.
        return known_framework(name) == name
    except ValueError:
        return False


def _rules(name: str) -> Framework:
    module = import_module(f"{__package__}.{family(name)}")
    newest: Framework = module.RULES
    version = version_of(name)
    if version is None:
        return newest
    place = EDITIONS[family(name)].index(edition_of(name))
    # `EARLIER` lacks the first edition, which is `RULES` itself.
    kind: type[Framework] = module.EARLIER[place - 1] if place else type(newest)
    return kind(version)


FRAMEWORKS: Mapping[str, Framework] = _Frameworks()


def choices(framework: str) -> list[tuple[str, str]]:
    """Return the choices of a user: a name and a title for each framework and edition.

    `framework` is the present choice: it stands for its edition.

    >>> [choice for choice in choices("keras==3.10") if choice[0] == "keras==3.10"]
    [('keras==3.10', 'Keras 3.0–3.10')]
    """
    return [
        (key, edition_title(key))
        for name in FRAMEWORK_NAMES
        for key in editions(framework if family(framework) == name else name)
    ]


def edition_title(framework: str) -> str:
    """Return the name of a framework with the versions that have the same rules, if others differ.

    >>> edition_title("keras==3.10"), edition_title("jax==0.5")
    ('Keras 3.0–3.10', 'JAX')
    """
    title = FRAMEWORKS[family(framework)].title
    return title if len(EDITIONS[family(framework)]) == 1 else f"{title} {edition_of(framework)}"
