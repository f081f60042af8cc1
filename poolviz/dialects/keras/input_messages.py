"""Keras' messages about inputs: the number of axes, the shape of a model, channels and features."""

from __future__ import annotations

import re
from dataclasses import replace
from math import prod

from poolviz.i18n.phrase import phrase
from poolviz.messages.arguments import operation
from poolviz.messages.causes.axes import MAP_AXES, already_flat, input_of, rank_of
from poolviz.messages.causes.channels import channels_of, undivided
from poolviz.messages.causes.features import linear
from poolviz.messages.causes.fixes import FLATTEN, GLOBAL_POOL, because, fix
from poolviz.messages.causes.received import received_by
from poolviz.messages.causes.targets import MAP_AT_THE_END, one_number_wanted, target_of
from poolviz.messages.message import (
    PICTURES,
    WIDE,
    DataFormat,
    MessageKind,
    Reading,
    Reason,
    Remedy,
    Sizes,
    order_of,
)
from poolviz.messages.pattern import Found, MessagePattern

FRAMEWORK = "keras"
_MOST_AXES = 8

_TYPE = re.compile(r"by (?:layer )?['\"]?[\w./-]{1,80}['\"]?(?: \(type (\w{1,60})\))?")
_MAP_LAYERS = re.compile(r"conv|pool|padding|cropping|up_?sampling", re.I)
_OTHER_LAYERS = re.compile(r"lstm|gru|rnn|embedding|attention|bert|encoder_layer|transformer", re.I)
_DIGIT = re.compile(r"([123])_?d", re.I)


def _framework(layer: str) -> str:
    """Return whose layer has this name: TensorFlow.js adds the class, as in "conv2d_Conv2D5"."""
    named = re.search(r"_[A-Z][A-Za-z]{1,30}[0-9]?[A-Z]?[0-9]{1,4}(?:_input)?$", layer)
    return "tfjs" if named else FRAMEWORK


def _op(layer: str) -> str | None:
    return "transposed" if "transpose" in layer.lower() else operation(layer)


def _is_about_maps(layer: str, expected: int) -> bool:
    """Return whether a layer of this name, which takes so many axes, is one for feature maps."""
    if _OTHER_LAYERS.search(layer) and not _MAP_LAYERS.search(layer):
        return False
    return bool(_MAP_LAYERS.search(layer)) or expected >= MAP_AXES


def _rank(found: Found) -> Reading | None:
    layer, expected = found["layer"], found.number("expected")
    if "flatten" in layer and found.number("got") == 2:
        return already_flat(FRAMEWORK, expected, layer)
    shape, got = found.sizes("shape") if found["shape"] else (), found.number("got")
    if "dense" in layer and (expected, got) == (2, MAP_AXES):
        read = rank_of(FRAMEWORK, "linear", expected, shape, got, layer)
        reasons, remedies = (because("map_at_dense"),), (FLATTEN, GLOBAL_POOL)
        return replace(read, missing="flatten", reasons=reasons, remedies=remedies)
    if not _is_about_maps(layer, expected):
        return None
    read = rank_of(_framework(layer), _op(layer), expected, shape, got, layer)
    if shape or got <= expected:
        return read
    # One axis too many and no shape: `input_shape` was often given with the batch.
    return replace(read, remedies=(fix("input_shape_alone"), *read.remedies))


def _kernel_rank(found: Found) -> Reading | None:
    kernel, shape = found.sizes("kernel"), found.sizes("shape")
    if len(kernel) == len(shape):
        return None
    read = rank_of(FRAMEWORK, "conv", len(kernel), shape)
    if len(shape) < len(kernel) and shape[-1] in PICTURES:
        # Keras 3.15 looks at the number of axes first, except in a TimeDistributed.
        remedies = (fix("five_axes", "five_axes"),) if len(kernel) == MAP_AXES else ()
        return replace(read, missing=None, reasons=(because("no_time"),), remedies=remedies)
    return read


def _transposed_rank(found: Found) -> Reading | None:
    shape, expected = found.sizes("shape"), found.number("expected")
    return rank_of(FRAMEWORK, None, expected, shape) if expected >= MAP_AXES else None


def _dimensions(found: Found) -> Reading | None:
    """Read what Keras 1 and 2 check before they run: "to have 4 dimensions, but got array"."""
    layer, expected, shape = found["layer"], found.number("expected"), found.sizes("shape")
    framework = "tfjs" if "dimension(s)" in found.match[0] else _framework(layer)
    if expected > _MOST_AXES:
        return None
    if found["what"] == "target":
        if expected == len(shape) - 1 == 3 and _is_map(layer, shape):
            return _map_as_target(framework, layer, shape)
        if expected < MAP_AXES or len(shape) > 2:
            return _other_target(framework, layer, expected, shape)
        read = rank_of(framework, _op(layer), expected, shape, layer_name=layer)
        return _target_rank(read)
    name = layer.removesuffix("_input")
    if expected == 2 and len(shape) < 3:
        return None
    if "flatten" in name and len(shape) == 2 and shape[1] == 1:
        return rank_of(framework, None, expected, shape, layer_name=layer)
    if not _is_about_maps(name, max(expected, len(shape))):
        return None
    return rank_of(framework, _op(name), expected, shape, layer_name=layer)


def _other_target(framework: str, layer: str, expected: int, shape: Sizes) -> Reading | None:
    """Read a target of another number of axes than the output, whatever the output is."""
    if expected < MAP_AXES - 1 or len(shape) == expected:
        return None
    return Reading(
        kind=MessageKind.TARGET,
        framework=framework,
        op="loss",
        layer_name=layer,
        expected=(None,) * (expected - 1),
        got=shape[1:],
        shapes=(shape,),
    )


def _is_map(layer: str, shape: Sizes) -> bool:
    return not _OTHER_LAYERS.search(layer) and min(size or 0 for size in shape[1:3]) >= WIDE


def _map_as_target(framework: str, layer: str, shape: Sizes) -> Reading:
    """Read a map of classes as target of an output that lists the pixels."""
    read = rank_of(framework, _op(layer), 3, shape, layer_name=layer)
    code = "target = target.reshape(len(target), -1, target.shape[-1])"
    row = Remedy(phrase("reading.fix.pixels_in_a_row"), code)
    return replace(
        read,
        kind=MessageKind.TARGET,
        expected=(None,) * 2,
        got=shape[1:],
        missing=None,
        reasons=(because("pixels_in_a_row"),),
        remedies=(row,),
        only_remedies=True,
        certainty="likely",
    )


def _target_rank(read: Reading) -> Reading:
    reasons, remedies = MAP_AT_THE_END
    return replace(
        read,
        kind=MessageKind.TARGET,
        expected=(None,) * ((read.expected[0] or 1) - 1),
        got=read.shapes[0][1:],
        missing=None,
        reasons=reasons,
        remedies=remedies,
        only_remedies=True,
        certainty="likely",
    )


def _array_shape(found: Found) -> Reading | None:
    """Read "to have shape (28, 28, 1) but got array with shape (28, 28, 3)"."""
    expected, got = found.sizes("expected"), found.sizes("got")
    if expected and expected[0] is None and got and len(expected) == len(got):
        expected, got = expected[1:], got[1:]  # Keras 1 wrote the batch as well
    if found["what"] == "target":
        is_mask = len(got) == 3 and got[-1] in (3, 4)  # read in colour
        if expected[-1:] == (1,) and expected[:-1] == got[:-1] and not is_mask:
            return one_number_wanted(FRAMEWORK, (None, *expected), (None, *got))
        return target_of(FRAMEWORK, (None, *expected), (None, *got))
    if max(len(expected), len(got)) < 3:
        return None
    layer = found["layer"]
    framework = "tfjs" if "null" in found.match[0] else _framework(layer)
    return input_of(framework, (None, *expected), (None, *got), layer)


def _model_shape(found: Found) -> Reading | None:
    expected, got = found.sizes("expected"), found.sizes("got")
    if len(expected) == len(got) + 1 and expected[-1] == 1 and not _agree(expected, (*got, 1)):
        got = (*got, 1)  # Keras 3 leaves out a last axis of 1
    if max(len(expected), len(got)) < MAP_AXES and not _is_picture(expected, got):
        return None
    layer = found["layer"] if "layer" in found.match.groupdict() else None
    return input_of(FRAMEWORK, expected, got, layer or None)


def _agree(one: Sizes, other: Sizes) -> bool:
    return all(a == b or None in (a, b) for a, b in zip(one, other, strict=True))


def _is_picture(expected: Sizes, got: Sizes) -> bool:
    """Return whether one is a grey picture, (batch, 28, 28), and the other is flat."""
    ranks = sorted((len(expected), len(got)))
    whole = max((expected, got), key=len)
    return ranks == [2, 3] and whole[1] == whole[2] and whole[1] is not None


def _channels_axis(found: Found) -> Reading | None:
    """Read an axis that does not fit: of a convolution, of a Dense layer; the text is the same."""
    shape, expected = found.sizes("shape"), found.number("expected")
    place = found.number("axis") if found["axis"] else -1
    if not -len(shape) <= place < len(shape):
        return None
    got, layer = shape[place], found["layer"]
    if got is None:
        return None
    # (None, 28, 28, 3, 1): an axis of one element is behind the channels.
    is_surplus = got == 1 and shape[-2] == expected and shape[place:] == (1,)
    if is_surplus and len(shape) > MAP_AXES:
        return rank_of(FRAMEWORK, _op(layer), MAP_AXES, shape, layer_name=layer or None)
    if "conv" in layer.lower() or (len(shape) >= MAP_AXES and "dense" not in layer.lower()):
        is_last = place in (-1, len(shape) - 1)
        data_format: DataFormat = "channels_last" if is_last else "channels_first"
        op = _op(layer)
        return channels_of(FRAMEWORK, expected, got, shape, op, layer or None, data_format)
    numbers = None if None in shape[1:] else prod(size or 0 for size in shape[1:])
    if len(shape) > 2 and "dense" not in layer.lower() and numbers != expected:
        return None
    return _features(found, linear(FRAMEWORK, (shape,), expected, got), shape, layer)


def _features(found: Found, read: Reading, shape: Sizes, layer: str) -> Reading:
    """Add that Keras builds a Dense layer for its first input, and what the model was given."""
    read, expected = replace(read, layer_name=layer or None), read.expected[0] or 0
    if (
        len(shape) > 2
        and None not in shape[1:]
        and prod(size or 0 for size in shape[1:]) == expected
    ):
        return replace(read, reasons=(because("map_at_dense"),), remedies=(FLATTEN,))
    given = received_by(found.after(4_000))
    has_picture = len(given) == MAP_AXES and len(shape) == 2
    first = Reason(phrase("reading.reason.built_at_first", features=expected), "certain")
    flat = because("flatten_of_model", wanted=expected)
    code = f"keras.Input(shape={given[1:]})" if has_picture and None not in given[1:] else ""
    other = Remedy(phrase("reading.fix.model_of_data"), code)
    are_maps = has_picture or any(one.snippet == "adaptive_pool" for one in read.remedies)
    pool = (GLOBAL_POOL,) if are_maps else ()
    return replace(
        read,
        reasons=(flat if has_picture else first, *read.reasons),
        data_format=order_of(given) if has_picture else None,
        remedies=(*read.remedies, fix("data_of_model"), other, *pool),
        only_remedies=True,
    )


def _groups(found: Found) -> Reading | None:
    return undivided(FRAMEWORK, found.number("channels"), found.number("groups"))


def _application_channels(found: Found) -> Reading | None:
    shape = found.sizes("shape")
    if len(shape) != 3:
        return None
    first_is_channels = shape[0] in (1, 2, 3, 4) and shape[-1] not in (1, 2, 3, 4)
    got = shape[0] if first_is_channels else shape[-1]
    return channels_of(FRAMEWORK, found.number("expected"), got or 0, (None, *shape), None)


def _application_shape(found: Found) -> Reading | None:
    return input_of(FRAMEWORK, (None, *found.sizes("expected")), (None, *found.sizes("got")))


_Q = r"[`'\"]?"
_NAME = r"[\w./-](?:[\w./\x20-]{0,118}?[\w./-])??"  # Keras 3 takes names with blanks
_INPUT = (
    r"Input [0-9]{1,4}(?: with name [^\s]{1,80})?(?: of layer)?(?: is incompatible with(?: the)? "
    rf"layer)? {_Q}(?P<layer>{_NAME}){_Q}(?: is incompatible with the layer)?:(?: ?:)? "
)
_SHAPE = r"[(\[]<{}:shape>[)\]]"

MESSAGES = (
    MessagePattern(
        ("number of groups",),
        r"The number of filters must be evenly divisible by the number of groups\. Received: "
        r"groups=<groups:int>, filters=<channels:int>",
        _groups,
    ),
    MessagePattern(
        ("number of groups",),
        r"input channels must be evenly divisible by the number of groups\. Received groups="
        r"<groups:int>, but the input has <channels:int> channels",
        _groups,
    ),
    MessagePattern(
        ("incompatible",),
        _INPUT
        + r"expected (?:min_|max_)?ndim ?>?= ?<expected:int>, found ndim=<got:int>"
        + r"(?:\. Full shape received: [(\[]<shape:shape>[)\]])?",
        _rank,
    ),
    MessagePattern(
        ("ndim=",),
        # An empty group: `_rank` needs the group, and this text names no layer.
        r"(?P<layer>)expected (?:min_|max_)?ndim=<expected:int>, found ndim=<got:int>"
        r"(?:\. Full shape received: [(\[]<shape:shape>[)\]])?",
        _rank,
    ),
    MessagePattern(
        ("incompatible",),
        _INPUT + rf"expected shape={_SHAPE.format('expected')}, found shape={_SHAPE.format('got')}",
        _model_shape,
    ),
    MessagePattern(
        ("incompatible",),
        (
            rf"Model was constructed with shape {_SHAPE.format('expected')} for input "
            rf"[\s\S]{{1,400}}?"
            rf"called on an input with incompatible shape {_SHAPE.format('got')}"
        ),
        _model_shape,
    ),
    MessagePattern(
        ("incompatible",),
        (
            rf"Expected shape {_SHAPE.format('expected')}, but input has incompatible shape "
            rf"(?:torch\.Size\()?{_SHAPE.format('got')}"
        ),
        _model_shape,
    ),
    MessagePattern(
        ("Kernel",),
        (
            r"Kernel shape must have the same length as input, but received kernel of shape "
            rf"{_SHAPE.format('kernel')} and input of shape {_SHAPE.format('shape')}"
        ),
        _kernel_rank,
    ),
    MessagePattern(
        ("have rank",),
        rf"Inputs should have rank <expected:int>\. Received input_shape={_SHAPE.format('shape')}",
        _transposed_rank,
    ),
    MessagePattern(
        ("dimension",),
        (
            r"(?:[Ee]rror when checking (?:model )?(?P<what>input|target)?: ?)?expected "
            rf"{_Q}(?P<layer>[\w./-]{{1,120}}){_Q} to have <expected:int> "
            rf"dimension(?:s|\(s\))[,.]? "
            rf"but got (?:an )?array with shape {_Q}[(\[]?<shape:shape>"
        ),
        _dimensions,
    ),
    MessagePattern(
        ("array with shape",),
        (
            r"(?:[Ee]rror when checking (?:model )?(?P<what>input|target)?: ?)?expected "
            rf"{_Q}(?P<layer>[\w./-]{{1,120}}){_Q} to have shape {_SHAPE.format('expected')},? but "
            rf"got (?:an )?array with shape {_SHAPE.format('got')}"
        ),
        _array_shape,
    ),
    MessagePattern(
        ("incompatible",),
        _INPUT
        + r"expected axis <axis:int> of input shape to have (?:value|shape) \{?<expected:int>\}?,? "
        + rf"but received input with shape {_SHAPE.format('shape')}",
        _channels_axis,
    ),
    MessagePattern(
        ("found shape=",),
        rf"expected shape={_SHAPE.format('expected')}, found shape={_SHAPE.format('got')}",
        _model_shape,
    ),
    MessagePattern(
        ("of input shape to have",),
        (
            r"(?P<layer>)expected axis <axis:int> of input shape to have (?:value|shape) "
            r"\{?<expected:int>\}?,? but received input with shape " + _SHAPE.format("shape")
        ),
        _channels_axis,
    ),
    MessagePattern(
        ("channels",),
        (
            r"The input must have <expected:int> channels; (?:got|Received):? "
            rf"{_Q}input_shape={_SHAPE.format('shape')}"
        ),
        _application_channels,
    ),
    MessagePattern(
        ("include_top",),
        (
            r"(?:When setting|If) ?`?include_top ?=? ?(?:is )?True`?[\s\S]{0,60}? "
            r"`?input_shape`? should be "
            rf"{_SHAPE.format('expected')}\.[\s\S]{{0,10}}?(?:Received:?|got) "
            rf"?`?input_shape={_SHAPE.format('got')}"
        ),
        _application_shape,
    ),
)
