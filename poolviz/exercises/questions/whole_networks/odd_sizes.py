"""Questions about odd sizes: down and up again, skip connections, and output_padding.

The wording of the messages is in the `network_errors` of PyTorch, and was compared with what
PyTorch 2.13 raises (`tools/record/exercises/ask_course.py`).
"""

from __future__ import annotations

from poolviz.arithmetic.call import trace
from poolviz.arithmetic.layers.conv import ConvTranspose
from poolviz.dialects.pytorch.network_errors import of_join, of_sum
from poolviz.exercises.answers.catalogue import Word
from poolviz.exercises.answers.choices import Choice, Option
from poolviz.exercises.answers.forms import Fractions, Numbers, exact
from poolviz.exercises.case import Case, Draw, Slip, template
from poolviz.exercises.misconceptions import number_slip
from poolviz.exercises.reasons import of_parts, reason

NOTEBOOK = "16"
SIZES, MESSAGE, FIX = "predict a size", "read a message", "find the smallest fix"


def _halved(size: int, times: int) -> list[int]:
    """Return a size and what each 2 × 2 pooling leaves of it."""
    return [size // 2**i for i in range(times + 1)]


# --- down and up again ---------------------------------------------------------------------------


@template(NOTEBOOK, 1, SIZES)
def down_and_up(draw: Draw) -> Case | None:
    """Pooling rounds down, and doubling cannot bring the lost rows back."""
    size, times = draw.number(17, 90), draw.number(2, 3)
    factor = 2**times
    bottom, rounded_up = size // factor, size
    for _ in range(times):
        rounded_up = -(-rounded_up // 2)
    return Case(
        form=Numbers(is_square=True),
        right=exact(bottom * factor),
        fields={
            "n": size,
            "times": times,
            "way": " → ".join(map(str, _halved(size, times))),
            "back": " → ".join(str(bottom * 2**i) for i in range(times + 1)),
        },
        listed=(
            number_slip("returns_to_the_input", size),
            number_slip("rounded_up_on_the_way", rounded_up * factor),
            number_slip("way_up_forgotten", bottom),
        ),
        why=lambda value: _of_doubling(int(value[0]), factor),
    )


def _of_doubling(given: int, factor: int) -> Slip:
    """Return the size at the bottom that a size comes from."""
    if given % factor:
        return reason("no_doubling", given, factor=factor)
    return reason("doubled_from", given, bottom=given // factor)


@template(NOTEBOOK, 2, "choose the failing layer")
def skip_that_fails(draw: Draw) -> Case | None:
    """The way up starts at the bottom: the deepest odd size is joined first."""
    size, times = draw.number(40, 250), draw.number(3, 4)
    sizes = _halved(size, times)[:-1]
    odd = [i for i, each in enumerate(sizes) if each % 2]
    # Otherwise one of the wrong rules names the right skip.
    if len(odd) < 2 or odd[-1] == times - 1:
        return None
    names = [f"skip{i + 1}" for i in range(times)]
    right = names[odd[-1]]
    return Case(
        form=Choice(tuple(Option(name, name) for name in names)),
        right=right,
        fields={
            "n": size,
            "times": times,
            "last": names[-1],
            "right": right,
            "size": sizes[odd[-1]],
            "came": sizes[odd[-1]] - 1,
            "way": " → ".join(map(str, sizes)),
        },
        listed=(Slip("highest_odd_skip", names[odd[0]]), Slip("deepest_skip", names[-1])),
        why=lambda name: _of_skip(name, sizes[names.index(name)]),
    )


def _of_skip(name: str, size: int) -> Slip:
    """Return whether a skip has the size that comes up to it."""
    key = "skip_is_later" if size % 2 else "skip_fits"
    return reason(key, name, skip=name, size=size)


@template(NOTEBOOK, 2, "find the minimum input")
def size_for_a_network(draw: Draw) -> Case | None:
    """The next size that all pooling layers halve without a remainder."""
    least, times = draw.number(50, 250), draw.number(3, 5)
    factor = 2**times
    even, doubled = least + least % 2, -(-least // (2 * times)) * 2 * times
    right = -(-least // factor) * factor
    if even == right or doubled % factor == 0:
        return None
    return Case(
        form=Numbers(is_square=True),
        right=exact(right),
        fields={
            "n": least,
            "times": times,
            "factor": factor,
            "parts": right // factor,
            "right": right,
        },
        listed=(
            number_slip("rounded_to_even", even),
            number_slip("twice_per_pooling", doubled),
            number_slip("size_below", right - factor),
        ),
        why=lambda value: _of_halving(int(value[0]), least, times),
    )


def _of_halving(given: int, least: int, times: int) -> Slip:
    """Return how many halvings leave a size odd."""
    if given < least:
        return reason("smaller_than_the_image", given, least=least)
    odd = next((i for i in range(times) if given % 2 ** (i + 1)), None)
    if odd is None:
        return reason("works_too", given - 2**times)
    if odd == 0:
        return reason("odd_at_once", given)
    return reason("halved_to_odd", given, halvings=odd, odd=given // 2**odd)


# --- skip connections ----------------------------------------------------------------------------


@template(NOTEBOOK, 1, MESSAGE)
def sizes_in_a_join(draw: Draw) -> Case | None:
    """The message of torch.cat: which of the two has which size."""
    half = draw.number(5, 60)
    up, skip = 2 * half, 2 * half + 1
    is_up_first = bool(draw.number(0, 1))
    first, second = (up, skip) if is_up_first else (skip, up)
    block = f"RuntimeError: {of_join(first, second)}"
    return Case(
        form=Numbers(("up", "skip")),
        right=exact(up, skip),
        fields={
            "call": f"torch.cat([{'up, skip' if is_up_first else 'skip, up'}], dim=1)",
            "first": "up" if is_up_first else "skip",
            "expected": first,
            "got": second,
            "up": up,
            "skip": skip,
        },
        listed=(
            number_slip("tensors_swapped", (skip, up)),
            number_slip("dimension_for_a_size", (1, first) if is_up_first else (first, 1)),
        ),
        why=of_parts(exact(up, skip), block),
        block=block,
    )


DIMENSIONS = ("batch", "channels", "height", "width")
IN_KERAS = ("batch", "height", "width", "channels")


@template(NOTEBOOK, 1, MESSAGE)
def axis_of_a_sum(draw: Draw) -> Case | None:
    """The message "must match the size of tensor b … at non-singleton dimension"."""
    place = draw.number(1, 3)
    size = draw.number(6, 64)
    # As in a U-Net: sizes differ by the row that a pooling layer lost, channels by a factor.
    other = size + 1 if place > 1 else 2 * size
    first, second = draw.shuffled((size, other))
    right = DIMENSIONS[place]
    return Case(
        form=Choice(tuple(Option(name, Word(name)) for name in DIMENSIONS)),
        right=right,
        fields={"place": place, "axis": Word(right), "first": first, "second": second},
        listed=(
            Slip("dimension_counted_from_one", DIMENSIONS[place - 1]),
            Slip("axes_of_keras", IN_KERAS[place]),
        ),
        why=lambda name: reason(
            "other_dimension", name, other=Word(name), at=DIMENSIONS.index(name)
        ),
        block=f"RuntimeError: {of_sum(first, second, place)}",
    )


@template(NOTEBOOK, 1, "count channels")
def channels_after_a_join(draw: Draw) -> Case | None:
    """The in_channels of the convolution behind a concatenation."""
    skip = draw.one_of((16, 24, 32, 48, 64))
    up, out = draw.one_of((skip, 2 * skip)), draw.one_of((16, 32, 64))
    side, count = 2 * draw.number(10, 50), draw.one_of((2, 4, 8))
    return Case(
        form=Numbers(),
        right=exact(up + skip),
        fields={
            "up": str((count, up, side, side)),
            "skip": str((count, skip, side, side)),
            "out": out,
            "first": up,
            "second": skip,
            "right": up + skip,
        },
        listed=(
            number_slip("channels_of_one_map", skip),
            number_slip("output_channels_given", out),
            number_slip("sizes_joined", 2 * side),
        ),
        others=(number_slip("channels_of_one_map", up),),
        why=lambda value: reason("channels_of_both", int(value[0])),
    )


@template(NOTEBOOK, 2, FIX)
def rows_to_crop(draw: Draw) -> Case | None:
    """Convolutions without padding at half the size: what the skip has too much."""
    kernel, count, half = draw.one_of((3, 5)), draw.number(2, 3), draw.number(20, 60)
    size, lost = 2 * half, count * (kernel - 1)
    up = 2 * (half - lost)
    return Case(
        form=Numbers(),
        right=exact((size - up) // 2),
        fields={
            "n": size,
            "count": count,
            "k": kernel,
            "half": half,
            "small": half - lost,
            "up": up,
            "difference": size - up,
            "right": (size - up) // 2,
        },
        listed=(
            number_slip("crop_of_both_sides", size - up),
            number_slip("loss_not_doubled", lost // 2),
        ),
        why=lambda value: _of_crop(int(value[0]), size, up),
    )


def _of_crop(given: int, size: int, up: int) -> Slip:
    """Return the size that is left after cropping both sides."""
    if given < 0:
        return reason("below_the_least", given, least=0)
    return reason("crop_leaves", given, left=size - 2 * given, up=up)


PADS = {
    "height_end": "F.pad(up, (0, 0, 0, 1))",
    "width_end": "F.pad(up, (0, 1, 0, 0))",
    "height_both": "F.pad(up, (0, 0, 1, 1))",
    "width_both": "F.pad(up, (1, 1, 0, 0))",
}


@template(NOTEBOOK, 3, FIX)
def pad_of_a_map(draw: Draw) -> Case | None:
    """F.pad counts from the last axis: left, right, top, bottom."""
    count, channels = draw.number(2, 8), draw.one_of((8, 16, 32))
    height, width = 2 * draw.number(5, 40), 2 * draw.number(5, 40)
    is_height = bool(draw.number(0, 1))
    axis, other = ("height", "width") if is_height else ("width", "height")
    skip = (height + 1, width) if is_height else (height, width + 1)
    return Case(
        form=Choice(tuple(Option(key, f"`{line}`") for key, line in PADS.items())),
        right=f"{axis}_end",
        fields={
            "up": str((count, channels, height, width)),
            "skip": str((count, channels, *skip)),
            "axis": Word(axis),
            "right": PADS[f"{axis}_end"],
        },
        listed=(
            Slip("pad_of_the_other_axis", f"{other}_end"),
            Slip("pad_on_both_sides", f"{axis}_both"),
        ),
        others=(Slip("pad_of_the_other_axis", f"{other}_both"),),
    )


# --- transposed convolutions ---------------------------------------------------------------------


@template(NOTEBOOK, 2, FIX)
def output_padding_needed(draw: Draw) -> Case | None:
    """The rows that a convolution dropped come back with its transposed convolution."""
    kernel, stride, size = draw.number(3, 6), draw.number(3, 5), draw.number(20, 70)
    padding = draw.number(0, 1)
    smaller = (size + 2 * padding - kernel) // stride + 1
    up = trace(ConvTranspose(8, kernel, stride=stride, padding=padding, in_channels=8), smaller)
    back = up.axes[0].output_size
    missing = size - back
    if not 1 <= missing < stride:
        return None
    words = f"stride={stride}" + (f", padding={padding}" if padding else "")
    return Case(
        form=Numbers(),
        right=exact(missing),
        fields={
            "n": size,
            "down": f"nn.Conv2d(8, 8, {kernel}, {words})",
            "up": f"nn.ConvTranspose2d(8, 8, {kernel}, {words})",
            "smaller": smaller,
            "back": back,
            "missing": missing,
        },
        listed=(
            number_slip("counted_from_the_stride", stride - missing),
            number_slip("rest_of_the_size", size % stride),
        ),
        others=(number_slip("rest_without_padding", (size - kernel) % stride),),
        why=lambda value: _of_output_padding(int(value[0]), back, size, stride),
    )


def _of_output_padding(given: int, back: int, size: int, stride: int) -> Slip:
    """Return the size that an output_padding gives, or that PyTorch rejects it."""
    if given < 0:
        return reason("below_the_least", given, least=0)
    if given >= stride:
        return reason("output_padding_over_the_stride", given, most=stride - 1)
    return reason("output_padding_gives", given, size=back + given, n=size)


@template(NOTEBOOK, 3, SIZES)
def sizes_to_choose(draw: Draw) -> Case | None:
    """The range that output_size may choose from: as many sizes as the stride is long."""
    kernel, stride, size = draw.number(3, 6), draw.number(2, 4), draw.number(4, 24)
    padding = draw.number(1, 2)
    layer = ConvTranspose(8, kernel, stride=stride, padding=padding, in_channels=8)
    least = trace(layer, size).axes[0].output_size
    most, last = least + stride - 1, (size - 1) * stride
    if size * stride == least:
        return None
    return Case(
        form=Numbers(("smallest_size", "largest_size")),
        right=exact(least, most),
        fields={
            "call": f"nn.ConvTranspose2d(8, 8, {kernel}, stride={stride}, padding={padding})",
            "n": size,
            "last": last,
            "end": last + kernel,
            "removed": 2 * padding,
            "least": least,
            "most": most,
            "more": stride - 1,
        },
        listed=(
            number_slip("one_size_too_many", (least, least + stride)),
            number_slip("removed_padding_once", (least + padding, most + padding)),
            number_slip("transposed_times_stride", (size * stride, size * stride + stride - 1)),
        ),
        why=lambda value: _of_range(value, (least, most)),
    )


def _of_range(value: Fractions, right: tuple[int, int]) -> Slip | None:
    """Return what decides about the first end that is wrong."""
    for given, expected, key in zip(value, right, ("smallest_end", "largest_end"), strict=True):
        if given != expected:
            return reason(key, int(given))
    return None


TEMPLATES = (
    down_and_up,
    sizes_in_a_join,
    axis_of_a_sum,
    channels_after_a_join,
    skip_that_fails,
    size_for_a_network,
    rows_to_crop,
    output_padding_needed,
    pad_of_a_map,
    sizes_to_choose,
)
