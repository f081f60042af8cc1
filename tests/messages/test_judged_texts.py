"""Texts that had a false reading once, or none: the words, a line of code, and what is not there.

Each wording was recorded by running the framework, or is that of its source where it cannot run
here (TensorFlow.js, Deeplearning4j, DINOv2); the numbers of a few were changed.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

import poolviz as pv
from poolviz.messages.message import MessageKind as Kind


class Told(NamedTuple):
    """What a text has to give: kind, a part of its sentences, a line of code, and what is wrong."""

    text: str
    kind: Kind
    words: str = ""
    code: str = ""
    never: str = ""


IN = 'File "torch/nn/modules/{}norm.py", line 381, in _check_input_dim\nValueError: '
LOSS = "in mse_loss\n    expanded_input, expanded_target = torch.broadcast_tensors(input, target)\n"
DIVISION = (
    '  File "flax/linen/linear.py", line 263, in __call__\n    kernel = self.param(\n'
    '  File "jax/_src/nn/initializers.py", line 245, in _compute_fans\n'
    "    receptive_field_size = math.prod(shape) / in_size / out_size / batch_size\n"
    "                           ~~~~~~~~~~~~~~~~~^~~~~~~~~\nZeroDivisionError: division by zero"
)
SQUARE = "ops.square(y_true - y_pred)"
INCOMPATIBLE = "Input 0 of layer {} is incompatible with the layer: "
RECEIVED = (
    "\n\nArguments received by Sequential.call():\n  • inputs=tf.Tensor(shape=(1, 48, 48, 3), "
    "dtype=float32)"
)
CONSTRUCTED = (
    "Model was constructed with shape (None, 30, 30, 1) for input KerasTensor(name='a'), but it "
    "was called on an input with incompatible shape (None, 30, 30)."
)
TOLD = {
    # PyTorch 2.13
    "BatchNorm1d takes no sample without its batch": Told(
        "ValueError: expected 2D or 3D input (got 4D input)",
        Kind.RANK,
        "expects 2 or 3 axes, and the input has 4",
        "nn.BatchNorm2d(channels)",
        never="without or with the batch",
    ),
    "InstanceNorm1d": Told(
        IN.format("instance") + "expected 2D or 3D input (got 4D input)",
        Kind.RANK,
        "without or with the batch",
        "nn.InstanceNorm2d(channels)",
        never="BatchNorm",
    ),
    "a sample that lost its batch": Told(
        "ValueError: expected 2D or 3D input (got 1D input)",
        Kind.RANK,
        "squeeze()",
        "x = x.unsqueeze(0)",
    ),
    "a volume's frames and channels": Told(
        "RuntimeError: Given groups=1, weight of size [8, 3, 3, 3, 3], expected input[1, 16, 3, "
        "40, 40] to have 3 channels, but got 16 channels instead",
        Kind.CHANNELS,
        "frames of a video",
        "x = x.transpose(-4, -3)",
        never="Conv2d",
    ),
    "a 1-D convolution": Told(
        "RuntimeError: Given groups=1, weight of size [8, 6, 5], expected input[4, 12, 50] to have "
        "6 channels, but got 12 channels instead",
        Kind.CHANNELS,
        code="nn.Conv1d(12, …)",
        never="Conv2d",
    ),
    "a depthwise convolution": Told(
        "RuntimeError: Given groups=32, weight of size [32, 1, 3, 3], expected input[1, 16, 62, "
        "62] to have 32 channels, but got 16 channels instead",
        Kind.CHANNELS,
        code="nn.Conv2d(16, …, groups=16)",
    ),
    "a single picture with its channels last": Told(
        "RuntimeError: Given groups=1, weight of size [8, 3, 3, 3], expected input[1, 60, 64, 3] "
        "to have 3 channels, but got 60 channels instead",
        Kind.CHANNELS,
        code="x = x.movedim(-1, -3)",
    ),
    "the noise of a generator": Told(
        "RuntimeError: Expected 3D (unbatched) or 4D (batched) input to conv_transpose2d, but got "
        "input of size: [8, 100]",
        Kind.RANK,
        "noise of a generator",
        "nn.Unflatten(1, (100, 1, 1))",
        never="10 × 10",
    ),
    "an output and a target": Told(
        LOSS + "RuntimeError: The size of tensor a (14) must match the size of tensor b (16) at "
        "non-singleton dimension 3",
        Kind.SUM,
        "its output and its target",
        "print(output.shape, target.shape)",
        never="odd size",
    ),
    "edges that convolutions cut": Told(
        "    x = x + skip  # conv\nRuntimeError: The size of tensor a (56) must match the size of "
        "tensor b (54) at non-singleton dimension 3",
        Kind.SUM,
        "convolutions without padding",
    ),
    "a picture that is put into another": Told(
        "RuntimeError: The expanded size of the tensor (32) must match the existing size (30) at "
        "non-singleton dimension 2.  Target sizes: [3, 32, 32].  Tensor sizes: [3, 30, 30]",
        Kind.SUM,
        never="interpolate|odd size",
    ),
    "a LayerNorm": Told(
        "RuntimeError: Given normalized_shape=[16, 28, 28], expected input with shape [*, 16, 28, "
        "28], but got input of size[2, 16, 30, 30]",
        Kind.INPUT_SHAPE,
        "built for last axes of 16 × 28 × 28",
        never="the model",
    ),
    "groups of channels": Told(
        "ValueError: num_channels (20) must be divisible by num_groups (8)",
        Kind.DIVISIBLE,
        code="nn.GroupNorm(4, 20)",
    ),
    "a map and a row that are joined": Told(
        "RuntimeError: Tensors must have same number of dimensions: got 4 and 2",
        Kind.CONCATENATE,
        "one tensor has 4 axes and another 2",
        "x = torch.flatten(x, 1)",
    ),
    "rows that are joined": Told(
        "RuntimeError: Tensors must have same number of dimensions: got 3 and 2",
        Kind.CONCATENATE,
        never="Flatten|feature map",
    ),
    "the same padding and a stride": Told(
        "ValueError: padding='same' is not supported for strided convolutions",
        Kind.ARGUMENT,
        "not together in one layer",
        "nn.Conv2d(…, stride=2, padding=kernel_size // 2)",
    ),
    "a generator's reshape": Told(
        "RuntimeError: shape '[16, 128, 7, 7]' is invalid for input of size 131072",
        Kind.RESHAPE,
        "8 × 8 × 128 instead of 7 × 7 × 128",
        "x = x.view(-1, 128, 8, 8)",
    ),
    "an Unflatten": Told(
        "RuntimeError: unflatten: Provided sizes [16, 7, 7] don't multiply up to the size of dim 1 "
        "(1024) in the input tensor",
        Kind.RESHAPE,
        code="nn.Unflatten(1, (16, 8, 8))",
        never="rows of",
    ),
    "rows of a map at the head of VGG": Told(
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (8192x7 and 25088x4096)",
        Kind.LINEAR,
        "width of a feature map",
        "x = torch.flatten(x, 1)",
        never="built for 7 features",
    ),
    "no picture of digits": Told(
        "RuntimeError: shape '[-1, 784]' is invalid for input of size 614400",
        Kind.RESHAPE,
        never="7 × 7",
    ),
    "a product that ends in the middle": Told(
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (64x1600 and 400x",
        Kind.LINEAR,
        "built for 400 features, and the input has 1600",
    ),
    "a sum in German": Told(
        "RuntimeError: Die Größe von Tensor a (14) muss mit der von Tensor b (15) in Dimension 3 "
        "übereinstimmen",
        Kind.SUM,
        "width",
    ),
    "channels in Chinese": Told(
        "给定组=1，权重大小为[64, 3, 7, 7]，预期输入[1, 4, 60, 60]具有3个通道，但得到了4个通道",
        Kind.CHANNELS,
        "RGBA",
    ),
    "a patch (DINOv2)": Told(
        "AssertionError: Input image height 500 is not a multiple of patch height 14",
        Kind.DIVISIBLE,
        "such as 504",
    ),
    # Keras 3.15.1 and, where marked, 2.15
    "the channels of a model (2.15)": Told(
        "ValueError: " + INCOMPATIBLE.format('"model"') + "expected shape=(None, 30, 30, 1), found "
        "shape=(None, 30, 30)",
        Kind.RANK,
        "has 3",
        "x = x[..., np.newaxis]",
    ),
    "a model that was constructed (2.15)": Told(CONSTRUCTED, Kind.RANK, "has 3"),
    "a sequence of pictures": Told(
        INCOMPATIBLE.format("'conv_lstm2d'")
        + "expected ndim=5, found ndim=4. Full shape received: (None, 32, 32, 3)",
        Kind.RANK,
        "axis of time or depth is missing",
        "keras.Input(shape=(frames, height, width, channels))",
    ),
    "inside of a TimeDistributed": Told(
        "ValueError: Kernel shape must have the same length as input, but received kernel of shape "
        "(3, 3, 3, 8) and input of shape (None, 32, 3).",
        Kind.RANK,
        "TimeDistributed",
        "keras.Input(shape=(frames, height, width, channels))",
        never="batch axis is missing",
    ),
    "a cropping": Told(
        "`cropping` argument should be smaller than the input size. Received: inputs.shape=(None, "
        "2, 2, 8), cropping=((2, 2), (2, 2))",
        Kind.EMPTY_INPUT,
        "so that nothing is left",
        never="the input is empty",
    ),
    "an output_padding": Told(
        "ValueError: `output_padding` must be strictly less than `strides` for all dimensions. At "
        "dimension 0, `output_padding` is 2 but `strides` is 2. Received: output_padding=(2, 2), "
        "strides=(2, 2)",
        Kind.ARGUMENT,
        "has to be smaller than 2",
        never="one for each of",
    ),
    "one number per class, or one output (2.15)": Told(
        "ValueError: Error when checking target: expected dense_2 to have shape (1,) but got array "
        "with shape (10,)",
        Kind.TARGET,
        "takes one class number",
        'model.compile(loss="categorical_crossentropy")',
        never="the output and the target have",
    ),
    "class numbers for a row per sample (2.15)": Told(
        "ValueError: A target array with shape (1000, 1) was passed for an output of shape (None, "
        "10) while using as loss `categorical_crossentropy`.",
        Kind.TARGET,
        "one class number per sample",
        'model.compile(loss="sparse_categorical_crossentropy")',
        never="Dense(1)",
    ),
    "another picture size than the model was built for": Told(
        INCOMPATIBLE.format("'dense_2'") + "expected axis -1 of input shape to have value 123008, "
        "but received input with shape (1, 67712)" + RECEIVED,
        Kind.LINEAR,
        "another height or width",
        "keras.Input(shape=(48, 48, 3))",
    ),
    "digits that are not flat": Told(
        INCOMPATIBLE.format('"dense"') + "expected axis -1 of input shape to have value 784, but "
        "received input with shape (None, 28)",
        Kind.LINEAR,
        "784 = 28 × 28",
        "x = x.reshape(-1, 784)",
    ),
    "filters and groups": Told(
        "ValueError: The number of filters must be evenly divisible by the number of groups. "
        "Received: groups=3, filters=8.",
        Kind.DIVISIBLE,
        "divisible by 3, and it is 8",
    ),
    "a map and a row for Concatenate": Told(
        "ValueError: A `Concatenate` layer requires inputs with matching shapes except for the "
        "concatenation axis. Received: input_shape=[(None, 32, 32, 3), (None, 10)]",
        Kind.CONCATENATE,
        "Flatten or global pooling is missing",
        "layers.GlobalAveragePooling2D()",
    ),
    "a flat row at a Conv2DTranspose": Told(
        INCOMPATIBLE.format('"conv2d_transpose"')
        + "expected ndim=4, found ndim=2. Full shape received: (None, 12544)",
        Kind.RANK,
        "a transposed convolution takes feature maps",
    ),
    # TensorFlow 2.21
    "a route of Darknet in TensorFlow": Told(
        "ValueError: Dimension 2 in both shapes must be equal, but are 148 and 147. Shapes are "
        "[?,260,148] and [?,260,147]. for 'network/route2' (op: 'ConcatV2') with input shapes: "
        "[?,260,148,256], [?,260,147,512], [] and with computed input tensors: input[2] = <-1>.",
        Kind.CONCATENATE,
        "148 and 147",
    ),
    "boxes of a detector": Told(
        "ValueError: Dimension 0 in both shapes must be equal, but are 26 and 13. Shapes are "
        "[26,3,4] and [13,3,4]. for '{{node concat_1}} = ConcatV2[N=2](a, b, concat_1/axis)' with "
        "input shapes: [?,26,26,3,4], [?,13,13,3,4], [] and with computed input tensors: input[2] "
        "= <1>.",
        Kind.CONCATENATE,
        never="stride|depth",
    ),
    "a graph model of TensorFlow.js 4": Told(
        "Error: The shape of dict['input'] provided in model.execute(dict) must be [1,60,60,3], "
        "but was [1,60,60,4]",
        Kind.CHANNELS,
        "RGBA",
    ),
    "channels in Deeplearning4j 1.0": Told(
        "Cannot do forward pass in Convolution layer (layer name = layer0): input array channels "
        "does not match CNN layer configuration (data input channels = 1, [minibatch,inputDepth,"
        "height,width]=[64, 1, 28, 28]; expected input channels = 3)",
        Kind.CHANNELS,
        "expect 3 channels, and the input has 1",
    ),
    "ranks that TensorFlow joins": Told(
        "ConcatOp : Ranks of all input tensors should match: shape[0] = [1,14,14,8] vs. shape[1] = "
        "[1,15] [Op:ConcatV2] name: concat",
        Kind.CONCATENATE,
        "one tensor has 4 axes and another 2",
    ),
    "a loss of Keras in TensorFlow": Told(
        f"    return ops.mean({SQUARE}, axis=-1)\nIncompatible shapes: [2,8,8,1] vs. [2,7,7,1] "
        "[Op:Sub] name: ",
        Kind.TARGET,
        "the output has the shape (2, 7, 7, 1) and the target (2, 8, 8, 1)",
    ),
    # JAX 0.10.2, Flax 0.12.8
    "a loss of Keras in JAX": Told(
        f"    return ops.mean({SQUARE}, axis=-1)\nTypeError: sub got incompatible shapes for "
        "broadcasting: (2, 28, 28, 1), (2, 32, 32, 1).",
        Kind.TARGET,
        "the output has the shape (2, 32, 32, 1)",
        never="skip",
    ),
    "weights for an empty map": Told(DIVISION, Kind.EMPTY_INPUT, "one of their sizes is 0"),
    "a pooling of rows": Told(
        "AssertionError: len((784, 10)) != len((2, 2, 1))",
        Kind.RANK,
        "expects 3 or 4 axes",
        never="window_shape",
    ),
    "means of other channels": Told(
        '  File "flax/nnx/nn/normalization.py", line 405, in __call__\nTypeError: add got '
        "incompatible shapes for broadcasting: (16,), (32,).",
        Kind.CHANNELS,
        "expect 16 channels, and the input has 32",
    ),
    "groups of Flax": Told(
        "ValueError: Number of groups (8) does not divide the number of channels (20).",
        Kind.DIVISIBLE,
        "a number of groups that divides 20",
    ),
    "arrays of other ranks": Told(
        "TypeError: Cannot concatenate arrays with different numbers of dimensions: got (2, 8, 8, "
        "3), (2, 10).",
        Kind.CONCATENATE,
        "one tensor has 4 axes and another 2",
    ),
}


@pytest.mark.parametrize("told", TOLD.values(), ids=TOLD)
def test_a_text_is_told(told: Told) -> None:
    check(told)


def check(told: Told) -> None:
    message = pv.decode(told.text)

    assert message is not None
    said = str(message)
    assert message.kind is told.kind
    assert told.words in said
    assert told.code in [code for _, code in message.fixes] or not told.code
    assert not [wrong for wrong in told.never.split("|") if wrong and wrong in said]


def test_numbers_of_any_length_take_no_time() -> None:
    message = pv.decode("num_channels (7) must be divisible by num_groups (999999999999999)")

    assert message is not None
    assert "such as 1" in str(message)
