"""Where a stack was read from: its text, the line of each layer, and what was not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from poolviz.arithmetic.stack import Path

MOST_SHOWN = 80  # signs of a quoted line


@dataclass(frozen=True, slots=True)
class NotRead:
    """One thing that poolviz did not understand, and why. `line` is None where there is none.

    >>> print(NotRead(12, "x = self.attention(x)", "poolviz does not know Attention"))
    line 12: `x = self.attention(x)`: poolviz does not know Attention
    """

    line: int | None
    text: str
    why: str

    def __str__(self) -> str:
        where = "" if self.line is None else f"line {self.line}: "
        text = self.text if len(self.text) <= MOST_SHOWN else f"{self.text[: MOST_SHOWN - 1]}…"
        quoted = f"`{text}`: " if text else ""
        return f"{where}{quoted}{self.why}"


@dataclass(frozen=True, slots=True)
class Source:
    """What a stack was read from. `lines` has the line of a layer by its path (`Row.path`).

    >>> Source("pool(2)", {(0,): 1}).lines[0,]
    1
    """

    text: str
    lines: Mapping[Path, int] = field(default_factory=dict, hash=False)
    not_read: tuple[NotRead, ...] = ()


class InputShapeNeeded(ValueError):  # noqa: N818  # names what is needed, as StopIteration does
    """The model was read, but not what goes in: `input_shape` has to be given.

    `framework` and `data_format` are those of the model, None where they are open.
    """

    def __init__(self, call: str, framework: str | None, data_format: str | None) -> None:
        self.framework = framework
        self.data_format = data_format
        example = "(28, 28, 1)" if data_format == "channels_last" else "(3, 32, 32)"
        order = "" if data_format is None else f", {data_format.replace('_', ' ')}"
        super().__init__(
            f"the size of the input is not known: it does not stand in what was read. "
            f"Give it without the batch{order}: {call}(…, input_shape={example})"
        )

    def __reduce__(self) -> tuple[type[InputShapeNeeded], tuple[str, str | None, str | None]]:
        call = str(self).rpartition(": ")[2].partition("(")[0]
        return InputShapeNeeded, (call, self.framework, self.data_format)


class NoModel(ValueError):  # noqa: N818
    """There is no model that can be read."""
