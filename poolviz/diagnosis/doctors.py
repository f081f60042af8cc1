"""Doctors: each knows one common disease of a stack, tells it by its signs, and says what helps."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from poolviz.arithmetic.convolutions import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layer_rules import ADAPTS, Setting
from poolviz.arithmetic.layers import AXIS_NAMES, Pool
from poolviz.arithmetic.operations import (
    AdaptivePool,
    Flatten,
    GlobalPool,
    Layer,
)
from poolviz.arithmetic.problems import Kind
from poolviz.arithmetic.smallest_input import maps_of, smallest_input
from poolviz.arithmetic.stack import Failure, Network, Row
from poolviz.diagnosis.findings import Severity
from poolviz.diagnosis.proposals import (
    DATA,
    Advice,
    Proposal,
    bare,
    row_label,
)
from poolviz.diagnosis.skip_doctor import odd_sizes
from poolviz.diagnosis.stack_wording import StackFinding, failure_label
from poolviz.diagnosis.wording import by, count, joined, number

CHANNEL_ORDER = "channel order"
PICTURE_CHANNELS = (1, 3)  # grey and colour: what an axis in the wrong place usually has
LEAST_SIDE = 8  # an axis this long is no channel axis of a picture
# A last pooling with a kernel this large was made for one map size.
LEAST_HEAD = {"avg": 4, "max": 7}


def advice(network: Network) -> Iterator[Advice]:
    """What each doctor says about this stack; most have nothing to say."""
    for doctor in _DOCTORS:
        said = doctor(network)
        if said is not None:
            yield said


# --- channel order -------------------------------------------------------------------------------


def channel_order(network: Network) -> Advice | None:
    """Data in the other channel order: both readings side by side.

    The signs: an axis of 1 or 3 where height or width is read, or a first convolution built for
    exactly that many channels.
    """
    setting, shape = network.setting, network.input_shape
    other_shape = (*shape[1:], shape[0]) if setting.channels_last else (shape[-1], *shape[:-1])
    if len(shape) < 2 or not _looks_swapped(network, other_shape):
        return None
    other = network.with_input(other_shape)
    here, there = network.done, other.done
    if here.failure is not None and there.failure is not None:
        if there.failure.index <= here.failure.index:
            return None  # the other reading is no better
        result = f"then it comes as far as {failure_label(there.failure)}"
    elif there.failure is not None:
        return None
    else:
        result = "then every layer runs"
        if there.rows:
            result += f", and {by(there.rows[-1].output_shape)} comes out"
    order = "first" if setting.channels_last else "last"
    what = f"the input {by(shape)} is read as {_reading(shape, setting)}."
    why = f"Channels {order}, it is {_reading(other_shape, setting)}: {result}."
    severity = Severity.NOTE if here.failure is None else Severity.ERROR
    finding = StackFinding(CHANNEL_ORDER, severity, (), what, why)
    return Advice(finding, tuple(_reorderings(network, other)))


def _looks_swapped(network: Network, other_shape: tuple[int, ...]) -> bool:
    setting = network.setting
    here, there = setting.flow(network.input_shape), setting.flow(other_shape)
    if here.channels == there.channels:
        return False
    looks_like_picture = (
        there.channels in PICTURE_CHANNELS
        and here.channels not in PICTURE_CHANNELS
        and min(there.sizes) >= LEAST_SIDE
    )
    first = next((bare(layer) for layer in network.layers if isinstance(bare(layer), Conv)), None)
    is_built_for = isinstance(first, Conv) and first.in_channels == there.channels
    return looks_like_picture or is_built_for


def _reading(shape: tuple[int, ...], setting: Setting) -> str:
    flow = setting.flow(shape)
    names = AXIS_NAMES[len(flow.sizes)]
    sides = [f"{name} {number(size)}" for name, size in zip(names, flow.sizes, strict=True)]
    return joined([*sides, count(flow.channels, "channel")])


def _reorderings(network: Network, other: Network) -> Iterator[Proposal]:
    setting, shape = network.setting, other.input_shape
    ndim = len(shape) - 1
    axes = (
        (0, *range(2, ndim + 2), 1) if setting.channels_last else (0, ndim + 1, *range(1, ndim + 1))
    )
    arguments = ", ".join(map(str, axes))
    code = {"pytorch": f"x = x.permute({arguments})", "jax": f"x = jnp.transpose(x, ({arguments}))"}
    where = "last" if setting.channels_last else "first"
    yield Proposal(
        parameter=CHANNEL_ORDER,
        network=other,
        change=f"the data put in order, channels {where} ({by(shape)}),",
        first=DATA,
        touched=0,
        is_cause=True,
        code=code.get(setting.framework, f"x = np.transpose(x, ({arguments}))"),
    )
    if setting.framework in ("keras", "tensorflow"):
        word = "channels_first" if setting.channels_last else "channels_last"
        turned = setting._replace(channels_last=not setting.channels_last)
        yield Proposal(
            parameter="data_format",
            network=Network(network.layers, network.input_shape, turned),
            change=f'data_format="{word}" in every layer',
            first=DATA,
            touched=len(network.layers),
            is_cause=True,
            code=f'keras.config.set_image_data_format("{word}")',
        )


# --- a head that was made for one size -----------------------------------------------------------


def fixed_head(network: Network) -> Advice | None:
    """A last pooling, or a dense layer after Flatten, that was made for another map."""
    failure = network.done.failure
    if failure is None:
        return None
    if failure.problem.kind is Kind.FEATURES:
        return _missing_flatten(network, failure) or _other_features(network, failure)
    layer = failure.layer
    if (
        failure.problem.kind is Kind.NO_WINDOW
        and isinstance(layer, Pool)
        and len(failure.path) == 1
    ):
        return _head_pool(network, failure, layer)
    return None


def _missing_flatten(network: Network, failure: Failure) -> Advice | None:
    if not failure.input_size or any(isinstance(row.layer, Flatten) for row in network.done.rows):
        return None
    last = failure.input_shape[-1]
    what = f"{failure_label(failure)} looks at the last axis only, which has {number(last)}."
    why = f"The map {by(failure.input_shape)} was not flattened."
    proposal = Proposal(
        parameter="layer",
        network=network.replaced(failure.path, Flatten(), network.entry(failure.path)),
        change=f"Flatten before {failure_label(failure)}",
        first=failure.index,
        is_cause=True,
    )
    finding = StackFinding("no Flatten", Severity.ERROR, (), what, why, failure.index)
    return Advice(finding, (proposal,))


def _other_features(network: Network, failure: Failure) -> Advice | None:
    flat = [row for row in network.done.rows if isinstance(row.layer, Flatten)]
    if not flat:
        return None
    row, wanted_features = flat[-1], failure.problem.expected[0]
    flow = network.setting.flow(row.input_shape)
    wanted = next(maps_of(wanted_features, flow.channels, len(flow.sizes)), None)
    arrives = f"{count(flow.channels, 'channel')} of {a_map(flow.sizes)} arrive"
    if wanted is None:
        what = f"{number(wanted_features)} is not a multiple of the channels: {arrives}."
        return Advice(StackFinding("fixed head", Severity.ERROR, (), what, "", failure.index))
    asked = f"{number(wanted_features)} are {count(flow.channels, 'channel')} of {a_map(wanted)}"
    finding = StackFinding(
        "fixed head", Severity.ERROR, (), f"{asked}; {arrives}.", "", failure.index
    )
    return Advice(finding, tuple(_head_sizes(network, failure, row, wanted)))


def a_map(sizes: tuple[int, ...]) -> str:
    """A map of this size, with its article.

    >>> a_map((7, 7)), a_map((8, 8)), a_map((11, 4))
    ('a 7 × 7 map', 'an 8 × 8 map', 'an 11 × 4 map')
    """
    is_vowel = sizes[0] in (11, 18) or str(sizes[0]).startswith("8")
    return f"{'an' if is_vowel else 'a'} {by(sizes)} map"


def _head_sizes(
    network: Network, failure: Failure, flat: Row, wanted: tuple[int, ...]
) -> Iterator[Proposal]:
    if network.setting.framework in ADAPTS:
        pool = AdaptivePool(wanted)
        yield Proposal(
            parameter="adaptive",
            network=network.replaced(flat.path, pool, network.entry(flat.path)),
            change=f"adaptive pooling to {by(wanted)} before {row_label(flat)}",
            also="the head stays as it is, for inputs of other sizes too",
            first=flat.index,
            layer=pool,
        )


def _head_pool(network: Network, failure: Failure, layer: Pool) -> Advice | None:
    after = map(bare, network.layers[failure.path[0] + 1 :])
    if any(isinstance(one, Pool | Conv | DepthwiseConv | ConvTranspose) for one in after):
        return None
    kernel = tuple(axis.kernel_size for axis in layer.axes(len(failure.input_size)))
    if min(kernel) < LEAST_HEAD[layer.op]:
        return None
    least = smallest_input(network)
    why = f"So large a map comes from inputs of {by(least)} on." if least else ""
    what = f"the head pools {by(kernel)}, but a map of {by(failure.input_size)} arrives."
    finding = StackFinding("fixed head", Severity.ERROR, (), what, why, failure.index)
    is_torch = network.setting.framework == "pytorch"
    new: Layer = AdaptivePool(1, layer.op) if is_torch else GlobalPool(layer.op, keepdims=True)
    words = "adaptive pooling to 1" if is_torch else "global pooling"
    proposal = Proposal(
        parameter="adaptive",
        network=network.replaced(failure.path, new),
        change=f"{words} in place of {failure_label(failure)}",
        also="one number per channel, from an input of any size",
        first=failure.index,
        is_cause=True,
        layer=new,
    )
    return Advice(finding, (proposal,))


_DOCTORS: tuple[Callable[[Network], Advice | None], ...] = (channel_order, fixed_head, odd_sizes)
