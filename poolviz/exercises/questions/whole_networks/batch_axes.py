"""Questions about the axes of a batch: missing axes, `view(-1, …)`, and the first dense layer.

The wording of the messages is in the `network_errors` of each dialect, and was compared with what
PyTorch 2.13 and Keras 3.15 raise (`tools/record/exercises/ask_course.py`).
"""

from __future__ import annotations

from math import prod

from poolviz.arithmetic.layers.conv import Conv
from poolviz.arithmetic.layers.network_layers import Flatten, Layer
from poolviz.arithmetic.layers.pool import Pool
from poolviz.diagnosis.network.stack import Stack
from poolviz.dialects.keras.network_errors import of_rank
from poolviz.dialects.pytorch.network_errors import of_loss, of_product, of_view
from poolviz.exercises.answers.catalogue import Field, Word
from poolviz.exercises.answers.choices import Choice, Option
from poolviz.exercises.answers.forms import Fractions, Numbers, exact
from poolviz.exercises.case import Case, Draw, Slip, template
from poolviz.exercises.misconceptions import number_slip
from poolviz.exercises.reasons import Why, of_factors, of_parts, reason
from poolviz.i18n.phrase import by

NOTEBOOK = "15"
MESSAGE, SHAPE, SIZES = "read a message", "read a shape", "predict a size"
AXES = ("images", "channels", "height", "width")


# --- which axis is missing -----------------------------------------------------------------------

PLACES = {"first": 0, "second": 1, "last": 3}


def _with_axis(shape: tuple[int, ...], where: str) -> str:
    """Return the shape with a new axis in one of these places, as Python writes it."""
    place = PLACES[where]
    return str((*shape[:place], 1, *shape[place:]))


@template(NOTEBOOK, 2, "find the smallest fix")
def axis_to_add(draw: Draw) -> Case | None:
    """Many grey images: the batch is there, the channel axis is not."""
    shape = (draw.number(20, 90), draw.number(20, 64), draw.number(20, 64))
    is_keras = bool(draw.number(0, 1))
    right, other = ("last", "second") if is_keras else ("second", "last")
    line = "np.expand_dims(x, axis={})" if is_keras else "x.unsqueeze({})"
    lines = {key: line.format(place) for key, place in PLACES.items()}
    return Case(
        form=Choice(tuple(Option(key, f"`{code}`") for key, code in lines.items())),
        right=right,
        fields={
            "shape": str(shape),
            "images": shape[0],
            "framework": "Keras" if is_keras else "PyTorch",
            "call": "layers.Conv2D(8, 3)" if is_keras else "nn.Conv2d(1, 8, 3)",
            "order": "(N, H, W, C)" if is_keras else "(N, C, H, W)",
            "became": _with_axis(shape, right),
        },
        listed=(
            Slip("batch_axis_added", "first", {"became": _with_axis(shape, "first")}),
            Slip("channel_axis_elsewhere", other, {"became": _with_axis(shape, other)}),
        ),
    )


@template(NOTEBOOK, 1, SHAPE)
def batch_as_read(draw: Draw) -> Case | None:
    """An order of axes that the framework does not know, or three axes without a batch."""
    count, channels = draw.number(8, 64), 3
    height, width = draw.number(20, 60), draw.number(20, 60)
    meant: tuple[int, ...] = (count, channels, height, width)
    shape: tuple[int, ...] = meant
    read: tuple[int, ...]
    kind = draw.number(0, 2)
    if kind == 0:  # grey images without a channel axis
        shape, read = (count, height, width), (1, count, height, width)
        meant = (count, 1, height, width)
    elif kind == 1:  # channels last in PyTorch
        shape = read = (count, height, width, channels)
    else:  # channels first in Keras
        read = (count, width, channels, height)
    letters = "NHWC" if kind == 2 else "NCHW"
    return Case(
        form=Numbers(AXES),
        right=exact(*read),
        fields={
            "shape": str(shape),
            "framework": "Keras" if kind == 2 else "PyTorch",
            "call": "layers.MaxPooling2D(2)" if kind == 2 else "nn.MaxPool2d(2)",
            "order": f"({', '.join(letters[4 - len(shape) :])})",
            "read": ", ".join(map(str, read)),
        },
        listed=(
            number_slip("read_as_it_was_meant", meant),
            number_slip("axes_swapped", (*read[:2], read[3], read[2])),
        ),
        why=of_parts(exact(*read), str(shape)),
    )


@template(NOTEBOOK, 1, MESSAGE)
def missing_axis_in_keras(draw: Draw) -> Case | None:
    """The message "expected min_ndim=4, found ndim=…"."""
    height, width, count = draw.number(20, 64), draw.number(20, 64), draw.number(10, 90)
    kind = draw.number(0, 3)
    shape, word, right = (
        ((height, width, 1), "grey_image", "batch"),
        ((height, width, 3), "colour_image", "batch"),
        ((count, height, width), "grey_images", "channels"),
        ((height, width), "grey_image", "both"),
    )[kind]
    rules = {
        "batch": {"channel_axis_is_there": "channels", "one_axis_is_missing": "both"},
        "channels": {"batch_axis_is_there": "batch", "one_axis_is_missing": "both"},
        "both": {"one_axis_is_not_enough": "batch", "channels_are_not_enough": "channels"},
    }[right]
    words = {"batch": Word("batch"), "channels": Word("channels"), "both": Word("both_axes")}
    return Case(
        form=Choice(tuple(Option(key, text) for key, text in words.items())),
        right=right,
        fields={
            "what": Word(word),
            "first": shape[0],
            "last": shape[-1],
            "found": len(shape),
            "shape": str(shape),
            "missing": words[right],
        },
        listed=tuple(Slip(name, key) for name, key in rules.items()),
        block=f"ValueError: {of_rank('conv2d', 4, shape)}",
    )


# --- one image without a batch -------------------------------------------------------------------


@template(NOTEBOOK, 2, SIZES)
def flatten_without_a_batch(draw: Draw) -> Case | None:
    """Flatten keeps the first axis: without a batch, that is the channels."""
    height, width, channels = draw.number(12, 40), draw.number(12, 40), draw.one_of((4, 8, 16))
    rows, columns = height - 2, width - 2
    return Case(
        form=Numbers(("rows", "columns")),
        right=exact(channels, rows * columns),
        fields={
            "shape": str((1, height, width)),
            "call": f"nn.Conv2d(1, {channels}, 3)",
            "map": str((channels, rows, columns)),
            "right": str((channels, rows * columns)),
            "channels": channels,
        },
        listed=(
            number_slip("flatten_of_a_batch", (1, channels * rows * columns)),
            number_slip("convolution_left_out", (channels, height * width)),
            number_slip("channels_of_the_image", (1, rows * columns)),
        ),
        why=lambda value: reason("first_axis_stays", int(value[0]), second=int(value[1])),
    )


@template(NOTEBOOK, 2, MESSAGE)
def rows_in_a_product(draw: Draw) -> Case | None:
    """The message "mat1 and mat2 shapes cannot be multiplied": batch and features."""
    count, channels = draw.one_of((8, 16, 32, 64)), draw.one_of((8, 16, 32))
    size, built = draw.number(4, 14), draw.number(4, 14)
    features, expected = channels * size * size, channels * built * built
    block = f"RuntimeError: {of_product(count, features, expected, 10)}"
    return Case(
        form=Numbers(("images", "features")),
        right=exact(count, features),
        fields={"images": count, "features": features, "built": expected},
        listed=(
            number_slip("features_of_the_layer", (count, expected)),
            number_slip("second_pair_read", (expected, 10)),
            number_slip("pair_swapped", (features, count)),
        ),
        why=of_parts(exact(count, features), block),
        block=block,
    )


# --- view(-1, n) ---------------------------------------------------------------------------------

# Sides of a map and of the map that the layer was built for: whole images give whole rows.
SIDES = ((10, 5), (8, 4), (6, 3), (6, 4), (9, 6), (12, 6), (12, 4), (9, 3), (14, 7))


@template(NOTEBOOK, 2, SIZES)
def rows_of_a_view(draw: Draw) -> Case | None:
    """A larger map: `view(-1, n)` makes several rows of each image."""
    count, channels = draw.one_of((4, 8, 16, 32, 64)), draw.one_of((4, 8, 16))
    side, built = draw.one_of(SIDES)
    features, total = channels * built * built, count * channels * side * side
    return Case(
        form=Numbers(),
        right=exact(total // features),
        fields={
            "shape": str((count, channels, side, side)),
            "features": features,
            "total": total,
            "right": total // features,
            "images": count,
        },
        listed=(
            number_slip("view_keeps_the_batch", count),
            number_slip("numbers_of_one_image", total // count),
        ),
        why=lambda value: _of_rows(int(value[0]), features, total),
    )


def _of_rows(given: int, features: int, total: int) -> Slip:
    """Return how many numbers that many rows would hold."""
    return reason("rows_hold", given, held=given * features, total=total, features=features)


def _of_images(images: int, total: int) -> Why:
    """Return how many numbers that many numbers per image would be in the batch."""

    def why(value: Fractions) -> Slip:
        given = int(value[0])
        return reason("images_hold", given, held=given * images, total=total, images=images)

    return why


@template(NOTEBOOK, 2, MESSAGE)
def view_that_fails(draw: Draw) -> Case | None:
    """The message "shape '[-1, n]' is invalid for input of size": numbers of one image."""
    count, channels = draw.one_of((4, 8, 16, 32, 64)), draw.one_of((8, 16, 32))
    side, built = draw.number(3, 12), draw.number(3, 9)
    features, total = channels * built * built, count * channels * side * side
    if total % features == 0:
        return None
    each = total // count
    return Case(
        form=Numbers(),
        right=exact(each),
        fields={"images": count, "total": total, "built": features, "right": each},
        listed=(
            number_slip("features_of_the_layer", features),
            number_slip("whole_batch_counted", total),
            number_slip("rows_rounded_down", total // features),
        ),
        why=_of_images(count, total),
        block=f"RuntimeError: {of_view(features, total)}",
    )


@template(NOTEBOOK, 3, MESSAGE)
def rows_in_a_loss(draw: Draw) -> Case | None:
    """The loss has more rows than targets: what the view did to each image."""
    count, channels = draw.one_of((4, 8, 16, 32, 64)), draw.one_of((4, 8, 16))
    side, built = draw.one_of(SIDES)
    features, each = channels * built * built, channels * side * side
    rows = count * each // features
    return Case(
        form=Numbers(),
        right=exact(each),
        fields={"images": count, "features": features, "built": features, "right": each}
        | {"rows": rows, "total": rows * features},
        listed=(
            number_slip("features_of_the_layer", features),
            number_slip("rows_for_numbers", rows),
            number_slip("whole_batch_counted", rows * features),
        ),
        why=_of_images(count, rows * features),
        block=f"ValueError: {of_loss(rows, count)}",
    )


# --- the first dense layer -----------------------------------------------------------------------


@template(NOTEBOOK, 3, SIZES)
def first_linear_size(draw: Draw) -> Case | None:
    """The in_features of the first dense layer after two convolutions and pooling layers."""
    channels, last = draw.one_of((8, 16)), draw.one_of((16, 32, 64))
    kernel, padding, size = draw.one_of((3, 5)), draw.number(0, 1), draw.number(24, 64)
    layers: list[Layer] = [
        Conv(channels, kernel, padding=padding, in_channels=3),
        Pool(2),
        Conv(last, 3, in_channels=channels),
        Pool(2),
        Flatten(),
    ]
    stack = Stack(layers, (3, size, size))
    before, side = stack.rows[2].output_size[0], stack.rows[3].output_size[0]
    count, right = draw.one_of((4, 16, 32)), prod(stack.output_shape or ())
    padded = f", padding={padding}" if padding else ""
    fields: dict[str, Field] = {
        "shape": str((count, 3, size, size)),
        "map": by((last, side, side)),
        "right": right,
    }
    return Case(
        form=Numbers(),
        right=exact(right),
        fields=fields,
        listed=(
            number_slip("channels_forgotten", side * side),
            number_slip("one_axis_only", last * side),
            number_slip("before_the_pooling", last * before * before),
            number_slip("whole_batch_counted", count * right),
        ),
        others=(number_slip("pooling_rounded_up", last * (-(-before // 2)) ** 2),),
        why=of_factors(last),
        block="\n".join(
            (
                f"nn.Conv2d(3, {channels}, {kernel}{padded})",
                "nn.MaxPool2d(2)",
                f"nn.Conv2d({channels}, {last}, 3)",
                "nn.MaxPool2d(2)",
                "nn.Flatten()",
                "nn.Linear(?, 10)",
            )
        ),
        stack=stack,
    )


TEMPLATES = (
    batch_as_read,
    missing_axis_in_keras,
    axis_to_add,
    flatten_without_a_batch,
    rows_in_a_product,
    rows_of_a_view,
    view_that_fails,
    first_linear_size,
    rows_in_a_loss,
)
