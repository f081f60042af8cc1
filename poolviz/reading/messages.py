"""`decode`: an error text of a framework, read back into sizes, axes and a diagnosis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from poolviz.arithmetic.trace import trace
from poolviz.diagnosis.layer.diagnosis import Diagnosis, diagnosis_of
from poolviz.diagnosis.layer.fixes import Fix
from poolviz.diagnosis.layer.output_size import PoolShapeError
from poolviz.i18n.html import escape
from poolviz.i18n.keywords import answers_keywords
from poolviz.messages.causes.received import with_received
from poolviz.messages.causes.tables import beside
from poolviz.messages.message import LAYOUT_NOTE, Reading, Remedy, order_tell
from poolviz.messages.pasted import cleaned
from poolviz.reading.find_messages import last_in
from poolviz.reading.message_summary import paragraph
from poolviz.reading.remedies import (
    MOST_FIXES,
    assumes_order,
    code_of,
    other_order,
    remedies_of,
)


@answers_keywords()
@dataclass(frozen=True, kw_only=True)
class Message(Reading):
    """The content of an error text; None for what it does not state.

    Attributes
    ----------
    kind
        What went wrong: "kernel does not fit", "padding limit", "empty input", "argument",
        "output size is not whole", "channels", "number of axes", "linear", "concatenate",
        "minimum input", "input shape", "open size", "reshape", "output and target",
        "number of classes", "sum", "layout", "one value per channel", "reflection padding",
        "divisibility" or "unpooling".
    framework
        Who wrote the message: "pytorch", "tensorflow", "keras", "jax", "onnxruntime", "mlx",
        "tflite", "tfjs", "openvino", "opencv", "coreml", "paddle", "theano", "mxnet", "dl4j",
        "caffe", "chainer" or "darknet".
    op
        "max", "avg", "pool" (one of the two), "conv", "transposed", "linear", "concatenate",
        "sum", "reshape", "loss", "norm", "padding", "unpool", "flatten" or "input" (of a model).
    layer_name
        The name of the layer or node, like "max_pooling2d_4".
    axis, failing_axes
        The first axis that fails, and all of them, by name.
    axes
        One `AxisReading` per spatial axis; a single one where the text names one axis only.
    data_format, channels
        The order of the axes in the text, and the channels of the input.
    certainty
        "certain"; "likely" where something is assumed, see `notes`; "guess" where the
        text contradicts itself or leaves out what matters.
    notes, remarks
        Sentences: assumptions, contradictions, what the text leaves open. `notes` are in the
        language that is current when they are read; `remarks` are the phrases.
    expected, got, shapes, argument
        For failures other than a window: the expected and the given sizes, whole shapes as they
        were written, and the rejected argument by PyTorch's name.
    code_in, outputs, is_of_maps, remedies, only_remedies
        What `fixes` are made of: the framework of the user's code where it is not `framework`, the
        outputs of a linear layer, whether feature maps are joined, and fixes of this message alone.
    causes, reasons
        Sentences: why it fails, as far as the numbers or the text around the message show it. What
        is only likely is marked as such, in the words and in `certainty`.
    fixes
        Pairs of words and code, at most four, the likeliest to help first.
    missing
        For a number of axes, what is wrong: the input has no "batch", no "channels", or one of the
        two ("batch_or_channels"); an axis too many ("surplus"); no spatial axes ("flat"); or it
        still has them where a row of numbers per sample is needed ("flatten").
    others
        How many other errors the text contains that are recognised; the last one is read.
    layer
        The `Pool`, where the text has every number of it.
    message
        The matched part of the text, without colours, at most 2,000 characters.

    Examples
    --------
    >>> said = decode("Given input size: (64x1x14). Calculated output size: (64x0x7). Output \
size is too small")
    >>> said.framework, said.axis, said.axes[0].input_size, said.axes[0].output_size
    ('pytorch', 'height', 1, 0)
    """

    message: str
    others: int = 0

    @cached_property
    def diagnosis(self) -> Diagnosis | None:
        """Findings and recomputed fixes, where the layer and the size of its input are known."""
        sizes = tuple(axis.input_size for axis in self.axes if axis.input_size is not None)
        if self.layer is None or not sizes or len(sizes) < len(self.axes) or min(sizes) < 0:
            return None
        return diagnosis_of(trace(self.layer, sizes))

    @property
    def fixes(self) -> tuple[tuple[str, str], ...]:
        """Changes that may help, at most four, as (words, code or ""), the likeliest first.

        Where `diagnosis` has fixes, these are they: each was recomputed. Channels that may be
        first are put before them.
        """
        first, said = self._order, [(fix.text, fix.code) for fix in self._recomputed]
        if said and first:
            said = [(str(first[0].words), first[0].code), *said[: MOST_FIXES - 1]]
        return tuple(said or ((str(remedy.words), remedy.code) for remedy in remedies_of(self)))

    @property
    def _order(self) -> tuple[Remedy, ...]:
        return tuple(other_order(self, code_of(self)))

    @property
    def _recomputed(self) -> tuple[Fix, ...]:
        if self.remedies:  # those of the message come first
            return ()
        fixes = () if self.diagnosis is None else self.diagnosis.fixes
        return tuple(fix for fix in fixes if not fix.effect.is_idle)[:MOST_FIXES]

    @property
    def are_recomputed(self) -> bool:
        """True where each of `fixes` was recomputed and works."""
        return bool(self._recomputed) and not self._order

    def __str__(self) -> str:
        return paragraph(self, self.fixes, self.are_recomputed)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        words = f"<p>{escape(str(self))}</p>"
        quoted = f"<blockquote><code>{escape(self.message)}</code></blockquote>"
        return f"<div>{words}{quoted}{self.diagnosis._repr_html_() if self.diagnosis else ''}</div>"


_OVER_BACKENDS = "keras"  # whose layers run in other frameworks, and raise in their words


@answers_keywords()
def decode(text: str | BaseException) -> Message | None:
    """Parse an error message about shapes; None for any other text.

    Parameters
    ----------
    text
        The message alone, a traceback or a log with the message in it, or the exception. For a
        `PoolShapeError` the message of its framework is read.

    Returns
    -------
    Message or None
        The last known message in the text, with the sizes that it states. Chained exceptions and
        repetitions are one.

    Raises
    ------
    TypeError
        For anything but a str or an exception.

    Examples
    --------
    >>> m = decode("Given input size: (64x1x9). Calculated output size: (64x0x4). "
    ...            "Output size is too small")
    >>> m.framework, m.axis, m.axes[1].output_size
    ('pytorch', 'height', 4)
    >>> m = decode("Negative dimension size caused by subtracting 3 from 2 for 'pool1/MaxPool' "
    ...            "(op: 'MaxPool') with input shapes: [?,2,30,64].")
    >>> m.layer_name, m.axis, m.axes[0].kernel_size, m.axes[1].kernel_size
    ('pool1', 'height', 3, None)
    >>> m = decode("mat1 and mat2 shapes cannot be multiplied (2x100352 and 25088x10)")
    >>> m.certainty, m.fixes[0]
    ('likely', ('a layer built for 100,352 features', 'nn.Linear(100352, 10)'))
    >>> decode("CUDA out of memory") is None
    True
    """
    if isinstance(text, PoolShapeError):
        text = text.trace.says() or ""
    if isinstance(text, BaseException):
        text = f"{type(text).__name__}: {text}"
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, got {type(text).__name__}")
    found = last_in(cleaned(text))
    if found is None:
        return None
    place, others, text = found
    reading = place.reading
    if reading.certainty == "certain" and any(
        one.certainty != "certain" for one in reading.reasons
    ):
        reading = replace(reading, certainty="likely")
    at = text.rfind(place.message[:80])
    before, after = text[max(0, at - 900) : at], text[at + len(place.message) : at + 4_000]
    reading = with_received(reading, before, after, _OVER_BACKENDS)
    listed = beside(reading, text, at)
    if listed:
        reading = replace(reading, reasons=(*listed, *reading.reasons))
    remarks = (*reading.remarks, *order_tell(reading))
    if assumes_order(reading):
        remarks += (LAYOUT_NOTE,)
    said = {**vars(reading), "remarks": remarks}
    return Message(**said, message=place.message, others=others)
