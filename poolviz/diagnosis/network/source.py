"""Origin of a stack: its text, the line of each layer, and the parts that were not read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from poolviz.arithmetic.network.forward import ForwardPass, Path
from poolviz.diagnosis.network.candidate_fixes import row_label
from poolviz.i18n.catalogue import say
from poolviz.i18n.keywords import answers_keywords
from poolviz.i18n.phrase import Phrase, Words, phrase

MOST_SHOWN = 80  # characters of a quoted line


@answers_keywords()
@dataclass(frozen=True, slots=True)
class NotRead:
    """A part of the source that poolviz did not understand, and why.

    Attributes
    ----------
    line
        Its line in the source, None where there is none.
    text
        Text of that line.
    reason
        Reason as a phrase; `why` has it in words.
    keeps_unchecked
        Whether the layer was read, and a size of it could not be checked.

    Examples
    --------
    >>> print(NotRead(12, "x = self.attention(x)", "poolviz does not know Attention"))
    line 12: `x = self.attention(x)`: poolviz does not know Attention
    """

    line: int | None
    text: str
    reason: Words
    keeps_unchecked: bool = False

    @property
    def why(self) -> str:
        """The reason in words."""
        return str(self.reason)

    @property
    def sentence(self) -> str:
        """Line, text and reason in a full sentence."""
        return say("reading.unread.sentence", what=self)

    def ending(self, left: int) -> NotRead:
        """Add the consequence: the stack ends here, `left` layers short."""
        if left > 1:
            reason = phrase("reading.unread.ends_stack_and_leaves", why=self.reason, left=left)
        elif left == 1:
            reason = phrase("reading.unread.ends_stack_and_leaves_one", why=self.reason)
        else:
            reason = phrase("reading.unread.ends_stack", why=self.reason)
        return replace(self, reason=reason)

    def __str__(self) -> str:
        text = self.text if len(self.text) <= MOST_SHOWN else f"{self.text[: MOST_SHOWN - 1]}…"
        what = f"`{text}`: {self.why}" if text else self.why
        return what if self.line is None else say("reading.on_line", line=str(self.line), what=what)


@answers_keywords()
@dataclass(frozen=True, slots=True)
class Source:
    """What a stack was read from.

    Attributes
    ----------
    text
        The source, as it was given.
    lines
        The line of a layer by its path (`Row.path`).
    not_read
        Parts that were not understood.
    is_whole
        Whether the stack is the whole model. False: it ends early, or an output is missing.
    model
        Name of the model that was read: its variable or its class; None without one.
    candidates
        Names of the other models of the text; `read_code(…, name=…)` reads one of them.
    variables
        Names of layers to which the user's code can assign another one.
    is_for_one_size
        Whether the code computes with the sizes of its feature maps. For another input the layers
        may be others, so that no smallest input is given.

    Examples
    --------
    >>> Source("pool(2)", {(0,): 1}).lines[0,]
    1
    """

    text: str
    # Without a part in the hash, because a dictionary has none.
    lines: Mapping[Path, int] = field(default_factory=dict, hash=False)
    not_read: tuple[NotRead, ...] = ()
    is_whole: bool = True
    model: str | None = None
    candidates: tuple[str, ...] = ()
    variables: frozenset[str] = frozenset()
    is_for_one_size: bool = False


def unchecked(source: Source, done: ForwardPass) -> Iterator[NotRead]:
    """Yield the layers before which a size is open, so that it is not known whether they run."""
    lines = source.text.split("\n") if done.unchecked else []
    for index in done.unchecked:
        row = done.rows[index]
        line = source.lines.get(row.path)
        text = lines[line - 1].strip() if line is not None and line <= len(lines) else ""
        why = phrase("reading.unread.not_checked", layer=row_label(row))
        yield NotRead(line, text, why, keeps_unchecked=True)


def words_of(error: BaseException) -> Words:
    """Message of an exception; a phrase where it is ours."""
    said = error.args[0] if len(error.args) == 1 else None
    return said if isinstance(said, Phrase) else str(error)


def raised(error: Exception) -> Words:
    """Return why the user's code was not followed to its end: our reason, or its exception."""
    words = words_of(error)
    if isinstance(words, Phrase):
        return words
    first_line = words.strip().partition("\n")[0]
    return f"{type(error).__name__}: {first_line}"


class InputShapeNeeded(ValueError):  # noqa: N818  # names what is needed, as StopIteration does
    """The model was read, but not the shape of its input: pass `input_shape`.

    Parameters
    ----------
    call
        Function to call again.
    framework, data_format
        Framework and data format of the model; None where they are unknown.

    Examples
    --------
    >>> raise InputShapeNeeded("pv.read_code", "keras", "channels_last")
    Traceback (most recent call last):
    InputShapeNeeded: the input size is unknown: the text does not state it. Pass it without the \
batch dimension, channels last: pv.read_code(…, input_shape=(28, 28, 1))
    """

    def __init__(self, call: str, framework: str | None, data_format: str | None) -> None:
        self.call = call
        self.framework = framework
        self.data_format = data_format
        example = "(28, 28, 1)" if data_format == "channels_last" else "(3, 32, 32)"
        code = f"{call}(…, input_shape={example})"
        super().__init__(phrase(_NEEDED.get(data_format or "", "reading.input.needed"), code=code))

    # Else unpickling would pass the text as the only argument.
    def __reduce__(self) -> tuple[type[InputShapeNeeded], tuple[str, str | None, str | None]]:
        return InputShapeNeeded, (self.call, self.framework, self.data_format)


_NEEDED = {
    "channels_last": "reading.input.needed_channels_last",
    "channels_first": "reading.input.needed_channels_first",
}


class NoModel(ValueError):  # noqa: N818
    """Raised when there is no model that can be read.

    Examples
    --------
    >>> from poolviz import read_code
    >>> read_code("x = 3")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    NoModel: the text contains no model that poolviz recognises: no Sequential, no Model, ...
    """
