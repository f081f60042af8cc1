"""Arguments of `Stack`, and its representations."""

from __future__ import annotations

from typing import Any

import pytest

from poolviz.arithmetic.layers.network_layers import (
    AdaptivePool,
    Add,
    Concatenate,
    Conv,
    ConvTranspose,
    Crop,
    DepthwiseConv,
    Flatten,
    GlobalPool,
    Linear,
    Named,
    Permute,
    Reshape,
    Same,
    Upsample,
    ZeroPad,
)
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.failures import FailureKind
from poolviz.arithmetic.network.feature_map import NetworkConfig
from poolviz.arithmetic.network.forward import forward
from poolviz.diagnosis.network.stack import Stack
from tests.diagnosis.stack_cases import FRAMEWORKS, _Texts, vgg16_like
from tests.support.paths import ROOT
from tools import architecture

HEAVY = ("numpy", "matplotlib", "ipywidgets", "anywidget", "traitlets")


# --- what may be written down --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Conv(0, 3), r"out_channels must be an int ≥ 1, got 0"),
        (lambda: Conv(8.0, 3), r"out_channels must be an int ≥ 1, got 8\.0 \(float\)"),
        (lambda: Conv((8, 8), 3), r"out_channels must be an int ≥ 1, got \(8, 8\)"),
        (lambda: Conv(8, "3"), r"kernel_size must be an int ≥ 1 or one per axis, got '3' \(str\)"),
        (lambda: Conv(8, 3, None), r"stride must be an int ≥ 1 or one per axis, got None"),
        (lambda: Conv(8, 3, padding="full"), r'"same_lower", "causal" or .* got \'full\''),
        (lambda: Conv(8, 3, padding=-1), r"padding must be .* got -1"),
        (lambda: Conv(8, 3, groups=0), r"groups must be an int ≥ 1, got 0"),
        (lambda: Conv(8, 3, bias=1), r"bias must be True or False, got 1 \(int\)"),
        (
            lambda: Conv(8, 3, in_channels=True),
            r"in_channels must be an int ≥ 1, got True \(bool\)",
        ),
        (lambda: Conv(8, 3, name=3), r"name must be a text or None, got 3 \(int\)"),
        (lambda: Conv(8, (3, 3), stride=(1, 1, 1)), r"every tuple needs one entry per axis"),
        (lambda: DepthwiseConv(3, depth_multiplier=0), r"depth_multiplier must be an int ≥ 1"),
        (lambda: ConvTranspose(8, 3, output_padding=-1), r"output_padding must be an int ≥ 0"),
        (lambda: AdaptivePool("7"), r"output_size must be an int ≥ 0"),
        (lambda: AdaptivePool((-1, 1)), r"output_size must be an int ≥ 0"),
        (lambda: AdaptivePool(1, "median"), r'op must be one of "max", "avg", got \'median\''),
        (lambda: GlobalPool(keepdims="yes"), r"keepdims must be True or False, got 'yes' \(str\)"),
        (lambda: Linear("10"), r"out_features must be an int ≥ 1, got '10' \(str\)"),
        (lambda: Linear(10, in_features=0), r"in_features must be an int ≥ 1, got 0"),
        (lambda: ZeroPad("same"), r"padding must be an int ≥ 0, one per axis or .* got 'same'"),
        (lambda: Crop(-1), r"cropping must be an int ≥ 0.* got -1"),
        (lambda: Upsample(), r"takes either scale_factor or size"),
        (lambda: Upsample(2, 3), r"takes either scale_factor or size"),
        (lambda: Upsample(1.5), r"scale_factor must be an int ≥ 1"),
        (lambda: Upsample(2, mode="bicubic"), r'mode must be one of "nearest", "linear", "cubic"'),
        (
            lambda: Concatenate(3),
            r"branches must be a list of branches, each a list of layers, got 3",
        ),
        (lambda: Concatenate([]), r"branches must be a list of branches.* got none"),
        (lambda: Add([[3]]), r"branches\[0\]\[0\] must be a layer such as Pool or Conv"),
        (lambda: Same(3), r"name must be a text or None"),
        (lambda: Reshape((-1, -1)), r"at most one of them −1"),
        (lambda: Reshape((2.5,)), r"shape must be an int ≥ 0, got 2\.5"),
        (lambda: Permute((1, 3)), r"dims must be 1 to n in some order"),
        (lambda: Named(3, Pool(2)), r"name must be a text, got 3"),
        (lambda: Named("x", 3), r"layer must be a layer such as Pool or Conv"),
        (lambda: Stack(Pool(2), (3, 9, 9)), r"layers must be a list of layers"),
        (lambda: Stack([Pool(2), 3], (3, 9, 9)), r"layers\[1\] must be a layer .* got 3 \(int\)"),
        (
            lambda: Stack([Pool(2)], 9),
            r"input_shape must have one int ≥ 0 per axis.* got 9 \(int\)",
        ),
        (lambda: Stack([Pool(2)], (3, 9.0)), r"input_shape must be an int ≥ 0, got 9\.0"),
        (lambda: Stack([Pool(2)], (3, None, None)), r"input_shape must be an int ≥ 0, got None"),
        (lambda: Stack([Pool(2)], (-1, 9)), r"input_shape must be an int ≥ 0, got -1"),
        (lambda: Stack([Pool(2)], (1, 2, 3, 4, 5)), r"1 to 4 entries"),
        (
            lambda: Stack([Pool(2)], (3, 9, 9), "NCHW"),
            r'data_format must be one of "channels_first"',
        ),
        (
            lambda: Stack([Pool(2)], (3, 9, 9), framework="mxnet"),
            r'framework must be one of "pytorch"',
        ),
        (lambda: Stack([Pool(2)], (3, 9, 9), framework=3), r"framework must be one of"),
    ],
)
def test_wrong_arguments_are_refused_by_name(make: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        make()


def test_types_raise_type_errors_and_values_raise_value_errors() -> None:
    with pytest.raises(TypeError):
        Conv(8.0, 3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="out_channels"):
        Conv(0, 3)


def test_any_geometry_may_be_written_down() -> None:
    stack = Stack([Conv(4, 99), Pool(99, padding=98), Crop(99)], (1, 3, 3))

    assert stack.first_failure is not None
    assert stack.first_failure.index == 0


def test_a_single_layer_stands_for_a_branch() -> None:
    assert Add((Conv(3, 1), ())).branches == ((Conv(3, 1),), ())


def test_names_of_layers() -> None:
    rows = Stack([("stem", Conv(4, 3)), Conv(4, 1, name="mix"), Same("ReLU")], (3, 9, 9)).rows

    assert [row.name for row in rows] == ["stem", "mix", "ReLU"]
    assert rows[0].layer == Conv(4, 3)


def test_the_framework_of_the_stack_holds_for_its_layers() -> None:
    same = Pool(3, 2, "same", framework="keras")

    assert Stack([same], (10, 10, 1)).framework == "keras"
    assert Stack([Conv(1, 3)], (1, 10, 10)).framework == "pytorch"
    assert Stack([Pool(3, 2)], (10, 10, 1), framework="jax").output_shape == (4, 4, 1)
    assert Stack([Pool(2)], (10, 10, 1), framework="jax").output_shape == (9, 9, 1)


def test_the_data_format_of_each_framework() -> None:
    formats = {name: Stack([], (1,), framework=name).data_format for name in FRAMEWORKS}

    assert formats == {
        "pytorch": "channels_first",
        "tensorflow": "channels_last",
        "keras": "channels_last",
        "jax": "channels_last",
        "onnxruntime": "channels_first",
    }


def test_parameters_are_added_up() -> None:
    layers = [
        Conv(6, 5),
        Pool(2),
        Conv(16, 5),
        Pool(2),
        Flatten(),
        Linear(120),
        Linear(84),
        Linear(10),
    ]

    assert Stack(layers, (1, 32, 32)).parameters == 61706  # LeNet-5 as PyTorch's tutorials have it


# --- how it shows itself -------------------------------------------------------------------------


def test_repr_is_the_same_every_time() -> None:
    assert repr(vgg16_like(28)) == repr(vgg16_like(28)) == str(vgg16_like(28))
    assert vgg16_like(28) == vgg16_like(28)
    assert hash(vgg16_like(28)) == hash(vgg16_like(28))


def test_the_table_stops_at_the_failing_layer() -> None:
    stack = Stack([Pool(2)] * 5, (5, 12, 1), framework="keras")

    assert stack.table().splitlines() == [
        "   layer        output     sees  jump  unread",
        "0  MaxPool 2×2  2 × 6 × 1     2     2      12",
        "1  MaxPool 2×2  1 × 3 × 1     4     4",
        "2  MaxPool 2×2  ✗ Keras 3.15 raises ValueError",
        "   … 2 more …",
    ]


def test_names_are_escaped_in_html() -> None:
    html = Stack([("<b>&", Pool(2)), ("<script>", Pool(9))], (3, 4, 4))._repr_html_()
    parser = _Texts()
    parser.feed(html)

    assert "script" not in parser.tags
    assert "b" not in parser.tags
    assert "<script>" in "".join(parser.texts)


def test_long_tables_show_both_ends() -> None:
    table = Stack([Pool(1)] * 100, (3, 4, 4)).table(most=10)

    assert "… 90 layers …" in table
    assert len(table.splitlines()) == 12


def test_layers_in_branches_stand_to_the_right() -> None:
    table = Stack([Concatenate(((Conv(4, 1),), (Pool(1),)))], (3, 4, 4)).table()

    assert "[1] Conv 1×1" in table
    assert "[2] MaxPool 1×1" in table


def test_an_empty_stack_gives_its_input() -> None:
    stack = Stack([], (3, 4, 4))

    assert stack.ok
    assert stack.output_shape == (3, 4, 4)
    assert stack.rows == ()
    assert stack.fixes == ()
    assert str(stack.diagnosis).startswith("0 layers on 3 × 4 × 4: the output is 3 × 4 × 4")


def test_the_walk_is_reachable_without_words() -> None:
    done = forward((Pool(2), Pool(9)), (3, 4, 4), NetworkConfig("pytorch", channels_last=False))

    assert done.failure is not None
    assert done.failure.problem.kind is FailureKind.NO_WINDOW
    assert not done.is_complete


def test_stacks_need_no_library() -> None:
    code = (
        "from poolviz.diagnosis.network.stack import Stack\n"
        "from poolviz.arithmetic.layers.pool import Pool\n"
        "str(Stack([Pool(2)] * 3, (3, 5, 5)))"
    )

    assert architecture.loaded_by(code, HEAVY, ROOT) == []


def test_axes_that_change_places_are_no_root_cause() -> None:
    layers = [Conv(8, 3), Permute((2, 3, 1)), Permute((3, 1, 2)), Pool(9)]
    failure = Stack(layers, (3, 8, 8)).first_failure

    assert failure is not None
    assert {one.label for one in failure.root_causes} == {"layer 0 (Conv 3×3)"}
