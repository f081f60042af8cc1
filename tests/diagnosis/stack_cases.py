"""Networks for the tests of stacks, and the recorded runs of architectures."""

from __future__ import annotations

import gzip
import json
from html.parser import HTMLParser
from typing import Any, NamedTuple

from hypothesis import Phase, settings
from hypothesis import strategies as st

from poolviz.arithmetic.layers import network_layers as operations
from poolviz.arithmetic.layers.network_layers import (
    Concatenate,
    Conv,
    ConvTranspose,
    Same,
)
from poolviz.arithmetic.layers.pool import Pool
from poolviz.diagnosis.network.stack import Stack
from tests.support.recordings import COMPACT_FOLDER

FRAMEWORKS = ("pytorch", "tensorflow", "keras", "jax", "onnxruntime")


quick = settings(
    derandomize=True, deadline=None, phases=[Phase.explicit, Phase.generate, Phase.shrink]
)


few = settings(quick, max_examples=40)


many = settings(quick, max_examples=200)


# --- recorded architectures ----------------------------------------------------------------------


class Recorded(NamedTuple):
    """One run of one architecture, in poolviz and in the framework."""

    id: str
    stack: Stack
    run: dict[str, Any]


def _as_tuple(value: Any) -> Any:
    return tuple(map(_as_tuple, value)) if isinstance(value, list) else value


def layer_of(entry: dict[str, Any]) -> Any:
    """A poolviz layer from its neutral description."""
    skipped = ("op", "op_name", "branches")
    arguments = {name: _as_tuple(value) for name, value in entry.items() if name not in skipped}
    if "op_name" in entry:
        arguments["op"] = entry["op_name"]
    if "branches" in entry:
        arguments["branches"] = tuple(tuple(map(layer_of, b)) for b in entry["branches"])
    kind = Pool if entry["op"] == "Pool" else getattr(operations, entry["op"])
    return kind(**arguments)


def _recorded() -> list[Recorded]:
    runs = []
    for each in _CONTENT["architectures"]:
        layers = tuple(map(layer_of, each["layers"]))
        for run in each["runs"]:
            name = f"{each['name']}-{'x'.join(map(str, run['input_shape']))}"
            stack = Stack(layers, run["input_shape"], each["data_format"], each["framework"])
            runs.append(Recorded(name, stack, run))
    return runs


_CONTENT = json.loads(gzip.decompress((COMPACT_FOLDER / "architectures.json.gz").read_bytes()))


RUNS = _recorded()


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


# --- deep stacks and channel order, as they were recorded ----------------------------------------


def vgg16_like(size: int, padding: Any = 0) -> Stack:
    """Five blocks of convolutions, a sixteenth of VGG16's channels."""
    layers: list[Any] = []
    for block, (times, channels) in enumerate([(2, 4), (2, 8), (3, 16), (3, 32), (3, 32)], 1):
        for i in range(1, times + 1):
            layers.append(Conv(channels, 3, padding="same", name=f"block{block}_conv{i}"))
        layers.append((f"block{block}_pool", Pool(2, 2, padding)))
    return Stack(layers, (size, size, 3), "channels_last", "keras")


# --- windows on any size, as fast as it gets -----------------------------------------------------


@st.composite
def pools(draw: st.DrawFn) -> Pool:
    ndim = draw(st.integers(1, 3))
    pads = st.tuples(*[st.tuples(st.integers(0, 3), st.integers(0, 3))] * ndim)
    return Pool(
        draw(st.tuples(*[st.integers(1, 7)] * ndim)),
        draw(st.none() | st.tuples(*[st.integers(1, 5)] * ndim)),
        draw(st.sampled_from([0, 1, "valid", "same", "same_lower"]) | pads),
        draw(st.sampled_from([1, 1, 2, 3])),
        draw(st.booleans()),
        draw(st.sampled_from(["max", "avg"])),
        framework=draw(st.sampled_from(FRAMEWORKS)),
    )


# --- the smallest input --------------------------------------------------------------------------


@st.composite
def stacks(draw: st.DrawFn, with_branches: bool = True) -> Stack:
    """Small stacks of layers that a framework takes, on small inputs."""
    framework = draw(st.sampled_from(["pytorch", "keras", "jax"]))
    padding = st.sampled_from([0, "same"] if framework != "pytorch" else [0, 1])
    sides = st.tuples(st.integers(1, 4), st.integers(1, 4))
    pool = st.builds(
        lambda k, s, p: Pool(k, s, min(p, min(k) // 2) if isinstance(p, int) else p),
        sides,
        st.none() | st.integers(1, 3),
        padding,
    )
    conv = st.builds(
        lambda k, s, p: Conv(4, k, stride=s, padding=p), sides, st.integers(1, 2), padding
    )
    plain: st.SearchStrategy[Any] = pool | conv | st.just(Same("ReLU"))
    layers = draw(st.lists(plain, min_size=1, max_size=6))
    if with_branches and draw(st.booleans()):
        factor = draw(st.integers(2, 3))
        way = (Pool(factor), Conv(4, 3, padding=1 if framework == "pytorch" else "same"))
        layers.append(Concatenate(((), (*way, ConvTranspose(4, factor, stride=factor)))))
    sizes = draw(st.tuples(st.integers(1, 24), st.integers(1, 24)))
    shape = (3, *sizes) if framework == "pytorch" else (*sizes, 3)
    return Stack(layers, shape, framework=framework)
