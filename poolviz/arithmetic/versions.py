"""One call under the rules of other versions of its framework."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, lru_cache
from itertools import groupby
from typing import NamedTuple

from poolviz.arithmetic.framework_names import (
    EDITIONS,
    Edition,
    edition_of,
    editions,
    family,
    version_of,
)
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.trace import Trace


class Versions(NamedTuple):
    """Versions of a framework that give the same result: a title, and the name of the newest."""

    title: str
    newest: str
    has_own: bool  # the version that was asked is one of them


class VersionResult(NamedTuple):
    """A call in versions that give the same result: their title, and the call in the newest."""

    title: str
    trace: Trace
    has_own: bool


def alike(framework: str, result: Callable[[str], object]) -> tuple[Versions, ...]:
    """Group the versions of a framework by a result, the newest first.

    >>> alike("keras", lambda name: name == "keras==2.15")[0].title
    'Keras 3.0–3.15'
    """
    title = FRAMEWORKS[family(framework)].title
    if len(EDITIONS.get(family(framework), ())) < 2:  # the bare formula has no versions
        return (Versions(title, framework, has_own=True),)
    found = []
    # Only neighbours are joined: a result that went and came back is two ranges of versions.
    for _, names in groupby(editions(framework), result):
        first, *others = names
        oldest = edition_of(others[-1] if others else first)
        # The newest comes first, so its end is the end of the whole range.
        whole = Edition(oldest.first, edition_of(first).last)
        found.append(Versions(f"{title} {whole}", first, framework in (first, *others)))
    return tuple(found)


@lru_cache(maxsize=1024)  # a picture, its words and its tables need the same
def results_by_version(traced: Trace) -> tuple[VersionResult, ...]:
    """Return the different results of a call, the newest first; one where all versions agree.

    >>> from poolviz import Pool, trace
    >>> for found in results_by_version(trace(Pool(15, framework="keras"), 10)):
    ...     print(found.title, found.trace.returned_size)
    Keras 3.15 None
    Keras 3.0–3.14 (0, 0)
    Keras 2.15 None
    """

    @cache
    def in_version(name: str) -> Trace:
        return traced.again(replace(traced.layer, framework=name), traced.input_size)

    if traced.is_fitted:  # compared in the newest version only, and in the chosen one
        return (VersionResult(traced.framework.title, traced, has_own=True),)
    groups = alike(traced.layer.framework, lambda name: _result(in_version(name)))
    return tuple(
        VersionResult(each.title, in_version(each.newest), each.has_own) for each in groups
    )


def other_versions(traced: Trace) -> tuple[VersionResult, ...]:
    """Return the results of versions that differ from this one."""
    mine = _result(traced)
    return tuple(
        each
        for each in results_by_version(traced)
        if not each.has_own and _result(each.trace) != mine
    )


def title_of(traced: Trace) -> str:
    """Name of the framework, with its versions where others give another result.

    >>> from poolviz import Pool, trace
    >>> [title_of(trace(Pool(15, stride, framework="keras"), 10)) for stride in (15, 1)]
    ['Keras 3.15', 'Keras']
    """
    rules = traced.framework
    found = results_by_version(traced)
    if version_of(traced.layer.framework) is not None or len(found) == 1:
        return rules.title
    return next(each.title for each in found if each.has_own)


def _result(traced: Trace) -> tuple[object, ...]:
    return traced.returned_size, traced.is_truncated
