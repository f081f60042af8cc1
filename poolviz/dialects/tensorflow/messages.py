"""Messages of TensorFlow: static shapes, kernels, layers after pooling, and arguments."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.dialects.tensorflow import (
    feed_messages,
    given_messages,
    kernel_messages,
    loss_messages,
    rank_messages,
    shape_messages,
    translated,
)
from poolviz.dialects.tensorflow.graph_nodes import keras_code, node_of
from poolviz.dialects.tensorflow.kernel_messages import node_around
from poolviz.dialects.tensorflow.shape_messages import FRAMEWORK as _FRAMEWORK
from poolviz.i18n.phrase import phrase
from poolviz.messages.arguments import REST, operation, refused
from poolviz.messages.causes.features import features, product
from poolviz.messages.causes.sums import SHAPES, joined_of, ranks_joined
from poolviz.messages.causes.two_sizes import joined_sizes
from poolviz.messages.message import MessageKind, Reading, Remedy
from poolviz.messages.pattern import Found, MessagePattern, Messages, sizes_in
from poolviz.messages.snippets import Snippets


def _static_shapes(found: Found) -> Reading | None:
    """Read one dimension with its two sizes and, often, the shapes of all inputs."""
    shapes = tuple(sizes_in(shape) for shape in SHAPES.findall(found["shapes"]))
    code = keras_code(found, node_of("", found.before(400)))
    if len(shapes) < 2 or len(shapes[0]) - 2 not in AXIS_NAMES or len(shapes[0]) != len(shapes[1]):
        read = joined_sizes(_FRAMEWORK)(found)
        return None if read is None else replace(read, code_in=code)
    joined = tuple(shape for shape in shapes if len(shape) == len(shapes[0]))
    return joined_of(_FRAMEWORK, joined, found.optional("along"), code_in=code)


def _ranks(found: Found) -> Reading | None:
    return ranks_joined(_FRAMEWORK, len(found.sizes("first")), len(found.sizes("second")))


def _eager_join(found: Found) -> Reading | None:
    """Read what the kernel says: the shapes, and in newer versions the dimension."""
    shapes = tuple(sizes_in(shape) for shape in SHAPES.findall(found["shapes"]))
    differs = found.optional("dimension")
    # Axis 0 is the batch, which no layer of maps changes.
    if differs == 0 or len(shapes) < 2:
        return None
    code = keras_code(found, node_around(found))
    return joined_of(_FRAMEWORK, shapes, None, differs, node_around(found).layer_name, code)


CODE = Snippets(
    add_batch="x = x[tf.newaxis]",
    same_padding='padding="SAME"',
    add_channel="x = x[..., tf.newaxis]",
    swap_sides="x = tf.transpose(x, [0, 2, 1, 3])",
    remove_axis="x = tf.squeeze(x, axis={axis})",
    flatten="x = tf.reshape(x, [tf.shape(x)[0], -1])",
    reshape_to="x = tf.reshape(x, [-1, {sizes}])",
    global_pool="x = tf.reduce_mean(x, axis=[1, 2])",
    to_rgb="image = tf.io.decode_image(content, channels=3)",
    repeat_grey="x = tf.repeat(x, 3, axis=-1)",
    to_grey="x = tf.image.rgb_to_grayscale(x)",
    channels_last="x = tf.experimental.numpy.moveaxis(x, 1, -1)",
    crop="skip = skip[:, : x.shape[1], : x.shape[2]]",
    resize="x = tf.image.resize(x, skip.shape[1:3])",
    resize_output="logits = tf.image.resize(logits, labels.shape[1:3])",
    print_shape="print(x.shape)",
    print_both="print(x.shape, skip.shape)",
    print_output="print(logits.shape, labels.shape)",
    squeeze_target="labels = tf.reshape(labels, tf.shape(logits))",
    squeeze_labels="labels = tf.squeeze(labels, axis=-1)",
    last_layer="tf.keras.layers.Dense({classes})",
    last_conv="tf.keras.layers.Conv2D({classes}, 1)",
    one_hot="labels = tf.one_hot(class_numbers, {classes})",
    class_numbers="labels = tf.argmax(labels, axis=-1)",
    sparse_loss="tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)",
    dense_loss="tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)",
    labels_from_zero="labels = labels - 1",
    print_labels="print(tf.reduce_min(labels), tf.reduce_max(labels))",
)
CODE_FIRST = replace(
    CODE,
    add_channel="x = x[:, tf.newaxis]",
    swap_sides="x = tf.transpose(x, [0, 1, 3, 2])",
    global_pool="x = tf.reduce_mean(x, axis=[2, 3])",
    repeat_grey="x = tf.repeat(x, 3, axis=1)",
    to_grey="x = tf.reduce_mean(x, axis=1, keepdims=True)",
    channels_first="x = tf.experimental.numpy.moveaxis(x, -1, 1)",
    crop="skip = skip[:, :, : x.shape[2], : x.shape[3]]",
    # `tf.image` resizes maps with their channels last only.
    resize="",
    resize_output="",
)
_SEQUENCES = re.compile(r"lstm|gru|rnn|attention|attn|transformer|bert|decoder_cell", re.I)


def _no_sequence(read: Callable[[Found], Reading | None]) -> Callable[[Found], Reading | None]:
    """Leave out matrices of recurrent and attention layers: no pooling is before them."""

    def checked(found: Found) -> Reading | None:
        near = found.before(300) + found.match[0] + found.after(300)
        return None if _SEQUENCES.search(near) else read(found)

    return checked


_MATMUL = (
    r"Dimensions must be equal, but are <got:int> and <expected:int> for "
    r"['`](?P<call>[^'`]{0,300}?(?<!Batch)MatMul)"
)


def _features(found: Found) -> Reading | None:
    if "BatchMatMul" in found.match[0] + found.after(60):
        return None  # of two tensors
    read = features(_FRAMEWORK)(found)
    node = node_of(found["call"], found.before(400), "MatMul")
    return None if read is None else replace(read, code_in=keras_code(found, node))


_TENSORFLOW_JOIN = (
    r"Dimensions? (?:(?P<dimension>[0-9]) )?(?:in both shapes|of inputs) (?:must|should) "
    r"(?:be equal|match): "
    r"(?P<shapes>shape\[0\] ?= ?\[[^\[\]]{1,100}\] vs\. shape\[[0-9]{1,3}\] ?= ?\[[^\[\]]{1,100}\])"
)
_STATIC_JOIN = (
    r"Dimension (?P<dimension>[0-9]) in both shapes must be equal, but are <first:int> and "
    r"<second:int>(?:\.| for )[^'`]{0,300}['`][^\n]{0,300}?oncat(?:[\s\S]{0,600}? with input "
    r"shapes:"
    r"(?P<shapes>(?: ?\[[^\[\]]{1,100}\],?){2,9})(?: ?\[\])?"
    r"(?:[^<>]{0,80}= ?<(?P<along>-?[0-9])>)?)?"
)
_TOGETHER = (
    r"`strides(?: > 1)?`(?: > `window_shape`)? not supported in conjunction with "
    r"`(?P<other>dilation\w{0,10}|dilations)(?: > 1)?`(?:\. Received: "
    r"strides=[(\[]<strides:shape>[)\]] "
    r"and \w{1,20}=[(\[]<dilation:shape>[)\]])?"
)


def _together(found: Found) -> Reading:
    """Read a stride and a dilation that are accepted one by one."""
    return Reading(
        kind=MessageKind.ARGUMENT,
        framework="keras" if found["strides"] else _FRAMEWORK,
        op=operation(found.before(300)),
        argument="stride > 1, dilation > 1",
        code_in=keras_code(found, node_of("", found.before(300))),
        remedies=(
            Remedy(phrase("reading.fix.stride_of_1")),
            Remedy(phrase("reading.fix.dilation_of_1")),
        ),
    )


_refused = partial(refused, _FRAMEWORK)

MESSAGES = Messages(
    failures=(
        *shape_messages.FAILURES,
        *translated.FAILURES,
        *kernel_messages.FAILURES,
        *given_messages.FAILURES,
        *feed_messages.FED,
        *rank_messages.MESSAGES,
    ),
    code=CODE,
    code_first=CODE_FIRST,
    downstream=(
        *given_messages.DOWNSTREAM,
        *loss_messages.LOSSES,
        MessagePattern(
            ("In[0]",),
            r"Matrix size-incompatible: In\[0\]: \[<first:shape>\], In\[1\]: \[<second:shape>\]",
            _no_sequence(product(_FRAMEWORK)),
        ),
        MessagePattern(("MatMul",), _MATMUL, _no_sequence(_features)),
        MessagePattern(("shape[0]",), _TENSORFLOW_JOIN, _eager_join),
        MessagePattern(("both",), _STATIC_JOIN, _static_shapes),
        MessagePattern(
            ("Ranks of all",),
            r"Ranks of all (?:input tensors|inputs) should match: shape\[0\] ?= ?\[<first:shape>\] "
            r"vs\. shape\[[0-9]{1,3}\] ?= ?\[<second:shape>\]",
            _ranks,
        ),
    ),
    arguments=(
        _refused(
            "`padding`",
            rf"When `padding` is a list, each element of `padding` must be a list/tuple of {REST}",
            "padding",
        ),
        _refused("Stride", rf"Stride must be > 0, but got {REST}", "stride"),
        _refused(
            "explicit_paddings",
            rf"All elements of explicit_paddings must be nonnegative{REST}",
            "padding",
        ),
        _refused(
            "Attr",
            rf"Attr 'padding' of '\w{{1,40}}' Op passed string {REST}",
            "padding",
        ),
        _refused(
            "attr",
            r"Value for attr 'padding' of \"[^\"]{0,80}\" is not in the list of allowed values"
            rf"{REST}",
            "padding",
        ),
        _refused(
            "argument",
            rf"Expected (?:string|int) for argument '(?P<parameter>padding|ksize|strides)' not "
            rf"{REST}",
        ),
        _refused(
            "length",
            r"(?P<parameter>ksize|strides|dilations) should be of length [0-9][^\n]{0,20} "
            r"Received: "
            rf"{REST}",
        ),
        _refused("Sliding", rf"Sliding window ksize {REST}", "ksize"),
        _refused(
            "ksize",
            rf"ksize must be a posi?tive int32 value, got:{REST}",
            "ksize",
        ),
        _refused("ksize", r"ksize cannot be zero", "ksize"),
        _refused(
            "supported",
            rf"`(?P<parameter>strides)` > `window_shape` not supported due {REST}",
        ),
        MessagePattern(("in conjunction",), _TOGETHER, _together),
    ),
    vague=kernel_messages.VAGUE + given_messages.VAGUE,
)
