"""Keras' messages about shapes that do not go together: sums, labels, reshapes, open sizes."""

from __future__ import annotations

import re
from dataclasses import replace
from math import prod

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.dialects.tensorflow.graph_nodes import keras_layer
from poolviz.i18n.phrase import phrase
from poolviz.messages.causes.context import topic
from poolviz.messages.causes.features import linear
from poolviz.messages.causes.fixes import because, fix
from poolviz.messages.causes.output_padding import too_much_added
from poolviz.messages.causes.reshapes import reshape_of
from poolviz.messages.causes.sums import SHAPES, joined_of, merged_of, sum_of
from poolviz.messages.causes.targets import target_of
from poolviz.messages.message import (
    AxisReading,
    MessageKind,
    Reading,
    Remedy,
    Sizes,
    axes_of,
    failing,
)
from poolviz.messages.pattern import Found, MessagePattern, sizes_in

FRAMEWORK = "keras"


def _merged(found: Found) -> Reading | None:
    """Read shapes without the batch axis, of a merging layer such as Add."""
    return merged_of(FRAMEWORK, (None, *found.sizes("first")), (None, *found.sizes("second")))


def _operands(found: Found) -> Reading | None:
    """Read a merge of Keras 2; NumPy says the same with a small letter."""
    return _merged(found) if found.match[0].startswith("O") else None


def _whole(found: Found) -> Reading | None:
    """Read shapes with the batch axis."""
    return merged_of(FRAMEWORK, found.sizes("first"), found.sizes("second"))


def _empty_convolution(found: Found) -> Reading:
    """Read what Keras 3 says where a backend returns an empty map; TensorFlow's has its shape."""
    output = found.sizes("output") if found.match["output"] else ()
    spatial = output[1:-1] if len(output) - 2 in AXIS_NAMES else ()
    is_last = not spatial or min(size or 0 for size in spatial) < 1
    spatial = spatial if is_last else output[2:]
    axes = axes_of(len(spatial), output_size=spatial) if spatial else ()
    remarks = (phrase("reading.note.no_size"), phrase("reading.note.look_up_window"))
    return Reading(
        kind=MessageKind.NO_FIT,
        framework=FRAMEWORK,
        op="conv",
        layer_name=keras_layer(found.before(400)).layer_name,
        axes=axes,
        failing_axes=failing(axes),
        data_format="channels_last" if is_last and axes else None,
        shapes=(output,) if output else (),
        remarks=() if axes else remarks,
    )


def _inner_sizes(found: Found) -> Reading | None:
    """Read a product of `keras.ops.matmul`, of which the second is the weights of a layer."""
    first, second = found.sizes("first"), found.sizes("second")
    if len(second) != 2 or not first:
        return None
    about = topic(found.before(), found.after(400))
    shapes = (first, second)
    return linear(FRAMEWORK, shapes, second[0], first[-1], outputs=second[1], about=about)


def _old_merge(found: Found) -> Reading | None:
    shapes = [sizes_in(shape) for shape in SHAPES.findall(found["shapes"])]
    # Vectors are merged in the same words, and the advice is about feature maps.
    if len(shapes) < 2 or min(map(len, shapes)) < 4:
        return None
    other = next((shape for shape in shapes if shape[1:] != shapes[0][1:]), shapes[1])
    return sum_of(FRAMEWORK, shapes[0], other)


def _target(found: Found) -> Reading | None:
    return target_of(FRAMEWORK, found.sizes("output"), sizes_in(found["target"]))


def _class_numbers(found: Found) -> Reading | None:
    output, target = found.sizes("output"), sizes_in(found["target"])
    return target_of(FRAMEWORK, output, target, takes_numbers=True)


def _class_numbers_for_columns(found: Found) -> Reading:
    """Read a target of class numbers for the loss that takes one column per class."""
    return Reading(
        kind=MessageKind.TARGET,
        framework=FRAMEWORK,
        op="loss",
        shapes=(found.sizes("shape"),),
        certainty="likely",
        reasons=(because("class_numbers"),),
        remedies=(fix("sparse_loss", "sparse_loss"), fix("one_hot", "one_hot", classes="…")),
        only_remedies=True,
    )


def _incompatible(found: Found) -> Reading | None:
    """Read "Shapes (None, 10) and (None, 14, 14, 10) are incompatible": target, then output.

    Variables and checkpoints are compared in the same words.
    """
    target, output = sizes_in(found["first"]), sizes_in(found["second"])
    near = found.before(600) + found.after(200)
    if len(output) == len(target):
        # With equally many axes, only rows or maps of a batch may be those of a loss.
        is_row, is_map = len(output) == 2, len(output) >= 4 and None in (output[0], target[0])
        if not (is_row or is_map) or _NO_LOSS.search(near) or output[0] != target[0]:
            return None
        read = target_of(FRAMEWORK, output, target)
        return None if read is None else replace(read, certainty="likely")
    if len(target) > len(output):
        output, target = target, output
    if [size for size in output if size != 1] == [size for size in target if size != 1]:
        return target_of(FRAMEWORK, output, target)
    return target_of(FRAMEWORK, output, target) if len(output) >= 4 else None


_NO_LOSS = re.compile(
    r"assign|variable|restor|checkpoint|weights? of|load_weights|layer.{0,20}weight", re.I
)


def _reshape(found: Found) -> Reading | None:
    shape, target = found.sizes("shape"), found.sizes("target")
    if None in shape or not shape or not target:
        return None
    known = prod(size for size in target if size is not None and size > 0)
    new = target if len(target) > 2 else ()
    total = prod(size or 0 for size in shape)
    return reshape_of(FRAMEWORK, total, known, new, shape=(1, *shape))


def _open(found: Found) -> Reading:
    return Reading(
        kind=MessageKind.OPEN_SIZE,
        framework=FRAMEWORK,
        op="linear",
        shapes=(found.sizes("shape"),) if found.match.groupdict().get("shape") else (),
        certainty="likely",
    )


def _open_flatten(found: Found) -> Reading | None:
    """Read an open map; one with a size of zero has vanished."""
    # An open size is printed as None, as ? or as nothing: (, 7, 7).
    text = found["shape"].replace(" ", "")
    shape = sizes_in(",".join(part or "None" for part in text.rstrip(",").split(",")))
    if 0 in shape:
        return None
    return replace(_open_shape(shape), op=None)


def _open_channels(found: Found) -> Reading:
    """Read channels that are open, where a convolution makes its weights."""
    place = found.optional("place") if "place" in found.match.groupdict() else None
    code = "keras.Input(shape=(height, width, 3))" if place in (None, -1) else ""
    return Reading(
        kind=MessageKind.OPEN_SIZE,
        framework=FRAMEWORK,
        op="transposed" if "Transpose" in found.match[0] else "conv",
        argument="channels",
        shapes=(found.sizes("shape"),) if found.match["shape"] else (),
        remedies=(Remedy(phrase("reading.fix.known_channels"), code),),
        only_remedies=True,
    )


def _open_shape(shape: Sizes) -> Reading:
    return Reading(
        kind=MessageKind.OPEN_SIZE, framework=FRAMEWORK, shapes=(shape,), certainty="likely"
    )


def _variable(found: Found) -> Reading | None:
    """Read the weights of a layer that Keras 3 cannot make."""
    if "kernel" in found["path"] and "conv" in found["path"].lower():
        op = "transposed" if "transpose" in found["path"].lower() else "conv"
        return replace(_open_channels(found), op=op, shapes=())
    if "kernel" not in found["path"] or "dense" not in found["path"].lower():
        return None
    return _open(found)


def _cropped(found: Found) -> Reading | None:
    """Read a cropping that leaves nothing of the map."""
    shape = found.sizes("shape")
    if len(shape) - 2 not in AXIS_NAMES:
        return None
    spatial = shape[1:-1]
    crops = [sizes_in(pair) for pair in SHAPES.findall(found["crops"])]
    if len(crops) != len(spatial):
        return None
    lost = [sum(size or 0 for size in pair) for pair in crops]
    axes = axes_of(len(spatial), input_size=spatial)
    names = tuple(
        axis.name
        for axis, cut in zip(axes, lost, strict=True)
        if axis.name and axis.input_size is not None and cut >= axis.input_size
    )
    return Reading(
        kind=MessageKind.EMPTY_INPUT,
        framework=FRAMEWORK,
        axes=tuple(
            replace(axis, output_size=(axis.input_size or 0) - cut)
            for axis, cut in zip(axes, lost, strict=True)
        ),
        failing_axes=names,
        data_format="channels_last",
        channels=shape[-1],
        shapes=(shape,),
        remedies=(fix("less_cropping"),),
    )


_TUPLE = r"[(\[](?P<{}>[^()\[\]]{{0,120}})[)\]]"
_MAP = r"[(\[]<{}:shape>[)\]]"
_PAIR = rf"{_MAP.format('first')},?(?: and)? {_MAP.format('second')}"


def _output_padding(found: Found) -> Reading:
    """Read the place among the spatial axes; its name follows from their number."""
    given, strides = found.number("given"), found.sizes("strides")
    place = found.number("place")
    name = AXIS_NAMES[len(strides)][place] if place < len(strides) <= 3 else None
    axis = AxisReading(name=name, stride=found.number("stride"))
    return too_much_added(FRAMEWORK, axis, given, found.number("stride"), None)


OUTPUT_PADDING = MessagePattern(
    ("strictly less",),
    (
        r"`output_padding` must be strictly less than `strides` for all dimensions\. At dimension "
        r"<place:int>, `output_padding` is <given:int> but `strides` is <stride:int>\. Received: "
        r"output_padding=\([^)]{1,40}\), strides=\(<strides:shape>\)"
    ),
    _output_padding,
)
DOWNSTREAM = (
    MessagePattern(
        ("in an empty output",),
        r"The convolution operation resulted in an empty output\."
        r"(?: Output shape: ?[(\[]<output:shape>[)\]])?",
        _empty_convolution,
    ),
    MessagePattern(
        ("Inner dimensions",),
        r"Inner dimensions \(`x1\.shape\[-1\]` and `x2\.shape\[-2\]`\) must be equal, but received "
        rf"`x1\.shape={_MAP.format('first')}` and `x2\.shape={_MAP.format('second')}`",
        _inner_sizes,
    ),
    MessagePattern(
        ("except on the `axis`",),
        r"Every value in `xs` must have the same shape except on the `axis` dim\. But found "
        rf"element of shape {_MAP.format('second')}, which is different from the first element's "
        rf"shape {_MAP.format('first')}",
        lambda found: joined_of(FRAMEWORK, (found.sizes("first"), found.sizes("second"))),
    ),
    MessagePattern(
        ("incompatible",),
        rf"Inputs have incompatible shapes\. Received shapes {_PAIR}",
        _merged,
    ),
    MessagePattern(
        ("broadcast",),
        rf"Operands could not be broadcast together with shapes {_PAIR}",
        _operands,
    ),
    MessagePattern(
        ("broadcast",),
        (
            r"Cannot broadcast shape, the failure dim has value [^\n]{1,80}? Input shapes are: "
            rf"{_PAIR}"
        ),
        _whole,
    ),
    MessagePattern(
        ("merged",),
        (
            r"Only layers of same output shape can be merged using \w{1,12} mode\. Layer shapes: "
            r"(?P<shapes>[(\[][\s\S]{1,600}?[)\]]{2})"
        ),
        _old_merge,
    ),
    MessagePattern(
        ("target",),
        (
            r"Arguments `target` and `output` must have the same (?:rank|shape)(?: \(ndim\))?"
            rf"[.:] ?(?:Received: )?target\.shape=(?:torch\.Size\()?{_TUPLE.format('target')}\)?, "
            rf"output\.shape=(?:torch\.Size\()?{_MAP.format('output')}"
        ),
        _target,
    ),
    MessagePattern(
        ("target",),
        (
            r"(?:Argument `output` must have rank \(ndim\) `target\.ndim - 1`\."
            r"|Arguments `target` and `output` must have the same shape up until the last "
            r"dimension:)"
            rf"(?: Received:)? target\.shape=(?:torch\.Size\()?{_TUPLE.format('target')}\)?, "
            rf"output\.shape=(?:torch\.Size\()?{_MAP.format('output')}"
        ),
        _class_numbers,
    ),
    MessagePattern(
        ("target array of shape",),
        (
            r"You are passing a target array of shape [(\[]<shape:shape>[)\]] while using as loss "
            r"`categorical_crossentropy`"
        ),
        _class_numbers_for_columns,
    ),
    MessagePattern(
        ("target array",),
        (
            rf"A target array with shape {_TUPLE.format('target')} was passed for an output of "
            rf"shape "
            rf"{_MAP.format('output')}"
        ),
        _target,
    ),
    MessagePattern(
        ("are incompatible",),
        rf"Shapes {_TUPLE.format('first')} and {_TUPLE.format('second')} are incompatible",
        _incompatible,
    ),
    MessagePattern(
        ("must be unchanged",),
        (
            r"[Tt](?:he t)?otal size of (?:new array|the tensor) must be "
            r"unchanged[^:=]{0,120}?[,.:] "
            rf"(?:Received: )?input_shape ?= ?{_MAP.format('shape')}, (?:output|target)_shape ?= ?"
            rf"{_MAP.format('target')}"
        ),
        _reshape,
    ),
    MessagePattern(
        ("Dense",),
        (
            r"The last dimension of the inputs to (?:a )?[`'\"]?Dense[`'\"]?(?: layer)? should be "
            r"defined(?:\. Found [`'\"]?None[`'\"]?)?"
            r"(?:\. Full input shape received: [(\[]<shape:shape>[)\]])?"
        ),
        _open,
    ),
    MessagePattern(
        ("channel dimension of the input",),
        (
            r"The channel dimension of the inputs(?: to `\w{1,40}`)? should be defined\."
            r"(?: Found `?None`?\.?| The input_shape received is [(\[]<shape:shape>[)\]], where "
            r"axis <place:int> )"
        ),
        _open_channels,
    ),
    MessagePattern(
        ("fully-defined",),
        (
            r"Shapes used to initialize variables must be fully-defined \(no `None` dimensions\)\. "
            r"Received: shape=[(\[]<shape:shape>[)\]] for variable "
            r"path='(?P<path>[\w./\x20-]{1,120})'"
        ),
        _variable,
    ),
    MessagePattern(
        ("Flatten",),
        (
            r"The shape of the input to ['\"`]?Flatten['\"`]? is not fully defined "
            r"\(got \(?(?P<shape>(?:[0-9]{0,9}|None|\?)(?:, ?(?:[0-9]{0,9}|None|\?)){1,4})"
        ),
        _open_flatten,
    ),
    MessagePattern(
        ("cropping",),
        (
            r"cropping` (?:argument should be smaller than|must be greater than) [^()]{1,80}?"
            r"Received: input(?:s\.|_)shape=\s{0,9}[(\[]<shape:shape>[)\]],(?: and)? "
            r"cropping=(?P<crops>[(\[][0-9()\[\],\s]{1,100})"
        ),
        _cropped,
    ),
)
