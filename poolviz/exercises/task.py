"""A task about a layer: change its settings until the output has a size, and keep some of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from poolviz.arithmetic.call import trace, windowed
from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import LayerLike
from poolviz.arithmetic.layers.pool import Pool, Sizes
from poolviz.arithmetic.layers.validation import shown, whole_numbers
from poolviz.arithmetic.trace import Trace, spatial_sizes
from poolviz.diagnosis.phrases import axis_word, by, joined
from poolviz.exercises.grading import Feedback
from poolviz.i18n.catalogue import say
from poolviz.i18n.keywords import answers_keywords

KEPT = (
    *("input_size", "kernel_size", "stride", "padding", "dilation"),
    *("ceil_mode", "op", "count_include_pad", "framework"),
    *("out_channels", "depth_multiplier", "groups", "output_padding"),  # of convolutions
)
_CONVOLUTIONS = (Conv, DepthwiseConv, ConvTranspose)


@answers_keywords()
@dataclass(frozen=True)
class Task:
    """A task about a layer; `task` makes it.

    Attributes
    ----------
    output_size
        The size to reach; one int stands for every axis. None: the call must work.
    keep
        Parameters that must stay as they are, such as "kernel_size", and "input_size".
    start
        The call to change, None until the task has been given one.

    Examples
    --------
    >>> import poolviz as pv
    >>> task = pv.task(output_size=3, keep=["kernel_size"]).of(pv.Pool(4), 10)
    >>> print(task)
    Change the layer until the output size is 3 × 3. Keep kernel_size unchanged.
    >>> print(task.check(pv.Pool(4, stride=4)))
    Not yet. The output size is 2 × 2, not 3 × 3. Along the height, a size of 3 needs 12 cells, \
and the padded input has 10.
    >>> bool(task.check(pv.Pool(4, stride=3)))
    True
    """

    output_size: tuple[int, ...] | int | None = None
    keep: tuple[str, ...] = ()
    start: Trace | None = None

    def of(self, layer: LayerLike, input_size: Sizes) -> Task:
        """Return the task for a call; ValueError if its output size has other axes."""
        return self.from_trace(trace(layer, input_size))

    def from_trace(self, started: Trace) -> Task:
        """Return the task for a traced call."""
        wanted = self.output_size
        if isinstance(wanted, tuple) and len(wanted) != len(started.axes):
            raise ValueError(
                f"output_size={wanted} has {len(wanted)} entries, "
                f"but the layer has {len(started.axes)} axes"
            )
        return replace(self, start=started)

    @property
    def text(self) -> str:
        """The task in words."""
        start = self.start
        wanted = self._wanted(len(start.axes)) if start else self.output_size
        shown = by(wanted) if isinstance(wanted, tuple) else str(wanted)
        goal = say("task.works") if wanted is None else say("task.size", wanted=shown)
        kept = say("task.keep", names=joined(list(self.keep))) if self.keep else ""
        return f"{goal} {kept}".strip()

    def __str__(self) -> str:
        return self.text

    def _wanted(self, ndim: int) -> tuple[int, ...] | None:
        size = self.output_size
        return (size,) * ndim if isinstance(size, int) else size

    def check(self, layer: object, input_size: object = None) -> Feedback:
        """Judge a changed layer; its input is that of the start unless another is given.

        Full marks for the output size with everything kept, half for the output size alone. It
        never raises, except without a start: ValueError.
        """
        if self.start is None:
            raise ValueError("the task has no call to start from: task.of(layer, input_size)")
        try:
            changed = windowed(layer)
            sizes = self.start.input_size if input_size is None else input_size
            is_alike = isinstance(self.start, ConvTrace) and isinstance(changed, _CONVOLUTIONS)
            # The channels are those of the start; `trace` alone would not know them.
            again = self.start.again if is_alike else trace
            traced = again(changed, spatial_sizes(sizes, changed))
        except Exception:  # anything may be in the place of a layer
            return Feedback(text=say("task.no_layer"))
        return self.judge(traced)

    def judge(self, traced: Trace) -> Feedback:
        """Judge a call."""
        assert self.start is not None
        wanted = self._wanted(len(self.start.axes))
        if traced.outcome != "ok":
            return Feedback(text=say("task.fails", framework=traced.framework.title))
        size = traced.returned_size or traced.output_size
        got = by(size)
        if wanted is not None and size != wanted:
            return Feedback(text=_other_size(traced, wanted))
        changes = list(self._changes(traced))
        reached = say("task.reached", got=got)
        if changes:
            text = say("task.changed", reached=reached, changes=" ".join(changes))
            return Feedback(text=text, score=0.5, works=True)
        return Feedback(text=say("task.right", reached=reached), score=1.0, works=True)

    def _changes(self, traced: Trace) -> Iterator[str]:
        assert self.start is not None
        for name in self.keep:
            before, after = _value(self.start, name), _value(traced, name)
            if before != after:
                yield say("task.change", name=name, before=_shown(before), after=_shown(after))


@answers_keywords()
def task(
    *,
    output_size: Sizes | None = None,
    keep: Sequence[str] = (),
    layer: LayerLike | None = None,
    input_size: Sizes | None = None,
) -> Task:
    """Return a task for an explorer, a saved page or a test cell.

    Parameters
    ----------
    output_size
        The output size to reach; left out, the call must work.
    keep
        What must stay as it is: parameters of the layer, or "input_size".
    layer, input_size
        The call to change. An explorer gives its own to a task without one.

    Raises
    ------
    TypeError, ValueError
        For an output size that is not a size, and for unknown names of parameters.

    Examples
    --------
    >>> import poolviz as pv
    >>> print(pv.task(output_size=(3, 3), keep=["kernel_size", "input_size"]))
    Change the layer until the output size is 3 × 3. Keep kernel_size and input_size unchanged.
    """
    names = (keep,) if isinstance(keep, str) else tuple(keep)
    unknown = [name for name in names if name not in KEPT]
    if unknown:
        raise ValueError(f"keep takes {', '.join(KEPT)}; got {unknown[0]!r}")
    size = None if output_size is None else whole_numbers("output_size", output_size, least=1)
    made = Task(size, tuple(dict.fromkeys(names)))
    if layer is None and input_size is None:
        return made
    if layer is None or input_size is None:
        raise ValueError("layer and input_size belong together: give both or neither")
    return made.of(layer, input_size)


def started(given: object, traced: Trace) -> Task | None:
    """Return the task of an explorer, which starts from a call unless it has one already.

    Raises
    ------
    TypeError
        For anything but a task.
    """
    if given is None or isinstance(given, Task):
        return given if given is None or given.start else given.from_trace(traced)
    raise TypeError(f"task must come from poolviz.task, got {shown(given)}")


def _value(traced: Trace, name: str) -> object:
    """Return a setting as it takes effect, one entry per axis where it has axes."""
    layer: Any = traced.layer
    if name == "input_size":
        return traced.input_size
    if name == "stride" and isinstance(layer, Pool):  # None is the framework's default
        return tuple(axis.stride for axis in traced.axes)
    if isinstance(layer, Pool):
        layer = layer.with_axes(len(traced.axes))
        if name == "padding" and not any(axis.is_same for axis in traced.axes):
            return tuple(tuple(axis.padding) for axis in traced.axes)
    elif name == "padding" and not isinstance(layer.padding, str):
        return tuple(tuple(axis.padding) for axis in layer.axes(len(traced.axes)))
    return getattr(layer, name, None)


def _shown(value: object) -> str:
    """Return a setting as text, one number where all axes are alike."""
    if isinstance(value, tuple) and len(set(value)) == 1:
        return _shown(value[0])
    return say("task.none") if value is None else str(value)


def _other_size(traced: Trace, wanted: tuple[int, ...]) -> str:
    text = say("task.wrong_size", got=by(traced.returned_size or ()), wanted=by(wanted))
    for axis, size in zip(traced.axes, wanted, strict=False):
        if axis.output_size == size:
            continue
        if traced.is_transposed:
            return f"{text} {say('task.formula', name=axis_word(axis.name), formula=axis.formula)}"
        if not isinstance(traced.layer, Pool | Conv | DepthwiseConv):
            continue
        # `need` below holds for padding in numbers and rounding down only.
        if axis.is_same or axis.rounding != "floor":
            continue
        need = (size - 1) * axis.stride + axis.effective_kernel_size
        fields = {"name": axis_word(axis.name), "need": need, "padded": axis.padded_size}
        if axis.output_size < size:
            return f"{text} {say('task.too_few', size=size, **fields)}"
        return f"{text} {say('task.too_many', size=size, **fields)}"
    return text
