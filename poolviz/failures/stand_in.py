"""A model that needs no framework, and fails as one would."""

from __future__ import annotations

from typing import Any

from poolviz.arithmetic.layers.network_layers import Layer
from poolviz.diagnosis.network.phrases import failure_outcome
from poolviz.diagnosis.network.stack import Stack
from poolviz.dialects.common.dialect import DIALECTS


class StandInError(ValueError):
    """Raised by a `StandIn`; `stack` is what failed."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack)
        self.stack = stack

    def __str__(self) -> str:
        failure = self.stack.first_failure
        if failure is None:
            return ""
        channels_last = self.stack.data_format == "channels_last"
        said = DIALECTS[self.stack.framework].network_error(failure.failure, channels_last)
        return said or failure_outcome(failure.failure)

    def _render_traceback_(self) -> list[str]:
        """Traceback that IPython shows: the message, not our lines."""
        return [f"{type(self).__name__}: {self}"]


class StandIn:
    """Layers that are called with a batch as a model of PyTorch is, without computing.

    Examples
    --------
    >>> import numpy as np
    >>> from poolviz import Conv, Pool
    >>> StandIn(Conv(8, 3), Pool(2))(np.zeros((4, 3, 30, 30)))
    (4, 8, 14, 14)
    """

    def __init__(self, *layers: Layer) -> None:
        self.layers = layers

    def __call__(self, batch: Any) -> tuple[int, ...]:
        """Return the shape of the result; raise StandInError where a layer fails."""
        stack = Stack(self.layers, batch.shape[1:])
        if stack.output_shape is None:
            raise StandInError(stack)
        return (batch.shape[0], *stack.output_shape)
