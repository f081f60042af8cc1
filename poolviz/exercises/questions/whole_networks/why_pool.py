"""Questions about what pooling is for: channels, parameters, strides, global pooling, BatchNorm."""

from __future__ import annotations

from math import ceil, log2

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.call import trace
from poolviz.arithmetic.layers.conv import Conv
from poolviz.arithmetic.layers.network_layers import Layer
from poolviz.arithmetic.layers.pool import Pool
from poolviz.diagnosis.network.stack import Stack
from poolviz.exercises.answers.catalogue import Word
from poolviz.exercises.answers.choices import Option, Several
from poolviz.exercises.answers.forms import Fractions, Numbers, exact
from poolviz.exercises.case import Case, Draw, Slip, template
from poolviz.exercises.misconceptions import number_slip
from poolviz.exercises.reasons import Why, of_windows, reason
from poolviz.i18n.phrase import by

NOTEBOOK = "17"
SIZES, WEIGHTS, FORMULA = "predict a size", "count weights", "use the formula"


# --- what stays and what shrinks -----------------------------------------------------------------


@template(NOTEBOOK, 1, SIZES)
def shape_after_pooling(draw: Draw) -> Case | None:
    """The channels stay: every channel is pooled on its own."""
    kernel, channels = draw.number(2, 4), draw.one_of((12, 24, 48, 96))
    traced = trace(Pool(kernel), (draw.number(20, 60), draw.number(20, 60)))
    height, width = traced.output_size
    return Case(
        form=Numbers(("channels", "height", "width")),
        right=exact(channels, height, width),
        fields={
            "shape": str((channels, *traced.input_size)),
            "k": kernel,
            "right": by((channels, height, width)),
            "channels": channels,
        },
        listed=(
            number_slip("channels_pooled_too", (channels // kernel, height, width)),
            number_slip("channels_merged", (1, height, width)),
        ),
        why=lambda value: _of_shape(value, channels, traced.axes),
    )


def _of_shape(value: Fractions, channels: int, axes: tuple[AxisTrace, ...]) -> Slip | None:
    """Return why the first wrong number is wrong."""
    if value[0] != channels:
        return reason("channels_stay", int(value[0]))
    return _of_axes(value[1:], axes)


def _of_axes(value: Fractions, axes: tuple[AxisTrace, ...]) -> Slip | None:
    pairs = zip(axes, value, strict=True)
    wrong = ((axis, int(given)) for axis, given in pairs if given != axis.output_size)
    return next((of_windows(axis, given) for axis, given in wrong), None)


@template(NOTEBOOK, 1, SIZES)
def numbers_after_global_pooling(draw: Draw) -> Case | None:
    """One number per channel, whatever the size of the map."""
    channels, size = draw.one_of((64, 128, 256, 512)), draw.number(3, 15)
    return Case(
        form=Numbers(),
        right=exact(channels),
        fields={"shape": str((channels, size, size)), "channels": channels},
        listed=(
            number_slip("flatten_without_pooling", channels * size * size),
            number_slip("one_number_for_all", 1),
            number_slip("channels_forgotten", size * size),
        ),
        why=lambda value: reason("channels_stay", int(value[0])),
    )


# --- parameters ----------------------------------------------------------------------------------


def _of_shares(outputs: int) -> Why:
    """Return whether a number of parameters is the same for each output."""

    def why(value: Fractions) -> Slip:
        given = int(value[0])
        key = "unequal_shares" if given % outputs else "equal_shares"
        return reason(key, given, outputs=outputs, each=given // outputs)

    return why


@template(NOTEBOOK, 1, WEIGHTS)
def parameters_instead_of_pooling(draw: Draw) -> Case | None:
    """A convolution with stride 2 in place of a pooling layer."""
    channels, kernel = draw.one_of((4, 8, 16, 32)), draw.one_of((2, 3, 5))
    weights = channels * channels * kernel * kernel
    return Case(
        form=Numbers(),
        right=exact(weights + channels),
        fields={
            "call": f"nn.Conv2d({channels}, {channels}, {kernel}, stride=2)",
            "channels": channels,
            "k": kernel,
            "right": weights + channels,
        },
        listed=(
            number_slip("pooling_has_none", 0),
            number_slip("bias_forgotten", weights),
            number_slip("one_channel_per_filter", channels * kernel * kernel + channels),
        ),
        others=(number_slip("one_filter_only", channels * kernel * kernel + 1),),
        why=_of_shares(channels),
    )


@template(NOTEBOOK, 2, WEIGHTS)
def parameters_of_a_head(draw: Draw) -> Case | None:
    """Global pooling before a dense layer: one weight per channel and class."""
    channels, size = draw.one_of((64, 128, 256, 512)), draw.number(4, 14)
    classes = draw.one_of((5, 10, 20, 100))
    right = channels * classes + classes
    return Case(
        form=Numbers(),
        right=exact(right),
        fields={
            "shape": str((channels, size, size)),
            "channels": channels,
            "classes": classes,
            "right": right,
            "flat": channels * size * size * classes + classes,
        },
        listed=(
            number_slip("head_of_a_flatten", channels * size * size * classes + classes),
            number_slip("bias_forgotten", channels * classes),
            number_slip("one_weight_per_class", channels + classes),
        ),
        why=_of_shares(classes),
    )


# --- convolutions with stride 2 ------------------------------------------------------------------


@template(NOTEBOOK, 1, SIZES)
def halved_two_ways(draw: Draw) -> Case | None:
    """An odd size: pooling rounds down, the padded convolution rounds up."""
    size = 2 * draw.number(5, 60) + 1
    pool, conv = trace(Pool(2), size), trace(Conv(8, 3, stride=2, padding=1), size)
    axes = (pool.axes[0], conv.axes[0])
    down, up = (axis.output_size for axis in axes)
    return Case(
        form=Numbers(("pooling", "convolution")),
        right=exact(down, up),
        fields={"n": size, "pool_formula": axes[0].formula, "conv_formula": axes[1].formula},
        listed=(
            number_slip("both_rounded_down", (down, down)),
            number_slip("both_rounded_up", (up, up)),
            number_slip("roundings_swapped", (up, down)),
        ),
        why=lambda value: _of_axes(value, axes),
    )


@template(NOTEBOOK, 2, "find a padding")
def padding_like_pooling(draw: Draw) -> Case | None:
    """The padding with which a convolution of stride 2 gives the size of a 2 × 2 pooling."""
    kernel, size = draw.number(4, 9), draw.number(20, 60)
    wanted, even = size // 2, (size - kernel) // 2 + 1
    right = wanted - even  # each padding cell on both sides is one window of stride 2 more
    return Case(
        form=Numbers(),
        right=exact(right),
        fields={
            "n": size,
            "wanted": wanted,
            "call": f"nn.Conv2d(8, 8, {kernel}, stride=2, padding=?)",
            "formula": trace(Conv(8, kernel, stride=2, padding=right), size).axes[0].formula,
        },
        listed=(
            number_slip("half_the_kernel_always", kernel // 2),
            number_slip("padding_on_one_side_only", 2 * right),
            number_slip("no_padding", 0),
        ),
        why=lambda value: _of_padding(int(value[0]), even, wanted),
    )


def _of_padding(given: int, unpadded: int, wanted: int) -> Slip:
    if given < 0:
        return reason("below_the_least", given, least=0)
    return reason("padding_gives", given, size=unpadded + given, n=wanted)


# --- how many ------------------------------------------------------------------------------------


@template(NOTEBOOK, 2, FORMULA)
def poolings_before_the_head(draw: Draw) -> Case | None:
    """As many halvings as leave a map of a given size."""
    size, least = draw.number(60, 600), draw.number(4, 9)
    right = max(i for i in range(12) if size // 2**i >= least)
    return Case(
        form=Numbers(),
        right=exact(right),
        fields={
            "n": size,
            "least": least,
            "right": right,
            "way": " → ".join(str(size // 2**i) for i in range(right + 2)),
        },
        listed=(
            number_slip("one_pooling_too_many", ceil(log2(size / least))),
            number_slip("pooled_to_the_end", int(log2(size))),
        ),
        why=lambda value: _of_halvings(int(value[0]), size, least),
    )


def _of_halvings(given: int, size: int, least: int) -> Slip:
    if given < 0:
        return reason("below_the_least", given, least=0)
    return reason("halvings_leave", given, rows=size // 2**given, least=least)


def _block(kernel: int, times: int) -> Stack:
    """Return blocks of a convolution and a 2 × 2 pooling."""
    layers: list[Layer] = [Conv(8, kernel, padding=kernel // 2), Pool(2)] * times
    return Stack(layers, (1, 1024, 1024), framework="pytorch")


@template(NOTEBOOK, 3, FORMULA)
def blocks_to_see(draw: Draw) -> Case | None:
    """Each pooling doubles the step: what an output element depends on doubles, too."""
    kernel, wanted = draw.one_of((3, 5)), draw.number(12, 120)
    # Six blocks see 190 rows or more, whatever is wanted; one entry per block.
    seen = [row.receptive_field[0] for row in _block(kernel, 6).rows][1::2]
    right = next(i for i, each in enumerate(seen, 1) if each >= wanted)
    return Case(
        form=Numbers(),
        right=exact(right),
        fields={
            "k": kernel,
            "wanted": wanted,
            "right": right,
            "seen": " → ".join(map(str, seen[:right])),
            "extreme": Word("smallest"),
        },
        listed=(
            number_slip("blocks_times_rows", ceil(wanted / seen[0])),
            number_slip("one_block_too_few", right - 1),
        ),
        others=(number_slip("strides_forgotten", ceil((wanted - 1) / kernel)),),
        works=lambda value: value[0].denominator == 1 and value[0] >= right,
        why=lambda value: _of_blocks(int(value[0]), seen, right),
    )


def _of_blocks(given: int, seen: list[int], right: int) -> Slip | None:
    """Return what an element depends on after that many blocks."""
    if given > right:
        return reason("works_too", given - 1)
    if given < 1:
        return reason("below_the_least", given, least=1)
    return reason("blocks_see", given, seen=seen[given - 1])


# --- normalisation -------------------------------------------------------------------------------


@template(NOTEBOOK, 2, "use the formula")
def values_per_channel(draw: Draw) -> Case | None:
    """BatchNorm computes one mean per channel, over the batch and the map."""
    count, channels, side = draw.number(2, 32), draw.one_of((8, 16, 64)), draw.number(2, 12)
    cells = side * side
    return Case(
        form=Numbers(),
        right=exact(count * cells),
        fields={
            "shape": str((count, channels, side, side)),
            "count": count,
            "side": side,
            "right": count * cells,
        },
        listed=(
            number_slip("one_image_only", cells),
            number_slip("channels_counted_too", count * channels * cells),
            number_slip("images_only", count),
        ),
        why=lambda value: _of_maps(int(value[0]), cells),
    )


def _of_maps(given: int, cells: int) -> Slip:
    if given % cells:
        return reason("part_of_a_map", given, cells=cells)
    return reason("whole_maps", given, cells=cells, maps=given // cells)


@template(NOTEBOOK, 3, "predict an outcome")
def normalisation_that_raises(draw: Draw) -> Case | None:
    """One image whose map is down to 1 × 1: a single value per channel."""
    times = draw.number(3, 6)
    factor = 2**times
    batch, channels = draw.number(2, 8), draw.one_of((3, 8, 16, 32, 64))
    other = draw.number(factor + 1, 2 * factor - 1)
    larger = 2 * factor + draw.number(0, 9)
    named = {
        "exact": (1, channels, factor, factor),
        "rounded": (1, channels, other, other),
        "larger": (1, channels, larger, larger),
        "batch": (batch, channels, factor, factor),
    }
    options = tuple(Option(key, by(named[key])) for key in draw.shuffled(sorted(named)))
    return Case(
        form=Several(options),
        right=frozenset({"exact", "rounded"}),
        fields={"times": times, "channels": channels, "least": factor, "most": 2 * factor - 1},
        listed=(
            Slip("only_whole_halvings", frozenset({"exact"})),
            Slip("any_batch", frozenset({"exact", "rounded", "batch"})),
            Slip("any_single_image", frozenset({"exact", "rounded", "larger"})),
        ),
    )


TEMPLATES = (
    shape_after_pooling,
    numbers_after_global_pooling,
    parameters_instead_of_pooling,
    halved_two_ways,
    parameters_of_a_head,
    padding_like_pooling,
    poolings_before_the_head,
    values_per_channel,
    blocks_to_see,
    normalisation_that_raises,
)
