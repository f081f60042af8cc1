"""Messages of model libraries for PyTorch about the size of a picture.

Recorded from timm 1.0.31, torchvision 0.29, MONAI 1.6, einops 0.8 and vit-pytorch 1.26; those of
segmentation_models_pytorch, diffusers and transformers are known from their sources.
"""

from __future__ import annotations

import re
from dataclasses import replace

from poolviz.dialects.pytorch.axis_messages import FRAMEWORK
from poolviz.i18n.phrase import phrase
from poolviz.messages.causes.channels import channels_of, undivided
from poolviz.messages.causes.fixes import fix
from poolviz.messages.causes.sums import SHAPES
from poolviz.messages.message import AxisReading, MessageKind, Reading, Remedy, Sizes
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
    return _not_divisible(multiple, tuple(map(int, listed[:_MOST_NUMBERS])))


def _not_divisible(multiple: int, sizes: Sizes, is_picture: bool = True) -> Reading | None:
    """Report sizes that are no multiples; None where all are, or where the text has none."""
    if multiple < 2 or not any(size and size % multiple for size in sizes):
        return None
    larger = tuple(-(-(size or 0) // multiple) * multiple for size in sizes)
    words = phrase("reading.fix.to_multiple", multiple=multiple, sizes=larger)
    pad = Remedy(
        phrase("reading.fix.pad_to", multiple=multiple),
        snippet="pad_to",
        fields=(("multiple", multiple),),
    )
    return Reading(
        kind=MessageKind.DIVISIBLE,
        framework=FRAMEWORK,
        expected=(multiple,),
        got=sizes,
        remedies=(pad, Remedy(words)) if is_picture and len(sizes) < 3 else (Remedy(words),),
        only_remedies=True,
    )


def _unshuffled(found: Found) -> Reading | None:
    """A height or width that PixelUnshuffle cuts into cells."""
    name = "height" if found.number("place") == -2 else "width"
    size = found.number("size")
    read = _not_divisible(found.number("multiple"), (size,))
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
    return _not_divisible(found.number("multiple"), (found.number("size"),), is_picture=False)


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
