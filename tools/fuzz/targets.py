"""The targets that are fuzzed: one function each, from bytes to calls of poolviz.

A target may end as it likes, but only with what is documented: TypeError and ValueError (all
exceptions of poolviz are ValueErrors). Any other exception is a finding.
"""

from __future__ import annotations

import gzip
import json
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

import poolviz as pv
from poolviz.arithmetic.values import MOST_CELLS, as_input, cells_needed

from .given import ODD, Given

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTED = (TypeError, ValueError)
MOST_BYTES = 10 * 1024  # of one input
MOST_POOLED = 20_000  # cells


@dataclass(frozen=True)
class Target:
    """A function to fuzz, initial inputs, and the vocabulary for its texts."""

    name: str
    try_out: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]] = list
    words: tuple[str, ...] = ()
    weight: int = 1  # share of all runs; smaller where a run takes longer

    def run(self, data: bytes) -> None:
        """Run the target; only a finding raises an exception."""
        try:
            self.try_out(data)
        except Finding:
            raise
        except DOCUMENTED as wrong:
            say(wrong)


class Finding(Exception):  # noqa: N818  # not an error of the one who calls
    """A bug in poolviz that would look like a fault of the caller."""


@contextmanager
def certain() -> Iterator[None]:
    """Turn every exception into a finding: an object that was built can be used and shown."""
    try:
        yield
    except DOCUMENTED as wrong:
        raise Finding(f"{type(wrong).__name__}: {wrong}") from wrong


def say(*things: Any) -> None:
    """Check that all texts of objects can be written to a notebook."""
    with certain():
        for thing in things:
            str(thing), repr(thing)
            html = getattr(thing, "_repr_html_", None)
            if html is not None:
                html().encode("utf-8")


# --- layers and sizes ----------------------------------------------------------------------------


def layer(data: bytes) -> None:
    """Check `Pool`: it is frozen, equal to its repr and its pickle, and can be traced."""
    given = Given(data)
    made = pv.Pool(given.odd(given.sizes), **given.parameters())

    assert eval(repr(made), {"Pool": pv.Pool}) == made
    assert pickle.loads(pickle.dumps(made)) == made
    hash(made)
    traced = pv.trace(made, given.odd(given.sizes))
    with certain():
        say(traced, pv.diagnose(traced.layer, traced.input_size))


def output_size(data: bytes) -> None:
    """Check `output_size`: integers ≥ 0, one per axis, the same as in the trace."""
    given = Given(data)
    size, kernel, parameters = given.odd(given.sizes), given.odd(given.sizes), given.parameters()
    found = pv.output_size(size, kernel, **parameters)
    entries = found if isinstance(found, tuple) else (found,)

    assert all(type(entry) is int and entry >= 0 for entry in entries)
    with certain():
        returned = pv.trace(pv.Pool(kernel, **parameters), size).returned_size
    assert returned is not None
    assert entries in (returned, returned[:1])


def pool(data: bytes) -> None:
    """Check `pool`, `pool_indices` and `pool_gradient`: their shapes fit together.

    Padding makes few numbers many: up to 50 million cells are computed, which takes seconds. Here
    it is few, or too many.
    """
    given = Given(data)
    made = pv.Pool(given.sizes(), **given.parameters())
    x = given.odd(given.array)
    array, ndim = as_input(x, made)
    sizes = array.shape[array.ndim - ndim :]
    if MOST_POOLED < cells_needed(pv.trace(made, sizes)) <= MOST_CELLS:
        return
    values = pv.pool(x, made)
    with certain():
        gradient = pv.pool_gradient(x, made, np.ones(values.shape))
        assert gradient.shape == np.asarray(x).shape
        if made.op == "max":
            assert pv.pool_indices(x, made).shape == values.shape


def stack(data: bytes) -> None:
    """Check `Stack` with any layers in any order: it can be shown and repaired.

    Each number is at most 10¹⁰, because a stack rejects maps of more than 10¹⁰⁰ when it is shown.
    """
    given = Given(data, largest=10**10)
    ways: dict[str, Callable[[], Any]] = {
        "Pool": lambda: pv.Pool(given.sizes(), **given.parameters()),
        "Conv": lambda: pv.Conv(given.size(), given.sizes(), **_convolving(given)),
        "ConvTranspose": lambda: pv.ConvTranspose(given.size(), given.sizes()),
        "DepthwiseConv": lambda: pv.DepthwiseConv(given.sizes()),
        "AdaptivePool": lambda: pv.AdaptivePool(given.sizes()),
        "GlobalPool": pv.GlobalPool,
        "Flatten": pv.Flatten,
        "Linear": lambda: pv.Linear(given.size()),
        "ZeroPad": lambda: pv.ZeroPad(given.padding()),
        "Crop": lambda: pv.Crop(given.padding()),
        "Upsample": lambda: pv.Upsample(given.sizes()),
        "Reshape": lambda: pv.Reshape(given.sizes()),
        "odd": lambda: given.one_of(ODD),
    }
    layers = given.several(lambda: ways[given.one_of(tuple(ways))](), 6)
    shape = tuple(given.several(given.size, 4))
    framework = given.one_of(("pytorch", "tensorflow", "keras", "jax", "onnxruntime"))
    made = pv.Stack(layers, shape, framework=framework)
    with certain():
        say(made, made.diagnosis, *made.rows, *made.fixes, made.minimum_input_size)


def _convolving(given: Given) -> dict[str, Any]:
    found = given.parameters()
    return {name: found[name] for name in ("stride", "padding", "dilation") if name in found}


# --- texts ---------------------------------------------------------------------------------------


def decode(data: bytes) -> None:
    """Check `decode`: None, or a message that can be shown and drawn."""
    message = pv.decode(Given(data).text())
    if message is not None:
        with certain():
            say(message, message.diagnosis)
        assert len(message.message) <= 2_000


def read_code(data: bytes) -> None:
    """Check `read_code`: a stack that can be shown, with the input of the text or a given one."""
    given = Given(data)
    shape = given.one_of((None, None, (1, 28, 28), (3, 32, 32), (28, 28, 1), (80,), (16, 80)))
    if given.below(16) == 15:
        shape = given.odd(given.sizes)
    stack = pv.read_code(given.text(), shape)
    with certain():
        say(stack, stack.diagnosis, *stack.rows, *stack.fixes)


@lru_cache(maxsize=1)
def messages() -> list[bytes]:
    """Return recorded errors of the frameworks, each wording once."""
    table = ROOT / "tests" / "data" / "shapes.jsonl.gz"
    found: dict[str, bytes] = {}
    with gzip.open(table, "rt", encoding="utf-8") as lines:
        for line in lines:
            for text in _texts(json.loads(line)):
                form = "".join(sign for sign in text if not sign.isdigit())
                found.setdefault(form, text.encode())
    return list(found.values())


def _texts(entry: Any) -> Iterator[str]:
    """Yield the long texts in a record."""
    if isinstance(entry, str) and len(entry) > 40:
        yield entry
    for inner in entry.values() if isinstance(entry, dict) else ():
        yield from _texts(inner)
    for inner in entry if isinstance(entry, list) else ():
        yield from _texts(inner)


@lru_cache(maxsize=1)
def sources() -> list[bytes]:
    """Return models in PyTorch, Keras and Flax; two bytes before each choose the input."""
    folder = ROOT / "tests" / "code_samples"
    paths = sorted(path for path in folder.glob("*.py") if path.name != "conftest.py")
    texts = [path.read_bytes() for path in paths]
    return [
        b"\x00\x00" + text.replace(b"\r", b"")[: MOST_BYTES - 2] for text in [*texts, *_SNIPPETS]
    ]


_SNIPPETS = (
    b"nn.Sequential(nn.Conv2d(1, 8, 3), nn.MaxPool2d(30))",
    b"m = keras.Sequential([layers.Input((8, 8, 1)), layers.MaxPooling2D(2), layers.Flatten()])",
    b"x = F.max_pool2d(x, 2)\nx = x.view(-1, 320)\nx = self.fc(x)",
)

# --- exercises -----------------------------------------------------------------------------------


def answer(data: bytes) -> None:
    """Check `check`: any answer to any exercise gives feedback with a score, never an exception."""
    given = Given(data)
    names = pv.exercises()
    one = _exercise(given.one_of(names), given.below(4), given.one_of(("en", "de")))
    typed = given.answer()
    with certain():
        feedback = one.check(typed)

    say(feedback)
    assert feedback.text
    assert 0 <= feedback.score <= 1


_exercise = lru_cache(maxsize=128)(pv.exercise)


def answers() -> list[bytes]:
    """Return the right answer of each exercise as a text, and words that students add."""
    typed = [str(pv.exercise(name).answer) for name in pv.exercises()]
    loose = ["7 x 7", "(3, 3)", "none", "1-4, 9", "height 2, width 3", "7/6", "2,5", "seven", "b)"]
    return [
        bytes([i % len(pv.exercises()), 0, 0, 0]) + text.encode()[:400]
        for i, text in enumerate([*typed, *loose])
    ]


# --- a live widget -------------------------------------------------------------------------------


def widget(data: bytes) -> None:
    """Check that a PoolExplorer handles anything that a broken or hostile browser could send."""
    given = Given(data)
    explorer = _explorer()
    told = explorer.state["settings"]
    settings = {
        name: given.odd(lambda value=value: given.sizes() if given.below(2) else value)
        for name, value in told.items()
    }
    choices: tuple[Any, ...] = (
        {"settings": settings},
        {"settings": {**told, "values": given.text()}},
        {"action": {"name": given.one_of(("fix", "axes", "example", "x")), "value": given.size()}},
        {"action": given.one_of(ODD)},
        {"settings": given.one_of(ODD)},
    )
    before = explorer.state["seq"]
    asked = json.loads(json.dumps({**given.one_of(choices), "n": before}))  # or no browser sends it
    explorer.set_state({"asked": asked})
    explorer.set_state({"screen": {"theme": given.odd(lambda: "dark"), "width": given.size()}})

    assert explorer.state["seq"] > before
    assert "bug in poolviz" not in explorer.state["problem"], explorer.state["problem"]


@lru_cache(maxsize=1)
def _explorer() -> Any:
    return pv.PoolExplorer(6, 3)


# --- all of them ---------------------------------------------------------------------------------

_WORDS = (
    *("Negative dimension size caused by subtracting ", "Calculated output size: ", "ksize=[1, 2"),
    *("Output size is too small", "input shapes: [?,1,28,28]", "'{{node ", "Given input size: ("),
    *(
        "padding=",
        "pad should be at most half",
        "Kernel size can't be greater",
        "MaxPool",
        "[None ",
    ),
    *("Computed output size would be zero or negative", "kernel_shape", "subtracting 2 from 1"),
)
_CODE = (
    *("nn.Sequential(", "nn.Conv2d(", "nn.MaxPool2d(", "nn.Linear(", "x.view(", "def forward(self"),
    *("class Net(nn.Module):\n", "    ", "self.", "super().__init__()", "layers.", "Input(shape=("),
    *("for i in range(", "lambda x: ", "*args", "**kw", "torch.flatten(x, 1)", "F.relu(", " = "),
    *("keras.Sequential([", "padding='same'", "strides=2", "return x", "import ", "[i for i in "),
)

TARGETS = {
    target.name: target
    for target in (
        Target("layer", layer, weight=180),
        Target("output_size", output_size, weight=250),
        Target("pool", pool, weight=100),
        Target("stack", stack, weight=20),
        Target("decode", decode, messages, _WORDS, weight=420),
        Target("read_code", read_code, sources, _CODE, weight=10),
        Target("answer", answer, answers, weight=18),
        Target("widget", widget, weight=2),
    )
}
