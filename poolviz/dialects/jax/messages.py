"""Messages of JAX and Flax: channels, features, joined inputs, and arguments."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from math import prod

from poolviz.i18n.phrase import counted, phrase
from poolviz.messages.arguments import REST, refused
from poolviz.messages.causes.axes import MAP_AXES, rank_of
from poolviz.messages.causes.channels import channels_of, undivided
from poolviz.messages.causes.features import features, linear
from poolviz.messages.causes.fixes import PRINT_SHAPE, because, fix
from poolviz.messages.causes.received import DIFFERENCE
from poolviz.messages.causes.reshapes import reshape_of
from poolviz.messages.causes.sums import SEVERAL, joined_shapes_of, ranks_joined, sum_of
from poolviz.messages.causes.targets import target_of
from poolviz.messages.message import MessageKind, Reading, Remedy, Sizes
from poolviz.messages.pattern import Found, MessagePattern, Messages
from poolviz.messages.snippets import Snippets

_FRAMEWORK = "jax"


CODE = Snippets(
    add_batch="x = x[jnp.newaxis]",
    add_channel="x = x[..., jnp.newaxis]",
    remove_axis="x = jnp.squeeze(x, axis={axis})",
    flatten="x = x.reshape((x.shape[0], -1))",
    reshape_to="x = x.reshape((-1, {sizes}))",
    global_pool="x = x.mean(axis=(1, 2))",
    to_rgb='image = image.convert("RGB")',
    repeat_grey="x = jnp.repeat(x, 3, axis=-1)",
    to_grey="x = x.mean(axis=-1, keepdims=True)",
    channels_last="x = jnp.moveaxis(x, 1, -1)",
    crop="skip = skip[:, : x.shape[1], : x.shape[2]]",
    resize='x = jax.image.resize(x, (*skip.shape[:3], x.shape[3]), "nearest")',
    init_again="params = model.init(key, x)",
    print_shape="print(x.shape)",
    print_both="print(x.shape, skip.shape)",
)


def _channels(found: Found) -> Reading:
    group = found.optional("group") or 1
    return channels_of(_FRAMEWORK, found.number("expected") * group, found.number("got"))


def _weights(found: Found) -> Reading | None:
    """Read the shape that the input needs, and that of the parameters; the features differ.

    Until Flax 0.8 the first of the two was that of the parameters in the older wording.
    """
    asked, held = found.sizes("asked"), found.sizes("held")
    if len(asked) != len(held) or len(asked) < 2 or asked[-1] != held[-1]:
        return None  # other outputs, as in a checkpoint of another network
    if asked[:-2] != held[:-2] or None in (asked[-2], held[-2]):
        return None
    got, expected = asked[-2] or 0, held[-2] or 0
    name = found["path"].rpartition("/")[2] or None
    if len(asked) > 2:
        read = channels_of(_FRAMEWORK, expected, got, layer_name=name)
    else:
        read = linear(_FRAMEWORK, (held,), expected, got, outputs=held[-1])
    is_sure = "given" in found.match[0]
    note = () if is_sure else (phrase("reading.note.shapes_of_flax"),)
    certainty = read.certainty if is_sure else "likely"
    return replace(
        read,
        layer_name=name,
        certainty=certainty,
        remarks=(*read.remarks, *note),
        remedies=(fix("init_again", "init_again"), *read.remedies, PRINT_SHAPE),
        only_remedies=True,
    )


def _sum(found: Found) -> Reading | None:
    first, second = found.sizes("first"), found.sizes("second")
    before = found.before()
    # Keras takes the frame of its loss out of the traceback of `model.fit(…)`.
    if DIFFERENCE in before or (".fit(" in before and found.match[0].startswith("sub")):
        return target_of(_FRAMEWORK, second, first)
    if _NORM.search(found.before(1_500)):
        return _normalised(first, second, "linen" in found.before(1_500))
    if min(len(first), len(second)) < MAP_AXES:
        return None
    return sum_of(_FRAMEWORK, first, second, data_format="channels_last")


def _normalised(first: Sizes, second: Sizes, is_linen: bool) -> Reading | None:
    """Read a BatchNorm whose means are those of another number of channels (Flax 0.12.8)."""
    held, given = (
        (first, second) if prod(size or 0 for size in first) == first[-1] else (second, first)
    )
    expected, got = held[-1], given[-1]
    if (
        expected in (None, 1, got)
        or got in (None, 1)
        or prod(size or 0 for size in held) != expected
    ):
        return None
    read = channels_of(_FRAMEWORK, expected or 0, got or 0, (), "norm")
    words = phrase("reading.fix.norm_channels", channels=counted(got or 0, "channel"))
    again = (fix("init_again", "init_again"),) if is_linen else ()
    return replace(read, reasons=(), remedies=(*again, Remedy(words)), only_remedies=True)


def _reshape(found: Found) -> Reading | None:
    shape, target = found.sizes("shape"), found.sizes("target")
    if max(len(shape), len(target)) < MAP_AXES:
        return None
    known = prod(size for size in target if size is not None and size > 0)
    return reshape_of(_FRAMEWORK, found.number("total"), known, target, shape=shape)


def _pool_rank(found: Found) -> Reading | None:
    """Read Flax's pooling on an array with fewer axes than a sample has."""
    shape, window = found.sizes("shape"), found.sizes("window")
    if len(shape) >= len(window) or window[-1] != 1:  # the channels are not pooled
        return None
    axes = (len(window), len(window) + 1)
    return rank_of(_FRAMEWORK, "pool", axes, shape, data_format="channels_last")


def _empty_weights(found: Found) -> Reading:
    """Read the division that fails where a layer makes weights for an input without features."""
    return Reading(
        kind=MessageKind.EMPTY_INPUT,
        framework=_FRAMEWORK,
        certainty="likely",
        reasons=(because("empty_weights"),),
    )


def _groups(found: Found) -> Reading | None:
    return undivided(_FRAMEWORK, found.number("channels"), found.number("groups"))


def _joined_axes(found: Found) -> Reading | None:
    return ranks_joined(_FRAMEWORK, len(found.sizes("first")), len(found.sizes("second")))


def _rank(found: Found) -> Reading | None:
    got, expected = found.number("got"), found.number("expected")
    return rank_of(_FRAMEWORK, "conv", expected, (), got) if got != expected else None


def _contracting(found: Found) -> Reading | None:
    around = found.before(1_500) + found.after(300)
    if _SEQUENCES.search(around):
        return None
    read = features(_FRAMEWORK)(found)
    if read is None or _DENSE.search(around):
        return read
    note = phrase("reading.note.product_alone")
    return replace(read, certainty="likely", remarks=(*read.remarks, note))


_SEQUENCES = re.compile(r"attention|attn|transformer|lstm|gru|bert|embed", re.I)
_NORM = re.compile(r"normalization\.py|batch_?norm", re.I)
_DENSE = re.compile(r"dense|linear|flax|haiku|keras", re.I)
_INITIALIZER = (
    r"Initializer expected to generate shape \(<held:shape>\) but got shape \(<asked:shape>\) "
    r"instead for parameter \"kernel\" in \"(?P<path>[^\"]{1,200})\""
)
_PARAMETER = (
    r"[Ff]or parameter \"kernel\" in \"(?P<path>[^\"]{1,200})\", the given initializer is "
    r"expected to "
    r"generate shape \(<asked:shape>\), but the existing parameter it received has shape "
    r"\(<held:shape>\)"
)
_OLD_INITIALIZER = (
    r"Inconsistent shapes between value and initializer for parameter \"kernel\" in "
    r"\"(?P<path>[^\"]{1,200})\": \(<held:shape>\), \(<asked:shape>\)"
)
_ADD = (
    r"(?:add|sub|mul|div|max|min|maximum|minimum) got incompatible shapes for broadcasting: "
    r"\(<first:shape>\), \(<second:shape>\)"
)
_RESHAPE = (
    r"cannot reshape array of shape \(<shape:shape>\) \(size <total:int>\) into shape "
    r"[(\[]<target:shape>[)\]]"
)
_NDIM = r"convolution requires lhs and rhs ndim to be equal, got <got:int> and <expected:int>"
_CONTRACTING = (
    r"dot_general requires contracting dimensions to have the same shape, got "
    r"[(\[]<got:int>,?[)\]] and [(\[]<expected:int>,?[)\]]"
)
_JOIN = (
    r"Cannot concatenate arrays with shapes that differ in dimensions other than the one being "
    r"concatenated: concatenating along dimension (?P<along>[0-9]{1,2}) for shapes "
)
_refused = partial(refused, _FRAMEWORK)

MESSAGES = Messages(
    failures=(
        MessagePattern(
            ("feature_group_count",),
            (
                r"lhs feature dimension size divided by feature_group_count must equal the rhs "
                r"input "
                r"feature dimension size, but <got:int> //? <group:int> != <expected:int>"
            ),
            _channels,
        ),
        MessagePattern(
            ("LHS feature dimension",),
            (
                r"Expected LHS feature dimension \(value <got:int>\) to be a multiple of "
                r"feature_group_count \(value <group:int>\),? and LHS feature dimension / "
                r"feature_group_count = RHS feature dimension \(value <expected:int>\)"
            ),
            _channels,
        ),
        MessagePattern(("ndim to be equal",), _NDIM, _rank),
        MessagePattern(
            ("number of channels",),
            r"Number of groups \(<groups:int>\) does not divide the number of channels "
            r"\(<channels:int>\)",
            _groups,
        ),
        MessagePattern(
            ("feature_group_count",),
            r"must be a multiple of feature_group_count, but <channels:int> is not a multiple of "
            r"<groups:int>",
            _groups,
        ),
        MessagePattern(
            ("ZeroDivisionError",),
            (
                r"nn/initializers\.py\", line [0-9]{1,5}, in \w{1,30}\n[^\n]{1,200}\n"
                r"(?:[~^\s]{1,200}\n)?ZeroDivisionError: (?:float )?division by zero"
            ),
            _empty_weights,
        ),
        MessagePattern(
            ("len((",), r"len\(\(<shape:shape>\)\) != len\(\(<window:shape>\)\)", _pool_rank
        ),
    ),
    code=CODE,
    downstream=(
        MessagePattern(("for broadcasting",), _ADD, _sum),
        MessagePattern(("cannot reshape array",), _RESHAPE, _reshape),
        MessagePattern(("dot_general",), _CONTRACTING, _contracting),
        MessagePattern(("given initializer",), _PARAMETER, _weights),
        MessagePattern(("Initializer",), _INITIALIZER, _weights),
        MessagePattern(("initializer",), _OLD_INITIALIZER, _weights),
        MessagePattern(
            ("numbers of dimensions",),
            r"Cannot concatenate arrays with different numbers of dimensions: got "
            r"\(<first:shape>\), \(<second:shape>\)",
            _joined_axes,
        ),
        MessagePattern(("concatenating",), _JOIN + SEVERAL, joined_shapes_of(_FRAMEWORK)),
    ),
    arguments=(
        _refused(
            "unexpected",
            r"(?:max|avg)_pool\(\) got an unexpected keyword argument '(?P<parameter>\w{1,20})'",
        ),
        _refused(
            "reduce_window",
            r"reduce_window (?P<parameter>window_dimensions|window_strides|window_dilation) "
            r"must have "
            rf"every element be {REST}",
        ),
        _refused(
            "reduce_window",
            r"reduce_window got (?:the wrong number of|inconsistent) (?P<parameter>window_\w{1,20})"
            rf"{REST}",
        ),
        _refused(
            "dilations",
            rf"All dilations must be positive, got {REST}",
            "dilation",
        ),
        _refused(
            "Unrecognized",
            rf"Unrecognized padding type: expected 'VALID', {REST}",
            "padding",
        ),
        _refused(
            "len((",
            r"len\(\([^()]{0,80}\)\) must equal len\(\([^()]{0,80}\)\)",
            "kernel_size",
        ),
    ),
)
