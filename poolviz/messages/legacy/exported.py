"""Messages of runtimes of exported models: TensorFlow Lite, OpenCV, OpenVINO, Core ML."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from math import prod

from poolviz.i18n.phrase import phrase
from poolviz.messages.arguments import operation
from poolviz.messages.causes.axes import MAP_AXES, input_of, rank_of, reflection_of
from poolviz.messages.causes.channels import PICTURES, channels_of, unknown_channels
from poolviz.messages.causes.features import linear
from poolviz.messages.causes.reshapes import reshape_of
from poolviz.messages.causes.sums import joined_of, sum_of
from poolviz.messages.message import AxisReading, MessageKind, Reading, no_fit
from poolviz.messages.pattern import Found, MessagePattern, Messages, sizes_in

_SHAPE = r"[(\[{{]<{}:shape>[)\]}}]"


def _features(framework: str) -> Callable[[Found], Reading | None]:
    """Read the features of two matrices; 0 is a size that is not known yet."""

    def read(found: Found) -> Reading | None:
        got, expected = found.number("got"), found.number("expected")
        return linear(framework, (), expected, got) if got and expected else None

    return read


# --- TensorFlow Lite -----------------------------------------------------------------------------

_KERNEL = re.compile(r"Node number [0-9]{1,5} \((\w{1,60})\)")


def _kernel(found: Found) -> tuple[str | None, str]:
    """Operation and its name in capitals, which follow the condition."""
    named = _KERNEL.search(found.after(300))
    kind = named[1] if named else ""
    source = found.before(160)
    return operation(kind.replace("_", "") or source), kind


def _lite_rank(found: Found) -> Reading | None:
    got, expected = found.number("got"), found.number("expected")
    op, kind = _kernel(found)
    if expected != 4 or (op is None and kind):
        return None
    return rank_of("tflite", op, expected, (), got)


def _lite_channels(found: Found) -> Reading:
    return channels_of("tflite", found.number("expected"), found.number("got"))


def _lite_remainder(found: Found) -> Reading:
    """Read the rest of a division: the text has neither of the two numbers."""
    note = phrase("reading.note.only_remainder", remainder=found.number("remainder"))
    return replace(unknown_channels("tflite"), remarks=(note,))


def _lite_sum(found: Found) -> Reading | None:
    first, second = found.sizes("first"), found.sizes("second")
    if len(first) < MAP_AXES:
        return None
    return sum_of("tflite", first, second, data_format="channels_last")


def _lite_reshape(found: Found) -> Reading | None:
    return reshape_of("tflite", found.number("total"), found.number("wanted"))


def _lite_join(found: Found) -> Reading:
    first, second = found.number("first"), found.number("second")
    return Reading(
        kind=MessageKind.CONCATENATE,
        framework="tflite",
        op="concatenate",
        expected=(second,),
        got=(first,),
        certainty="likely",
        remarks=(phrase("reading.note.unnamed_join"),),
    )


def _lite_input(found: Found) -> Reading | None:
    """Read one axis of an input, of which the text states neither the name nor the rank."""
    place = found.number("place")
    got, expected = found.number("got"), found.number("expected")
    if place == 0:
        return None
    if place == 3 and {got, expected} <= set(PICTURES):
        return channels_of("tflite", expected, got, op=None)
    return Reading(
        kind=MessageKind.INPUT_SHAPE,
        framework="tflite",
        expected=(expected,),
        got=(got,),
        certainty="likely",
    )


def _lite_input_rank(found: Found) -> Reading | None:
    got, expected = found.number("got"), found.number("expected")
    return rank_of("tflite", None, expected, (), got) if max(got, expected) >= 4 else None


_LITE = (
    MessagePattern(
        ("dims->size",),
        r"input->dims->size != <expected:int> \(<got:int> != [0-9]\)",
        _lite_rank,
    ),
    MessagePattern(
        ("NumDimensions(input)",),
        r"NumDimensions\(input\) != <expected:int> \(<got:int> != [0-9]\)",
        _lite_rank,
    ),
    MessagePattern(
        ("filter->dims->data",),
        (r"input->dims->data\[3\] != filter->dims->data\[3\] \(<got:int> != <expected:int>\)"),
        _lite_channels,
    ),
    MessagePattern(
        ("filter_input_channel",),
        r"input_channel % filter_input_channel != 0 \(<remainder:int> != 0\)",
        _lite_remainder,
    ),
    MessagePattern(
        ("t0->dims->data",),
        r"t->dims->data\[d\] != t0->dims->data\[d\] \(<first:int> != <second:int>\)",
        _lite_join,
    ),
    MessagePattern(
        ("not broadcastable",),
        rf"Given shapes, {_SHAPE.format('first')} and {_SHAPE.format('second')}, are not "
        rf"broadcastable",
        _lite_sum,
    ),
    MessagePattern(
        ("num_input_elements",),
        r"num_input_elements != num_output_elements \(<total:int> != <wanted:int>\)",
        _lite_reshape,
    ),
    MessagePattern(
        ("Cannot set tensor",),
        (
            r"Cannot set tensor: Dimension mismatch\. Got <got:int> but expected "
            r"<expected:int> for "
            r"dimension <place:int> of input"
        ),
        _lite_input,
    ),
    MessagePattern(
        ("Cannot set tensor",),
        (
            r"Cannot set tensor: Dimension mismatch\. Got <got:int> but expected "
            r"<expected:int> for "
            r"input [0-9]"
        ),
        _lite_input_rank,
    ),
)

# --- OpenCV --------------------------------------------------------------------------------------

_CV_NODE = re.compile(r"onnx_node!([^)\s]{1,160})\)")


def _cv_name(found: Found) -> str | None:
    names = _CV_NODE.findall(found.before(800))
    return names[-1] if names else None


def _cv_channels(found: Found) -> Reading | None:
    expected, got = found.number("expected"), found.number("got")
    if got == 0:
        return None  # the input has no size yet
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
        _features("opencv"),
    ),
    MessagePattern(
        ("Number of input channels",),
        r"Number of input channels should be multiple of <expected:int> but got <got:int>",
        _cv_channels,
    ),
    MessagePattern(("ConcatLayer",), r"Inconsistent shape for ConcatLayer in function", _cv_join),
    MessagePattern(
        ("inpHeight", "inpWidth"),
        (
            r"'pad(?:Top|Bottom|Left|Right)' is <pad:int> must be less than (?:or equal to )?"
            r"'inp(?:Height|Width)' is <size:int>"
        ),
        _cv_reflection,
    ),
)

# --- OpenVINO ------------------------------------------------------------------------------------

_VINO_NAME = re.compile(r"friendly_name '([^']{1,160})'")


def _vino_name(found: Found) -> str | None:
    names = _VINO_NAME.findall(found.before(800))
    return names[-1] if names else None


def _vino_channels(found: Found) -> Reading:
    expected, got = found.number("expected"), found.number("got")
    name = _vino_name(found)
    return channels_of("openvino", expected, got, layer_name=name, data_format="channels_first")


def _vino_window(found: Found) -> Reading:
    place = found.number("place")
    axis = AxisReading(
        padded_size=found.number("size"), effective_kernel_size=found.number("kernel")
    )
    before = found.before(1_000)
    op = "conv" if "Convolution" in before else operation(before) or "pool"
    note = phrase("reading.note.axis_by_place", place=place)
    return no_fit("openvino", (axis,), op, _vino_name(found), remarks=(note,))


def _vino_join(found: Found) -> Reading | None:
    shapes = tuple(
        sizes_in(shape) for shape in re.findall(r"[{\[]([^{}\[\]]{1,80})", found["shapes"])
    )
    along = found.optional("along")
    return joined_of("openvino", shapes, along) if len(shapes) > 1 else None


def _vino_rank(found: Found) -> Reading | None:
    shape, weights = found.sizes("shape"), found.sizes("weights")
    name = _vino_name(found)
    return rank_of("openvino", "conv", len(weights), shape, None, name, "channels_first")


def _vino_input(found: Found) -> Reading | None:
    expected, got = found.sizes("expected"), sizes_in(found["got"].replace(".", ","))
    if max(len(expected), len(got)) < 4:
        return None
    read = input_of("openvino", expected, got, data_format="channels_first")
    return read


def _vino_reshape(found: Found) -> Reading | None:
    shape = sizes_in(found["shape"].replace(".", ","))
    target = sizes_in(found["target"].replace(".", ","))
    if len(shape) < 3:
        return None
    known = prod(size for size in target if size is not None and size > 0)
    return reshape_of("openvino", prod(size or 0 for size in shape), known, shape=shape)


_OPENVINO = (
    MessagePattern(
        ("Data batch channel count",),
        (
            r"Data batch channel count \(<got:int>\) does not match filter input channel count "
            r"\(<expected:int>\)"
        ),
        _vino_channels,
    ),
    MessagePattern(
        ("Kernel after dilation",),
        (
            r"Kernel after dilation has size \((?:dim: )?<kernel:int>\) larger than the data shape "
            r"after padding \((?:dim: )?<size:int>\) at axis <place:int>"
        ),
        _vino_window,
    ),
    MessagePattern(
        ("Argument shapes are inconsistent",),
        (
            r"input shapes \{(?P<shapes>(?:[{\[][0-9?.,\s]{1,80}[}\]],?){2,8})\} Argument "
            r"shapes are "
            r"inconsistent"
            r"(?:[^()]{1,160}\(axis (?P<along>-?[0-9])\))?"
        ),
        _vino_join,
    ),
    MessagePattern(
        ("filters rank",),
        (
            r"Data batch and filters rank do not match \(data batch shape: \[<shape:shape>\], "
            r"filters "
            r"shape: \[<weights:shape>\]\)"
        ),
        _vino_rank,
    ),
    MessagePattern(
        ("MatMul matrix dimension",),
        (
            r"Incompatible MatMul matrix dimension\. First input dimension=<got:int> at "
            r"COL_INDEX_DIM=[0-9] doesn't match the second input dimension=<expected:int>"
        ),
        _features("openvino"),
    ),
    MessagePattern(
        ("input tensor with index",),
        (
            r"the model input \(shape=\[<expected:shape>\]\) and the tensor "
            r"\(shape=\((?P<got>[0-9.]{1,80})\)\) are incompatible"
        ),
        _vino_input,
    ),
    MessagePattern(
        ("conflicts with the reshape",),
        (
            r"the shape of input data \((?P<shape>[0-9.]{1,80})\) conflicts with the reshape "
            r"pattern "
            r"\((?P<target>[-0-9.]{1,80})\)"
        ),
        _vino_reshape,
    ),
)

# --- Core ML -------------------------------------------------------------------------------------


def _ml_channels(found: Found) -> Reading:
    expected = found.number("expected") * found.number("groups")
    return channels_of("coreml", expected, found.number("got"), data_format="channels_first")


def _ml_window(found: Found) -> Reading:
    note = phrase("reading.note.axis_by_place", place=found.number("place"))
    return no_fit("coreml", (AxisReading(output_size=found.number("size")),), None, remarks=(note,))


def _ml_sum(found: Found) -> Reading | None:
    first, second = found.sizes("first"), found.sizes("second")
    if len(first) < 4:
        return None
    return sum_of("coreml", first, second, data_format="channels_first")


def _ml_join(found: Found) -> Reading | None:
    shapes = (found.sizes("first"), found.sizes("second"))
    return joined_of("coreml", shapes, 1, layer_name=found["name"])


def _ml_linear(found: Found) -> Reading:
    read = linear("coreml", (), found.number("expected"), found.number("got"))
    return replace(read, layer_name=found["name"])


_COREML = (
    MessagePattern(
        ("C_in",),
        r"C_in / groups = <got:int>/<groups:int> != weight\[1\] \(<expected:int>\)",
        _ml_channels,
    ),
    MessagePattern(
        ("invalid output size",),
        r"spatial dimension <place:int> has invalid output size <size:int>",
        _ml_window,
    ),
    MessagePattern(
        ("Incompatible dim",),
        (
            r"Incompatible dim [0-9] in shapes "
            rf"{_SHAPE.format('first')} vs\. {_SHAPE.format('second')}"
        ),
        _ml_sum,
    ),
    MessagePattern(
        ("mismatch in concat",),
        (
            r"Dimension mismatch in concat \(\"(?P<name>[^\"]{1,120})\"\): shapes "
            rf"{_SHAPE.format('first')} vs\. {_SHAPE.format('second')}"
        ),
        _ml_join,
    ),
    MessagePattern(
        ("last dimension of weights",),
        (
            r"Op '(?P<name>[^']{1,120})' \([^()]{1,60}\): Size of the last dimension of x, "
            r"which is "
            r"<got:int>, does not match the last dimension of weights, which is <expected:int>"
        ),
        _ml_linear,
    ),
)

MESSAGES = Messages(failures=_LITE + _OPENCV + _OPENVINO + _COREML)
