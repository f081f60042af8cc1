"""Keras' own messages: Keras 3 before a backend runs, tf.keras 2 where it computes shapes.

Keras 3 writes the shapes as numpy prints them, `[None 15 15 3]`. Until 3.14 pooling raised only
below zero, until 3.13 convolutions too, in fewer words. tf.keras 2 mostly passes on what TensorFlow
says.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from poolviz.arithmetic.layers.pool import AXIS_NAMES, Padding
from poolviz.dialects.keras import input_messages, shape_messages
from poolviz.dialects.tensorflow.graph_nodes import keras_layer
from poolviz.i18n.phrase import Phrase, phrase
from poolviz.messages.arguments import REST, refused
from poolviz.messages.causes.sums import SEVERAL, joined_shapes_of
from poolviz.messages.message import (
    LAYOUT_NOTE,
    LAYOUTS,
    UNSTATED_NOTE,
    AxisReading,
    Certainty,
    DataFormat,
    MessageKind,
    Reading,
    Sizes,
    apart,
    axes_of,
    failing,
    order_tell,
    rebuilt,
    spans,
)
from poolviz.messages.pattern import Found, MessagePattern, Messages
from poolviz.messages.snippets import Snippets

_FRAMEWORK = "keras"
CODE = Snippets(
    add_batch="x = x[np.newaxis]",
    same_padding='padding="same"',
    add_channel="x = x[..., np.newaxis]",
    swap_sides="x = np.swapaxes(x, 1, 2)",
    remove_axis="x = np.squeeze(x, axis={axis})",
    flatten="layers.Flatten()",
    global_pool="layers.GlobalAveragePooling2D()",
    unflatten="layers.Reshape({sizes})",
    five_axes="keras.Input(shape=(frames, height, width, channels))",
    input_channels="keras.Input(shape=(height, width, {channels}))",
    to_rgb='image = image.convert("RGB")',
    repeat_grey="x = np.repeat(x, 3, axis=-1)",
    to_grey="x = x.mean(axis=-1, keepdims=True)",
    channels_last="x = np.moveaxis(x, 1, -1)",
    crop="skip = skip[:, : x.shape[1], : x.shape[2], :]",
    resize_to="x = layers.Resizing({height}, {width})(x)",
    model_input="keras.Input(shape={shape})",
    resize="x = layers.Resizing(skip.shape[1], skip.shape[2])(x)",
    print_shape="model.summary()",
    print_both="print(x.shape, skip.shape)",
    print_output="print(model.output_shape, y.shape)",
    resize_output="x = layers.Resizing(height, width)(x)",
    shortcut_conv="shortcut = layers.Conv2D({channels}, 1)(shortcut)",
    join_along="layers.Concatenate(axis={axis})([x, skip])",
    last_conv="layers.Conv2D({classes}, 1)",
    squeeze_target="target = np.reshape(target, output.shape)",
    squeeze_labels="y = np.squeeze(y, axis=-1)",
    last_layer="layers.Dense({classes})",
    one_hot="y = keras.utils.to_categorical(class_numbers, {classes})",
    class_numbers="y = np.argmax(y, axis=-1)",
    sparse_loss='model.compile(loss="sparse_categorical_crossentropy")',
    dense_loss='model.compile(loss="categorical_crossentropy")',
    labels_from_zero="y = y - 1",
    ignore_label="keras.losses.SparseCategoricalCrossentropy(ignore_class={label})",
    print_labels="print(np.min(y), np.max(y))",
)
CODE_FIRST = replace(
    CODE,
    add_channel="x = x[:, np.newaxis]",
    swap_sides="x = np.swapaxes(x, 2, 3)",
    global_pool='layers.GlobalAveragePooling2D(data_format="channels_first")',
    input_channels="keras.Input(shape=({channels}, height, width))",
    repeat_grey="x = np.repeat(x, 3, axis=1)",
    to_grey="x = x.mean(axis=1, keepdims=True)",
    channels_first="x = np.moveaxis(x, -1, 1)",
    crop="skip = skip[:, :, : x.shape[2], : x.shape[3]]",
    resize='x = layers.Resizing(skip.shape[2], skip.shape[3], data_format="channels_first")(x)',
    resize_output='x = layers.Resizing(height, width, data_format="channels_first")(x)',
    shortcut_conv='shortcut = layers.Conv2D({channels}, 1, data_format="channels_first")(shortcut)',
)


def _pool(found: Found) -> Reading | None:
    shape, kernel = found.sizes("shape"), found.sizes("kernel")
    kernel = _on_each_axis(kernel, len(shape) - 2)
    if len(shape) - 2 != len(kernel) or len(kernel) not in AXIS_NAMES:
        return None
    ones: Sizes = (1,) * len(kernel)
    layer = keras_layer(found.before(400))
    op = layer.op or "pool"
    read = _read(found, shape, kernel, ones, op)
    remarks = read.remarks
    stride, padding = found.sizes("stride"), found["padding"].lower() or "valid"
    stride = _on_each_axis(stride, len(kernel))
    known: Padding = "same" if padding == "same" else "valid"
    if not found["zero"]:
        # The wording without "zero or" is that of versions in which a size of 0 is no error.
        remarks += (phrase("reading.note.keras_versions", versions="3.0–3.14"),)
    pool = rebuilt(op, _FRAMEWORK, kernel, stride, known) if stride else None
    if pool and op == "pool":
        remarks += (phrase("reading.note.max_or_average"),)
    return replace(read, layer=pool, remarks=remarks, layer_name=layer.layer_name)


def _on_each_axis(sizes: Sizes, ndim: int) -> Sizes:
    """Repeat a number that `keras.ops.max_pool` passes on as it was given."""
    return sizes * ndim if len(sizes) == 1 else sizes


def _conv(found: Found) -> Reading | None:
    shape, weights = found.sizes("shape"), found.sizes("kernel")
    if len(shape) != len(weights) or len(shape) - 2 not in AXIS_NAMES:
        return None
    dilation = found.sizes("dilation") or (None,) * (len(shape) - 2)
    if len(dilation) != len(shape) - 2:
        return None
    read = _read(found, shape, weights[:-2], dilation, "conv", channels=weights[-2])
    remarks = read.remarks
    if not found["zero"]:
        remarks += (phrase("reading.note.keras_versions", versions="3.0–3.13"),)
    return replace(read, shapes=(shape, weights), remarks=remarks)


def _read(
    found: Found,
    shape: Sizes,
    kernel: Sizes,
    dilation: Sizes,
    op: str,
    channels: int | None = None,
) -> Reading:
    """Build the reading; `channels` are those of the weights, None for a pooling layer."""
    stride = _on_each_axis(found.sizes("stride"), len(kernel))
    padding = found["padding"].lower()
    readings = {}
    for data_format in LAYOUTS:
        spatial = apart(shape, data_format)[0]
        readings[data_format] = axes_of(
            len(kernel),
            input_size=spatial,
            padded_size=None if padding == "same" else spatial,
            kernel_size=kernel,
            effective_kernel_size=spans(kernel, dilation),
            stride=stride or None,
            padding=None if padding == "same" else (0,) * len(kernel),
            dilation=dilation,
        )
    data_format, is_stated = _layout(shape, channels, readings)
    axes = readings[data_format]
    certainty: Certainty = "certain" if is_stated else "likely"
    remarks: tuple[Phrase, ...] = () if is_stated else (LAYOUT_NOTE,)
    if not failing(axes):
        certainty = "guess"
        remarks += (phrase("reading.note.every_window_fits"),)
    return Reading(
        kind=MessageKind.NO_FIT,
        framework=_FRAMEWORK,
        op=op,
        axes=axes,
        failing_axes=failing(axes),
        data_format=data_format,
        channels=apart(shape, data_format)[1],
        certainty=certainty,
        remarks=remarks,
        shapes=(shape,),
    )


def _layout(
    shape: Sizes, channels: int | None, readings: dict[DataFormat, tuple[AxisReading, ...]]
) -> tuple[DataFormat, bool]:
    """Find the order of the axes, and whether the text implies it: only one makes sense."""
    possible: list[DataFormat] = [
        data_format
        for data_format, axes in readings.items()
        if failing(axes) and channels in (None, apart(shape, data_format)[1])
    ]
    return (possible[0] if possible else "channels_last"), len(possible) == 1


def _downsampling(found: Found) -> Reading | None:
    shape = found.sizes("shape")
    if len(shape) - 2 not in AXIS_NAMES:
        return None
    layer = found["layer"]
    spatial, channels = apart(shape, "channels_last")
    axes = axes_of(len(spatial), input_size=spatial)
    read = Reading(
        kind=MessageKind.NO_FIT,
        framework=_FRAMEWORK,
        op="conv",
        layer_name=layer,
        axes=axes,
        data_format="channels_last",
        channels=channels,
        certainty="likely",
        remarks=(LAYOUT_NOTE, UNSTATED_NOTE),
        shapes=(shape,),
    )
    # The smallest map is the only suspect when it is a sequence or a narrow one.
    suspect = min(axes, key=lambda axis: axis.input_size or 0).name if len(axes) > 1 else "length"
    tell = order_tell(replace(read, failing_axes=(suspect,) if suspect else ()))
    failing_axes = (suspect,) if suspect and (tell or len(axes) == 1) else ()
    return replace(read, failing_axes=failing_axes)


def _minimum(found: Found) -> Reading | None:
    smallest, shape = found.sizes("least"), found.sizes("shape")
    if len(smallest) != 2 or len(shape) not in (3, 4):
        return None
    has_batch = len(shape) == 4
    # Models for pictures of 1, 3 or 4 channels; where either end fits, the default counts.
    is_last = shape[-1] in (1, 3, 4) or shape[1 if has_batch else 0] not in (1, 3, 4)
    data_format: DataFormat = "channels_last" if is_last else "channels_first"
    spatial, channels = apart(shape, data_format, has_batch)
    axes = axes_of(2, input_size=spatial)
    too_small = tuple(
        axis.name
        for axis, least in zip(axes, smallest, strict=True)
        if axis.name and (axis.input_size or 0) < (least or 0)
    )
    return Reading(
        kind=MessageKind.MINIMUM,
        framework=_FRAMEWORK,
        axes=axes,
        failing_axes=too_small,
        data_format=data_format,
        channels=channels,
        expected=smallest,
        got=spatial,
        shapes=(shape,),
        certainty="certain" if too_small else "guess",
    )


def _empty_flatten(found: Found) -> Reading | None:
    """Read a vanished map: Keras 1 and 2 on Theano stop at Flatten, with its input shape."""
    shape = found.sizes("shape")
    if 0 not in shape or len(shape) - 1 not in AXIS_NAMES:
        return None
    # Nothing else in the text distinguishes the axes.
    most = max(size or 0 for size in shape)
    data_format: DataFormat = "channels_first" if shape[0] == most else "channels_last"
    spatial, channels = apart(shape, data_format, has_batch=False)
    axes = axes_of(len(spatial), input_size=spatial)
    return Reading(
        kind=MessageKind.EMPTY_INPUT,
        framework=_FRAMEWORK,
        axes=axes,
        failing_axes=tuple(axis.name for axis in axes if axis.input_size == 0 and axis.name),
        data_format=data_format,
        channels=channels,
        certainty="likely",
        remarks=(phrase("reading.note.largest_is_channels"),),
        shapes=(shape,),
    )


_Q = r"[`'\"]?"
_OPEN, _CLOSE = r"[(\[]{1,2}", r"[)\]]{1,2}"

_FAILURES = (
    MessagePattern(
        ("Flatten",),
        (
            r"The shape of the input to ['\"`]?Flatten['\"`]? is not fully defined "
            r"\(got \(<shape:shape>\)?"
        ),
        _empty_flatten,
    ),
    MessagePattern(
        ("pool_size",),
        (
            r"Computed output size would be (?P<zero>zero or )?negative\. Received:? "
            rf"{_Q}inputs\.shape={_OPEN}<shape:shape>{_CLOSE}{_Q},?(?: and)? "
            rf"{_Q}pool_size=[(\[]{{0,2}}<kernel:shape>[)\]]{{0,2}}{_Q}"
            rf"(?:,? {_Q}strides=[(\[]{{0,2}}<stride:shape>[)\]]{{0,2}}{_Q})?"
            rf"(?:,? {_Q}padding=['\"]?(?P<padding>\w{{1,20}})['\"]?{_Q})?"
        ),
        _pool,
    ),
    MessagePattern(
        ("dilation_rate", "kernel"),
        (
            r"Computed output size would be (?P<zero>zero or )?negative\. Received:? "
            rf"{_Q}inputs shape={_OPEN}<shape:shape>{_CLOSE}{_Q},?(?: and)? "
            rf"{_Q}kernel shape={_OPEN}<kernel:shape>{_CLOSE}{_Q}"
            rf"(?:,? {_Q}dilation_rate={_OPEN}<dilation:shape>{_CLOSE}{_Q})?"
            rf"(?:,? {_Q}strides={_OPEN}<stride:shape>{_CLOSE}{_Q})?"
            rf"(?:,? {_Q}padding=['\"]?(?P<padding>\w{{1,20}})['\"]?{_Q})?"
        ),
        _conv,
    ),
    MessagePattern(
        ("downsampling",),
        (
            r"One of the dimensions in the output is <= 0 due to downsampling in "
            r"(?P<layer>[\w./\x20-]{1,120}?)\. Consider increasing the input size\. Received input "
            r"shape [(\[]<shape:shape>[)\]]"
        ),
        _downsampling,
    ),
    MessagePattern(
        ("Input",),
        (
            r"Input size must be at least <least:shape>[;,.]? (?:got|Received):? "
            rf"{_Q}input_shape={_OPEN}<shape:shape>{_CLOSE}"
        ),
        _minimum,
    ),
)


# --- after a pooling layer, and arguments ---------------------------------------------------------


_JOIN = (
    r"Concatenate[`']? layer requires inputs with matching shapes except for the "
    r"concat(?:enation)? axis[.:](?: (?:Got inputs? shapes|Received):)? ?(?:input_shape=)?\[?"
)
_OLD_JOIN = (  # of Keras 1
    r"\"concat\" mode can only merge layers with matching output shapes except for the concat "
    r"axis\. Layer shapes: \[?"
)
_refused = partial(refused, _FRAMEWORK)

MESSAGES = Messages(
    failures=(*_FAILURES, shape_messages.OUTPUT_PADDING, *input_messages.MESSAGES),
    code=CODE,
    code_first=CODE_FIRST,
    downstream=(
        *shape_messages.DOWNSTREAM,
        MessagePattern(("Concatenate",), _JOIN + SEVERAL, joined_shapes_of(_FRAMEWORK)),
        MessagePattern(("can only merge",), _OLD_JOIN + SEVERAL, joined_shapes_of(_FRAMEWORK)),
    ),
    arguments=(
        _refused(
            "either",
            rf"Argument `padding` must be either 'valid' or 'same'\. Received: padding={REST}",
            "padding",
        ),
        _refused(
            "argument",
            r"The `(?P<parameter>pool_size|kernel_size|strides|dilation_rate)` argument must be a "
            rf"tuple of [0-9] integers\. Received:? {REST}",
        ),
        _refused(
            "argument",
            rf"The `padding` argument must be a list/tuple or one of \"valid\", \"same\"{REST}",
            "padding",
        ),
        _refused(
            "Unrecognized",
            r"Unrecognized keyword arguments passed to \w{1,40}Pooling[123]D: "
            rf"\{{'(?P<parameter>\w{{1,40}})'{REST}",
        ),
        _refused(
            "padding",
            r"Invalid padding '[^']{0,80}', must be 'same' or 'valid'",
            "padding",
        ),
        _refused(
            "division",
            # strides=0
            r"Exception encountered when calling \w{1,40}Pooling[123]D\.call\(\)\. division "
            r"by zero",
            "stride",
        ),
        _refused(
            "attribute",
            # A padding that is no text: Keras calls its method `upper`.
            r"\(type \w{1,40}Pooling[123]D\)\. '\w{1,20}' object has no attribute 'upper'",
            "padding",
        ),
        _refused(
            "positional",
            r"Pooling[123]D\.__init__\(\) missing 1 required positional argument: "
            r"'(?P<parameter>pool_size)'",
        ),
    ),
)
