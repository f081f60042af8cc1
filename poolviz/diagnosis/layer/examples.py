"""Named calls: the three examples that the project began with, and the most common mistakes."""

from __future__ import annotations

from dataclasses import dataclass

from poolviz.arithmetic.layers.conv import Conv, Convolution, ConvTranspose
from poolviz.arithmetic.layers.pool import Pool
from poolviz.i18n.catalogue import say


@dataclass(frozen=True, slots=True)
class Example:
    """A layer on an input; its title says what to look at."""

    name: str
    layer: Pool | Convolution
    input_size: tuple[int, ...]

    @property
    def title(self) -> str:
        """A few words on what to look at."""
        return say(f"example.{self.name}")


_EXAMPLES = (
    Example("textbook-1", Pool(15, framework="keras"), (10, 10)),
    Example("textbook-2", Pool(3, stride=5, framework="keras"), (10, 10)),
    Example("textbook-3", Pool(3, stride=2, padding="same", framework="keras"), (11, 11)),
    Example("plain", Pool(3, 2, 1), (6, 7)),
    Example("one-axis", Pool((5, 3), stride=2), (4, 6)),
    Example("two-from-one", Pool(2, framework="tensorflow"), (1, 28)),
    Example("dilation", Pool(3, stride=1, dilation=4), (7, 7)),
    Example("padding-limit", Pool(3, stride=2, padding=2), (7, 7)),
    Example("no-padding-numbers", Pool(2, padding=1, framework="keras"), (6, 6)),
    Example("uneven-same", Pool(3, stride=2, padding="same", framework="keras"), (10, 10)),
    Example("average", Pool(3, stride=2, padding=1, op="avg"), (7, 7)),
    Example("silent-empty", Pool(4, 4, framework="jax"), (3, 8)),
    Example("truncated", Pool(4, 4, framework="onnxruntime"), (3, 8)),
    Example("strip", Pool((3,), (2,)), (12,)),
    Example("volume", Pool((2, 3, 3), (2, 2, 2)), (4, 7, 7)),
)
_CONVOLUTIONS = (
    Example("conv-plain", Conv(1, 3), (6, 6)),
    Example("conv-shrinks", Conv(1, 7), (5, 9)),
    Example("conv-strided-same", Conv(1, 3, stride=2, padding="same"), (8, 8)),
    Example("conv-keras-numbers", Conv(1, 3, padding=1, framework="keras"), (6, 6)),
    Example("conv-causal", Conv(1, (3,), padding="causal", framework="keras"), (10,)),
    Example("conv-groups", Conv(4, 3, groups=2, in_channels=4), (6, 6)),
    Example("conv-silent-empty", Conv(1, 5, framework="jax"), (3, 8)),
    Example(
        "transposed-doubles", ConvTranspose(1, 3, stride=2, padding=1, output_padding=1), (4, 4)
    ),
    Example("transposed-negative", ConvTranspose(1, 2, padding=3), (4, 4)),
    Example(
        "transposed-output-padding",
        ConvTranspose(1, 3, stride=2, padding=1, output_padding=2),
        (4, 4),
    ),
)
EXAMPLES: dict[str, Example] = {example.name: example for example in _EXAMPLES}
CONVOLUTIONS: dict[str, Example] = {example.name: example for example in _CONVOLUTIONS}
