"""Messages of functions of PyTorch, and of model libraries, about the size of a picture.

Recorded from timm 1.0.31, torchvision 0.29, MONAI 1.6, einops 0.8 and vit-pytorch 1.26; those of
segmentation_models_pytorch, diffusers and transformers are known from their sources.
"""

from __future__ import annotations

import re
from dataclasses import replace
from math import prod

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.dialects.pytorch.axis_messages import FRAMEWORK
from poolviz.i18n.phrase import phrase
from poolviz.messages.causes.axes import rank_of
from poolviz.messages.causes.channels import channels_of, undivided, undivided_sizes
from poolviz.messages.causes.fixes import PRINT_SHAPE, fix
from poolviz.messages.causes.reshapes import reshape_of
from poolviz.messages.causes.sums import SHAPES
from poolviz.messages.message import AxisReading, MessageKind, Reading, axes_of
from poolviz.messages.pattern import Found, MessagePattern

_NUMBER = re.compile(r"(?<![\d.])[0-9]{1,5}(?!\d|\.\d)")
_PICTURE = re.compile(r"height|width|image|img|picture|spatial|resolution|H and W|input s", re.I)
_OTHER = re.compile(r"batch|hidden|embed|head|channel|world|token|vocab|sequence|group", re.I)
_MOST_NUMBERS = 3


def _divisible(found: Found) -> Reading | None:
    """A network that halves its input several times, or cuts it into patches or windows."""
    multiple = found.number("multiple")
    if found.match.groupdict().get("power"):
        multiple = int(min(multiple ** min(found.number("power"), 12), 10**6))
    said = found.match.groupdict()
    before, after = said["sizes"] or "", said.get("after") or ""
    # "hidden size must be divisible by the number of heads" is worded alike.
    if _OTHER.search(before) or not _PICTURE.search(before):
        return None
    shapes = [shape for shape in SHAPES.findall(before) if "," in shape]
    listed = _NUMBER.findall(shapes[-1] if shapes else before) or _NUMBER.findall(after)
    return undivided_sizes(FRAMEWORK, multiple, tuple(map(int, listed[:_MOST_NUMBERS])))


def _unshuffled(found: Found) -> Reading | None:
    """A height or width that PixelUnshuffle cuts into cells."""
    name = "height" if found.number("place") == -2 else "width"
    size = found.number("size")
    read = undivided_sizes(FRAMEWORK, found.number("multiple"), (size,))
    if read is None:
        return None
    axes = (AxisReading(name=name, input_size=size),)
    return replace(read, axes=axes, failing_axes=(name,), data_format="channels_first")


def _channels_not_divisible(found: Found) -> Reading | None:
    """Channels that a layer divides into groups, or into the cells of an enlarged map."""
    multiple = found.number("multiple")
    shape = found.sizes("shape") if found.match.groupdict().get("shape") else ()
    got = shape[1] if len(shape) > 1 else found.optional("channels")
    if got is None:
        return None
    layer = "nn.GroupNorm({groups}, {channels})" if "num_groups" in found.match[0] else ""
    return undivided(FRAMEWORK, got, multiple, shape, layer)


def _chunks(found: Found) -> Reading | None:
    """An axis that einops cuts; the text does not say that it is one of a picture."""
    multiple, size = found.number("multiple"), found.number("size")
    return undivided_sizes(FRAMEWORK, multiple, (size,), is_picture=False)


def _patches(found: Found) -> Reading:
    """A picture and patches, whose sizes are not in the text."""
    return Reading(
        kind=MessageKind.DIVISIBLE,
        framework=FRAMEWORK,
        remarks=(phrase("reading.note.no_number"),),
        remedies=(fix("multiple_of_patch"),),
        only_remedies=True,
    )


def _other_picture(found: Found) -> Reading | None:
    """A picture of another size than the model was built for: one axis, or both."""
    got, expected = (
        tuple(map(int, _NUMBER.findall(found[field]))) for field in ("got", "expected")
    )
    if len(got) != len(expected) or got == expected:
        return None
    named = re.search(r"height|width", found.match[0], re.I)
    names = ("height", "width") if len(got) == 2 else (named[0].lower(),) if named else ()
    if len(names) != len(got):
        return None
    pairs = list(zip(names, got, expected, strict=True))
    side = expected[0] if len(set(expected)) == 1 else None
    return Reading(
        kind=MessageKind.INPUT_SHAPE,
        framework=FRAMEWORK,
        axes=tuple(AxisReading(name=name, input_size=size) for name, size, _ in pairs),
        failing_axes=tuple(name for name, size, wanted in pairs if size != wanted),
        data_format="channels_first",
        expected=expected,
        got=got,
        remedies=(fix("resize_picture", "resize_picture", size=side),) if side else (),
    )


def _channels(found: Found) -> Reading:
    expected, got = found.number("expected"), found.number("got")
    return channels_of(FRAMEWORK, expected, got, op=None, data_format="channels_first")


# --- ranks of functions, sizes of enlarged maps --------------------------------------------------


def _adaptive_rank(found: Found) -> Reading | None:
    """Read an adaptive pooling on too few or too many axes."""
    shape, high = found.sizes("shape"), found.number("high")
    if len(shape) in (high - 1, high):
        return None
    ranks, op = (high - 1, high), "max" if "max" in found["pool"] else "avg"
    return rank_of(FRAMEWORK, op, ranks, shape, data_format="channels_first")


def _enlarged_rank(found: Found) -> Reading | None:
    """Read `interpolate` on an input without batch or channels, or with another mode."""
    got, expected = found.number("got"), found.number("expected")
    return None if got == expected else rank_of(FRAMEWORK, None, expected, (), got)


def _enlarged_axes(found: Found) -> Reading | None:
    """Read a list of sizes that has not one for each axis of the map."""
    given, asked = found.sizes("given"), found.sizes("asked")
    if len(given) == len(asked):
        return None
    read = rank_of(FRAMEWORK, None, len(asked) + 2, (), len(given) + 2)
    if len(given) < len(asked) or len(given) not in AXIS_NAMES:
        return read
    every = fix("size_per_axis", count=len(given))
    return replace(read, missing=None, reasons=(), remedies=(every,), only_remedies=True)


def _enlarged_empty(found: Found) -> Reading | None:
    """Read a map with an empty side, or one that would be resized to an empty side."""
    given, asked = (_by_letter(found[side]) for side in ("given", "asked"))
    names = AXIS_NAMES.get(len(given))
    if names is None or len(given) != len(asked):
        return None
    is_empty = 0 in given
    sides = zip(names, given if is_empty else asked, strict=True)
    empty = tuple(name for name, size in sides if size == 0)
    if not empty:
        return None
    axes = axes_of(len(given), input_size=given, output_size=None if is_empty else asked)
    return Reading(
        kind=MessageKind.EMPTY_INPUT,
        framework=FRAMEWORK,
        argument=None if is_empty else "resized",
        axes=axes,
        failing_axes=empty,
        data_format="channels_first",
        remedies=() if is_empty else (fix("size_of_one"), fix("larger_input"), PRINT_SHAPE),
        only_remedies=not is_empty,
    )


def _by_letter(text: str) -> tuple[int, ...]:
    """Return the sizes of "H: 1, W: 8"."""
    return tuple(map(int, _NUMBER.findall(text)))


def _shuffled_rank(found: Found) -> Reading:
    return rank_of(FRAMEWORK, None, (3, 4), (), found.number("got"), data_format="channels_first")


def _unflattened(found: Found) -> Reading | None:
    target = found.sizes("target")
    total, wanted = found.number("total"), prod(size or 0 for size in target)
    return reshape_of(FRAMEWORK, total, wanted, target if len(target) > 2 else ())


def _parameters(found: Found) -> Reading:
    """Read PReLU, which has a parameter for each channel."""
    expected, got = found.number("expected"), found.number("got")
    read = channels_of(FRAMEWORK, expected, got, (), None, None, "channels_first")
    # The advice for convolutions, such as a grey picture, does not apply to PReLU.
    return replace(read, reasons=(), remedies=())


FUNCTIONS = (
    MessagePattern(
        ("adaptive_",),
        (
            r"(?P<pool>adaptive_(?:avg|max)_pool[123]d)\(\): Expected [2-4]D or <high:int>D "
            r"tensor, but got:? \[<shape:shape>\]"
        ),
        _adaptive_rank,
    ),
    MessagePattern(
        ("mode needs",),
        r"Got <got:int>D input, but [\w-]{4,20} mode needs <expected:int>D input",
        _enlarged_rank,
    ),
    MessagePattern(
        ("number of spatial dimensions",),
        (
            r"Input and output must have the same number of spatial dimensions, but got input with "
            r"(?:with )?spatial dimensions of [(\[]<given:shape>[)\]] and output size of "
            r"[(\[]<asked:shape>[)\]]"
        ),
        _enlarged_axes,
    ),
    MessagePattern(
        ("sizes should be greater than 0",),
        (
            r"Input and output sizes should be greater than 0, but got input "
            r"\((?P<given>[^()]{4,60})\)(?: and)? output \((?P<asked>[^()]{4,60})\)"
        ),
        _enlarged_empty,
    ),
    MessagePattern(
        ("unflatten",),
        (
            r"unflatten: Provided sizes \[<target:shape>\] don't multiply up to the size of dim "
            r"[0-9] \(<total:int>\)"
        ),
        _unflattened,
    ),
    MessagePattern(
        ("parameter numbers",),
        (
            r"Mismatch of parameter numbers and input channel size\. Found parameter numbers = "
            r"<expected:int> and channel size = <got:int>"
        ),
        _parameters,
    ),
    MessagePattern(
        ("divisible by groups",),
        (
            r"[Nn]umber of channels must be divisible by groups\. Got <channels:int> channels and "
            r"<multiple:int> groups"
        ),
        _channels_not_divisible,
    ),
    MessagePattern(
        ("pixel_",),
        (
            r"pixel_(?:un)?shuffle expects input to have at least [0-9] dimensions, but got "
            r"input with <got:int> dimension"
        ),
        _shuffled_rank,
    ),
)


_SIZES = (
    r"(?P<sizes>(?:(?:(?:[Ii]mage|[Ii]nput|[Pp]icture)\s)?"
    r"(?:[Hh]eight|[Ww]idth|[Ss]hape|[Ss]izes?|[Dd]imensions?|[Rr]esolution)"
    r"|[Ii]mage H and W)[^\n]{0,160}?)"
)
_MUST = (
    r"(?:must|should|has|have|needs?|expected)(?: to)?(?: both)? be "
    r"(?:divisible by|a? ?multiples? of)"
)
_UNIT = r"(?: the)?(?: patch size| stride| output stride| window)?"
PICTURES = (
    MessagePattern(
        ("divisible by", "multiple of"),
        rf"{_SIZES}{_MUST}{_UNIT} \(?<multiple:int>\)?(?:\*\*<power:int>)?"
        r"(?P<after>,? (?:but|instead|got)[^\n]{1,80})?",
        _divisible,
        near=("eight", "idth", "hape", "ize", "imension", "esolution", "mage H"),
    ),
    MessagePattern(
        ("multiple of patch",),
        r"(?P<sizes>[Ii]nput image (?:height|width) [0-9]{1,5}) is not a multiple of patch "
        r"(?:height|width):? <multiple:int>",
        _divisible,
    ),
    MessagePattern(
        ("Expected image height",),
        (
            r"(?P<sizes>height=[0-9]{1,5}, width=[0-9]{1,5})\. Expected image height and width "
            r"divisible by <multiple:int>"
        ),
        _divisible,
    ),
    MessagePattern(
        ("can't divide axis",),
        r"can't divide axis of length <size:int> in chunks of <multiple:int>",
        _chunks,
    ),
    MessagePattern(
        ("downscale_factor",),
        (
            r"pixel_unshuffle expects (?:height|width) to be divisible by downscale_factor, but "
            r"input\.size\(<place:int>\)=<size:int> is not divisible by <multiple:int>"
        ),
        _unshuffled,
    ),
    MessagePattern(
        ("upscale_factor",),
        (
            r"pixel_shuffle expects its input's 'channel' dimension to be divisible by the square "
            r"of upscale_factor, but input\.size\(-3\)=<channels:int> is not divisible by "
            r"<multiple:int>"
        ),
        _channels_not_divisible,
    ),
    MessagePattern(
        ("num_groups",),
        (
            r"Expected number of channels in input to be divisible by num_groups, but got input of "
            r"shape \[<shape:shape>\] and num_groups=<multiple:int>"
        ),
        _channels_not_divisible,
    ),
    MessagePattern(
        ("num_groups",),
        r"num_channels \(<channels:int>\) must be divisible by num_groups \(<multiple:int>\)",
        _channels_not_divisible,
    ),
    MessagePattern(
        ("divisible by the patch size",),
        r"[Ii]mage dimensions must be divisible by the patch size(?! \()",
        _patches,
    ),
    MessagePattern(
        ("match model",),
        (
            r"Input (?:image )?(?:height|width|size) \((?P<got>[0-9]{1,5}(?:\*[0-9]{1,5})?)\) "
            r"doesn't match model \((?P<expected>[0-9]{1,5}(?:\*[0-9]{1,5})?)\)"
        ),
        _other_picture,
    ),
    MessagePattern(
        ("Wrong image",),
        (
            r"Wrong image (?:height|width)! Expected (?P<expected>[0-9]{1,5}) but got "
            r"(?P<got>[0-9]{1,5})"
        ),
        _other_picture,
    ),
    MessagePattern(
        ("channel dimension of the pixel",),
        (
            r"channel dimension of the pixel values match with the one set in the configuration\. "
            r"Expected <expected:int> but got <got:int>"
        ),
        _channels,
    ),
)
