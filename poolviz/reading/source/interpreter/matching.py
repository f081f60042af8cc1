"""The statement `match`: the first pattern that fits, as far as that is known."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from enum import Enum

from poolviz.i18n.phrase import phrase
from poolviz.reading.source.interpreter.errors import Errors
from poolviz.reading.source.interpreter.expressions import MOST_QUOTED
from poolviz.reading.source.interpreter.open_paths import Way
from poolviz.reading.source.values import (
    STARS,
    Instance,
    LayerObject,
    Library,
    Scope,
    Unknown,
    Value,
)


class _Fit(Enum):
    NO = "no"
    OPEN = "open"


_Found = dict[str, Value] | _Fit  # the names that a pattern binds
_SUBJECT = "match subject"  # no name of Python
_TYPES = (bool, dict, float, int, list, str, tuple)
_ITSELF = frozenset(f"builtins.{kind.__name__}" for kind in _TYPES)


class Matching(Errors):
    """Chooses among the cases of a `match`."""

    def _match(self, node: ast.Match, scope: Scope) -> Way:
        value = self.evaluate(node.subject, scope)
        for place, case in enumerate(node.cases):
            found = self._fits(case.pattern, value, scope)
            if isinstance(found, dict):
                for name, bound in found.items():
                    scope.bind(name, bound)
                truth: bool | None = True
                if case.guard is not None:
                    truth = self.truth(self.evaluate(case.guard, scope))
                if truth:
                    return self.run(case.body, scope)
                if truth is False:
                    continue
            if found is not _Fit.NO:
                rest = [
                    each for later in node.cases[place:] for each in (later.pattern, *later.body)
                ]
                code = ast.unparse(node.subject)[:MOST_QUOTED]
                return self.forget(rest, scope, phrase("reading.unread.which_case", code=code))
        return None

    def _fits(self, pattern: ast.pattern, value: Value, scope: Scope) -> _Found:
        match pattern:
            case ast.MatchAs(pattern=None, name=name):
                return {} if name is None else {name: value}
            case ast.MatchAs(pattern=ast.pattern() as inner, name=str(name)):
                found = self._fits(inner, value, scope)
                return {**found, name: value} if isinstance(found, dict) else found
            case ast.MatchOr(patterns=several):
                return self._any(several, value, scope)
            case ast.MatchValue(value=wanted):
                return self._holds(ast.Eq(), wanted, value, scope)
            case ast.MatchSingleton(value=wanted):
                return self._holds(ast.Is(), ast.Constant(wanted), value, scope)
            case ast.MatchSequence(patterns=several):
                return self._sequence(several, value, scope)
            case ast.MatchMapping(keys=keys, patterns=several, rest=rest):
                return self._mapping(keys, several, rest, value, scope)
            case ast.MatchClass():
                return self._class(pattern, value, scope)
        return _Fit.OPEN

    def _holds(self, how: ast.cmpop, wanted: ast.expr, value: Value, scope: Scope) -> _Found:
        scope.names[_SUBJECT] = value
        subject = ast.Name(_SUBJECT, ast.Load())
        return self._known(ast.Compare(subject, [how], [wanted]), scope)

    def _known(self, test: ast.expr, scope: Scope) -> _Found:
        truth = self.truth(self.evaluate(test, scope))
        scope.names.pop(_SUBJECT, None)
        return _Fit.OPEN if truth is None else {} if truth else _Fit.NO

    def _any(self, several: Sequence[ast.pattern], value: Value, scope: Scope) -> _Found:
        for each in several:
            found = self._fits(each, value, scope)
            if found is not _Fit.NO:
                return found
        return _Fit.NO

    def _all(self, pairs: Sequence[tuple[ast.pattern, Value]], scope: Scope) -> _Found:
        names: dict[str, Value] = {}
        is_open = False
        for pattern, value in pairs:
            found = self._fits(pattern, value, scope)
            if found is _Fit.NO:
                return found
            if isinstance(found, dict):
                names |= found
            else:
                is_open = True
        return _Fit.OPEN if is_open else names

    def _sequence(self, several: Sequence[ast.pattern], value: Value, scope: Scope) -> _Found:
        if not isinstance(value, list | tuple | range):
            is_other = value is None or isinstance(value, bool | int | float | str | dict)
            return _Fit.NO if is_other else _Fit.OPEN
        entries: list[Value] = list(value)
        stars = [i for i, each in enumerate(several) if isinstance(each, ast.MatchStar)]
        patterns = list(several)
        if stars:
            [at] = stars
            star = several[at]
            more = len(entries) - len(several) + 1
            if more < 0:
                return _Fit.NO
            assert isinstance(star, ast.MatchStar)
            patterns[at] = ast.MatchAs(None, star.name)
            entries[at : at + more] = [entries[at : at + more]]
        if len(entries) != len(patterns):
            return _Fit.NO
        return self._all(list(zip(patterns, entries, strict=True)), scope)

    def _mapping(
        self,
        keys: Sequence[ast.expr],
        several: Sequence[ast.pattern],
        rest: str | None,
        value: Value,
        scope: Scope,
    ) -> _Found:
        if not isinstance(value, dict) or STARS in value:
            is_other = value is None or isinstance(value, bool | int | float | str | list | tuple)
            return _Fit.NO if is_other else _Fit.OPEN
        wanted = [self.evaluate(key, scope) for key in keys]
        if any(isinstance(key, Unknown) for key in wanted):
            return _Fit.OPEN
        if any(key not in value for key in wanted):
            return _Fit.NO
        pairs = [(each, value[key]) for each, key in zip(several, wanted, strict=True)]
        found = self._all(pairs, scope)
        if isinstance(found, dict) and rest is not None:
            found[rest] = {key: entry for key, entry in value.items() if key not in wanted}
        return found

    def _class(self, pattern: ast.MatchClass, value: Value, scope: Scope) -> _Found:
        scope.names[_SUBJECT] = value
        args: list[ast.expr] = [ast.Name(_SUBJECT, ast.Load()), pattern.cls]
        test = ast.Call(ast.Name("isinstance", ast.Load()), args, [])
        found = self._known(ast.copy_location(ast.fix_missing_locations(test), pattern), scope)
        if not isinstance(found, dict):
            return found
        kind = self.evaluate(pattern.cls, scope)
        pairs: list[tuple[ast.pattern, Value]] = []
        if pattern.patterns:
            if not isinstance(kind, Library) or kind.path not in _ITSELF:
                return _Fit.OPEN
            pairs.append((pattern.patterns[0], value))
        if pattern.kwd_attrs and not isinstance(value, Instance | LayerObject):
            return _Fit.OPEN
        named = zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True)
        pairs += [(each, self.attribute(value, name)) for name, each in named]
        return self._all(pairs, scope)
