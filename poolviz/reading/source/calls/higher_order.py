"""Functions that call other functions: `map`, `filter`, `functools.reduce`."""

from __future__ import annotations

from functools import reduce

from poolviz.reading.source.context import ReadingContext
from poolviz.reading.source.values import STARS, UNHANDLED, Args, Chain, Library, Unhandled, Value

_PATHS = ("builtins.map", "builtins.filter", "functools.reduce")


def higher_order(
    reader: ReadingContext, library: Library, args: Args, line: int
) -> Value | Unhandled:
    """Return the results of a function for every entry of lists that are known."""
    if library.path not in _PATHS or len(args) < 2:
        return UNHANDLED
    function, *rest = args
    lists = [each.modules if isinstance(each, Chain) else each for each in rest]
    known = [list(each) for each in lists if isinstance(each, list | tuple | range)]
    known += [list(each) for each in lists if isinstance(each, dict) and STARS not in each]
    if library.last == "reduce" and len(rest) < 3 and known:
        start = rest[1:] or known[0][:1]
        steps = known[0] if rest[1:] else known[0][1:]
        return reduce(lambda a, b: reader.call(function, [a, b], {}, line), steps, *start)
    if len(known) < len(rest):
        return UNHANDLED
    if library.last == "map":
        return [reader.call(function, list(each), {}, line) for each in zip(*known, strict=False)]
    chosen = [
        each if function is None else reader.call(function, [each], {}, line) for each in known[0]
    ]
    if not all(isinstance(each, bool) for each in chosen):
        return UNHANDLED
    return [each for each, is_in in zip(known[0], chosen, strict=True) if is_in]
