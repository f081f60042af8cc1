"""An answer that is a change: one parameter of a layer, and its new value."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import ClassVar

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.pool import Pool
from poolviz.exercises.answers.catalogue import Catalogue
from poolviz.exercises.answers.forms import Form
from poolviz.exercises.answers.notation import Unreadable, tidy, without_words
from poolviz.exercises.answers.values import is_nothing, numbers_of

CHANGEABLE = ("kernel_size", "stride", "padding", "dilation")


NewValue = tuple[str, int]  # the parameter and its new value


@dataclass(frozen=True)
class Change(Form[NewValue]):
    """One parameter of `layer` and its new value."""

    name: ClassVar[str] = "change"
    layer: Pool

    def read(self, answer: object, texts: Catalogue) -> NewValue:
        if is_nothing(answer):
            raise Unreadable("empty")
        name, value = self._parts(answer, texts)
        parameter = _parameter(tidy(name), texts)
        number = self._new_value(parameter, value, texts)
        # Only a padding may be 0; the others are at least 1.
        if number.denominator != 1 or number < (parameter != "padding"):
            raise Unreadable("one_change")
        return parameter, int(number)

    def _parts(self, answer: object, texts: Catalogue) -> tuple[str, object]:
        """Return the name and the value in a text, a pair, a dict or a changed layer."""
        if isinstance(answer, Pool):
            answer = self._changes_to(answer)
        if isinstance(answer, dict):
            answer = next(iter(answer.items())) if len(answer) == 1 else None
        if isinstance(answer, tuple | list) and len(answer) == 2 and isinstance(answer[0], str):
            return answer[0], answer[1]
        if not isinstance(answer, str):
            raise Unreadable("one_change")
        plain = _WRAPPED.sub(r"\1", tidy(answer).replace("`", ""))
        text = without_words(plain, texts.noise("answer.change")).strip()
        match = _ASSIGNMENT.fullmatch(re.sub(r"\s+", " ", text))
        if match is None:
            raise Unreadable("one_change")
        return match[1], match[2]

    def _new_value(self, parameter: str, value: object, texts: Catalogue) -> Fraction:
        """Return the new value in "2", "(2, 2)" or "from 3 to 2"."""
        found = numbers_of(value, texts.notation)
        numbers = dict.fromkeys(found)
        if len(numbers) == 2 and found[0] == self.old(parameter):
            return found[1]
        if len(numbers) != 1:
            raise Unreadable("one_change")
        return found[0]

    def old(self, parameter: str) -> object:
        """Return the value of a parameter of the layer, on its first axis."""
        layer = self.layer.with_axes(2) if self.layer.ndim is None else self.layer
        value = getattr(layer, parameter)
        return value[0] if isinstance(value, tuple) else value

    def _changes_to(self, layer: Pool) -> dict[str, object]:
        """Return the parameters that differ; a layer that differs in anything else is no answer."""
        given = {name: getattr(layer, name) for name in CHANGEABLE}
        if replace(self.layer, **given) != layer:
            raise Unreadable("one_change")
        ndim = layer.ndim or self.layer.ndim
        own, new = (one.with_axes(ndim) if ndim else one for one in (self.layer, layer))
        pairs = {name: (getattr(own, name), getattr(new, name)) for name in CHANGEABLE}
        return {name: value for name, (before, value) in pairs.items() if value != before}

    def wanted(self, texts: Catalogue) -> str:
        return texts.say("form.change")

    def plain(self, value: NewValue, texts: Catalogue) -> str:
        return f"{value[0]}={value[1]}"

    def shown(self, value: NewValue, texts: Catalogue) -> str:
        return f"{value[0]}={value[1]}"


_WRAPPED = re.compile(r"^\((.*)\)$")  # (stride=2)
# stride=2, kernel size: 3, padding → 1
_ASSIGNMENT = re.compile(r"([^\W\d]+(?:[ _][^\W\d]+)*)\s*(?:=|:|->|→|\s)\s*([-(\[\d].*)")


def _parameter(name: str, texts: Catalogue) -> str:
    """Return a parameter by its name, any framework's word for it, or a synonym."""
    for parameter in CHANGEABLE:
        if name in names_of(parameter, texts):
            return parameter
    raise Unreadable("one_change")


def names_of(parameter: str, texts: Catalogue) -> list[str]:
    """Return a parameter's name, every framework's word for it, and its synonyms."""
    dialects = (rules.vocabulary.get(parameter) for rules in FRAMEWORKS.values())
    names = (parameter, *filter(None, dialects), *texts.word_list(f"synonym.{parameter}"))
    return list(dict.fromkeys(names))
