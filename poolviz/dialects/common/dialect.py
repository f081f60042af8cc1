"""All dialects: `DIALECTS[name]` gives access to the folder `dialects/<name>`.

A part is loaded when it is first needed. A framework may leave out every part but `write`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.framework_names import FRAMEWORK_NAMES, family
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.fitted import GlobalPool, PoolingLayer
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.forward import Failure
from poolviz.arithmetic.trace import Trace

if TYPE_CHECKING:
    from poolviz.dialects.common.frames import Frames
    from poolviz.dialects.common.names import SourceNames
    from poolviz.dialects.common.network_errors import NetworkErrors
    from poolviz.dialects.common.variants import Variant
    from poolviz.dialects.common.write import Writer
    from poolviz.messages.pattern import Messages

_PACKAGE = "poolviz.dialects"


@dataclass(frozen=True)
class Dialect:
    """Names, code and messages of one framework; its rules are in `FRAMEWORKS`."""

    name: str

    @property
    def title(self) -> str:
        """Name of the framework in a sentence."""
        return FRAMEWORKS[self.name].title

    @property
    def backends(self) -> tuple[str, ...]:
        """Frameworks that it runs on; its messages may contain theirs."""
        found: tuple[str, ...] = getattr(import_module(f"{_PACKAGE}.{self.name}"), "BACKENDS", ())
        return found

    @cached_property
    def write(self) -> Writer:
        """Calls and layers as code."""
        writer: Writer = import_module(f"{_PACKAGE}.{self.name}.write").WRITER
        return writer

    @cached_property
    def messages(self) -> Messages:
        """Patterns of its messages."""
        from poolviz.messages.pattern import Messages

        part = self._part("messages")
        return Messages() if part is None else part.MESSAGES

    @cached_property
    def names(self) -> SourceNames:
        """Names in its source code."""
        from poolviz.dialects.common.names import SourceNames

        part = self._part("names")
        return SourceNames() if part is None else part.NAMES

    @cached_property
    def variants(self) -> tuple[Variant, ...]:
        """Other ways to run its calls."""
        part = self._part("variants")
        return () if part is None else part.VARIANTS

    @cached_property
    def frames(self) -> Frames:
        """Calls of its models in a traceback."""
        from poolviz.dialects.common.frames import Frames

        parts = map(self._part, ("frames", "names"))  # in `names` where they are few
        found = (getattr(part, "FRAMES", None) for part in parts)
        return next((each for each in found if each is not None), Frames())

    def network_error(self, failure: Failure, channels_last: bool) -> str | None:
        """Error message when a layer of a network raises; None where it is not known."""
        return self._network_errors.text(failure, channels_last)

    @cached_property
    def _network_errors(self) -> NetworkErrors:
        from poolviz.dialects.common.network_errors import NetworkErrors

        part = self._part("network_errors")
        return NetworkErrors() if part is None else part.ERRORS

    def _part(self, name: str) -> ModuleType | None:
        path = f"{_PACKAGE}.{self.name}.{name}"
        # A caught ImportError would also hide one that is raised inside an existing part.
        return None if find_spec(path) is None else import_module(path)


class _Dialects(Mapping[str, Dialect]):
    """Name → dialect; all versions of a framework share one."""

    def __init__(self) -> None:
        self._all = {name: Dialect(name) for name in FRAMEWORK_NAMES}

    def __getitem__(self, name: str) -> Dialect:
        return self._all.get(name) or self._all[family(name)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


DIALECTS: Mapping[str, Dialect] = _Dialects()


def outermost_first() -> tuple[Dialect, ...]:
    """Return all dialects, a framework before those that it runs on."""
    return tuple(sorted(DIALECTS.values(), key=lambda dialect: not dialect.backends))


def trace_code(traced: Trace) -> str:
    """Write the layer of a call as a line of its framework's code."""
    if isinstance(traced, ConvTrace):
        return DIALECTS[traced.layer.framework].write.convolution(traced)
    return call_code(traced.layer, len(traced.axes))


def error_text(traced: Trace) -> str | None:
    """Message of the framework; None where it does not raise, or where it is not known."""
    if not isinstance(traced, ConvTrace):
        return traced.says()
    problem = traced.problem
    if traced.outcome != "raises" or problem is None:
        return None
    last = traced.framework.data_formats[0] == "channels_last"
    sizes = traced.input_size
    shape = (*sizes, traced.channels) if last else (traced.channels, *sizes)
    name = traced.layer.framework
    failure = Failure(0, (0,), traced.layer, None, shape, sizes, problem, name, last)
    return DIALECTS[name].network_error(failure, last)


def call_code(layer: PoolingLayer, ndim: int) -> str:
    """Write the layer as a line of its framework's code.

    >>> call_code(Pool(3, stride=2, padding=1), 2)
    'nn.MaxPool2d(3, stride=2, padding=1)'
    >>> call_code(Pool(3, padding="same", framework="keras"), 2)
    "layers.MaxPooling2D(3, padding='same')"
    """
    writer = DIALECTS[layer.framework].write
    if isinstance(layer, Pool):
        if layer.op == "lp" and not writer.has_lp:
            return ""
        return writer.pool(layer.with_axes(ndim))
    if isinstance(layer, GlobalPool):
        return writer.global_call(layer, ndim)
    return writer.layer(layer, ndim, 1)
