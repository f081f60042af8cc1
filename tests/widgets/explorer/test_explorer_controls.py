"""Controls of PoolExplorer without a browser: their requests, typed numbers, fixes."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
import pytest

import poolviz as pv
from poolviz.diagnosis.layer.examples import EXAMPLES
from poolviz.widgets.explorer import widget as explorer_module
from tests.widgets.explorer.explorer_controls import BROKEN, act, ask, numbers

# --- controls ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"kernel_size": [2, 5]}, {"kernel_size": (2, 5)}),
        ({"stride": [2, 2]}, {"stride": (2, 2)}),
        ({"stride": [1, 4]}, {"stride": (1, 4)}),
        ({"dilation": [2, 3]}, {"dilation": (2, 3)}),
        ({"padding": [[1, 1], [1, 1]]}, {"padding": (1, 1)}),
        ({"padding": [[1, 1], [0, 0]]}, {"padding": (1, 0)}),
        ({"padding": [[0, 1], [0, 0]]}, {"padding": ((0, 1), (0, 0))}),
        ({"padding": "valid"}, {"padding": "valid"}),
        ({"padding": "same"}, {"padding": "same"}),
        ({"padding": "same_lower"}, {"padding": "same_lower"}),
        ({"ceil_mode": True}, {"ceil_mode": True}),
        ({"op": "avg"}, {"op": "avg"}),
        (
            {"op": "avg", "count_include_pad": True},
            {"op": "avg", "count_include_pad": True},
        ),
        (
            {"op": "avg", "count_include_pad": False},
            {"op": "avg", "count_include_pad": False},
        ),
        ({"op": "max", "count_include_pad": True}, {"count_include_pad": None}),
        ({"framework": "pytorch"}, {}),
        ({"framework": "tensorflow"}, {"framework": "tensorflow"}),
        ({"framework": "keras"}, {"framework": "keras"}),
        ({"framework": "jax"}, {"framework": "jax"}),
        ({"framework": "onnxruntime"}, {"framework": "onnxruntime"}),
    ],
    ids=str,
)
def test_each_control_sets_its_parameter_and_no_other(
    changes: dict[str, Any], expected: dict[str, Any]
) -> None:
    names = ("kernel_size", "stride", "dilation", "ceil_mode", "op", "count_include_pad")
    w = pv.PoolExplorer((9, 11), 3)
    before = {name: getattr(w.layer, name) for name in (*names, "framework")}
    ask(w, **changes)
    padding = {"padding": (0, 0)} if "padding" not in expected else {}
    actual = {name: getattr(w.layer, name) for name in (*before, "padding")}

    assert {**before, **padding, **expected} == actual
    assert w.input_size == (9, 11)
    assert w.state["problem"] == ""
    for name in changes.keys() - {"count_include_pad"}:
        assert changes[name] == w.state["settings"][name]
    assert pv.diagnose(w.layer, w.input_size).headline == w.diagnosis.headline


def test_stride_goes_back_to_the_default() -> None:
    w = pv.PoolExplorer(9, 3, stride=1)
    ask(w, stride=None)

    assert w.layer.stride is None
    assert w.state["settings"]["stride"] is None
    assert w.trace.axes[0].stride == 3


def test_input_size_control() -> None:
    w = pv.PoolExplorer(9, 3)
    ask(w, input_size=[4, 17])

    assert w.input_size == (4, 17)
    assert w.input is not None
    assert w.input.shape == (4, 17)


def test_seed_control() -> None:
    w = pv.PoolExplorer(9, 3)
    before = w.input
    ask(w, seed=1)

    assert before is not None
    assert w.input is not None
    assert (before != w.input).any()
    assert w.state["settings"]["seed"] == 1


def test_slice_control() -> None:
    w = pv.PoolExplorer((4, 6, 6), 2)
    first = w.picture
    ask(w, slice=3)

    assert first != w.picture
    assert w.state["geometry"]["depth"]["slice"] == 3
    assert w.state["geometry"]["depth"]["output"] == 1
    ask(w, slice=99)

    assert w.state["problem"] == ""
    assert w.state["geometry"]["depth"]["slice"] == 3


@pytest.mark.parametrize("ndim", [1, 2, 3])
@pytest.mark.parametrize("start", [1, 2, 3])
@pytest.mark.parametrize("padding", [1, "same", "pairs"])
def test_axes_control(start: int, ndim: int, padding: Any) -> None:
    pairs = ((0, 1),) * start if padding == "pairs" else padding
    w = pv.PoolExplorer((8,) * start, 3, stride=2, padding=pairs, framework="jax")
    act(w, "axes", ndim)

    assert w.state["problem"] == ""
    assert (8,) * ndim == w.input_size
    assert w.layer.ndim == ndim
    assert w.layer.stride == (2,) * ndim
    assert len(w.state["settings"]["axes"]) == ndim
    expected = {1: (1,) * ndim, "same": "same", "pairs": ((0, 1),) * ndim}
    assert expected[padding] == w.layer.padding


@pytest.mark.parametrize(
    ("changes", "input_size"),
    [
        ({"kernel_size": [15, 15]}, (10, 10)),
        ({"kernel_size": [10**9, 10**9]}, (10, 10)),
        ({"kernel_size": [10**9, 1]}, (10, 10)),
        ({"stride": [1000, 1000]}, (10, 10)),
        ({"stride": [10**9, 1]}, (10, 10)),
        ({"dilation": [50, 50]}, (10, 10)),
        ({"dilation": [10**9, 10**9]}, (10, 10)),
        ({"padding": [[2, 2], [2, 2]]}, (10, 10)),
        ({"padding": [[100, 100], [100, 100]]}, (10, 10)),
        ({"padding": [[0, 100], [3, 0]]}, (10, 10)),
        ({"input_size": [0, 0]}, (0, 0)),
        ({"input_size": [0, 10]}, (0, 10)),
        ({"input_size": [1, 1]}, (1, 1)),
        ({"input_size": [1000, 1000]}, (1000, 1000)),
        ({"input_size": [10**9, 10**9]}, (10**9, 10**9)),
        ({"input_size": [1, 10**6]}, (1, 10**6)),
        ({"input_size": [10**9, 10**9], "kernel_size": [10**9, 10**9]}, (10**9, 10**9)),
    ],
    ids=str,
)
@pytest.mark.parametrize("framework", ["pytorch", "onnxruntime"])
def test_nothing_is_clamped(
    changes: dict[str, Any], input_size: tuple[int, ...], framework: str
) -> None:
    """Whatever is requested becomes the state: the controls know no legal region."""
    w = pv.PoolExplorer(10, 3, framework=framework)
    ask(w, **changes)

    assert w.state["problem"] == ""
    assert changes == {name: w.state["settings"][name] for name in changes}
    assert input_size == w.input_size
    assert w.state["subtitle"]
    assert len(w.picture) > 1000


def test_a_huge_number_from_python_is_drawn_too() -> None:
    """10³⁰ is not a 64-bit number, but it is an int."""
    w = pv.PoolExplorer(10, 10**30)

    assert w.trace.outcome == "raises"
    assert w.layer.kernel_size == (10**30, 10**30)


@pytest.mark.parametrize("name", ["kernel_size", "stride", "dilation", "input_size"])
def test_digits_too_many_for_a_javascript_number_come_as_text(name: str) -> None:
    """viewer.js sends more than 15 digits as they were typed; they are a whole number still."""
    number = 10**18
    w = pv.PoolExplorer(10, 3)
    ask(w, **{name: [str(number), str(number)]})

    assert w.state["problem"] == ""
    assert [number, number] == numbers(w.state["settings"][name])
    ask(w, ceil_mode=True)  # the request is sent back

    assert w.state["problem"] == ""
    assert [number, number] == numbers(w.state["settings"][name])


@pytest.mark.parametrize(
    "changes",
    [
        {"input_size": [10**30, 10**30]},
        {"kernel_size": [10**30, 10**30]},
        {"stride": [10**30, 10**30]},
        {"dilation": [10**30, 10**30]},
        {"padding": [[10**30, 10**30], [10**30, 10**30]]},
    ],
    ids=str,
)
def test_numbers_beyond_any_machine_are_shown_or_refused_by_name(changes: dict[str, Any]) -> None:
    """Either they become the state, or the error names the argument: no bug in poolviz."""
    w = pv.PoolExplorer(10, 3)
    before = w.spec
    ask(w, **changes)
    (name,) = changes
    is_shown = numbers(w.state["settings"][name]) == changes[name] and w.state["problem"] == ""

    assert is_shown or (name in w.state["problem"] and before is w.spec)
    assert "fault" not in w.state["problem"]


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_example_opens(name: str) -> None:
    w = pv.PoolExplorer(10, 3)
    act(w, "example", name)
    example = EXAMPLES[name]
    expected = pv.trace(example.layer, example.input_size)

    assert w.state["problem"] == ""
    assert expected.formula == w.trace.formula
    assert expected.outcome == w.trace.outcome
    assert [name, example.title] in w.state["examples"]


def test_examples_open_whatever_was_shown_before() -> None:
    """Also one after the other, and from values typed by hand."""
    w = pv.PoolExplorer(input=[[1, 2], [3, 4]], kernel_size=2)
    for name in sorted(EXAMPLES, reverse=True):
        act(w, "example", name)

        assert w.input_size == EXAMPLES[name].input_size


# --- numbers typed by hand -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 2\n3 4", [[1, 2], [3, 4]]),
        ("1, 2\n\n3,4\n", [[1, 2], [3, 4]]),
        ("7", [[7]]),
        ("-1.5e3 +2", [[-1500, 2]]),
        ("−3 4", [[-3, 4]]),
        ("nan inf\n-inf 1", [[np.nan, np.inf], [-np.inf, 1]]),
        ("∞ −∞", [[np.inf, -np.inf]]),
        ("nan", [[np.nan]]),
        ("1e308 -1e308", [[1e308, -1e308]]),
        ("\t1\t2 \r\n3 4", [[1, 2], [3, 4]]),
    ],
    ids=repr,
)
@pytest.mark.parametrize("op", ["max", "avg"])
def test_typed_numbers_become_the_input(text: str, expected: Any, op: str) -> None:
    w = pv.PoolExplorer(3, 1, op=op)
    ask(w, values=text)

    assert w.state["problem"] == ""
    assert w.input is not None
    np.testing.assert_array_equal(np.array(expected, dtype=float), w.input)
    assert w.input.shape == w.input_size
    assert json.dumps(w.state, allow_nan=False)


def test_typed_numbers_of_a_sequence_and_a_volume() -> None:
    strip = pv.PoolExplorer((3,), 2)
    ask(strip, values="1 2 3 4\n5 6 7 8")

    assert strip.input is not None
    np.testing.assert_array_equal(np.arange(1, 9), strip.input)
    volume = pv.PoolExplorer((2, 2, 2), 2)
    ask(volume, values="1 2 3\n4 5 6\n7 8 9\n10 11 12")

    assert volume.input is not None
    np.testing.assert_array_equal(np.arange(1, 13).reshape(2, 2, 3), volume.input)


def test_the_offered_text_reads_back_as_the_same_numbers() -> None:
    """The text area holds what is shown: using it unchanged changes nothing."""
    for size in ((5,), (4, 6), (2, 3, 4)):
        w = pv.PoolExplorer(size, 2)
        before = w.input
        ask(w, values=w.state["valuesText"])

        assert w.input is not None
        np.testing.assert_array_equal(before, w.input)


def test_offered_text_keeps_every_digit() -> None:
    """The user's numbers are not rounded by opening the editor."""
    mine = np.array([[1 / 3, 1234567.25], [1e-20, -0.1]])
    w = pv.PoolExplorer(input=mine, kernel_size=2)
    ask(w, values=w.state["valuesText"])

    assert w.input is not None
    np.testing.assert_array_equal(mine, w.input)


def test_typed_numbers_stay_while_they_fit() -> None:
    w = pv.PoolExplorer(3, 1)
    ask(w, values="1 2\n3 4")
    ask(w, kernel_size=[2, 2])

    assert w.input is not None
    assert w.input.tolist() == [[1, 2], [3, 4]]
    ask(w, seed=1)

    assert w.input is not None
    assert w.input.tolist() != [[1, 2], [3, 4]]


def test_large_inputs_offer_no_text() -> None:
    assert pv.PoolExplorer(65, 3).state["valuesText"] is None
    assert pv.PoolExplorer(0, 3).state["valuesText"] is None
    assert pv.PoolExplorer(64, 3).state["valuesText"] is not None


# --- fixes ---------------------------------------------------------------------------------------


def promises(w: pv.PoolExplorer) -> list[int]:
    """The fixes that have a button."""
    return [i for i, fix in enumerate(w.state["fixes"]) if fix["applies"]]


def check_every_fix(layer: pv.Pool, sizes: tuple[int, ...]) -> int:
    """Presses each button on the broken layer; how many there were."""
    w = pv.PoolExplorer(sizes, layer=layer)
    buttons = promises(w)
    for index in buttons:
        w.layer, w.input_size = layer.with_axes(len(sizes)), sizes
        fix, button = w.diagnosis.fixes[index], w.state["fixes"][index]
        act(w, "fix", index)

        assert w.state["problem"] == "", (layer, sizes, fix.text)
        assert (fix.layer, fix.input_size) == (w.layer, w.input_size)
        assert fix.output_size == w.trace.returned_size
        assert w.diagnosis.ok
        assert w.state["fixes"] == []
        assert f"→ {button['gives']}.  " in w.state["subtitle"]
        assert w.state["geometry"]["output"] is not None
    return len(buttons)


@pytest.mark.long
@pytest.mark.parametrize(("layer", "sizes"), BROKEN, ids=str)
def test_every_fix_does_what_its_button_says(layer: pv.Pool, sizes: tuple[int, ...]) -> None:
    assert check_every_fix(layer, sizes) > 0


def random_layer(rng: random.Random) -> tuple[pv.Pool, tuple[int, ...]]:
    """Any layer on any small input, more often broken than not."""
    ndim = rng.choice((1, 2, 2, 2, 3))
    padding = rng.choice((0, 0, 1, 2, 4, "same", "same_lower", "valid", "pairs"))
    if padding == "pairs":
        padding = tuple((rng.randint(0, 2), rng.randint(0, 2)) for _ in range(ndim))
    layer = pv.Pool(
        kernel_size=tuple(rng.randint(1, 9) for _ in range(ndim)),
        stride=rng.choice((None, 1, 2, 5)),
        padding=padding,
        dilation=rng.choice((1, 1, 1, 2, 4)),
        ceil_mode=rng.random() < 0.2,
        op=rng.choice(("max", "avg")),
        framework=rng.choice(sorted(pv.FRAMEWORKS)),
    )
    return layer, tuple(rng.randint(0, 9) for _ in range(ndim))


@pytest.mark.long
def test_fixes_of_random_broken_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorer_module, "PngRenderer", lambda: lambda *_: b"")
    rng = random.Random(7)
    pressed = 0
    for _ in range(60):
        layer, sizes = random_layer(rng)
        if not pv.diagnose(layer, sizes).ok:
            pressed += check_every_fix(layer, sizes)

    assert pressed > 100
