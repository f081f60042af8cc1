"""Questions about networks: intermediate sizes, failing layer, root cause, smallest input."""

from __future__ import annotations

from fractions import Fraction
from math import log2, prod

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.conv import Conv
from poolviz.arithmetic.layers.in_use import framework_in_use
from poolviz.arithmetic.layers.network_layers import Layer, Named, bare
from poolviz.arithmetic.layers.pool import Pool
from poolviz.diagnosis.network.phrases import operation_title
from poolviz.diagnosis.network.root_cause import root_causes
from poolviz.diagnosis.network.stack import Stack
from poolviz.exercises.answers.catalogue import Fields
from poolviz.exercises.answers.choices import Choice, Option
from poolviz.exercises.answers.forms import Numbers, exact
from poolviz.exercises.case import Case, Draw, Slip, template
from poolviz.exercises.misconceptions import number_slip
from poolviz.exercises.questions.limits import limit_case, smallest, whole
from poolviz.exercises.reasons import reason
from poolviz.i18n.catalogue import say

LAYER = "choose the failing layer"
SIZES = "predict a size"


def named(layers: list[Layer]) -> tuple[Named, ...]:
    """Return layers with names: conv1, pool1, conv2 and so on."""
    counts: dict[str, int] = {}
    found = []
    for layer in layers:
        word = type(layer).__name__.lower()
        counts[word] = counts.get(word, 0) + 1
        found.append(Named(f"{word}{counts[word]}", layer))
    return tuple(found)


def listing(layers: tuple[Named, ...], ndim: int) -> str:
    """Return one line per layer with its name and its numbers."""
    width = max(len(layer.name) for layer in layers)
    lines = []
    for layer in layers:
        inner = bare(layer)
        parts = [operation_title(layer, ndim)]
        if isinstance(inner, Conv) and inner.stride == 1:
            parts.append(say("call.stride", stride=1))
        lines.append(f"{layer.name.ljust(width)}  {', '.join(parts)}")
    return "\n".join(lines)


def chain(layers: list[Layer], size: tuple[int, ...], framework: str | None = None) -> Stack:
    """Return a network of named layers on a map with one channel, in the framework in use."""
    framework = framework or framework_in_use()
    is_first = FRAMEWORKS[framework].data_formats[0] == "channels_first"
    shape = (1, *size) if is_first else (*size, 1)
    return Stack(named(layers), shape, framework=framework)


def on_input(stack: Stack, size: int) -> Stack:
    """Return the layers on a square map, or a sequence, of another size."""
    ndim = len(stack.network.input_size)
    return Stack(stack.layers, (1, *(size,) * ndim), framework="pytorch")


def _sizes(stack: Stack) -> list[int]:
    """Return the size of one axis after each layer."""
    return [row.output_size[0] for row in stack.rows]


def _walk(size: int, layers: list[Layer], up: bool = False, loses: bool = False) -> list[int]:
    """Return wrong sizes after each layer: rounded `up`, or, with `loses`, without the + 1."""
    found = []
    for layer in layers:
        assert isinstance(layer, Pool | Conv)
        kernel, stride = whole(layer.kernel_size), whole(layer.stride)
        room = size + 2 * whole(layer.padding) - kernel
        size = (-(-room // stride) if up else room // stride) + (0 if loses else 1)
        found.append(size)
    return found


def stack_fields(stack: Stack) -> Fields:
    """Return the numbers of a stack under their names in the texts."""
    sizes = stack.network.input_size
    names = [layer.name for layer in stack.layers if isinstance(layer, Named)]
    way = " → ".join(str(row.output_size[0]) for row in stack.rows if row.output_size)
    return {
        "n": sizes[0],
        "input": sizes,
        "names": ", ".join(names),
        "way": way,
        "framework": FRAMEWORKS[stack.framework].title,
    }


# --- sizes on the way ----------------------------------------------------------------------------


def _way_case(stack: Stack, layers: list[Layer], ndim: int) -> Case | None:
    """One number per layer."""
    if not stack.ok:
        return None
    size = stack.network.input_size[0]
    return Case(
        form=Numbers(tuple(layer.name for layer in named(layers)), start=size),
        right=exact(*_sizes(stack)),
        fields={**stack_fields(stack), "count": len(layers)},
        listed=(
            number_slip("rounded_up_on_the_way", tuple(_walk(size, layers, up=True))),
            number_slip("no_plus_one", tuple(_walk(size, layers, loses=True))),
        ),
        why=lambda value: _first_wrong(stack, value),
        block=listing(named(layers), ndim),
        stack=stack,
    )


def _first_wrong(stack: Stack, value: tuple[Fraction, ...]) -> Slip | None:
    """Return the first layer after which a size is wrong."""
    for row, given in zip(stack.rows, value, strict=True):
        if given != row.output_size[0]:
            arrives = row.input_size[0]
            return reason("first_wrong", int(given), layer=row.name, arrives=arrives)
    return None


@template("06", 1, SIZES)
def sizes_on_the_way(draw: Draw) -> Case | None:
    """A map through three or four pooling layers."""
    kernel = draw.number(2, 3)
    layers: list[Layer] = [Pool(kernel, stride=2) for _ in range(draw.number(3, 4))]
    size = draw.number(20, 80)
    return _way_case(chain(layers, (size, size)), layers, 2)


@template("09", 2, SIZES)
def lengths_on_the_way(draw: Draw) -> Case | None:
    """A sequence through convolutions and pooling layers."""
    kernel = draw.number(3, 5)
    pool = draw.number(2, 3)
    layers: list[Layer] = [
        Conv(8, (kernel,)),
        Pool((pool,), stride=pool),
        Conv(8, (kernel,)),
        Pool((pool,), stride=pool),
    ]
    # The wrong rules compute with numbers; the layers of a sequence have tuples.
    plain: list[Layer] = [Conv(8, kernel), Pool(pool, pool), Conv(8, kernel), Pool(pool, pool)]
    case = _way_case(chain(layers, (draw.number(24, 90),)), plain, 1)
    return case


@template("06", 1, "use the formula")
def poolings_that_fit(draw: Draw) -> Case | None:
    """Number of 2×2 pooling layers that fit on a map."""
    size = draw.number(12, 250)
    stack = Stack((), (1, size, size), framework="pytorch")
    halves = [size]
    while halves[-1] > 1:
        halves.append(halves[-1] // 2)
    return Case(
        form=Numbers(),
        right=exact(stack.more_poolings),
        fields={"n": size, "right": stack.more_poolings, "way": " → ".join(map(str, halves))},
        listed=(
            number_slip("one_more_than_fits", stack.more_poolings + 1),
            number_slip("stopped_early", stack.more_poolings - 1),
        ),
        others=(number_slip("not_rounded", Fraction(log2(size)).limit_denominator(100)),),
        why=lambda value: _rows_left(size, int(value[0]), stack.more_poolings),
        stack=stack,
    )


def _rows_left(size: int, given: int, right: int) -> Slip:
    """Return the rows before the last of too many pooling layers, or after too few."""
    if given < 0:
        return reason("below_the_least", given, least=0)
    if given < right:
        return reason("rows_left", given, rows=size // 2**given)
    return reason("rows_before_the_last", given, rows=size // 2 ** (given - 1))


# --- the layer that fails ------------------------------------------------------------------------


def _failing_stack(draw: Draw) -> tuple[Stack, list[Layer]]:
    layers: list[Layer] = []
    for _ in range(draw.number(3, 4)):
        if draw.number(0, 2):
            layers.append(Conv(8, draw.number(3, 5)))
        layers.append(Pool(draw.number(2, 3), stride=draw.number(2, 3)))
    size = draw.number(12, 40)
    return chain(layers, (size, size)), layers


def _layer_choice(stack: Stack) -> Choice:
    options = tuple(
        Option(layer.name, layer.name, (str(i),))
        for i, layer in enumerate(stack.layers)
        if isinstance(layer, Named)
    )
    return Choice(options)


def _failing_and_cause(stack: Stack) -> tuple[str, str, str, int] | None:
    """Return the names of the failing layer, its main cause and the last that ran; and rows."""
    failure = stack.walk.failure
    if failure is None or failure.name is None or not stack.rows:
        return None
    causes = root_causes(stack.walk, failure)
    # Where all took the same, none of them is the main cause.
    if len({one.taken for one in causes if one.axis == causes[0].axis}) < 2:
        return None
    before = stack.rows[-1].name
    return failure.name, causes[0].label, before or "", causes[0].taken


def _of_layer(stack: Stack, name: str, if_it_ran: str, if_not: str) -> Slip:
    """Return the rows that a layer received and removed, or that it never ran."""
    for layer, row in zip(stack.layers, stack.rows, strict=False):
        if row.name == name:
            inner = bare(layer)
            assert isinstance(inner, Pool | Conv)
            arrives, left = row.input_size[0], row.output_size[0]
            numbers = {"arrives": arrives, "kernel": whole(inner.kernel_size)}
            return reason(if_it_ran, name, layer=name, taken=arrives - left, **numbers)
    return reason(if_not, name, layer=name)


@template("06", 2, LAYER)
def layer_that_fails(draw: Draw) -> Case | None:
    """The first layer that does not fit."""
    stack, layers = _failing_stack(draw)
    found = _failing_and_cause(stack)
    if found is None:
        return None
    failing, cause, before, _ = found
    arrives = stack.rows[-1].output_size[0]
    return Case(
        form=_layer_choice(stack),
        right=failing,
        fields={**stack_fields(stack), "right": failing, "arrives": arrives},
        listed=(Slip("cause_for_failing_layer", cause), Slip("last_that_runs", before)),
        why=lambda name: _of_layer(stack, name, "runs_there", "after_the_failure"),
        block=listing(named(layers), 2),
        stack=stack,
    )


@template("06", 3, LAYER)
def layer_that_took_most(draw: Draw) -> Case | None:
    """The layer that made the feature map too small."""
    stack, layers = _failing_stack(draw)
    found = _failing_and_cause(stack)
    if found is None:
        return None
    failing, cause, before, taken = found
    rows = [(row.input_size[0] - row.output_size[0], row.name) for row in stack.rows]
    # Two layers took the most: there would be two answers.
    if sorted(rows)[-1][0] == sorted(rows)[-2][0]:
        return None
    return Case(
        form=_layer_choice(stack),
        right=cause,
        fields={**stack_fields(stack), "right": cause, "taken": taken},
        listed=(Slip("failing_layer_for_cause", failing), Slip("last_that_runs_for_cause", before)),
        why=lambda name: _of_layer(stack, name, "removed_fewer", "never_ran"),
        block=listing(named(layers), 2),
        stack=stack,
    )


# --- the smallest input --------------------------------------------------------------------------


def _minimum_case(stack: Stack, layers: list[Layer], ndim: int) -> Case | None:
    """Return a question about the smallest input that a network takes."""
    convolutions = [layer for layer in layers if isinstance(layer, Conv)]
    poolings: list[Layer] = [layer for layer in layers if isinstance(layer, Pool)]
    # 64 is any size: the minimum does not depend on it.
    without = chain(poolings, (64,) * ndim).minimum_input_size
    strides = prod(_entry(layer.stride) for layer in layers if isinstance(layer, Pool | Conv))
    rules: dict[str, int | None] = {"product_of_strides": strides}
    if convolutions and without is not None:
        rules = {"convolutions_forgotten": without[0]}
    right = smallest(lambda size: size > 0 and on_input(stack, size).first_failure is None)
    if right is None:
        return None
    backwards = [row.input_size[0] for row in on_input(stack, right).rows]
    fields = {
        **stack_fields(stack),
        "right": right,
        "way": " → ".join(map(str, [*backwards, on_input(stack, right).rows[-1].output_size[0]])),
    }

    def fails(size: int) -> Slip | None:
        failure = on_input(stack, size).walk.failure if size > 0 else None
        if failure is None or failure.name is None:
            return reason("below_the_least", size, least=1)
        rows = on_input(stack, size).rows
        arrives = rows[-1].output_size[0] if rows else size
        return reason("layer_receives", size, layer=failure.name, arrives=arrives)

    return limit_case(
        smallest,
        lambda size: size > 0 and on_input(stack, size).first_failure is None,
        rules,
        fields,
        fails,
        others=(number_slip("product_of_strides", strides),),
        block=listing(named(layers), ndim),
        stack=stack,
    )


def _entry(value: object) -> int:
    return value[0] if isinstance(value, tuple) else whole(value)


@template("06", 2, "find the minimum input")
def smallest_picture(draw: Draw) -> Case | None:
    """Convolutions and pooling layers in turn."""
    layers: list[Layer] = []
    for _ in range(draw.number(2, 3)):
        layers += [Conv(8, draw.number(2, 5)), Pool(2, stride=2)]
    size = draw.number(5, 12)
    stack = chain(layers, (size, size))
    return None if stack.ok else _minimum_case(stack, layers, 2)


@template("06", 1, "find the minimum input")
def smallest_for_poolings(draw: Draw) -> Case | None:
    """Pooling layers only, with kernels larger than their strides."""
    layers: list[Layer] = [Pool(draw.number(2, 4), 2) for _ in range(draw.number(2, 3))]
    size = draw.number(4, 9)
    stack = chain(layers, (size, size))
    return None if stack.ok else _minimum_case(stack, layers, 2)


@template("09", 2, "find the minimum input")
def shortest_sequence(draw: Draw) -> Case | None:
    """Convolutions and pooling layers in turn, along one axis."""
    layers: list[Layer] = []
    for _ in range(2):
        pool = draw.number(2, 4)
        layers += [Conv(8, (draw.number(3, 5),)), Pool((pool,), pool)]
    stack = chain(layers, (draw.number(4, 9),))
    return None if stack.ok else _minimum_case(stack, layers, 1)


TEMPLATES = (
    poolings_that_fit,
    sizes_on_the_way,
    smallest_for_poolings,
    layer_that_fails,
    smallest_picture,
    layer_that_took_most,
    lengths_on_the_way,
    shortest_sequence,
)
