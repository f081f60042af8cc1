"""Error messages of the layers of a network, word for word, for batch 1.

None stands for a text that is not known word for word, because the framework generates names in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from poolviz.arithmetic.layers.network_layers import AxisMap, Combine
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.failures import FailureKind
from poolviz.arithmetic.network.forward import Failure
from poolviz.arithmetic.open_size import has_open

# Takes a failure, and whether the channels are last.
Text: TypeAlias = Callable[[Failure, bool], str | None]


def pooling_text(failure: Failure, channels_last: bool) -> str | None:
    """Error message of the pooling layer alone."""
    traced = failure.problem.trace
    assert traced is not None
    return traced.says(failure.input_shape[-1 if channels_last else 0])


@dataclass(frozen=True)
class NetworkErrors:
    """Error messages of one framework, by the kind of failure, and that of a pooling layer."""

    texts: Mapping[FailureKind, Text] = field(default_factory=dict)
    pooling: Text = pooling_text

    def text(self, failure: Failure, channels_last: bool) -> str | None:
        """Error message of a failure; None where it is not known."""
        # These two stand for many functions, and keep sizes only: too little to write a text.
        if failure.problem.is_silent or isinstance(failure.layer, AxisMap | Combine):
            return None
        if has_open(failure.input_shape) or any(map(has_open, failure.problem.shapes)):
            return None
        if isinstance(failure.layer, Pool) and failure.problem.trace is not None:
            return self.pooling(failure, channels_last)
        write = self.texts.get(failure.problem.kind)
        return None if write is None else write(failure, channels_last)
