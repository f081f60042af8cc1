"""Nothing of a text is run, and whatever it is, reading it ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import poolviz as pv
from tests.reading.source.code_texts import MODEL, RUNS, text_of
from tests.support.work import counted

HOSTILE = {
    "system": "__import__('os').system('touch {path}')",
    "open": "open('{path}', 'w')",
    "exec": "exec(\"open('{path}', 'w')\")",
    "eval": "eval(\"open('{path}', 'w')\")",
    "classes": "().__class__.__base__.__subclasses__()[40]('{path}', 'w')",
    "pathlib": "import pathlib\npathlib.Path('{path}').touch()",
    "default": "def f(x=open('{path}', 'w')): pass\nf()",
    "decorator": "@open('{path}', 'w')\ndef f(): pass",
    "getattr": "getattr(__builtins__, 'open')('{path}', 'w')",
    "format": "'{{0.__class__}}'.format(open('{path}', 'w'))",
}


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_is_run(line: str, tmp_path: Path) -> None:
    target = tmp_path / "made"
    stack = pv.read_code(f"{line.format(path=target)}\n{MODEL}", (1, 10, 10))

    assert stack.output_shape == (4, 4, 4)
    assert not target.exists()


MUCH_WORK = 1_000_000  # calls; the interpreter gives up long before
HEAVY = {
    "power": "n = 9 ** 9 ** 9",
    "shift": "n = 1 << 10 ** 12",
    "list": "n = [0] * 10 ** 12",
    "text": "n = 'a' * 10 ** 12",
    "formatted": "n = '%1000000000d' % 1",
    "padded": "n = f'{1:1000000000d}'",
    "range": "n = list(range(10 ** 15))",
    "doubled": "n = [1]\nfor _ in range(60):\n    n = n + n",
    "extended": "n = [1]\nfor _ in range(60):\n    n.extend(n)",
    "added": "n = [1]\nfor _ in range(60):\n    n += n",
    "round": "n = round(5, -10 ** 15)",
    "product": "import itertools\nn = list(itertools.product(*[range(99)] * 9))",
    "recursion": "def f(n):\n    return f(n)\n",
    "itself": "n = []\nn.append(n)\nm = sum(n)\nprint(n)",
    "infinite": "n = int(1e999)\nm = 2 ** 1e999",
    "digits": "n = int('9' * 5000)",
}


@pytest.mark.parametrize("line", HEAVY.values(), ids=HEAVY.keys())
def test_heavy_lines_are_given_up(line: str) -> None:
    stack, calls = counted(lambda: pv.read_code(f"{line}\n{MODEL}", (1, 10, 10)))

    assert stack.output_shape == (4, 4, 4)
    assert calls < MUCH_WORK


def outcome(text: str, input_shape: tuple[int, ...] | None = None) -> pv.Stack | ValueError:
    """The stack, or the error that says why there is none."""
    try:
        return pv.read_code(text, input_shape)
    except ValueError as wrong:
        return wrong


CODE = """
model = nn.Sequential( ) Conv2d MaxPool2d 3 , x self . forward def class : [ ] for in range if
return F.relu keras.layers.Dense Input ** lambda * import torch 'a' {} None ! > >>> @ += while
torch.randn(1,3,8,8) ``` True
"""
WORDS_OF_CODE = st.sampled_from([*CODE.split(), "\n", "\n    ", "    "])


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.one_of(st.text(max_size=200), st.lists(WORDS_OF_CODE, max_size=40).map(" ".join)))
def test_any_text_gives_a_stack_or_a_clear_error(text: str) -> None:
    assert str(outcome(text, (3, 8, 8)))


@pytest.mark.long
@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_a_model_with_lines_missing_raises_nothing_else(data: st.DataObject) -> None:
    lines = text_of(data.draw(st.sampled_from(sorted(RUNS)))).split("\n")
    dropped = data.draw(st.sets(st.integers(0, len(lines) - 1), max_size=4))
    kept = [line for place, line in enumerate(lines) if place not in dropped]
    assert str(outcome("\n".join(kept)))


def test_twice_the_model_is_twice_the_work() -> None:
    half, whole = (counted(_rows_of_long_model, blocks) for blocks in (150, 300))

    assert whole[0] == 2 * half[0] == 600
    assert whole[1] <= 2.2 * half[1]


def _rows_of_long_model(blocks: int) -> int:
    block = (
        "model.add(keras.layers.Conv2D(32, (3, 3), padding='same', activation='relu'))\n"
        "model.add(keras.layers.BatchNormalization())\n"
    )
    head = "model = keras.Sequential()\nmodel.add(keras.Input((64, 64, 3)))\n"
    return len(pv.read_code(head + block * blocks).rows)
