"""Messages of OpenCV's dnn module."""

from __future__ import annotations

import re
from dataclasses import replace

from poolviz.i18n.phrase import phrase
from poolviz.messages.causes.axes import rank_of, reflection_of
from poolviz.messages.causes.channels import channels_of
from poolviz.messages.causes.features import linear_at
from poolviz.messages.causes.fixes import fix
from poolviz.messages.causes.unnumbered import unnumbered, unnumbered_at
from poolviz.messages.message import MessageKind, Reading
from poolviz.messages.pattern import Found, MessagePattern, Messages
from poolviz.messages.snippets import Snippets

# Run in OpenCV 5.0.
CODE = Snippets(
    add_batch="blob = cv2.dnn.blobFromImage(image)",
    to_rgb="image = cv2.cvtColor(image, cv2.COLOR_BGRA2BGR)",
    repeat_grey="image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)",
    to_grey="image = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)",
    resize_to="blob = cv2.dnn.blobFromImage(image, size=({width}, {height}))",
    print_shape="print(blob.shape)",
)
_DNN = re.compile(r"\bdnn\b|onnx|blobFromImage|\.forward\(|readNet", re.I)
_PICTURES = re.compile(r"\b(?:resize|imread|VideoCapture|warp|crop|copyMakeBorder|roi)\w*\(", re.I)
_CV_NODE = re.compile(r"onnx_node!([^)\s]{1,160})\)")


def _cv_name(found: Found) -> str | None:
    names = _CV_NODE.findall(found.before(800))
    return names[-1] if names else None


def _open(found: Found) -> Reading:
    """An input whose sizes the model leaves open; OpenCV needs them when it reads the model."""
    return Reading(
        kind=MessageKind.OPEN_SIZE,
        framework="opencv",
        layer_name=_cv_name(found),
        remedies=(fix("fixed_export"),),
        only_remedies=True,
        certainty="likely",
    )


def _cv_rank(found: Found) -> Reading:
    """A pooling layer on too few axes; their number is 0 where OpenCV does not know it."""
    name = _cv_name(found)
    if found.number("axes") == 0:
        return unnumbered("opencv", MessageKind.RANK, "pool", name)
    return rank_of("opencv", "pool", found.number("least") + 2, (), found.number("axes"), name)


def _cv_product(found: Found) -> Reading | None:
    if found.optional("got") == 0:
        return _open(found)
    return linear_at("opencv")(found)


def _cv_channels(found: Found) -> Reading | None:
    expected, got = found.number("expected"), found.number("got")
    if got == 0:
        return _open(found)
    name = _cv_name(found)
    return channels_of("opencv", expected, got, layer_name=name, data_format="channels_first")


def _cv_join(found: Found) -> Reading:
    return Reading(
        kind=MessageKind.CONCATENATE,
        framework="opencv",
        op="concatenate",
        layer_name=_cv_name(found),
        certainty="likely",
        remarks=(phrase("reading.note.no_number"),),
    )


def _cv_negative(found: Found) -> Reading | None:
    """Read a size below zero: of a network, where the text around shows one; else perhaps."""
    near = found.before(2_000) + found.after(500)
    read = unnumbered("opencv", MessageKind.NO_FIT, None, _cv_name(found))
    if _DNN.search(near):
        return read
    if _PICTURES.search(near):
        return None
    note = phrase("reading.note.if_in_a_network")
    return replace(read, argument="negative", certainty="guess", remarks=(note, *read.remarks))


def _cv_reflection(found: Found) -> Reading:
    size = found.number("size")
    name = "height" if "Height" in found.match[0] else "width"
    read = reflection_of("opencv", (found.number("pad"),) * 2, size)
    [axis] = read.axes
    return replace(read, axes=(replace(axis, name=name),), failing_axes=(name,), remarks=())


_OPENCV = (
    MessagePattern(
        ("K_a", "K_A"),
        r"'K_[aA]' is <got:int> must be equal to 'K_[bB]' is <expected:int>",
        _cv_product,
    ),
    MessagePattern(
        ("Number of input channels",),
        r"Number of input channels should be multiple of <expected:int> but got <got:int>",
        _cv_channels,
    ),
    MessagePattern(("ConcatLayer",), r"Inconsistent shape for ConcatLayer in function", _cv_join),
    MessagePattern(
        ("inpShape.size()",),
        r"'addedDims' is <least:int> must be less than or equal to 'inpShape\.size\(\)' is "
        r"<axes:int>",
        _cv_rank,
    ),
    MessagePattern(
        ("inpCn %",),
        r"ngroups > 0 && inpCn % ngroups == 0 && outCn % ngroups == 0\)? in (?:function|cv::dnn)",
        unnumbered_at("opencv", MessageKind.CHANNELS, "conv", _cv_name),
    ),
    MessagePattern(
        ("kernel_size.size()",),
        r"\(\(input\.dims == 3 && kernel_size\.size\(\) == 1\) \|\| input\.dims == 4",
        unnumbered_at("opencv", MessageKind.RANK, "conv", _cv_name),
    ),
    MessagePattern(
        ("src.dims ==",),
        r"src\.dims == 3 \|\| src\.dims == 4 \|\| src\.dims == 5 in function 'run'",
        unnumbered_at("opencv", MessageKind.RANK, "pool", _cv_name),
    ),
    MessagePattern(
        ("maskTotal",),
        r"== maskTotal in function 'computeShapeByReshapeMask'",
        unnumbered_at("opencv", MessageKind.RESHAPE, "reshape", _cv_name),
    ),
    MessagePattern(
        ("total(os[i])",),
        r"\(expected: 'total\(os\[i\]\) > 0'\)",
        unnumbered_at("opencv", MessageKind.NO_FIT, None, _cv_name),
    ),
    MessagePattern(
        ("findCommonShape",),
        r"shape\[i\] == 1 \|\| outShape\[i\] == 1 in function 'findCommonShape'",
        unnumbered_at("opencv", MessageKind.SUM, "sum", _cv_name),
    ),
    MessagePattern(
        ("dim K",),
        r"DNN/Gemm: Invalid dimension of dim K(?! \(expected: 'K_[aA])",
        unnumbered_at("opencv", MessageKind.LINEAR, "linear", _cv_name),
    ),
    MessagePattern(
        ("weights.cols",),
        r"srcMat\.dims == 2 && srcMat\.cols == weights\.cols &&",
        unnumbered_at("opencv", MessageKind.LINEAR, "linear", _cv_name),
    ),
    MessagePattern(("setSize",), r"s >= 0 in function 'setSize'", _cv_negative),
    MessagePattern(
        ("denoted by -1",),
        r"Can't infer a dim denoted by -1 in function",
        unnumbered_at("opencv", MessageKind.RESHAPE, "reshape", _cv_name),
    ),
    MessagePattern(
        ("inpHeight", "inpWidth"),
        (
            r"'pad(?:Top|Bottom|Left|Right)' is <pad:int> must be less than (?:or equal to )?"
            r"'inp(?:Height|Width)' is <size:int>"
        ),
        _cv_reflection,
    ),
)

MESSAGES = Messages(failures=_OPENCV)
