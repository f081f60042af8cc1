"""The line of code of a fix is valid Python and describes the same layer."""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import partial
from typing import Any, Literal, NamedTuple

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import poolviz as pv
from poolviz.dialects.common.dialect import call_code

FRAMEWORKS = ("pytorch", "tensorflow", "keras", "jax", "onnxruntime")

many = settings(
    derandomize=True,
    deadline=None,
    max_examples=80,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)

GOLDEN = [
    (pv.Pool(2), 2, "nn.MaxPool2d(2)"),
    (pv.Pool(3, stride=2, padding=1), 2, "nn.MaxPool2d(3, stride=2, padding=1)"),
    (pv.Pool((3, 5), stride=(1, 2)), 2, "nn.MaxPool2d((3, 5), stride=(1, 2))"),
    (pv.Pool((3, 3), padding=(1, 0)), 2, "nn.MaxPool2d(3, padding=(1, 0))"),
    (pv.Pool(4, op="avg"), 1, "nn.AvgPool1d(4)"),
    (
        pv.Pool(3, 2, 1, ceil_mode=True, op="avg", count_include_pad=False),
        3,
        "nn.AvgPool3d(3, stride=2, padding=1, ceil_mode=True, count_include_pad=False)",
    ),
    (pv.Pool(3, dilation=(1, 2)), 2, "nn.MaxPool2d(3, dilation=(1, 2))"),
    (pv.Pool(3, padding="same"), 2, "nn.MaxPool2d(3, padding='same')"),
    (pv.Pool(3, padding=((0, 1), (0, 1))), 2, "nn.MaxPool2d(3, padding=[(0, 1), (0, 1)])"),
    (pv.Pool(15, framework="keras"), 2, "layers.MaxPooling2D(15)"),
    (
        pv.Pool(3, stride=2, padding="same", framework="keras"),
        2,
        "layers.MaxPooling2D(3, strides=2, padding='same')",
    ),
    (
        pv.Pool((2, 3), stride=(1, 2), op="avg", framework="keras"),
        2,
        "layers.AveragePooling2D((2, 3), strides=(1, 2))",
    ),
    (pv.Pool(4, framework="keras"), 1, "layers.MaxPooling1D(4)"),
    (
        pv.Pool(3, framework="tensorflow"),
        2,
        "tf.nn.max_pool2d(x, ksize=3, strides=3, padding='VALID')",
    ),
    (
        pv.Pool(3, stride=2, padding="same", op="avg", framework="tensorflow"),
        3,
        "tf.nn.avg_pool3d(x, ksize=3, strides=2, padding='SAME')",
    ),
    (
        pv.Pool(3, stride=1, padding=(1, 2), framework="tensorflow"),
        2,
        "tf.nn.max_pool2d(x, ksize=3, strides=1, padding=[[0, 0], [1, 1], [2, 2], [0, 0]])",
    ),
    (pv.Pool(3, framework="jax"), 2, "nn.max_pool(x, (3, 3))"),
    (
        pv.Pool(3, stride=2, padding=((0, 1), (1, 1)), op="avg", framework="jax"),
        2,
        "nn.avg_pool(x, (3, 3), strides=(2, 2), padding=[(0, 1), (1, 1)])",
    ),
    (
        pv.Pool(3, padding="same_lower", framework="jax"),
        1,
        "nn.max_pool(x, (3,), padding='SAME_LOWER')",
    ),
    (
        pv.Pool(3, framework="onnxruntime"),
        2,
        "helper.make_node('MaxPool', ['x'], ['y'], kernel_shape=[3, 3])",
    ),
    (
        pv.Pool(3, 2, ((0, 1), (2, 3)), framework="onnxruntime"),
        2,
        "helper.make_node('MaxPool', ['x'], ['y'], kernel_shape=[3, 3], strides=[2, 2], "
        "pads=[0, 2, 1, 3])",
    ),
    (
        pv.Pool(3, 2, "same", 2, True, "avg", True, "onnxruntime"),
        1,
        "helper.make_node('AveragePool', ['x'], ['y'], kernel_shape=[3], strides=[2], "
        "auto_pad='SAME_UPPER', dilations=[2], ceil_mode=1, count_include_pad=1)",
    ),
]


@pytest.mark.parametrize(("layer", "ndim", "expected"), GOLDEN, ids=[case[2] for case in GOLDEN])
def test_line(layer: pv.Pool, ndim: int, expected: str) -> None:
    assert expected == call_code(layer, ndim)


def test_jax_code_has_its_channels_last_throughout() -> None:
    """flax.linen pools (N, *spatial, C), as does the lax call that replaces it for dilation."""
    code = call_code(pv.Pool(3, stride=2, dilation=2, framework="jax"), 2)
    node = _call(code)
    window, strides = (eval_tuple(argument) for argument in node.args[3:5])
    dilation = next(eval_tuple(word.value) for word in node.keywords if word.arg)

    assert [window, strides, dilation] == [(1, 3, 3, 1), (1, 2, 2, 1), (1, 2, 2, 1)]


def eval_tuple(node: ast.expr) -> tuple[int, ...]:
    """A literal tuple, also one with a star in it."""
    found: tuple[int, ...] = eval(compile(ast.Expression(node), "<code>", "eval"), {})
    return found


# --- any layer -----------------------------------------------------------------------------------


class Drawn(NamedTuple):
    """A layer and the number of axes it is used on."""

    layer: pv.Pool
    ndim: int


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    ndim = draw(st.integers(1, 3))

    def sizes(least: int, most: int) -> st.SearchStrategy[Any]:
        number = st.integers(least, most)
        return number | st.tuples(*[number] * ndim)

    pairs = st.tuples(*[st.tuples(st.integers(0, 3), st.integers(0, 3))] * ndim)
    layer = pv.Pool(
        draw(sizes(1, 9)),
        draw(st.none() | sizes(1, 9)),
        draw(sizes(0, 4) | pairs | st.sampled_from(["valid", "same", "same_upper", "same_lower"])),
        draw(st.just(1) | sizes(1, 3)),
        draw(st.booleans()),
        draw(st.sampled_from(["max", "avg"])),
        draw(st.sampled_from([None, True, False])),
        draw(st.sampled_from(FRAMEWORKS)),
    )
    return Drawn(layer, ndim)


def _call(code: str) -> ast.Call:
    node = ast.parse(code, mode="eval").body
    assert isinstance(node, ast.Call)
    return node


@many
@given(drawn())
def test_it_is_a_call_that_parses(case: Drawn) -> None:
    assert ast.unparse(_call(call_code(*case)).func).startswith(
        ("nn.", "layers.", "tf.nn.", "lax.", "helper.")
    )


@many
@given(drawn())
def test_it_never_says_max_for_an_average(case: Drawn) -> None:
    """Also where the framework rejects the call: the user sees what was requested."""
    code = call_code(*case).lower()

    assert ("max" in code) == (case.layer.op == "max")


@pytest.mark.parametrize("framework", FRAMEWORKS)
@many
@given(case=drawn())
def test_it_says_the_same_layer(framework: str, case: Drawn) -> None:
    """Read back, the line gives the same axes; for every layer that the framework offers."""
    layer = offered(case.layer, framework, case.ndim)
    again = read_back(call_code(layer, case.ndim), framework)

    assert _axes(layer, case.ndim) == _axes(again, case.ndim)
    assert (layer.op, layer.ceil_mode) == (again.op, again.ceil_mode)
    assert _counts_padding(layer) == _counts_padding(again)


def offered(layer: pv.Pool, framework: str, ndim: int) -> pv.Pool:
    """`layer` without the parameters that the framework's signature lacks."""
    is_max, words = layer.op == "max", _words(layer)
    has_dilation = {"pytorch": is_max, "jax": is_max, "onnxruntime": True}
    if not has_dilation.get(framework, False):
        words["dilation"] = 1
    if framework not in ("pytorch", "onnxruntime"):
        words["ceil_mode"] = False
    if is_max or (framework in ("keras", "tensorflow") and layer.count_include_pad):
        words["count_include_pad"] = None
    if not _takes_padding(layer, framework, ndim):
        words["padding"] = "same" if framework == "keras" else 0
    return pv.Pool(**words, framework=framework)


def _takes_padding(layer: pv.Pool, framework: str, ndim: int) -> bool:
    padding = layer.padding
    if padding in ("same", "same_lower"):
        return framework in {"same": FRAMEWORKS[1:], "same_lower": FRAMEWORKS[3:]}[padding]
    if isinstance(padding, tuple) and isinstance(padding[0], tuple):
        is_even = all(before == after for before, after in padding)
        return framework in ("jax", "onnxruntime") or (framework == "pytorch" and is_even)
    is_nothing = padding == "valid" or not any(padding if isinstance(padding, tuple) else [padding])
    if framework == "tensorflow":
        return is_nothing or (layer.op == "max" and ndim < 3)
    return is_nothing or framework != "keras"


def _axes(layer: pv.Pool, ndim: int) -> list[Any]:
    """The axes on 12 cells each; "valid" and no padding are one thing."""
    return [
        replace(axis, padding_name=axis.padding_name if axis.is_same else None)
        for axis in pv.trace(layer, (12,) * ndim).axes
    ]


def _counts_padding(layer: pv.Pool) -> bool | None:
    """Return whether padding counts in an average."""
    if layer.op == "max":
        return None
    is_default = layer.count_include_pad is None
    return layer.framework in ("pytorch", "jax") if is_default else layer.count_include_pad


def _words(layer: pv.Pool) -> dict[str, Any]:
    names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "op")
    words = {name: getattr(layer, name) for name in names}
    return {**words, "count_include_pad": layer.count_include_pad}


# --- reading a line back -------------------------------------------------------------------------


def read_back(code: str, framework: str) -> pv.Pool:
    """Return the layer that a line of code describes, read from its arguments."""
    node = _call(code)
    name = ast.unparse(node.func)
    words = {word.arg: eval_tuple(word.value) for word in node.keywords}
    if name == "lax.reduce_window":
        return _from_lax(node, words)
    literals = [argument for argument in node.args if ast.unparse(argument) != "x"]
    return _READERS[framework](name, literals, words)


def _op(name: str) -> Literal["max", "avg"]:
    return "avg" if "avg" in name.lower() or "average" in name.lower() else "max"


def _from_pytorch(name: str, literals: list[ast.expr], words: dict[Any, Any]) -> pv.Pool:
    return pv.Pool(eval_tuple(literals[0]), op=_op(name), framework="pytorch", **words)


def _from_named(
    framework: str, name: str, literals: list[ast.expr], words: dict[Any, Any]
) -> pv.Pool:
    """Keras and Flax: the kernel without its name, and the same names for the rest."""
    return pv.Pool(
        eval_tuple(literals[0]),
        words.get("strides"),
        words.get("padding", "valid"),
        op=_op(name),
        count_include_pad=words.get("count_include_pad"),
        framework=framework,
    )


def _from_tensorflow(name: str, literals: list[ast.expr], words: dict[Any, Any]) -> pv.Pool:
    padding = words["padding"]
    return pv.Pool(
        words["ksize"],
        words["strides"],
        padding if isinstance(padding, str) else padding[1:-1],
        op=_op(name),
        count_include_pad=words.get("count_include_pad"),
        framework="tensorflow",
    )


def _from_lax(node: ast.Call, words: dict[Any, Any]) -> pv.Pool:
    """The first entry is the batch, the last one the channels."""
    kernel, stride = (eval_tuple(argument) for argument in node.args[3:5])
    padding = eval_tuple(node.args[5])
    spatial = slice(1, -1)
    return pv.Pool(
        kernel[spatial],
        stride[spatial],
        padding if isinstance(padding, str) else padding[spatial],
        words["window_dilation"][spatial],
        op="max" if ast.unparse(node.args[2]) == "lax.max" else "avg",
        framework="jax",
    )


def _from_onnx(name: str, literals: list[ast.expr], words: dict[Any, Any]) -> pv.Pool:
    pads = words.get("pads")
    half = len(words["kernel_shape"])
    padding = {"SAME_UPPER": "same", "SAME_LOWER": "same_lower"}.get(words.get("auto_pad", ""), 0)
    count = words.get("count_include_pad")
    return pv.Pool(
        words["kernel_shape"],
        words.get("strides"),
        tuple(zip(pads[:half], pads[half:], strict=True)) if pads else padding,
        words.get("dilations", 1),
        bool(words.get("ceil_mode", 0)),
        _op(ast.unparse(literals[0])),
        None if count is None else bool(count),
        "onnxruntime",
    )


_READERS = {
    "pytorch": _from_pytorch,
    "keras": partial(_from_named, "keras"),
    "tensorflow": _from_tensorflow,
    "jax": partial(_from_named, "jax"),
    "onnxruntime": _from_onnx,
}
