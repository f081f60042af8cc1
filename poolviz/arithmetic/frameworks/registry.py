"""All frameworks by name: one module beside this one for each of `FRAMEWORK_NAMES`.

`FORMULA` can be looked up, too, but it is no framework and is not listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from poolviz.arithmetic.framework_names import FORMULA, FRAMEWORK_NAMES
from poolviz.arithmetic.frameworks.base import Framework


class _Frameworks(Mapping[str, Framework]):
    """Name → rules. A module is imported at its first use: most calls need one framework."""

    def __init__(self) -> None:
        self._loaded: dict[str, Framework] = {}

    def __getitem__(self, name: str) -> Framework:
        try:
            return self._loaded[name]
        except KeyError:
            if name not in FRAMEWORK_NAMES and name != FORMULA:
                raise
        rules: Framework = import_module(f"{__package__}.{name}").RULES
        self._loaded[name] = rules
        return rules

    def __iter__(self) -> Iterator[str]:
        return iter(FRAMEWORK_NAMES)

    def __len__(self) -> int:
        return len(FRAMEWORK_NAMES)

    def __repr__(self) -> str:
        return repr(dict(self))


FRAMEWORKS: Mapping[str, Framework] = _Frameworks()
