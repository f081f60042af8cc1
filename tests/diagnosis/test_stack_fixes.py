"""Fixes of networks: each was run through all layers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given

from poolviz.arithmetic.layers.network_layers import (
    AdaptivePool,
    Add,
    Concatenate,
    Conv,
    ConvTranspose,
    Crop,
    Flatten,
    GlobalPool,
    Linear,
    Named,
    Permute,
    Reshape,
)
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.failures import FailureKind
from poolviz.diagnosis.network.stack import Stack
from tests.diagnosis.stack_cases import few, many, stacks, vgg16_like

# --- fixes ---------------------------------------------------------------------------------------


@pytest.mark.long
@many
@given(stacks())
def test_each_fix_works_over_the_whole_stack(stack: Stack) -> None:
    fixes = stack.fixes

    assert bool(fixes) == (not stack.ok)
    for fix in fixes:
        again = Stack(
            fix.stack.layers, fix.stack.input_shape, fix.stack.data_format, fix.stack.framework
        )

        assert again.ok
        assert again.output_shape == fix.output_shape
        assert fix.stack != stack
        assert fix.text.startswith(fix.change)


@few
@given(stacks())
def test_a_larger_input_is_among_the_fixes_of_a_chain(stack: Stack) -> None:
    failure = stack.first_failure
    assume(failure is not None and failure.failure.problem.kind is FailureKind.NO_WINDOW)

    assert any(fix.parameter == "input_size" for fix in stack.fixes)


def test_sound_fixes_come_first_then_those_near_the_failing_layer() -> None:
    assert [(fix.parameter, str(fix.effect)) for fix in vgg16_like(28).fixes] == [
        ("layer", "sound"),
        ("stride", "sound"),
        ("layer", "sound"),
        ("padding", "sound"),
        ("input_size", "sound"),
        ("padding", "does nothing"),
        ("adaptive", "does nothing"),
    ]


@pytest.mark.parametrize(
    ("layers", "shape", "expected"),
    [
        ([Conv(8, 3, 2, 1), Pool(7, op="avg")], (3, 6, 6), {"padding": "changes the values"}),
        ([Conv(8, 3, 2, 1), Pool(7, op="avg", count_include_pad=False)], (3, 6, 6), {}),
        ([Pool(2), Pool(2)], (1, 2, 2), {"padding": "does nothing", "adaptive": "does nothing"}),
        (
            [Pool(2), Pool(2)],
            (1, 2, 8),
            {"kernel_size": "does nothing on an axis", "padding": "does nothing on an axis"},
        ),
        ([Pool(2), Conv(8, 3)], (1, 2, 2), {}),
    ],
)
def test_a_fix_says_what_it_does_to_the_values(
    layers: list[Any], shape: tuple[int, ...], expected: dict[str, str]
) -> None:
    fixes = Stack(layers, shape).fixes
    local = [fix for fix in fixes if "every" not in fix.change and "all" not in fix.change]
    ranks = [fix.effect.rank for fix in fixes]

    assert {fix.parameter: str(fix.effect) for fix in local if fix.effect.rank} == expected
    assert ranks == sorted(ranks)
    assert ranks[0] == 0
    assert all((fix.effect.label in fix.text) for fix in fixes)


def test_a_fix_keeps_the_names() -> None:
    fix = next(fix for fix in vgg16_like(28).fixes if "block5_pool" in fix.change and fix.code)

    assert fix.change == 'padding="same" in block5_pool'
    assert fix.code == "layers.MaxPooling2D(2, strides=2, padding='same')"
    assert fix.stack.rows[17].name == "block5_pool"


def test_a_fix_may_need_several_layers() -> None:
    stack = Stack([Pool(2)] * 6, (1, 4, 4))
    left_out = [fix for fix in stack.fixes if fix.change.startswith("removing")]

    assert [fix.change for fix in left_out] == ["removing the last 4 pooling layers"]
    assert left_out[0].output_shape == (1, 1, 1)


def test_a_head_made_for_one_size_becomes_adaptive() -> None:
    layers = [Conv(64, 3, 2, 1), Pool(2), Pool(7, op="avg"), Flatten(), Linear(10, 64)]
    stack = Stack(layers, (3, 16, 16))

    assert "The head pools 7 × 7, but its input is 4 × 4." in str(stack)
    assert "Inputs of at least 27 × 27 give a feature map that large." in str(stack)
    assert stack.fixes[0].layer == AdaptivePool(1)


def test_a_single_layer_is_no_head() -> None:
    stack = Stack([Pool(15)], (3, 10, 10))

    assert not stack.ok
    assert "head" not in str(stack)


def test_a_dense_layer_gets_what_arrives_or_an_adaptive_pooling() -> None:
    stack = Stack([Conv(16, 5), Pool(2), Flatten(), Linear(10, 2304)], (1, 20, 20))

    assert [(fix.parameter, fix.stack.ok) for fix in stack.fixes] == [
        ("in_features", True),
        ("adaptive", True),
        ("input_size", True),
    ]
    assert stack.fixes[0].layer == Linear(10, 1024)
    assert stack.fixes[2].input_shape == (1, 28, 28)


def test_a_missing_flatten_is_found() -> None:
    stack = Stack([Pool(2), Linear(10, 48)], (3, 8, 8))

    assert "The feature map 3 × 4 × 4 was not flattened." in str(stack)
    assert stack.fixes[0].change == "Flatten before layer 1 (Linear to 10)"


def test_an_odd_size_is_found_where_branches_meet() -> None:
    up = ConvTranspose(8, 2, stride=2)
    stack = Stack([Concatenate(((), (("pool", Pool(2)), up)))], (8, 33, 32))
    failure = stack.first_failure

    assert failure is not None
    assert (failure.index, failure.failure.path) == (2, (0,))
    assert failure.axes == ("height",)
    assert "height: pool reads 32 of 33 rows." in str(stack)
    assert [fix.change for fix in stack.fixes] == [
        "padding the smaller feature map to 33 × 32 before layer 2 (Concatenate)",
        "cropping the larger feature map to 32 × 32 before layer 2 (Concatenate)",
        "output_padding=(1, 0) in layer 1 (ConvTranspose 2×2)",
        "padding or resizing the input from 33 × 32 to 34 × 32",
        "cropping or resizing the input from 33 × 32 to 32 × 32",
    ]
    assert stack.minimum_input_size == (2, 2)


def test_a_skip_with_other_channels_gets_a_convolution() -> None:
    stack = Stack([Add(((Conv(8, 3, padding=1),), ()))], (3, 9, 9))

    assert [fix.change for fix in stack.fixes] == [
        "a 1×1 convolution (3 → 8 channels) before layer 1 (Add)"
    ]


def test_a_failure_inside_a_branch_has_a_path() -> None:
    stack = Stack([Pool(2), Concatenate(((Conv(4, 1),), (Pool(2), Conv(4, 5))))], (3, 9, 9))
    failure = stack.first_failure

    assert failure is not None
    assert (failure.index, failure.failure.path) == (3, (1, 1, 1))
    assert [one.index for one in failure.root_causes if one.axis == "height"] == [0, 2]


def test_layers_of_earlier_branches_may_be_root_causes() -> None:
    inception = Concatenate(((Pool(2),), (Conv(4, 3), Pool(2))))
    stack = Stack([Concatenate(((Pool(2),), (Pool(2),))), Conv(4, 7)], (3, 9, 9))
    failure = stack.first_failure

    assert failure is not None
    assert [one.index for one in failure.root_causes if one.axis == "height"] == [0]
    assert Stack([inception], (3, 9, 9)).first_failure is not None


def test_channels_that_do_not_match_can_be_corrected() -> None:
    stack = Stack([Conv(8, 3, in_channels=3)], (1, 28, 28))

    assert [fix.change for fix in stack.fixes] == [
        "in_channels 3 → 1 in layer 0 (Conv 3×3)",
        "repeating the single channel 3 times",
    ]


def test_another_order_than_the_framework_s_is_said() -> None:
    stack = Stack([Pool(2)], (28, 28, 16), "channels_last", "pytorch")

    assert stack.output_shape == (14, 14, 16)
    assert "PyTorch layers expect channels first." in str(stack)


@pytest.mark.parametrize(
    ("framework", "layer", "shape", "words"),
    [
        ("pytorch", Conv(4, (3,), padding="causal"), (3, 9), 'PyTorch has no "causal"'),
        ("keras", Conv(4, (3, 3), padding="causal"), (9, 9, 3), 'Keras has no "causal"'),
        ("keras", Conv(4, 3, padding="same_lower"), (9, 9, 3), 'Keras has no "same_lower"'),
        ("keras", Conv(4, 3, padding=1), (9, 9, 3), "no padding numbers"),
        ("pytorch", Conv(4, 3, padding=((0, 1), (0, 1))), (3, 9, 9), "pads both sides equally"),
        ("pytorch", Conv(4, 3, 2, "same"), (3, 9, 9), "with stride 1 only"),
        ("keras", Conv(4, 3, 2, dilation=2), (9, 9, 3), "a stride or a dilation, not both"),
        ("onnxruntime", Conv(4, 3, 1, "same", 2), (3, 9, 9), "no dilation together with auto_pad"),
        ("pytorch", ConvTranspose(4, 3, padding="same"), (3, 9, 9), "integers as padding"),
        ("keras", ConvTranspose(4, 3, padding="causal"), (9, 9, 3), 'has no "causal" here'),
        ("keras", ConvTranspose(4, 3, padding=1), (9, 9, 3), 'accept only "valid" and "same"'),
        ("keras", ConvTranspose(4, 3, groups=2), (9, 9, 4), "have no groups"),
        ("keras", ConvTranspose(4, 3, stride=2, dilation=2), (9, 9, 4), "a stride or a dilation"),
        (
            "jax",
            ConvTranspose(4, 3, stride=2, output_padding=1),
            (9, 9, 4),
            "has no output_padding",
        ),
        ("pytorch", ConvTranspose(4, 3, 2, 0, 2), (3, 9, 9), "smaller than the stride or the"),
        ("keras", Pool(2, padding=1), (9, 9, 4), "Keras pooling does not accept padding=(1, 1)"),
    ],
)
def test_a_refused_argument_is_named_and_another_one_works(
    framework: str, layer: Any, shape: tuple[int, ...], words: str
) -> None:
    stack = Stack([layer], shape, framework=framework)

    assert words in str(stack)
    assert stack.fixes
    assert all(fix.stack.ok for fix in stack.fixes)
    assert stack.minimum_input_size is None


def test_adaptive_pooling_is_not_everywhere() -> None:
    stack = Stack([AdaptivePool(2)], (9, 9, 4), framework="jax")

    assert "JAX has no adaptive pooling layer." in str(stack)


def test_the_other_order_may_only_come_further() -> None:
    """Three more pooling layers than there is room for, and the channels in the wrong place."""
    stack = Stack([Pool(2)] * 6, (3, 32, 32), framework="keras")

    assert "then it gets as far as layer 5 (MaxPool 2×2)." in str(stack)
    assert "channel order" not in [fix.parameter for fix in stack.fixes]


def test_an_order_that_is_worse_is_not_proposed() -> None:
    assert "is read as" not in str(Stack([Pool(2)] * 6, (32, 32, 3), framework="keras"))
    assert "is read as" not in str(Stack([Pool((2, 2))], (9, 9, 1), framework="keras"))
    assert "is read as" not in str(Stack([Pool(40)], (3, 32, 32), framework="keras"))


def test_features_that_are_no_multiple_of_the_channels() -> None:
    stack = Stack([Conv(7, 3), Flatten(), Linear(10, 400)], (1, 9, 9))

    assert (
        "400 features are not a multiple of the number of channels: the layer receives 7 channels "
        "of size 7 × 7." in str(stack)
    )
    assert [fix.parameter for fix in stack.fixes] == ["in_features"]


@pytest.mark.parametrize(
    ("shape", "features", "expected"),
    [
        ((4, 20), 4 * 7, (14,)),
        ((4, 20, 20), 4 * 7 * 6, (12, 14)),
        ((4, 9, 9, 9), 4 * 27, (6, 6, 6)),
        ((4, 9, 9, 9), 4 * 28, None),
    ],
)
def test_the_size_that_a_dense_layer_was_built_for(
    shape: tuple[int, ...], features: int, expected: tuple[int, ...] | None
) -> None:
    stack = Stack([Pool(2), Flatten(), Linear(10, features)], shape)

    assert stack.minimum_input_size == expected


def test_a_dense_layer_before_a_reshape_is_corrected() -> None:
    stack = Stack([Linear(100), Reshape((8, 4, 4)), Conv(4, 3)], (10,))

    assert [fix.change for fix in stack.fixes] == [
        "out_features 100 → 128 in layer 0 (Linear to 100)"
    ]
    assert stack.fixes[0].output_shape == (4, 2, 2)
    assert stack.fixes[0].stack.rows[2].receptive_field == ()  # the dense layer sees all


def test_fixes_reach_into_nested_branches() -> None:
    inner = Named("inner", Concatenate(((), (Pool(2), Conv(4, 5), ConvTranspose(4, 2, stride=2)))))
    stack = Stack([Named("outer", Concatenate(((Pool(2), inner), (Pool(2),))))], (3, 8, 8))
    failure = stack.first_failure

    assert failure is not None
    assert failure.failure.path == (0, 0, 1, 1, 1)
    assert stack.fixes
    assert all(fix.stack.ok for fix in stack.fixes)
    assert [row.name for row in stack.fixes[0].stack.rows if row.name] == ["inner", "outer"]


def test_one_number_per_channel_may_be_added_where_channels_are_last() -> None:
    gate = Add(((), (GlobalPool(), Linear(3))))

    assert Stack([gate], (9, 9, 3), framework="keras").output_shape == (9, 9, 3)
    assert Stack([Add(((), (Flatten(), Linear(3))))], (3, 9, 9)).output_shape is None


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([Permute((2, 1))], "The layer needs 1 spatial axis, the feature map has 2."),
        ([Flatten(), Conv(4, (3, 3))], "The layer needs 2 spatial axes, but none is left."),
        ([Flatten(), Pool(2)], "The layer needs a spatial axis, but none is left."),
        ([Pool((2, 2, 2))], "The layer needs 3 spatial axes, the feature map has 2."),
        ([Crop(((2, 2), (0, 0))), Crop(9)], "nothing is left of the feature map"),
    ],
)
def test_maps_of_another_kind(layers: list[Any], words: str) -> None:
    assert words in str(Stack(layers, (3, 9, 9)))
