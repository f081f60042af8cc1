"""Names that are used without an import, because a pasted text often begins after it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from poolviz.dialects.common.dialect import DIALECTS, outermost_first

_PLAIN = {
    "np": "numpy",
    "numpy": "numpy",
    "math": "math",
    "OrderedDict": "collections.OrderedDict",
    "partial": "functools.partial",
}


def likely_framework(text: str) -> str | None:
    """Return the framework with the most names in a text; None without any.

    >>> likely_framework("nn.Conv2d(3, 8, 3)"), likely_framework("print(1)")
    ('pytorch', None)
    """
    counts = {name: len(sign.findall(text)) for name, sign in _signs().items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else None


@lru_cache(maxsize=1)
def _signs() -> Mapping[str, re.Pattern[str]]:
    signs = ((each.name, each.names.signs) for each in outermost_first())
    return {name: re.compile(sign) for name, sign in signs if sign}


def usual_name(name: str, framework: str | None) -> str | None:
    """Full name for which a name usually stands, if the text does not import it.

    >>> usual_name("nn", "pytorch"), usual_name("Conv2D", None), usual_name("x", "keras")
    ('torch.nn', 'keras.layers.Conv2D', None)
    """
    own = {} if framework is None else DIALECTS[framework].names.own
    if name in own:
        return own[name]
    if name in _usual():
        return _usual()[name]
    found = {
        each.name: f"{each.names.layer_module}.{name}"
        for each in DIALECTS.values()
        if name in each.names.known_layers()
    }
    # A class of several frameworks belongs to the framework of the text, or to none.
    return found.get(framework or "") if len(found) > 1 else next(iter(found.values()), None)


@lru_cache(maxsize=1)
def _usual() -> Mapping[str, str]:
    found = dict(_PLAIN)
    for each in DIALECTS.values():
        found |= each.names.usual
    return found


@lru_cache(maxsize=512)
def home(path: str) -> str:
    """Canonical name of what can be imported under several names.

    >>> home("tensorflow.keras.layers"), home("torch.nn")
    ('keras.layers', 'torch.nn')
    """
    for each in DIALECTS.values():
        for places, usual in each.names.aliases.items():
            path = re.sub(places, usual, path)
    return path
