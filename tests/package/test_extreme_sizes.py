"""Extreme sizes and texts: computed by arithmetic, drawn in outline, never held in memory.

Memory is traced and work is counted, so that a slow machine makes no difference.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

import poolviz as pv
from poolviz.diagnosis.layer.conversion import convert
from poolviz.drawing.scene.overlays import OVERLAYS
from tests.support.work import counted

pytestmark = pytest.mark.long

BILLION = 10**9
MOST_MB = 60  # a picture of 1800 × 1800 pixels takes 13 of them
MOST_TIMES = 4  # the calls of what is small: a few numbers are written with more digits

# What is shown of a map with so many elements on a side.
SHOWN: dict[str, Callable[[int], Any]] = {
    "diagnosis": lambda n: str(pv.diagnose(pv.Pool(3, stride=5), (n, n))),
    "comparison": lambda n: [v.text for v in pv.compare(pv.trace(pv.Pool(3, padding=1), (n, n)))],
    "conversion": lambda n: [
        convert(pv.trace(pv.Pool(2, 2, padding="same", framework="keras"), (n, n)), name)
        for name in ("pytorch", "jax", "onnxruntime")
    ],
    "picture": lambda n: pv.draw(pv.Pool(3), (n, n)).png(),
    "picture of a volume": lambda n: pv.draw(pv.Pool(3, dilation=2), (n, n, n)).png(),
    "explorer": lambda n: pv.PoolExplorer((n, n), 3, stride=2, padding=1, show=OVERLAYS),
    "explorer of a volume": lambda n: pv.PoolExplorer((n, n, n), 2, op="avg", show=OVERLAYS),
    "explorer of a strip": lambda n: pv.PoolExplorer((n,), 3, stride=7, show=OVERLAYS),
    "enormous kernel": lambda n: pv.PoolExplorer((n, n), n - 1, stride=1, show=OVERLAYS),
    "enormous padding": lambda n: pv.PoolExplorer(
        10, 3, stride=1, padding=n, framework="jax", show=OVERLAYS
    ),
    "enormous dilation": lambda n: pv.PoolExplorer((n, n), 2, dilation=n // 2, stride=1),
    "one tap": lambda n: pv.PoolExplorer(9, 1, dilation=n, stride=n, show=OVERLAYS),
    "size map": lambda n: pv.SizeMap((n, n), 3),
    "frameworks": lambda n: pv.FrameworkComparison(
        (n, n), 1, stride=(3, 1), padding=[(2, 2), (8, 8)], op="avg", framework="jax"
    ),
    "stack": lambda n: pv.StackExplorer(
        pv.Stack([pv.Conv(8, 3), pv.Pool(2), pv.Pool(5, stride=3)], (n, n, 1), framework="keras")
    ),
    "message": lambda n: pv.ErrorDecoder(
        f"Given input size: (64x{n}x{n}). Calculated output size: (64x0x0). "
        "Output size is too small"
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_billion_elements_cost_what_a_thousand_cost(name: str) -> None:
    show = SHOWN[name]
    show(100_000)  # whatever is loaded and remembered is so now
    _, small = counted(show, 100_000)
    _, large = counted(show, BILLION)

    assert large <= MOST_TIMES * small


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("n", [BILLION, 10**18])
def test_nothing_enormous_is_held_in_memory(name: str, n: int) -> None:
    SHOWN[name](100_000)
    tracemalloc.start()
    try:
        SHOWN[name](n)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < MOST_MB * 2**20


def test_the_measure_would_see_it() -> None:
    """Work and memory that grow with the elements, a map of 9,000 × 9,000 as bytes."""
    _, few = counted(lambda n: [abs(i) for i in range(n)], 100)
    _, many = counted(lambda n: [abs(i) for i in range(n)], 10_000)
    tracemalloc.start()
    kept = bytes(9_000 * 9_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert many > MOST_TIMES * few
    assert peak > MOST_MB * 2**20
    assert len(kept) == 81_000_000


# --- texts ---------------------------------------------------------------------------------------

NASTY = {
    "brackets": "(",
    "pairs": "[1, 2], ",
    "digits": "9",
    "numbers": "1 x 2 x 3 ",
    "spaces": "Kernel size: ",
    "escapes": "\x1b[",
    "quotes": "'{{node ",
    "words": "Negative dimension size caused by subtracting ",
    "shapes": "input shapes: [?,1,28,28], ",
    "calls": "nn.MaxPool2d(2), ",
    "lines": "x = nn.Conv2d(1, 8, 3)(x)\n",
    "nested": "nn.Sequential(",
    "loops": "for i in range(9):\n x = x + 1\n",
    "classes": "class A(nn.Module):\n    def forward(self, x):\n        return self.a(x)\n",
    "lambdas": "lambda x: ",
    "strings": '"""',
}
READERS: dict[str, Callable[[str], Any]] = {
    "decode": pv.decode,
    "read_code": lambda text: _refused(lambda: pv.read_code(text, (1, 28, 28))),
    "check": lambda text: pv.exercise("size-plain").check(text),
    "explorer": lambda text: pv.PoolExplorer(4, 2).set_state(
        {"asked": {"settings": {"values": text}, "n": 1}}
    ),
}


def _refused(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except (TypeError, ValueError) as wrong:
        return wrong


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", NASTY)
def test_work_grows_with_the_length_of_a_text_only(reader: str, name: str) -> None:
    """10 KB and 40 KB: four times as much, and a little for what is done once."""
    read = READERS[reader]
    text = NASTY[name]
    read(text * (10_240 // len(text)))
    _, short = counted(read, text * (10_240 // len(text)))
    _, long = counted(read, text * (40_960 // len(text)))

    assert long <= 6 * short + 5_000
