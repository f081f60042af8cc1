"""Questions about the head of a network: receptive field, and features of the dense layer."""

from __future__ import annotations

from poolviz.arithmetic.layers.conv import Conv
from poolviz.arithmetic.layers.network_layers import Flatten, Layer, Linear
from poolviz.arithmetic.layers.pool import Pool
from poolviz.diagnosis.network.stack import Stack
from poolviz.exercises.answers.forms import Numbers, exact
from poolviz.exercises.case import Case, Draw, Slip, template
from poolviz.exercises.misconceptions import number_slip
from poolviz.exercises.questions.limits import whole
from poolviz.exercises.questions.networks import SIZES, chain, listing, named, stack_fields
from poolviz.exercises.reasons import of_factors, of_partial, reason

# --- what an output sees -------------------------------------------------------------------------


@template("09", 3, "use the formula")
def receptive_field(draw: Draw) -> Case | None:
    """Convolutions whose dilation doubles."""
    kernel, count = draw.number(2, 5), draw.number(3, 6)
    layers: list[Layer] = [Conv(8, (kernel,), dilation=2**i) for i in range(count)]
    # Longer than the largest receptive field, 1 + 63·4 = 253.
    stack = chain(layers, (400,))
    right = stack.rows[-1].receptive_field[0]
    reach = [2**i * (kernel - 1) for i in range(count)]
    rules = {
        "dilation_ignored_on_the_way": 1 + count * (kernel - 1),
        "spans_added": sum(reach) + count,
        "no_first_cell": sum(reach),
    }
    return Case(
        form=Numbers(),
        right=exact(right),
        why=of_partial(stack),
        fields={"k": kernel, "right": right, "sum": " + ".join(["1", *map(str, reach)])},
        listed=tuple(number_slip(name, value) for name, value in rules.items()),
        block=listing(named(layers), 1),
        stack=stack,
    )


@template("13", 3, "use the formula")
def receptive_field_with_strides(draw: Draw) -> Case | None:
    """Strides widen the receptive field of the layers after them."""
    layers: list[Layer] = [
        Conv(8, draw.number(3, 5)),
        Pool(draw.number(2, 3), stride=2),
        Conv(8, draw.number(2, 5)),
        Pool(draw.number(2, 3), stride=2),
    ]
    stack = chain(layers, (80, 80))
    kernels = [whole(layer.kernel_size) for layer in layers if isinstance(layer, Pool | Conv)]
    row = stack.rows[-1]
    steps = [
        f"{stack.rows[i - 1].jump[0] if i else 1}·{kernel - 1}" for i, kernel in enumerate(kernels)
    ]
    rules = {"strides_forgotten": 1 + sum(k - 1 for k in kernels), "kernels_added": sum(kernels)}
    return Case(
        form=Numbers(is_square=True),
        right=exact(row.receptive_field[0]),
        why=of_partial(stack),
        fields={"right": row.receptive_field[0], "sum": " + ".join(["1", *steps])},
        listed=tuple(number_slip(name, value) for name, value in rules.items()),
        block=listing(named(layers), 2),
        stack=stack,
    )


# --- the head ------------------------------------------------------------------------------------


@template("08", 2, SIZES)
def map_before_the_head(draw: Draw) -> Case | None:
    """Five convolutions with stride 2 and padding 1 halve the size and round up."""
    layers: list[Layer] = [Conv(8, 3, stride=2, padding=1)] * 5
    size = draw.number(70, 300)
    stack = chain(layers, (size, size), framework="pytorch")
    down = [size // 2**i for i in range(1, 6)]
    return Case(
        form=Numbers(("height", "width"), one_for_all=True),
        right=exact(*stack.rows[-1].output_size),
        fields={**stack_fields(stack), "down": " → ".join(map(str, down))},
        why=lambda value: _inputs_of(int(value[0])),
        listed=(
            number_slip("rounded_down_on_the_way", (down[-1],) * 2),
            number_slip("one_layer_too_few", tuple(stack.rows[-2].output_size)),
        ),
        stack=stack,
    )


def _inputs_of(given: int) -> Slip:
    """Return the inputs from which five halvings, rounded up, give a size."""
    if given < 1:
        return reason("below_the_least", given, least=1)
    return reason("inputs_that_give", given, first=32 * (given - 1) + 1, last=32 * given)


def _half_up(stack: Stack) -> int:
    """Return the size after a 2×2 pooling that rounds up."""
    size = stack.rows[0].output_size[0]
    return -(-size // 2)


@template("08", 2, "use the formula")
def features_of_flatten(draw: Draw) -> Case | None:
    """Channels, height and width in one row."""
    channels, size = draw.one_of((8, 16, 32)), draw.number(12, 40)
    layers: list[Layer] = [Conv(channels, 3, in_channels=1), Pool(2, 2), Flatten(), Linear(10)]
    stack = chain(layers, (size, size))
    pooled = stack.rows[1].output_size[0]
    return Case(
        form=Numbers(),
        right=exact(*stack.rows[2].output_shape),
        fields={
            **stack_fields(stack),
            "channels": channels,
            "pooled": pooled,
            "right": stack.rows[2].output_shape[0],
        },
        listed=(
            number_slip("channels_forgotten", pooled * pooled),
            number_slip("one_axis_only", channels * pooled),
            number_slip("before_the_pooling", channels * stack.rows[0].output_size[0] ** 2),
        ),
        others=(number_slip("pooling_rounded_up", channels * _half_up(stack) ** 2),),
        why=of_factors(channels),
        block=listing(named(layers), 2),
        stack=stack,
    )


TEMPLATES = (
    map_before_the_head,
    features_of_flatten,
    receptive_field,
    receptive_field_with_strides,
)
