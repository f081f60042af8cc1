"""Messages of PyTorch about whole shapes: axes that are missing, views, sums.

Wordings of PyTorch 0.3 to 2.13. From 1.11 on, layers take a sample without the batch axis, too.
"""

from __future__ import annotations

import re
from dataclasses import replace
from math import prod

from poolviz.i18n.phrase import counted, phrase
from poolviz.messages.arguments import operation
from poolviz.messages.causes.axes import rank_of
from poolviz.messages.causes.channels import channels_of
from poolviz.messages.causes.context import topic
from poolviz.messages.causes.fixes import ADD_BATCH, PRINT_SHAPE, REMOVE_AXIS, because
from poolviz.messages.causes.reshapes import reshape_of
from poolviz.messages.causes.sums import sum_of
from poolviz.messages.causes.two_sizes import normalised, summed
from poolviz.messages.message import WIDE, DataFormat, Reading, Remedy, Sizes
from poolviz.messages.pattern import Found, MessagePattern

FRAMEWORK = "pytorch"
_COLOURS = 3
_NORMALIZE = re.compile(r"normalize|mean\[:, ?None", re.I)
_NORMS = re.compile(r"(batch|instance)_?norm", re.I)
_NDIM = re.compile(r"(?:conv|pool|transpose|norm)[a-z_]{0,12}([123])d", re.I)


def op_of(text: str) -> str | None:
    """Return the operation that a name like "conv_transpose2d" or "BatchNorm2d" means."""
    if re.search(r"transpose|deconv", text, re.I):
        return "transposed"
    return "norm" if re.search(r"norm", text, re.I) else operation(text)


def _conv_rank(found: Found) -> Reading | None:
    """A sample or a batch of another rank; a layer of `ndim` axes takes both."""
    shape = found.sizes("shape") if found.match["shape"] else ()
    ndim = found.number("ndim")
    # PyTorch takes both: the text was changed on its way here.
    if len(shape) in (ndim + 1, ndim + 2):
        return None
    expected = (ndim + 1, ndim + 2)
    op = op_of(found["layer"])
    return rank_of(FRAMEWORK, op, expected, shape, len(shape), data_format="channels_first")


def _old_rank(found: Found) -> Reading | None:
    """Before 1.11, a convolution needed the batch axis; the text has the weights."""
    weight, shape = found.sizes("weight"), found.sizes("shape")
    if found.match.groupdict().get("rank"):
        weight = weight[: found.number("rank")]  # PyTorch 1.2 printed one number more
    ndim = len(weight) - 2
    if ndim not in (1, 2, 3) or len(shape) == len(weight):
        return None
    op, channels = "conv", weight[1]
    if "transposed" in found.match[0]:
        op, channels = "transposed", weight[0]
    return rank_of(FRAMEWORK, op, ndim + 2, shape, data_format="channels_first", channels=channels)


def _oldest_rank(found: Found) -> Reading | None:
    """Read a convolution of PyTorch 0.1, which names the axes and the channels at once."""
    shape, ndim, channels = found.sizes("shape"), found.number("ndim"), found.number("channels")
    if len(shape) != ndim:
        first: DataFormat = "channels_first"
        return rank_of(FRAMEWORK, "conv", ndim, shape, data_format=first, channels=channels)
    if ndim < 3 or shape[1] in (None, channels):
        return None
    return channels_of(FRAMEWORK, channels, shape[1], shape, data_format="channels_first")


def _channels_alone(found: Found) -> Reading | None:
    shape, channels = found.sizes("shape"), found.number("channels")
    if len(shape) < 3 or shape[1] in (None, channels):
        return None
    return channels_of(FRAMEWORK, channels, shape[1], shape, data_format="channels_first")


def _said_rank(found: Found) -> Reading | None:
    """Two numbers of axes, and perhaps the layer in the traceback."""
    named = [*_NDIM.finditer(found.before(600) + found.match[0])]
    expected = tuple(found.number(name) for name in ("low", "high") if found.match[name])
    got = found.number("got")
    op = op_of(named[-1][0]) if named else "norm" if "(got" in found.match[0] else None
    read = rank_of(FRAMEWORK, op, expected, (), got, data_format="channels_first")
    return _norm_rank(read, expected, got, found.before(600)) if op == "norm" else read


def _norm_rank(read: Reading, expected: tuple[int, ...], got: int, before: str) -> Reading:
    """A normalisation: the layer for this number of axes, or the batch axis.

    BatchNorm1d takes (N, C) and (N, C, L); only InstanceNorm takes a sample without the batch.
    """
    named = _NORMS.findall(before)
    # Without the traceback: BatchNorm states one number, BatchNorm1d 2 or 3.
    is_of_instance = len(expected) > 1 and expected[0] > 2
    if named:
        is_of_instance = named[-1].lower() == "instance"
    if len(expected) > 1 and not is_of_instance:
        read = replace(read, argument="either")
    other = _norm(got - 2, "Instance" if is_of_instance else "Batch")
    # Two axes are those behind Flatten, four those of maps; one too few is a missing batch.
    fixes = {
        1: (ADD_BATCH,),
        2: (_norm(1),),
        3: (ADD_BATCH, other) if expected[-1] == 4 else (),
        4: (other,) if expected[-1] == 3 else (other, ADD_BATCH),
        5: (other, REMOVE_AXIS),
    }
    remedies = fixes.get(got) or ((ADD_BATCH,) if expected[-1] == got + 1 else read.remedies)
    reasons = (because("lost_batch"),) if got == 1 else read.reasons
    return replace(read, reasons=reasons, remedies=remedies, only_remedies=bool(remedies))


def _least_rank(found: Found) -> Reading | None:
    """Read what normalisations across several devices say, and those of some libraries."""
    least, got = found.number("low"), found.number("got")
    if got >= least:
        return None
    read = rank_of(FRAMEWORK, "norm", least, (), got, data_format="channels_first")
    remedies = (_norm(1), ADD_BATCH) if got == 2 else (ADD_BATCH,)
    if "dimensionality" in found.match[0]:
        remedies = (PRINT_SHAPE,)  # LocalResponseNorm
    facts = replace(read, argument="least", missing=None, reasons=())
    return replace(facts, remedies=remedies, only_remedies=True)


def _permuted_rank(found: Found) -> Reading:
    """Read `permute` with more or fewer places than the tensor has axes."""
    read = rank_of(FRAMEWORK, None, found.number("high"), (), found.number("got"))
    read = replace(read, argument="permute", missing=None, reasons=())
    return replace(read, remedies=(PRINT_SHAPE,), only_remedies=True)


def _unnamed_rank(found: Found) -> Reading | None:
    """Before 1.0 a layer was named by its source file, if at all."""
    shape, high = found.sizes("shape"), found.number("high")
    if len(shape) in (found.number("low"), high) or 0 in shape:
        return None
    op = op_of(found.after(120)) or op_of(found.before(300))
    expected = (found.number("low"), high)
    return rank_of(FRAMEWORK, op, expected, shape, data_format="channels_first")


def _norm(ndim: int, kind: str = "Batch") -> Remedy:
    name = f"{kind}Norm{ndim}d"
    return Remedy(phrase("reading.fix.other_layer", name=name), f"nn.{name}(channels)")


def grouped(op: str, expected: int, got: int, weight: Sizes) -> tuple[Remedy, ...]:
    """Return fixes of a convolution with groups; one channel per group is a depthwise one."""
    if op != "conv" or weight[1] == expected:
        return ()
    code = f"nn.Conv{len(weight) - 2}d({got}, …, groups={got})" if weight[1] == 1 else ""
    built = phrase("reading.fix.layer_for_channels", channels=counted(got, "channel"))
    before = phrase("reading.fix.preceding_channels", channels=counted(expected, "channel"))
    return Remedy(built, code), Remedy(before)


def _view(found: Found) -> Reading | None:
    target, total = found.sizes("target"), found.number("total")
    known = [size for size in target if size is not None and size > 0]
    wanted = prod(known)
    if not known or wanted == total or (-1 in target and total % wanted == 0):
        return None
    about = topic(found.before(), found.after(400))
    # Attention heads or sequences: what is said of feature maps would be wrong.
    if about == "other":
        return None
    if len(target) > 2 and about is None and not _is_square(target):
        return reshape_of(FRAMEWORK, total, wanted, target)  # its numbers, whatever the tensor is
    if target[0] not in (-1, None) and len(target) > 1 and -1 not in target:
        return reshape_of(FRAMEWORK, total, wanted, target, batch=target[0])
    return reshape_of(FRAMEWORK, total, wanted, target)


def _is_square(target: Sizes) -> bool:
    """Return whether a shape is that of pictures or maps, in either order of the axes."""
    return len(target) == 4 and -1 not in target and target[2] in (target[1], target[3])


def _sum(found: Found) -> Reading | None:
    first, second = found.number("first"), found.number("second")
    shapes = tuple(
        found.sizes(name) for name in ("target", "tensor") if found.match.groupdict().get(name)
    )
    dimension = found.number("dimension")
    if _is_picture_and_means(first, second, dimension) and _NORMALIZE.search(found.before(1_000)):
        return normalised(FRAMEWORK, first, second, shapes)
    return summed(FRAMEWORK, found, first, second, dimension, shapes)


def _is_picture_and_means(channels: int, means: int, dimension: int) -> bool:
    # Grey or colour with transparency: `Normalize` has three means.
    return channels in (2, 4) and means == _COLOURS and dimension in (0, 1)


def _in_place(found: Found) -> Reading | None:
    """A sum in place, into a tensor that is too small."""
    output, needed = found.sizes("output"), found.sizes("needed")
    differ = [i for i in range(-1, -len(output) - 1, -1) if output[i] != needed[i]]
    if len(output) != len(needed) or not differ:
        return None
    place = differ[0] % len(output)
    first, second = output[place], needed[place]
    if first is None or second is None:
        return None
    is_map = min(size or 0 for size in output[-2:]) >= WIDE and len(output) in (3, 4)
    is_picture = is_map and place == len(output) - 3
    if (first, second) == (1, _COLOURS) and len(differ) == 1 and is_picture:
        return normalised(FRAMEWORK, first, second, (output, needed))
    return summed(FRAMEWORK, found, first, second, place, (output, needed))


def _fake_sum(found: Found) -> Reading | None:
    """A sum in torch.compile or torch.export, where the shapes are known beforehand."""
    return sum_of(FRAMEWORK, found.sizes("needed"), found.sizes("given"), None, "channels_first")


OLD_RANK = MessagePattern((), "", _old_rank)
RANKS = (
    MessagePattern(
        ("(unbatched)",),
        (
            r"Expected [0-9]D \(unbatched\) or [0-9]D \(batched\) input to "
            r"(?P<layer>conv(?:_transpose)?(?P<ndim>[123])d), but got input of size: "
            r"\[(?:<shape:shape>)?\]"
        ),
        _conv_rank,
    ),
    MessagePattern(
        ("-dimensional weight", "D weight"),
        (
            r"Expected [0-9](?:D|-dimensional) input for (?P<rank>[0-9])(?:D|-dimensional) weight "
            r"\[?<weight:shape>\]?,? but got (?:[0-9](?:D|-dimensional) )?input of size "
            r"\[<shape:shape>\]"
        ),
        _old_rank,
    ),
    MessagePattern(
        ("Expected", "expected"),
        (
            r"[Ee]xpected (?P<low>[2-6])D(?: or (?P<high>[2-6])D)? (?:input|tensor)(?: as input)?"
            r"(?: \(|, (?:but )?)got:? (?:a )?(?P<got>[0-9])D"
        ),
        _said_rank,
    ),
    MessagePattern(
        ("xpected at least",),
        r"xpected at least (?P<low>[2-5])D input \(got (?P<got>[0-9])D input\)",
        _least_rank,
    ),
    MessagePattern(
        ("xpected 3D or higher",),
        r"xpected (?P<low>3)D or higher dimensionality input \(got (?P<got>[0-9]) dimensions\)",
        _least_rank,
    ),
    MessagePattern(
        ("Softmax2d",),
        r"Softmax2d: expected input to be (?P<low>3)D or (?P<high>4)D, got (?P<got>[0-9])D",
        _said_rank,
    ),
    MessagePattern(
        ("match in permute",),
        r"number of dims don't match in permute",
        lambda found: replace(
            rank_of(FRAMEWORK, None, 4),
            remarks=(phrase("reading.note.no_number"),),
            remedies=(PRINT_SHAPE,),
            only_remedies=True,
        ),
    ),
    MessagePattern(
        ("ordering of dimensions",),
        (
            r"number of dimensions in the tensor input does not match the length of the desired "
            r"ordering of dimensions i\.e\. input\.dim\(\) = <got:int> is not equal to "
            r"len\(dims\) = <high:int>"
        ),
        _permuted_rank,
    ),
    MessagePattern(
        ("tensor expected",),
        (
            r"(?P<low>[2-5])D or (?P<high>[3-6])D (?:\(batch mode\) )?(?:input )?tensor expected"
            r"(?: for input)?,? but got: ?\[<shape:shape>\]"
        ),
        _unnamed_rank,
    ),
    MessagePattern(
        ("Need input of dimension",),
        (
            r"Need input of dimension <ndim:int> and input\.size\[1\] == <channels:int> but got "
            r"input to be of shape: \[<shape:shape>\]"
        ),
        _oldest_rank,
    ),
    MessagePattern(  # what is left where the weights were cut off
        ("channels instead",),
        (
            r"input ?\[<shape:shape>\] to have <channels:int> channels, but got "
            r"[0-9]{1,6} channels instead"
        ),
        _channels_alone,
    ),
    MessagePattern(
        ("input Tensors supported",),
        r"Only 3D, 4D and 5D input Tensors supported \(got <got:int>D\)",
        lambda found: rank_of(
            FRAMEWORK, None, (3, 4, 5), (), found.number("got"), data_format="channels_first"
        ),
    ),
    MessagePattern(
        ("checking arguments for",),
        (
            r"Expected (?P<low>[2-6])(?: to (?P<high>[2-6]) dimensions|-dimensional tensor), but "
            r"got (?P<got>[0-9])-dimensional tensor for argument #[0-9] '\w{1,20}' \(while "
            r"checking arguments for \w{1,60}\)"
        ),
        _said_rank,
    ),
)
VIEW = MessagePattern(
    ("is invalid for input of size",),
    r"shape '\[<target:shape>\]' is invalid for input of size <total:int>",
    _view,
)
SUMS = (
    MessagePattern(
        ("The size of tensor a",),
        (
            r"The size of tensor a \(<first:int>\) must match the size of tensor b "
            r"\(<second:int>\) at non-singleton dimension <dimension:int>"
        ),
        _sum,
    ),
    MessagePattern(
        ("The expanded size of the tensor",),
        (
            r"The expanded size of the tensor \(<first:int>\) must match the existing size "
            r"\(<second:int>\) at non-singleton dimension <dimension:int>"
            r"(?:\. Target sizes: \[<target:shape>\]\. Tensor sizes: \[<tensor:shape>\])?"
        ),
        _sum,
    ),
    MessagePattern(
        ("broadcast shape",),
        (
            r"output with shape \[<output:shape>\] doesn't match the broadcast shape "
            r"\[<needed:shape>\]"
        ),
        _in_place,
    ),
    MessagePattern(
        ("to broadcast a dimension",),
        (
            r"Attempting to broadcast a dimension of length [0-9]{1,9} at -?[0-9]! Mismatching "
            r"argument at index [0-9]{1,3} had torch\.Size\(\[<given:shape>\]\); but expected "
            r"shape should be broadcastable to \[<needed:shape>\]"
        ),
        _fake_sum,
    ),
)
