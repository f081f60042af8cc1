"""Messages to decode, and what decoding them has to give."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from poolviz.messages.message import AxisReading, MessageKind

QUANTITIES = (
    "input_size",
    "padded_size",
    "kernel_size",
    "effective_kernel_size",
    "stride",
    "dilation",
    "output_size",
)


# --- comparing -----------------------------------------------------------------------------------


def said_of(axis: AxisReading) -> dict[str, Any]:
    """Return what the text states about an axis, without its name."""
    said = {name: getattr(axis, name) for name in QUANTITIES}
    said["padding"] = axis.padding
    return {name: value for name, value in said.items() if value is not None}


# --- forms that are not recorded -----------------------------------------------------------------


@dataclass(frozen=True)
class Form:
    """One wording with numbers of our own, and what it says; what is left out is not compared."""

    text: str
    framework: str
    kind: MessageKind = MessageKind.NO_FIT
    op: str | None = None
    axis: str | None = None
    axes: tuple[dict[str, Any], ...] | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def axes(*said: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    return said


FORMS = [
    # Kinds of failure other than windows; PyTorch's are recorded in torch_messages.json.gz.
    Form(
        "shape '[-1, 400]' is invalid for input of size 2304",
        "pytorch",
        MessageKind.RESHAPE,
        facts={"expected": (400,), "got": (2304,)},
    ),
    Form(
        "Expected input batch_size (36) to match target batch_size (4).",
        "pytorch",
        MessageKind.TARGET,
        op="loss",
        facts={"expected": (36,), "got": (4,), "certainty": "likely"},
    ),
    Form(
        "input and target shapes do not match: input [64 x 1 x 28 x 30], target [64 x 1 x 32 x 32]",
        "pytorch",
        MessageKind.TARGET,
        facts={"is_of_maps": True},
    ),
    Form(
        "The size of tensor a (15) must match the size of tensor b (16) at non-singleton dimension "
        "3",
        "pytorch",
        MessageKind.SUM,
        op="sum",
        axis="width",
        facts={"expected": (15,), "got": (16,), "is_of_maps": True},
    ),
    Form(
        "ValueError: Expected more than 1 value per channel when training, got input size "
        "torch.Size([1, 512, 1, 1])",
        "pytorch",
        MessageKind.ONE_VALUE,
        op="norm",
        facts={"channels": 512},
    ),
    Form(
        "Argument #6: Padding size should be less than the corresponding input dimension, but got: "
        "padding (3, 3) at dimension 2 of input [1, 8, 2, 9]",
        "pytorch",
        MessageKind.REFLECTION,
        axis="height",
        axes=axes({"input_size": 2, "padding": 3}, {"input_size": 9}),
    ),
    Form(
        "Wrong input shape height=127, width=320. Expected image height and width divisible by 32. "
        "Consider pad your images to shape (128, 320).",
        "pytorch",
        MessageKind.DIVISIBLE,
        facts={"expected": (32,), "got": (127, 320)},
    ),
    Form(
        "RuntimeError: Adaptive pool MPS: input sizes must be divisible by output sizes. "
        "Non-divisible input sizes are not implemented on MPS device yet.",
        "pytorch",
        MessageKind.DIVISIBLE,
    ),
    Form(
        "found an invalid max index 207 (output volumes are of size 14x14)",
        "pytorch",
        MessageKind.UNPOOL,
        op="unpool",
    ),
    Form(
        "TypeError: MaxUnpool2d.forward() missing 1 required positional argument: 'indices'",
        "pytorch",
        MessageKind.UNPOOL,
        facts={"argument": "indices"},
    ),
    Form(
        "input and indices shapes do not match: input [1 x 3 x 134 x 240], indices [1 x 3 x 135 x "
        "240]",
        "pytorch",
        MessageKind.UNPOOL,
    ),
    Form(
        "Expected 4-dimensional input for 4-dimensional weight [64, 3, 7, 7], but got "
        "3-dimensional input of size [3, 224, 224] instead",
        "pytorch",
        MessageKind.RANK,
        op="conv",
        facts={"missing": "batch", "expected": (4,), "got": (3,), "certainty": "likely"},
    ),
    Form(
        "Expected 4-dimensional input for 4-dimensional weight 6 1 5 5, but got input of size [4, "
        "784] instead",
        "pytorch",
        MessageKind.RANK,
        facts={"missing": "flat"},
    ),
    Form(
        "a and b must have same reduction dim, but got [1, 64] X [100, 2].",
        "pytorch",
        MessageKind.LINEAR,
        facts={"expected": (100,), "got": (64,), "outputs": 2},
    ),
    Form(
        "output with shape [1, 8, 15, 15] doesn't match the broadcast shape [1, 8, 16, 15]",
        "pytorch",
        MessageKind.SUM,
        axis="height",
    ),
    # TensorFlow
    Form(
        "ValueError: Negative dimension size caused by subtracting 5 from 4 for 'conv2/Conv2D' "
        "(op: 'Conv2D') with input shapes: [?,4,9,32], [5,3,32,64].",
        "tensorflow",
        op="conv",
        axis="height",
        axes=axes(
            {"input_size": 4, "kernel_size": 5, "effective_kernel_size": 5},
            {"input_size": 9, "kernel_size": 3},
        ),
        facts={"layer_name": "conv2", "channels": 32, "certainty": "certain"},
    ),
    Form(
        "Negative dimension size caused by subtracting 4 from 3 for 'max_pooling1d_7/MaxPool' "
        "(op: 'MaxPool') with input shapes: [?,3,1,24].",
        "tensorflow",
        op="max",
        axis="length",
        axes=axes({"input_size": 3, "kernel_size": 4}),
        facts={"layer_name": "max_pooling1d_7"},
    ),
    Form(
        "Negative dimension size caused by subtracting 2 from 1 for 'pool3d/MaxPool3D' "
        "(op: 'MaxPool3D') with input shapes: [?,6,1,9,8].",
        "tensorflow",
        op="max",
        axis="height",
        axes=axes({"input_size": 6}, {"input_size": 1, "kernel_size": 2}, {"input_size": 9}),
    ),
    Form(
        "Negative dimension size caused by subtracting 3 from 2 for '{{node model/c/Conv2D}} = "
        'Conv2D[T=DT_FLOAT, data_format="NCHW", dilations=[1, 1, 1, 1], explicit_paddings=[], '
        'padding="VALID", strides=[1, 1, 2, 2], use_cudnn_on_gpu=true](x, w)\' with input shapes: '
        "[8,16,2,40], [3,3,16,4].",
        "tensorflow",
        op="conv",
        axis="height",
        axes=axes(
            {"input_size": 2, "padded_size": 2, "kernel_size": 3, "stride": 2, "padding": 0},
            {"input_size": 40, "kernel_size": 3, "stride": 2},
        ),
        facts={"data_format": "channels_first", "channels": 16, "layer_name": "c"},
    ),
    Form(
        "Negative dimension size caused by subtracting 9 from 7 for '{{node d/depthwise}} = "
        'DepthwiseConv2dNative[T=DT_FLOAT, data_format="NHWC", dilations=[1, 2, 2, 1], '
        'padding="VALID", strides=[1, 1, 1, 1]](x, w)\' with input shapes: [?,7,31,5], [5,5,5,1].',
        "tensorflow",
        op="conv",
        axis="height",
        axes=axes(
            {"kernel_size": 5, "dilation": 2, "effective_kernel_size": 9, "input_size": 7},
            {"kernel_size": 5, "dilation": 2, "effective_kernel_size": 9, "input_size": 31},
        ),
    ),
    Form(
        "Negative dimension size caused by subtracting 12 from 5",
        "tensorflow",
        axes=axes({"padded_size": 5, "effective_kernel_size": 12}),
    ),
    Form(
        "Negative dimension size caused by subtracting 3 from 3 for 'c/Conv2D' (op: 'Conv2D') "
        "with input shapes: [?,3,3,8], [3,3,8,8].",
        "tensorflow",
        axis="height",
        facts={"certainty": "guess"},
    ),
    Form(
        "Negative dimension size caused by subtracting 6 from 4 for 'p/MaxPool' (op: 'MaxPool') "
        "with input shapes: [?,9,8,3].",
        "tensorflow",
        op="max",
        axis=None,
        facts={"certainty": "guess"},
    ),
    Form(
        "Negative dimension size for 'pool2/MaxPool' (op: 'MaxPool') with input shapes:[?,1,30,16]",
        "tensorflow",
        op="max",
        axes=axes({"input_size": 1}, {"input_size": 30}),
    ),
    Form(
        "ValueError: Filter must not be larger than the input: Filter: (5, 7) Input: (9, 6)",
        "tensorflow",
        op="conv",
        axis="width",
        axes=axes({"input_size": 9, "kernel_size": 5}, {"input_size": 6, "kernel_size": 7}),
    ),
    Form(
        "ValueError: ('filter must not be larger than the input: ', 'Filter: [', Dimension(5), 'x',"
        " Dimension(5), '] ', 'Input: [', Dimension(4), 'x', Dimension(30), '] ')",
        "tensorflow",
        op="conv",
        axis="height",
        axes=axes({"input_size": 4, "kernel_size": 5}, {"input_size": 30, "kernel_size": 5}),
    ),
    Form(
        "OP_REQUIRES failed at conv_ops.cc:500 : INVALID_ARGUMENT: Computed output size would be "
        "negative: -3 [input_size: 4, effective_filter_size: 8, stride: 1]",
        "tensorflow",
        op="conv",
        axes=axes({"input_size": 4, "effective_kernel_size": 8, "stride": 1, "output_size": -3}),
    ),
    Form(
        "  (0) Invalid argument: Computed output size would be negative: -1 [input_size: 5, "
        "effective_filter_size: 8, stride: 2]\n\t [[node net/Logits/AvgPool_1a/AvgPool (defined at "
        "/lib/ops.py:1748) ]]",
        "tensorflow",
        op="avg",
        axes=axes({"input_size": 5, "effective_kernel_size": 8, "stride": 2, "output_size": -1}),
        facts={"layer_name": "AvgPool_1a"},
    ),
    Form(
        "Invalid argument: computed output size would be negative\n\t [[Node: pool_9 = "
        'MaxPool[T=DT_FLOAT, data_format="NHWC", ksize=[1, 6, 4, 1], padding="VALID", '
        "strides=[1, 3, 2, 1]](mixed/join)]]",
        "tensorflow",
        op="max",
        axes=axes({"kernel_size": 6, "stride": 3}, {"kernel_size": 4, "stride": 2}),
        facts={"layer_name": "pool_9", "certainty": "guess"},
    ),
    Form(
        "Right padding 5 needs to be smaller than the window size 4 [Op:MaxPool]",
        "tensorflow",
        MessageKind.PADDING_LIMIT,
        op="max",
        axis="width",
        axes=axes({"kernel_size": 4, "padding": 5}),
    ),
    Form(
        "InvalidArgumentError: Matrix size-incompatible: In[0]: [16,640], In[1]: [1024,10] "
        "[Op:MatMul]",
        "tensorflow",
        MessageKind.LINEAR,
        op="linear",
        facts={"expected": (1024,), "got": (640,)},
    ),
    Form(
        "Dimensions must be equal, but are 640 and 1024 for '{{node dense_1/MatMul}} = "
        "MatMul[T=DT_FLOAT](flatten/Reshape, w)' with input shapes: [?,640], [1024,10].",
        "tensorflow",
        MessageKind.LINEAR,
        facts={"expected": (1024,), "got": (640,)},
    ),
    Form(
        "ConcatOp : Dimension 2 in both shapes must be equal: shape[0] = [4,30,41,8] vs. "
        "shape[1] = [4,30,40,16] [Op:ConcatV2] name: concat",
        "tensorflow",
        MessageKind.CONCATENATE,
        axis="width",
        facts={"expected": (41,), "got": (40,)},
    ),
    Form(
        "Dimension 1 in both shapes must be equal, but are 21 and 20. Shapes are [?,21,21] and "
        "[?,20,20]. for 'concatenate_3/concat' (op: 'ConcatV2')",
        "tensorflow",
        MessageKind.CONCATENATE,
        facts={"expected": (21,), "got": (20,)},
    ),
    Form(
        "Dimension 2 in both shapes must be equal, but are 9 and 8. Shapes are [7,64,9] and "
        "[7,64,8]. for '{{node unet/concatenate/concat}} = ConcatV2[N=2, T=DT_FLOAT, "
        "Tidx=DT_INT32](unet/up/BiasAdd, unet/conv/Relu, unet/concatenate/concat/axis)' with "
        "input shapes: [7,64,9,24], [7,64,8,24], [] and with computed input tensors: "
        "input[2] = <3>.",
        "tensorflow",
        MessageKind.CONCATENATE,
        axis="width",
        facts={"expected": (9,), "got": (8,)},
    ),
    Form(
        "Dimension 2 in both shapes must be equal, but are 31 and 30. Shapes are [?,31,44] and "
        "[?,30,44]. for 'concat_1' (op: 'ConcatV2') with input shapes: [?,16,31,44], "
        "[?,8,30,44], [] and with computed input tensors: input[2] = <1>.",
        "tensorflow",
        MessageKind.CONCATENATE,
        axis="height",
        facts={"expected": (31,), "got": (30,), "data_format": "channels_first"},
    ),
    Form(
        "Negative dimension size caused by subtracting 9 from 6 for op: 'AvgPool'",
        "tensorflow",
        op="avg",
        axes=axes({"padded_size": 6, "kernel_size": 9}),
    ),
    # Keras
    Form(
        "ValueError: Computed output size would be negative. Received: `inputs.shape=[None  6 11 "
        " 4]` and `pool_size=[9 2]`.",
        "keras",
        axis="height",
        axes=axes({"input_size": 6, "kernel_size": 9}, {"input_size": 11, "kernel_size": 2}),
        facts={"channels": 4},
    ),
    Form(
        "Computed output size would be negative. Received `inputs shape=(None, 1, 17, 64)`, "
        "`kernel shape=(5, 3, 64, 32)`, `dilation_rate=[1 2]`.",
        "keras",
        op="conv",
        axis="height",
        axes=axes(
            {"input_size": 1, "kernel_size": 5, "effective_kernel_size": 5, "dilation": 1},
            {"input_size": 17, "kernel_size": 3, "effective_kernel_size": 5, "dilation": 2},
        ),
        facts={"certainty": "certain"},
    ),
    Form(
        "One of the dimensions in the output is <= 0 due to downsampling in conv1d_4. Consider "
        "increasing the input size. Received input shape [None, 3, 64] which would produce output "
        "shape with a zero or negative value in a dimension.",
        "keras",
        op="conv",
        axis="length",
        axes=axes({"input_size": 3}),
        facts={"layer_name": "conv1d_4", "channels": 64},
    ),
    Form(
        "ValueError: Input size must be at least 75x75; Received: input_shape=(60, 90, 3)",
        "keras",
        MessageKind.MINIMUM,
        axis="height",
        axes=axes({"input_size": 60}, {"input_size": 90}),
        facts={"expected": (75, 75), "got": (60, 90)},
    ),
    Form(
        "A `Concatenate` layer requires inputs with matching shapes except for the concatenation "
        "axis. Received: input_shape=[(None, 26, 27, 8), (None, 26, 26, 8)]",
        "keras",
        MessageKind.CONCATENATE,
        op="concatenate",
        axis="width",
        facts={"expected": (27,), "got": (26,)},
    ),
    Form(
        "`Concatenate` layer requires inputs with matching shapes except for the concat axis. "
        "Got inputs shapes: [(None, 5, 72, 16), (None, 5, 72, 8)]",
        "keras",
        MessageKind.CONCATENATE,
        axis=None,
    ),
    Form(
        'Input 0 of layer "dense_2" is incompatible with the layer: expected axis -1 of input shape'
        " to have value 3136, but received input with shape (None, 1024)",
        "keras",
        MessageKind.LINEAR,
        op="linear",
        facts={"layer_name": "dense_2", "expected": (3136,), "got": (1024,)},
    ),
    Form(
        "Input 0 of layer conv2d_1 is incompatible with the layer: expected axis -1 of input shape "
        "to have value 3 but received input with shape [None, 64, 64, 1]",
        "keras",
        MessageKind.CHANNELS,
        op="conv",
        facts={"expected": (3,), "got": (1,), "channels": 1},
    ),
    Form(
        "Input 0 is incompatible with layer conv2d_6: expected ndim=4, found ndim=3",
        "keras",
        MessageKind.RANK,
        op="conv",
        facts={"layer_name": "conv2d_6", "expected": (4,), "got": (3,)},
    ),
    Form(
        'ValueError: The shape of the input to "Flatten" is not fully defined (got (256, 5, 0). '
        'Make sure to pass a complete "input_shape"',
        "keras",
        MessageKind.EMPTY_INPUT,
        axis="width",
        axes=axes({"input_size": 5}, {"input_size": 0}),
        facts={"channels": 256},
    ),
    Form(
        "Unrecognized keyword arguments passed to MaxPooling2D: {'dilation': 2}",
        "keras",
        MessageKind.ARGUMENT,
        op="max",
        facts={"argument": "dilation"},
    ),
    # PyTorch
    Form(
        "RuntimeError: Given input size: (256x3x9). Calculated output size: (256x0x2). Output size "
        "is too small at /pytorch/aten/src/THNN/generic/SpatialDilatedMaxPooling.c:67",
        "pytorch",
        axis="height",
        axes=axes({"input_size": 3, "output_size": 0}, {"input_size": 9, "output_size": 2}),
        facts={"channels": 256, "certainty": "certain", "data_format": "channels_first"},
    ),
    Form(
        "Given input size: (48 x 2 x 7). Calculated output size: (96 x -1 x 4). Output size is too "
        "small",
        "pytorch",
        op="conv",
        axis="height",
        axes=axes({"input_size": 2, "output_size": -1}, {"input_size": 7, "output_size": 4}),
    ),
    Form(
        "Given input size: (320, 1, 1). Calculated output size: (100, 0, 0). Output size is too "
        "small.",
        "pytorch",
        op="conv",
        axis="height",
    ),
    Form(
        "RuntimeError:Given input size :(64*31*7).Calculated output size:(64*3*0).Output size is "
        "too small",
        "pytorch",
        axis="width",
        axes=axes({"input_size": 31, "output_size": 3}, {"input_size": 7, "output_size": 0}),
    ),
    Form(
        "Given input size: (12x5x40x1). Calculated output size: (12x2x20x0). Output size is too "
        "small",
        "pytorch",
        axis="width",
        axes=axes({"input_size": 5}, {"input_size": 40}, {"input_size": 1, "output_size": 0}),
    ),
    Form(
        "    return torch.max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode)\n"
        "RuntimeError: Given input size: (6x1x4). Calculated output size: (6x1x0). Output size is "
        "too small",
        "pytorch",
        op="max",
        axis="width",
        axes=axes({"input_size": 1, "output_size": 1}, {"input_size": 4, "output_size": 0}),
    ),
    Form(
        "Given input size: (6x1x4). Calculated output size: (6x1x0). Output size is too small",
        "pytorch",
        axis="length",
        axes=axes({"input_size": 4, "output_size": 0}),
        facts={"certainty": "likely"},
    ),
    Form(
        "Given input size: (8x5x5). Calculated output size: (8x2x2). Output size is too small",
        "pytorch",
        axis=None,
        facts={"certainty": "guess"},
    ),
    Form(
        "Given input size per channel: (1 x 6). Calculated output size per channel: (-2 x 3). "
        "Output size is too small",
        "pytorch",
        op="transposed",
        axis="height",
        axes=axes({"input_size": 1, "output_size": -2}, {"input_size": 6, "output_size": 3}),
    ),
    Form(
        "Calculated padded input size per channel: (30 x 4). Kernel size: (3 x 5). Kernel size "
        "can't be greater than actual input size",
        "pytorch",
        op="conv",
        axis="width",
        axes=axes(
            {"padded_size": 30, "effective_kernel_size": 3},
            {"padded_size": 4, "effective_kernel_size": 5},
        ),
    ),
    Form(
        "Callculated padded input size per channel: (2×42). Kernel size: (3×3). Kernel size can’t "
        "be greater than actual input size",
        "pytorch",
        axis="height",
        axes=axes({"padded_size": 2}, {"padded_size": 42}),
    ),
    Form(
        "Calculated padded input size per channel: (4). Kernel size: (7). Kernel size can't be "
        "greater than actual input size.",
        "pytorch",
        axis="length",
        axes=axes({"padded_size": 4, "effective_kernel_size": 7}),
    ),
    Form(
        "Calculated input size: (1 x 90 x 90). Kernel size: (3 x 3 x 3). Kernel size can't greater "
        "than actual input size at VolumetricConvolutionMM.c:59",
        "pytorch",
        axis="depth",
    ),
    Form(
        "pad should be at most half of kernel size, but got pad=4 and kernel_size=6",
        "pytorch",
        MessageKind.PADDING_LIMIT,
        axes=axes({"kernel_size": 6, "padding": 4}),
    ),
    Form(
        "pad should be at most half of effective kernel size, but got pad=6, kernel_size=4 and "
        "dilation=2",
        "pytorch",
        MessageKind.PADDING_LIMIT,
        op="max",
        axes=axes({"kernel_size": 4, "padding": 6, "dilation": 2, "effective_kernel_size": 7}),
    ),
    Form(
        "invalid argument 2: pad should be smaller than half of kernel size, but got padW = 1, "
        "padH = 2, kW = 14, kH = 3 at SpatialDilatedMaxPooling.c:35",
        "pytorch",
        MessageKind.PADDING_LIMIT,
        axis="height",
        axes=axes({"kernel_size": 3, "padding": 2}, {"kernel_size": 14, "padding": 1}),
    ),
    Form(
        "input image (H: 3, W: 9) smaller than kernel size (kH: 4, kW: 4)",
        "pytorch",
        op="avg",
        axis="height",
        axes=axes({"input_size": 3, "kernel_size": 4}, {"input_size": 9, "kernel_size": 4}),
    ),
    Form(
        "Given input with spatial size (4, 9), kernel_size=(3, 3), dilation=(2, 2), padding=(0, 0),"
        " calculated shape of the array of sliding blocks as (0, 5), which is too small",
        "pytorch",
        axis="height",
        axes=axes(
            {"input_size": 4, "kernel_size": 3, "effective_kernel_size": 5, "output_size": 0},
            {"input_size": 9, "kernel_size": 3, "dilation": 2, "output_size": 5},
        ),
    ),
    Form(
        "Given groups=1, weight of size [16, 1, 5, 5], expected input[8, 3, 40, 48] to have 1 "
        "channels, but got 3 channels instead",
        "pytorch",
        MessageKind.CHANNELS,
        op="conv",
        axes=axes({"input_size": 40, "kernel_size": 5}, {"input_size": 48, "kernel_size": 5}),
        facts={"expected": (1,), "got": (3,), "channels": 3, "notes": ()},
    ),
    Form(
        "Given groups=1, weight[64, 3, 7, 7], so expected input[2, 96, 128, 3] to have 3 channels, "
        "but got 96 channels instead",
        "pytorch",
        MessageKind.CHANNELS,
        facts={"channels": 96},
    ),
    Form(
        "mat1 and mat2 shapes cannot be multiplied (32x576 and 784x10)",
        "pytorch",
        MessageKind.LINEAR,
        op="linear",
        facts={"expected": (784,), "got": (576,), "shapes": ((32, 576), (784, 10))},
    ),
    Form(
        "size mismatch, m1: [20 x 256], m2: [400 x 120] at /pytorch/aten/TH/THTensorMath.cpp:41",
        "pytorch",
        MessageKind.LINEAR,
        facts={"expected": (400,), "got": (256,)},
    ),
    Form(
        "Sizes of tensors must match except in dimension 1. Expected size 33 but got size 32 for "
        "tensor number 1 in the list.",
        "pytorch",
        MessageKind.CONCATENATE,
        op="concatenate",
        facts={"expected": (33,), "got": (32,)},
    ),
    Form(
        "invalid argument 0: Sizes of tensors must match except in dimension 1. Got 17 and 16 in "
        "dimension 2 at /pytorch/aten/src/THC/generic/THCTensorMath.cu:71",
        "pytorch",
        MessageKind.CONCATENATE,
        facts={"expected": (17,), "got": (16,)},
    ),
    # JAX, Flax, onnxruntime
    Form(
        "Cannot concatenate arrays with shapes that differ in dimensions other than the one being "
        "concatenated: concatenating along dimension 3 for shapes (2, 15, 9, 4), (2, 14, 9, 8).",
        "jax",
        MessageKind.CONCATENATE,
        axis="height",
        facts={"expected": (15,), "got": (14,)},
    ),
    Form(
        "dot_general requires contracting dimensions to have the same shape, got (576,) and (784,)",
        "jax",
        MessageKind.LINEAR,
        facts={"expected": (784,), "got": (576,)},
    ),
    Form(
        "Initializer expected to generate shape (784, 10) but got shape (576, 10) instead for "
        'parameter "kernel" in "/Dense_1".',
        "jax",
        MessageKind.LINEAR,
        facts={"layer_name": "Dense_1", "expected": (784,), "got": (576,)},
    ),
    Form(
        "conv_general_dilated lhs feature dimension size divided by feature_group_count must equal "
        "the rhs input feature dimension size, but 28 // 1 != 3.",
        "jax",
        MessageKind.CHANNELS,
        op="conv",
        facts={"expected": (3,), "got": (28,)},
    ),
    Form(
        "reduce_window window_strides must have every element be strictly positive, got (1, 0, 1)",
        "jax",
        MessageKind.ARGUMENT,
        facts={"argument": "stride"},
    ),
    Form(
        "Non-zero status code returned while running Conv node. Name:'Conv_7' Status Message: "
        "Invalid input shape: {2,9}",
        "onnxruntime",
        op="conv",
        axes=axes({"input_size": 2}, {"input_size": 9}),
        facts={"layer_name": "Conv_7"},
    ),
    Form(
        "Status Message: Input channels C is not equal to kernel channels * group. C: 26 kernel "
        "channels: 8 group: 4",
        "onnxruntime",
        MessageKind.CHANNELS,
        facts={"expected": (32,), "got": (26,)},
    ),
    Form(
        "Non concat axis dimensions must match: Axis 2 has mismatched dimensions of 19 and 20",
        "onnxruntime",
        MessageKind.CONCATENATE,
        facts={"expected": (19,), "got": (20,)},
    ),
    Form(
        "GEMM: Dimension mismatch, W: {784,10} K: 576 N:10",
        "onnxruntime",
        MessageKind.LINEAR,
        facts={"expected": (784,), "got": (576,)},
    ),
    # Theano
    Form(
        "RuntimeError: BaseCorrMM: Failed to allocate output of 4 x 8 x -2 x 30\nApply node that "
        "caused the error: CorrMM{valid, (1, 1)}\nInputs shapes: [(4L, 3L, 2L, 34L), (8L, 3L, 5L, "
        "5L)]",
        "theano",
        op="conv",
        axis="height",
        axes=axes(
            {"input_size": 2, "kernel_size": 5, "output_size": -2},
            {"input_size": 34, "kernel_size": 5, "output_size": 30},
        ),
        facts={"channels": 3},
    ),
    Form(
        "Bad size for the output shape. Verify that [post-supersampling] input shape ((4, 20)) and "
        "kern shape((5, 5)) are ok. (Hint: kerns must fit inside image in valid mode)",
        "theano",
        op="conv",
        axis="height",
        axes=axes({"input_size": 4, "kernel_size": 5}, {"input_size": 20, "kernel_size": 5}),
    ),
    Form(
        "ValueError: GpuDnnConv images and kernel must have the same stack size",
        "theano",
        MessageKind.CHANNELS,
        op="conv",
    ),
    # MXNet
    Form(
        "Error in operator pool5: [01:02:03] src/operator/./pooling-inl.h:198: Check failed: "
        "param_.kernel[1] <= dshape[3] + 2 * param_.pad[1] kernel size (7) exceeds input (3 padded "
        "to 5)",
        "mxnet",
        op="pool",
        axis="width",
        axes=axes({"input_size": 3, "padded_size": 5, "kernel_size": 7, "padding": 1}),
        facts={"layer_name": "pool5"},
    ),
    Form(
        "Error in operator convolution2: [01:02:03] src/operator/convolution-inl.h:450: Check "
        "failed: dilated_ksize_x <= AddPad(dshape[3], param_.pad[1]) (9 vs. 6) kernel size exceed "
        "input",
        "mxnet",
        op="conv",
        axis="width",
        axes=axes({"padded_size": 6, "effective_kernel_size": 9}),
        facts={"layer_name": "convolution2"},
    ),
    Form(
        "Check failed: param_.kernel[0] < dshape[2] + 2 * param_.pad[0] (4 vs. 4) kernel size "
        "exceeds input",
        "mxnet",
        axis="height",
        facts={"certainty": "likely"},
    ),
    Form(
        "InferShape Error in pool4: [01:02:03] src/operator/./pooling-inl.h:200: Check failed: "
        "param_.kernel[0] <= dshape[2] + 2 * param_.pad[0] && param_.kernel[1] <= dshape[3] + 2 * "
        "param_.pad[1] kernel size exceed input",
        "mxnet",
        op="pool",
        axes=(),
        facts={"layer_name": "pool4", "certainty": "guess"},
    ),
    Form(
        "MXNetError: Shape inconsistent, Provided = [256,9216], inferred shape=(256,1024)",
        "mxnet",
        MessageKind.LINEAR,
        facts={"expected": (9216,), "got": (1024,)},
    ),
    # DL4J
    Form(
        "Invalid configuration for layer (idx=4, name=pool_b, type=SubsamplingLayer) for width "
        "dimension:  Invalid input configuration for kernel width. Require 0 < kW <= inWidth + "
        "2*padW; got (kW=7, inWidth=4, padW=1)\nInput type = InputTypeConvolutional(h=20,w=4,c=16),"
        " kernel = [3, 7], strides = [2, 2], padding = [0, 1], layer size (output channels) = 16",
        "dl4j",
        op="pool",
        axis="width",
        axes=axes(
            {"input_size": 20, "kernel_size": 3, "stride": 2, "padding": 0},
            {"input_size": 4, "padded_size": 6, "kernel_size": 7, "stride": 2, "padding": 1},
        ),
        facts={"layer_name": "pool_b", "channels": 16},
    ),
    Form(
        "Invalid input: activations into layer are w=3 but kernel size is 5 with padding 0",
        "dl4j",
        axis="width",
        axes=axes({"input_size": 3, "effective_kernel_size": 5, "padding": 0}),
    ),
    Form(
        'Invalid input configuration (layer name = "conv-2") for height: inHeight=31, kernelH=4, '
        "padH=1, strideH=2; (31-4+2*1)/2 is not an integer",
        "dl4j",
        MessageKind.NOT_WHOLE,
        op="conv",
        axis="height",
        axes=axes({"input_size": 31, "padded_size": 33, "stride": 2, "padding": 1}),
    ),
    Form(
        "Combination of kernel size, stride and padding are not valid for given input width, using "
        "ConvolutionMode.Strict\nConvolutionMode.Strict requires: output width = (input width - "
        "kernelSize + 2*padding)/stride + 1 in width dimension to be an integer. Got: (17 - 4 + "
        "2*0)/2 + 1 = 7.50",
        "dl4j",
        MessageKind.NOT_WHOLE,
        axis="width",
        axes=axes({"input_size": 17, "effective_kernel_size": 4, "stride": 2, "padding": 0}),
    ),
    Form(
        "Input size (28 columns; shape = [5, 28]) is invalid: does not match layer input size "
        "(layer # inputs = 784)",
        "dl4j",
        MessageKind.LINEAR,
        facts={"expected": (784,), "got": (28,)},
    ),
    # Caffe
    Form(
        "I0101 net.cpp:100] Creating Layer conv4\nF0101 01:02:03 77 blob.cpp:33] Check failed: "
        "shape[i] >= 0 (-3 vs. 0)",
        "caffe",
        op="conv",
        axes=axes({"output_size": -3}),
        facts={"layer_name": "conv4"},
    ),
    Form(
        "blob.cpp:13] Check failed: height >= 0 (-5 vs. 0)",
        "caffe",
        axis="height",
        axes=axes({"output_size": -5}),
    ),
    Form(
        "pooling_layer.cpp:75] Check failed: pad_w_ < kernel_w_ (3 vs. 2)",
        "caffe",
        MessageKind.PADDING_LIMIT,
        axis="width",
        axes=axes({"kernel_size": 2, "padding": 3}),
    ),
    Form(
        "concat_layer.cpp:42] Check failed: top_shape[j] == bottom[i]->shape(j) (28 vs. 27) All "
        "inputs must have the same shape, except at concat_axis.",
        "caffe",
        MessageKind.CONCATENATE,
        facts={"expected": (28,), "got": (27,)},
    ),
    Form(
        "inner_product_layer.cpp:64] Check failed: K_ == new_K (9216 vs. 4096) Input size "
        "incompatible with inner product parameters.",
        "caffe",
        MessageKind.LINEAR,
        facts={"expected": (9216,), "got": (4096,)},
    ),
    # MLX
    Form(
        "ValueError: [conv] Spatial dimensions of input after padding cannot be smaller than "
        "weight spatial dimensions. Got error at axis 2 for input with shape (8,17,3,24), padding "
        "low (0,1), padding high (0,1), and weight of shape (48,1,7,24).",
        "mlx",
        op="conv",
        axis="width",
        axes=axes(
            {"input_size": 17, "kernel_size": 1, "padding": 0},
            {"input_size": 3, "padded_size": 5, "kernel_size": 7, "padding": 1},
        ),
        facts={"channels": 24, "certainty": "certain", "data_format": "channels_last"},
    ),
    Form(
        '  File "/site-packages/mlx/nn/layers/pooling.py", line 93, in MaxPool2d\n'
        "ValueError: [as_strided] Negative dimensions not allowed.",
        "mlx",
        op="max",
    ),
    Form(
        "TypeError: AvgPool1d.__init__() got an unexpected keyword argument 'dilation'",
        "mlx",
        MessageKind.ARGUMENT,
        op="avg",
        facts={"argument": "dilation", "certainty": "likely"},
    ),
    # the order of the axes as the shapes show it
    Form(
        "ConcatOp : Dimensions of inputs should match: shape[0] = [8,16,33,40] vs. "
        "shape[1] = [8,48,32,40]",
        "tensorflow",
        MessageKind.CONCATENATE,
        axis="height",
        facts={"expected": (33,), "got": (32,)},
    ),
    Form(
        "ValueError: Only layers of same output shape can be merged using sum mode. Layer shapes: "
        "[(None, 64, 28, 28), (None, 64, 27, 27)]",
        "keras",
        MessageKind.SUM,
        axis="height",
        facts={"failing_axes": ("height", "width"), "expected": (28, 28), "got": (27, 27)},
    ),
    # two that poolviz otherwise does not know
    Form(
        "Due to the settings of padding(1), filter_size(9), dilation(1) and stride(2), the output "
        "size is less than 0, please check again. Input_size:4",
        "paddle",
        op="conv",
        axes=axes({"input_size": 4, "padded_size": 6, "kernel_size": 9, "stride": 2}),
    ),
    Form(
        "RuntimeError: Width in the output should be positive.",
        "chainer",
        axis="width",
    ),
]
