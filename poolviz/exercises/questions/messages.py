"""Questions about the error messages of each framework, and about channel order.

The wording comes from `arithmetic.frameworks` and the `network_errors` of each dialect,
which are compared with recorded runs.
"""

from __future__ import annotations

from math import prod

from poolviz.arithmetic.framework_names import COURSES
from poolviz.arithmetic.layers.conv import Conv
from poolviz.arithmetic.layers.in_use import framework_in_use
from poolviz.arithmetic.layers.network_layers import Flatten, Linear
from poolviz.arithmetic.layers.pool import AXIS_NAMES, Pool
from poolviz.arithmetic.trace import Trace, trace
from poolviz.diagnosis.network.stack import Stack
from poolviz.diagnosis.phrases import by
from poolviz.exercises.answers.catalogue import Word
from poolviz.exercises.answers.choices import Choice, Option
from poolviz.exercises.answers.forms import Numbers, exact
from poolviz.exercises.case import Case, Draw, Slip, template
from poolviz.exercises.misconceptions import number_slip
from poolviz.exercises.questions.sizes import facts
from poolviz.exercises.reasons import of_factors, of_parts

KIND = "read a message"
OTHER_AXIS = {"height": "width", "width": "height"}
PLACES = {"height": "0", "width": "1"}


def axis_form(*more: str) -> Choice:
    """Return the options height and width, and others."""
    names = [*AXIS_NAMES[2], *more]
    return Choice(
        tuple(Option(name, Word(name), (PLACES[name],) if name in PLACES else ()) for name in names)
    )


def as_raised(traced: Trace, channels: int) -> str:
    """Return the error of a call as the last line of a traceback."""
    return f"{traced.error_name}: {traced.says(channels)}"


# --- which axis fails ----------------------------------------------------------------------------


def _one_small_axis(draw: Draw, kernel: int) -> tuple[int, int]:
    small, large = draw.number(1, kernel - 1), draw.number(kernel + 2, 30)
    return draw.one_of(((small, large), (large, small)))


def _axis_case(traced: Trace, channels: int) -> Case:
    failing = traced.failing_axes[0]
    more = "channels" if failing.input_size != channels else "batch"
    return Case(
        form=axis_form(more),
        right=failing.name,
        fields={
            **facts(traced),
            "axis": Word(failing.name),
            "other": Word(OTHER_AXIS[failing.name]),
            "kernel": failing.effective_kernel_size,
            "arrives": failing.input_size,
            "channels": channels,
        },
        listed=(
            Slip("axes_swapped", OTHER_AXIS[failing.name]),
            Slip("channels_for_an_axis", more),
        ),
        block=as_raised(traced, channels),
        layer=traced.layer,
        input_size=traced.input_size,
        drawn_later=True,
    )


@template("01", 1, KIND)
def tensorflow_message_axis(draw: Draw) -> Case | None:
    """The message "Negative dimension size caused by subtracting": which axis?"""
    kernel = draw.number(2, 5)
    layer = Pool(kernel, draw.number(1, 2), framework="tensorflow")
    traced = trace(layer, _one_small_axis(draw, kernel))
    return _axis_case(traced, draw.one_of((32, 64, 128)))


@template("08", 1, KIND)
def pytorch_message_axis(draw: Draw) -> Case | None:
    """The message "Given input size … Calculated output size": which axis?"""
    kernel = draw.number(3, 7)
    layer = Pool(kernel, draw.number(1, 2), op="avg")
    traced = trace(layer, _one_small_axis(draw, kernel))
    return _axis_case(traced, draw.one_of((128, 256, 512)))


@template("11", 1, KIND)
def keras_message_axis(draw: Draw) -> Case | None:
    """The message "Computed output size would be zero or negative": which axis?"""
    kernel = draw.number(2, 5)
    layer = Pool(kernel, framework="keras")
    traced = trace(layer, _one_small_axis(draw, kernel))
    return _axis_case(traced, draw.one_of((32, 64, 128)))


# --- which number is which -----------------------------------------------------------------------


@template("01", 1, KIND)
def tensorflow_message_numbers(draw: Draw) -> Case | None:
    """The message "subtracting k from n": which number is the kernel?"""
    kernel = draw.number(3, 7)
    layer = Pool(kernel, stride=draw.number(1, 2), framework="tensorflow")
    traced = trace(layer, _one_small_axis(draw, kernel))
    size = traced.failing_axes[0].input_size
    channels = draw.one_of((8, 16, 32))
    return Case(
        form=Numbers(("kernel", "input")),
        right=exact(kernel, size),
        fields={**facts(traced), "kernel": kernel, "arrives": size},
        listed=(
            number_slip("kernel_and_input_swapped", (size, kernel)),
            number_slip("channels_for_input", (kernel, channels)),
        ),
        why=of_parts(exact(kernel, size), as_raised(traced, channels)),
        block=as_raised(traced, channels),
        layer=traced.layer,
        input_size=traced.input_size,
        drawn_later=True,
    )


@template("09", 1, KIND)
def length_in_a_message(draw: Draw) -> Case | None:
    """A sequence that PyTorch runs as a map with one row."""
    size, channels = draw.number(2, 20), draw.one_of((64, 128, 256, 512))
    layer = Pool((size + draw.number(1, 20),), op="avg")
    traced = trace(layer, size)
    return Case(
        form=Numbers(),
        right=exact(size),
        fields={**facts(traced), "channels": channels, "arrives": size},
        listed=(
            number_slip("channels_for_length", channels),
            number_slip("row_for_length", 1),
            number_slip("output_for_input", traced.output_size[0]),
        ),
        why=of_parts(exact(size), as_raised(traced, channels)),
        block=as_raised(traced, channels),
        layer=layer,
        input_size=traced.input_size,
        drawn_later=True,
    )


# --- channels ------------------------------------------------------------------------------------


def _read_as(shape: tuple[int, int, int], channels_last: bool) -> tuple[int, int, int]:
    """Return height, width and channels of a shape without the batch."""
    first, second, third = shape
    return shape if channels_last else (second, third, first)


SHAPE = ("height", "width", "channels")


@template("07", 1, "read a shape")
def shape_as_read(draw: Draw) -> Case | None:
    """Data in one order, a framework that expects the other."""
    height, width = draw.number(20, 64), draw.number(20, 64)
    channels = draw.one_of((1, 3))
    is_keras = draw.is_second(COURSES)
    shape = (channels, height, width) if is_keras else (height, width, channels)
    title = "Keras" if is_keras else "PyTorch"
    first, second, third = shape
    return Case(
        form=Numbers(SHAPE),
        right=exact(*_read_as(shape, channels_last=is_keras)),
        fields={
            "shape": str(shape),
            "framework": title,
            "read": by(_read_as(shape, channels_last=is_keras)),
            "order": Word("height_width_channels" if is_keras else "channels_height_width"),
        },
        listed=(
            number_slip("read_as_it_was_meant", (height, width, channels)),
            number_slip(
                "axes_swapped",
                (second, first, third) if is_keras else (third, second, first),
            ),
        ),
        why=of_parts(exact(*_read_as(shape, channels_last=is_keras)), str(shape)),
        block="",
    )


@template("07", 2, "choose the failing axis")
def axis_that_the_channels_take(draw: Draw) -> Case | None:
    """Data in the other order: the axis with the channels fails."""
    channels, size = draw.one_of((1, 3)), draw.number(24, 64)
    is_keras = draw.is_second(COURSES)
    framework = "keras" if is_keras else "pytorch"
    shape = (channels, size, size) if is_keras else (size, size, channels)
    stack = Stack((Pool(2, 2),) * 3, shape, framework=framework)
    failure = stack.first_failure
    if failure is None:
        return None
    axis = failure.axes[0]
    return Case(
        form=axis_form("none"),
        right=axis,
        fields={
            "shape": str(shape),
            "framework": "Keras" if is_keras else "PyTorch",
            "read": by(_read_as(shape, channels_last=is_keras)),
            "axis": Word(axis),
            "layer": failure.index + 1,
            "order": Word("height_width_channels" if is_keras else "channels_height_width"),
        },
        listed=(Slip("axes_swapped", OTHER_AXIS[axis]), Slip("read_as_it_was_meant", "none")),
        stack=stack,
    )


@template("07", 2, KIND)
def channels_message(draw: Draw) -> Case | None:
    """The message "expected input … to have C channels": the order of the data."""
    height, width = draw.number(24, 128), draw.number(24, 128)
    channels = draw.one_of((1, 3))
    filters = draw.one_of((16, 32, 64))
    stack = Stack((Conv(filters, 3, in_channels=channels),), (height, width, channels))
    failure = stack.first_failure
    assert failure is not None
    return Case(
        form=Numbers(SHAPE),
        right=exact(height, width, channels),
        fields={"shape": by((height, width, channels)), "channels": channels, "height": height},
        listed=(
            number_slip("read_as_the_layer_does", (width, channels, height)),
            number_slip("axes_swapped", (width, height, channels)),
        ),
        others=(number_slip("batch_for_height", (1, height, width)),),
        why=of_parts(exact(height, width, channels), failure.says or ""),
        block=f"{failure.error_name}: {failure.says}",
        stack=stack,
    )


PERMUTATIONS = ((0, 3, 1, 2), (0, 2, 3, 1), (0, 3, 2, 1))


@template("07", 3, "find the smallest fix")
def permutation_that_repairs(draw: Draw) -> Case | None:
    """The axes in another order: height and width keep theirs."""
    batch, height, width = draw.number(2, 16), draw.number(20, 99), draw.number(20, 99)
    to_first = draw.is_second(COURSES[::-1])
    last, first = (batch, height, width, 3), (batch, 3, height, width)
    given, wanted = (last, first) if to_first else (first, last)
    right = next(p for p in PERMUTATIONS if _permuted(given, p) == wanted)
    mirrored = (0, 3, 2, 1)
    inverse = next(p for p in PERMUTATIONS if p not in (right, mirrored))
    # Otherwise a wrong permutation gives the wanted shape, too.
    if height == width or (not to_first and _permuted(given, mirrored) == wanted):
        return None
    line = "`x.permute{}`" if framework_in_use() == COURSES[0] else "`np.transpose(x, {})`"
    options = tuple(Option(_permutation_key(p), line.format(p)) for p in PERMUTATIONS)
    return Case(
        form=Choice(options),
        right=_permutation_key(right),
        fields={
            "given": str(given),
            "wanted": str(wanted),
            "right": str(right),
            "line": line.format(right),
            "framework": "PyTorch" if to_first else "Keras",
            "other": str(_permuted(given, inverse)),
            "mirror": str(_permuted(given, mirrored)),
        },
        listed=(
            Slip("inverse_permutation", _permutation_key(inverse)),
            Slip("height_and_width_mirrored", _permutation_key(mirrored)),
        ),
    )


def _permuted(shape: tuple[int, ...], order: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(shape[place] for place in order)


def _permutation_key(order: tuple[int, ...]) -> str:
    return "x".join(map(str, order))


@template("08", 3, KIND)
def features_message(draw: Draw) -> Case | None:
    """A dense layer built for another input: its right number of features."""
    channels, size = draw.one_of((8, 16, 32)), draw.number(4, 9)
    built = draw.one_of([other for other in range(3, 10) if other != size])
    wrong_features, out = channels * built * built, draw.one_of((10, 64, 100))
    layers = (Flatten(), Linear(out, in_features=wrong_features))
    stack = Stack(layers, (channels, size, size))
    failure = stack.first_failure
    assert failure is not None
    right = prod(stack.rows[0].output_shape)
    numbers: dict[str, int] = {"features": right, "built": wrong_features, "out": out}
    return Case(
        form=Numbers(),
        right=exact(right),
        fields={**numbers, "shape": by((channels, size, size))},
        listed=(
            number_slip("features_of_the_layer", wrong_features),
            number_slip("output_features", out),
            number_slip("channels_forgotten", size * size),
        ),
        why=of_factors(channels),
        block=f"{failure.error_name}: {failure.says}",
        stack=stack,
    )


TEMPLATES = (
    tensorflow_message_numbers,
    tensorflow_message_axis,
    shape_as_read,
    axis_that_the_channels_take,
    channels_message,
    permutation_that_repairs,
    pytorch_message_axis,
    features_message,
    length_in_a_message,
    keras_message_axis,
)
