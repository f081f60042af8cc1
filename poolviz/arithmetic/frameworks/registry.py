"""All frameworks by name: one module beside this one for each of `FRAMEWORK_NAMES`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from poolviz.arithmetic.framework_names import FRAMEWORK_NAMES
from poolviz.arithmetic.frameworks.base import Framework

FRAMEWORKS: Mapping[str, Framework] = MappingProxyType(
    {name: import_module(f"{__package__}.{name}").RULES for name in FRAMEWORK_NAMES}
)
