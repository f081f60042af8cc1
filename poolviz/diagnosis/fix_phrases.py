"""Phrases for fixes: the change, the result and the line of code."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator

from poolviz.arithmetic.trace import Trace
from poolviz.diagnosis.effects import Effect
from poolviz.diagnosis.phrases import axis_word, joined, number
from poolviz.i18n.catalogue import say
from poolviz.i18n.html import fix_list
from poolviz.i18n.phrase import Words


class Offer(ABC):
    """Common base of the fixes of a layer and of a stack: their words."""

    __slots__ = ()

    code: str
    change_words: Words
    also_words: Words
    effect: Effect

    @property
    def change(self) -> str:
        """Parameter that changes, with its old and new value."""
        return str(self.change_words)

    @property
    def also(self) -> str:
        """Side effects of the change; "" where there are none."""
        return str(self.also_words)

    @property
    @abstractmethod
    def gives(self) -> str:
        """Recomputed output."""

    @property
    def text(self) -> str:
        """Change, result, effect on the values and side effects in one line."""
        return say("fix.text", change=self.change, gives=self.gives) + self._aside

    @property
    def outcome(self) -> str:
        """The text without the change."""
        return say("fix.outcome", gives=self.gives) + self._aside

    @property
    def _aside(self) -> str:
        aside = "; ".join(filter(None, (self.effect.label, self.also)))
        return f" ({aside})" if aside else ""

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__


def offers_html(offers: Iterable[Offer]) -> str:
    """Format fixes as an HTML list with their code, escaped; "" without any."""
    return fix_list(say("diagnosis.fixes"), ((one.text, one.code) for one in offers))


# --- what was changed ----------------------------------------------------------------------------


def changes(old: Trace, new: Trace) -> str:
    """Describe the parameters that differ between two calls.

    >>> from poolviz import Pool, trace
    >>> changes(trace(Pool(5), (4, 6)), trace(Pool((4, 5)), (4, 6)))
    'kernel height 5 → 4'
    """
    said = [_change_per_axis(old, new, name) for name in ("kernel_size", "dilation")]
    said.append(_padding_change(old, new))
    said.append(_change_per_axis(old, new, "input_size"))
    for name in ("ceil_mode", "count_include_pad", "divisor_override", "norm"):
        before, after = getattr(old.layer, name, None), getattr(new.layer, name, None)
        if before != after:
            without = say("change.without", parameter=name)
            said.append(f"{name}={after}" if after is not None else without)
    if old.is_convolution:
        said += _arguments_that_differ(old, new)
    return joined([words for words in said if words])


def _arguments_that_differ(old: Trace, new: Trace) -> Iterator[str]:
    """Write what only convolutions have, as in code."""
    for name in ("stride", "output_padding", "groups", "in_channels", "out_channels"):
        before, after = getattr(old.layer, name, None), getattr(new.layer, name, None)
        if before != after:
            shown = after
            if isinstance(after, tuple) and len(set(after)) == 1:
                shown = after[0]
            yield say("change.without", parameter=name) if after is None else f"{name}={shown}"


def _change_per_axis(old: Trace, new: Trace, name: str) -> str:
    """Return what changes in a parameter, in one number where all axes change alike."""
    moved = [
        (axis.name, number(getattr(axis, name)), number(getattr(other, name)))
        for axis, other in zip(old.axes, new.axes, strict=True)
        if getattr(axis, name) != getattr(other, name)
    ]
    if not moved:
        return ""
    numbers = {(before, after) for _, before, after in moved}
    if len(numbers) == 1 and len(moved) == len(old.axes):
        before, after = numbers.pop()
        return say(f"change.{name}", before=before, after=after)
    return ", ".join(
        say(f"change.{name}_on_axis", axis=axis_word(axis), before=before, after=after)
        for axis, before, after in moved
    )


def _padding_change(old: Trace, new: Trace) -> str:
    """Return what changes in the padding; "" for nothing."""
    if old.layer.padding == new.layer.padding:
        return ""
    if isinstance(new.layer.padding, str):
        return f'padding="{new.layer.padding}"'
    moved = [
        (axis.name, _split_text(*other.padding))
        for axis, other in zip(old.axes, new.axes, strict=True)
        # From a name to numbers every axis is mentioned, also one whose numbers stay.
        if axis.padding != other.padding or old.layer.padding in ("same", "same_lower")
    ]
    splits = {split for _, split in moved}
    if not moved:
        return say("change.no_padding")
    if len(splits) == 1 and len(moved) == len(old.axes):
        return say("change.padding", padding=splits.pop())
    return ", ".join(
        say("change.padding_on_axis", axis=axis_word(axis), padding=split) for axis, split in moved
    )


def _split_text(before: int, after: int) -> str:
    return number(before) if before == after else f"({before}, {after})"
