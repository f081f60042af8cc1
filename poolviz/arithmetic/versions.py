"""One call under the rules of other versions of its framework."""

from __future__ import annotations

from dataclasses import replace

from poolviz.arithmetic.framework_names import EDITIONS, editions, family
from poolviz.arithmetic.frameworks.registry import edition_title
from poolviz.arithmetic.trace import Trace, trace


def other_versions(traced: Trace) -> tuple[Trace, ...]:
    """Return the call in each edition of its framework where the result differs.

    >>> from poolviz.arithmetic.layers.pool import Pool
    >>> for other in other_versions(trace(Pool(15, framework="keras"), 10)):
    ...     print(other.layer.framework, other.returned_size)
    keras==3.14 (0, 0)
    """
    own = traced.layer.framework
    if len(EDITIONS[family(own)]) == 1:
        return ()
    others = (
        trace(replace(traced.layer, framework=name), traced.input_size)
        for name in editions(own)
        if name != own
    )
    return tuple(other for other in others if _result(other) != _result(traced))


def title_of(traced: Trace) -> str:
    """Name of the framework, with its versions where others give another result.

    >>> from poolviz.arithmetic.layers.pool import Pool
    >>> title_of(trace(Pool(15, framework="keras"), 10)), title_of(trace(Pool(5, framework="keras"), 10))
    ('Keras 3.15', 'Keras')
    """
    rules = traced.framework
    if rules.title != type(rules).title or not other_versions(traced):
        return rules.title
    return edition_title(traced.layer.framework)


def _result(traced: Trace) -> tuple[object, ...]:
    return traced.returned_size, traced.is_truncated
