"""`pv.decode` on kinds of texts that people bring; the numbers are ours.

What runs here is recorded elsewhere (tests/data); these wordings come from earlier versions, from
frameworks that cannot run here, or combine numbers in ways that were read wrongly once.
"""

from __future__ import annotations

from typing import Any

import pytest

import poolviz as pv
from poolviz.messages.message import MessageKind as Kind

NEGATIVE = (
    "Negative dimension size caused by subtracting {} from {} for 'conv2d/Conv2D' (op: 'Conv2D') "
    "with input shapes: [{}], [{}]."
)
STACK = (
    "ValueError: CorrMM images and kernel must have the same stack size\n"
    "Apply node that caused the error: CorrMM{half, (1, 1), (1, 1)}(InplaceDimShuffle.0, W)\n"
    "Inputs types: [TensorType(float32, 4D), TensorType(float32, 4D)]\n"
)
CONCATENATE = (
    "A `Concatenate` layer requires inputs with matching shapes except for the concat axis. Got "
    "inputs shapes: "
)
DARKNET = """
  24 upsample                 2x     7 x   9 x 256 ->   14 x  18 x 256
  25 route  12                                      ->   13 x  18 x 128
  26 route  24 25 The width and height of the input layers are different.
                                     ->    0 x   0 x   0
  27 Layer before convolutional layer must output image.: No error
"""
ONNX = (
    "[ONNXRuntimeError] : 1 : FAIL : Node (/neck/Concat_3) Op (Concat) [ShapeInferenceError] Can't "
    "merge shape info. Both source and target dimension have values but they differ. Source=21 "
    "Target=20 Dimension=3"
)
MXNET = "Error in operator pool4: [17:00:32] src/operator/./pooling-inl.h:232: Check failed: "

# Keras 3.15.1 on its backends: PyTorch 2.13, JAX 0.10.2, TensorFlow 2.21.
CALLING = "Exception encountered when calling Conv2D.call().\n\n\x1b[1m"
RECEIVED = "\x1b[0m\n\nArguments received by Conv2D.call():\n  • inputs="
ON_TORCH = (
    CALLING + "Calculated padded input size per channel: (28 x 1). Kernel size: (3 x 3). Kernel "
    "size can't be greater than actual input size" + RECEIVED
)
ON_JAX = (
    CALLING + "The convolution operation resulted in an empty output. This can happen if the input "
    "is too small for the given kernel size, strides, dilation rate, and padding mode. Please "
    "check the input shape and convolution parameters." + RECEIVED
)
ON_TENSORFLOW = (
    CALLING + "Negative dimension size caused by subtracting 3 from 1 for '{{node sequential_1/"
    'conv2d_1/convolution}} = Conv2D[T=DT_FLOAT, data_format="NHWC", padding="VALID"](sequential_1'
    "/ExpandDims, sequential_1/conv2d_1/convolution/ReadVariableOp)' with input shapes: "
)
BATCH_MISSING = "Most likely the batch axis is missing: the height of a picture was taken for 28"

# A text; the kind; facts; words that the answer has; words that would be false.
TEXTS: list[tuple[str, Kind, dict[str, Any], str, str]] = [
    # Theano lists the shapes below.
    (
        STACK + "Inputs shapes: [(6L, 48L, 18L, 34L), (128L, 64L, 3L, 3L)]",
        Kind.CHANNELS,
        {"expected": (64,), "got": (48,)},
        "expect 64 channels",
        "states no numbers",
    ),
    (
        STACK + "Inputs shapes: [(8, 40, 24, 48), (3, 3, 64, 32)]",
        Kind.CHANNELS,
        {"got": (40,)},
        "order of TensorFlow",
        "states no numbers",
    ),
    # Three maps, of which one differs elsewhere: they do not fit along the channels.
    (
        CONCATENATE + "[(None, 96, 25, 31), (None, 32, 25, 31), (None, 32, 19, 24)]",
        Kind.CONCATENATE,
        {"expected": (25, 31), "got": (19, 24)},
        "25 and 19; 31 and 24",
        "they fit",
    ),
    (
        CONCATENATE + "[(None, 9, 9, 64), (None, 9, 9, 32), (None, 9, 8, 64)]",
        Kind.CONCATENATE,
        {"expected": (9,), "got": (8,)},
        "width",
        "they fit",
    ),
    (
        CONCATENATE + "[(None, 9, 9, 64), (None, 9, 9, 32), (None, 9, 9, 16)]",
        Kind.CONCATENATE,
        {},
        "along axis 3 they fit",
        "stride",
    ),
    # A fixed number of samples.
    (
        "RuntimeError: shape '[64, 784]' is invalid for input of size 12544",
        Kind.RESHAPE,
        {"fixes": (("leave the number of samples open with -1", "x = x.view(-1, 784)"),)},
        "either 16 samples of 784 numbers",
        "Each of the 64",
    ),
    (
        "RuntimeError: shape '[64, 3, 32, 32]' is invalid for input of size 64512",
        Kind.RESHAPE,
        {},
        "64,512 numbers fill 21 samples of 3072",
        "Each of",
    ),
    (
        "RuntimeError: shape '[20, 1, 28, 28]' is invalid for input of size 47040",
        Kind.RESHAPE,
        {"certainty": "likely"},
        "20 samples of 28 × 28 × 3 instead of 28 × 28 × 1",
        "Each of",
    ),
    (
        "RuntimeError: shape '[16, 24, 24, 96]' is invalid for input of size 812544",
        Kind.RESHAPE,
        {"certainty": "likely"},
        "16 samples of 23 × 23 × 96 instead of 24 × 24 × 96",
        "Each of",
    ),
    # A narrow axis is the channels only where the text allows it.
    (
        NEGATIVE.format(2, 1, "?,10,1,1", "2,2,1,8"),
        Kind.NO_FIT,
        {"axis": "width"},
        "window 2",
        "batch axis",
    ),
    (
        NEGATIVE.format(3, 2, "?,2,18,1", "3,3,1,8"),
        Kind.NO_FIT,
        {"axis": "height"},
        "window 3",
        "channels first",
    ),
    (
        NEGATIVE.format(7, 5, "?,5,40,40", "7,7,40,8"),
        Kind.NO_FIT,
        {"axis": "height"},
        "is channels first while",
        "batch axis",
    ),
    (
        "One of the dimensions in the output is <= 0 due to downsampling in conv2d. Consider "
        "increasing the input size. Received input shape [None, 3, 96, 96] which would produce",
        Kind.NO_FIT,
        {"axis": "height"},
        "height: no window fits. The input is 3. A height of 3",
        "width, the input is 96",
    ),
    (
        "One of the dimensions in the output is <= 0 due to downsampling in conv2d. Consider "
        "increasing the input size. Received input shape [None, 96, 2, 16] which would produce",
        Kind.NO_FIT,
        {},
        "a kernel of at most 2",
        "at most 96",
    ),
    (
        "Given input size: (40x40x1). Calculated output size: (40x20x0). Output size is too small",
        Kind.NO_FIT,
        {"axis": "width"},
        "is channels last while the model expects channels first",
        "batch axis",
    ),
    # A condition with "<".
    (
        MXNET + "param_.kernel[0] < dshape[2] + 2 * param_.pad[0] (4 vs. 4) kernel size exceeds "
        "input",
        Kind.NO_FIT,
        {"layer_name": "pool4"},
        "a kernel of at most 3",
        "contradicts itself",
    ),
    (
        "mxnet.base.MXNetError: InferShape Error in concat3: [13:17:59] src/operator/./concat-inl.h"
        ":152: Check failed: (dshape[j]) == (tmp[j]) Incorrect shape[2]: (32,320,11,11). (first "
        "input shape: (32,576,12,12))",
        Kind.CONCATENATE,
        {"expected": (12, 12), "got": (11, 11), "layer_name": "concat3"},
        "height and width",
        "channels",
    ),
    # Words that were not read.
    (ONNX, Kind.CONCATENATE, {"expected": (21,), "got": (20,)}, "differ by 1", "batch"),
    (
        "Got invalid dimensions for input: frames for the following indices\n index: 2 Got: 96 "
        "Expected: 64\n index: 3 Got: 96 Expected: 64\n",
        Kind.INPUT_SHAPE,
        {"layer_name": "frames", "op": "input"},
        'input "frames"',
        'layer "frames"',
    ),
    (
        "Got rank 2 array as input to ConvolutionLayer with shape [16, 1280]. Expected rank 4 "
        "array with shape [minibatchSize, layerInputDepth, inputHeight, inputWidth].",
        Kind.RANK,
        {"expected": (4,), "got": (2,), "op": "conv"},
        "has 2",
        "kernel",
    ),
    (
        "Got rank 3 array as input to SubsamplingLayer with shape [16, 12, 12]. Expected rank 4 "
        "array with shape [minibatchSize, depth, inputHeight, inputWidth].",
        Kind.RANK,
        {"got": (3,), "op": "pool"},
        "has 3",
        "kernel",
    ),
    (
        "Labels array numColumns (size(1) = 12) does not match output layer number of outputs "
        "(nOut = 9)",
        Kind.CLASSES,
        {"expected": (9,), "got": (12,)},
        "12 outputs",
        "pool",
    ),
    (
        "compiler error:  Invalid data blob: 'conv5_output' shape (C,H,W = 32,0,4) for output of "
        "layer: 'conv5'.",
        Kind.NO_FIT,
        {"axis": "height", "layer_name": "conv5", "channels": 32},
        "output size is 0",
        "width",
    ),
    (
        "ValueError: Input 0 to Conv2D node net/Conv1/Conv2D is not a 4D tensor",
        Kind.RANK,
        {"layer_name": "net/Conv1/Conv2D"},
        "number of axes",
        "pool",
    ),
    (
        "F1113 eltwise_layer.cpp:34] Check failed: bottom[i]->shape() == bottom[0]->shape() ",
        Kind.SUM,
        {"framework": "caffe"},
        "states no numbers",
        "pool",
    ),
    (
        "top_shape[j] == bottom[i]->shape(j) (44 vs. 45)",
        Kind.CONCATENATE,
        {"expected": (44,), "got": (45,)},
        "differ by 1",
        "batch",
    ),
    (
        "pad.cc:79 SizeOfDimension(op_context->paddings, 0) != op_context->dims (4 != 3)\nNode "
        "number 0 (PAD) failed to prepare.",
        Kind.RANK,
        {"expected": (4,), "got": (3,), "op": "padding"},
        "add the batch axis",
        "kernel",
    ),
    (
        "ValueError: Target and input must have the same number of elements. target nelement "
        "(150528) != input nelement (50176)",
        Kind.TARGET,
        {"expected": (50176,), "got": (150528,)},
        "colour",
        "pooling",
    ),
    (
        "ShapeError: Conv intput should be 4-D or 5-D tensor, But received: 2-D Tensor.",
        Kind.RANK,
        {"framework": "paddle", "got": (2,)},
        "has 2",
        "pool size",
    ),
    (
        "ValueError: the channel of input must be divisible by groups, received: the channel of "
        "input is 10, the shape of input is [2, 10, 8, 8], the groups is 4",
        Kind.DIVISIBLE,
        {"expected": (4,), "got": (10,)},
        "divisible by 4",
        "input size",
    ),
    (
        "OpenCV(4.4.0) Error: Assertion failed (ngroups > 0 && inpCn % ngroups == 0 && outCn % "
        "ngroups == 0) in cv::dnn::ConvolutionLayerImpl::getMemoryShapes",
        Kind.CHANNELS,
        {"framework": "opencv"},
        "states no numbers",
        "pool",
    ),
    (
        DARKNET,
        Kind.CONCATENATE,
        {"layer_name": "26 route", "failing_axes": ("width",), "got": (13,)},
        "14 and 13",
        "empty",
    ),
    (
        "12 Layer before convolutional layer must output image.: File exists",
        Kind.EMPTY_INPUT,
        {"framework": "darknet", "op": "conv"},
        "is empty",
        "channels last",
    ),
    # Functions of PyTorch 2.13.
    (
        "RuntimeError: adaptive_max_pool2d(): Expected 3D or 4D tensor, but got: [64, 512]",
        Kind.RANK,
        {"expected": (3, 4), "got": (2,), "op": "max"},
        "has 2",
        "kernel",
    ),
    (
        "ValueError: Input and output must have the same number of spatial dimensions, but got "
        "input with spatial dimensions of [14] and output size of (28, 28). Please provide",
        Kind.RANK,
        {"expected": (4,), "got": (3,)},
        "add the batch axis",
        "kernel",
    ),
    (
        "NotImplementedError: Got 3D input, but bilinear mode needs 4D input",
        Kind.RANK,
        {"expected": (4,), "got": (3,)},
        "add the batch axis",
        "kernel",
    ),
    (
        "RuntimeError: Input and output sizes should be greater than 0, but got input (H: 0, W: 3) "
        "output (H: 8, W: 8)",
        Kind.EMPTY_INPUT,
        {"axis": "height"},
        "0 × 3",
        "width",
    ),
    (
        "RuntimeError: unflatten: Provided sizes [3, 5] don't multiply up to the size of dim 1 "
        "(16) in the input tensor",
        Kind.RESHAPE,
        {"expected": (15,), "got": (16,)},
        "16 numbers",
        "batch of",
    ),
    (
        "RuntimeError: Mismatch of parameter numbers and input channel size. Found parameter "
        "numbers = 1 and channel size = 3.",
        Kind.CHANNELS,
        {},
        "expect 1 channel",
        "picture",
    ),
    (
        "RuntimeError: expected padding to be a single integer value or a list of 2 values to "
        "match the convolution dimensions, but got padding=[1, 1, 1]",
        Kind.ARGUMENT,
        {"argument": "padding", "op": "conv"},
        "one for each of 2, and it has 3",
        "half of the kernel",
    ),
    (
        "RuntimeError: non-positive stride is not supported",
        Kind.ARGUMENT,
        {"argument": "stride", "op": "conv"},
        "integers ≥ 1",
        "padding",
    ),
    (
        "Given groups=1, weight of size [4, 3, 3, 3, 3], expected input[1, 1, 3, 8, 8] to have 3 "
        "channels, but got 1 channels instead",
        Kind.CHANNELS,
        {},
        "expect 3 channels",
        "grey",
    ),
    (
        "ValueError: total size of new array must be unchanged, input_shape = [5, 5, 96], "
        "output_shape = [1600]",
        Kind.RESHAPE,
        {},
        "A sample of 5 × 5 × 96 has 2400 numbers",
        "For example",
    ),
    # Translations keep the numbers, the names and "op".
    *(
        (
            text,
            Kind.NO_FIT,
            {"axis": "height", "certainty": "likely", "layer_name": "conv2d_4"},
            "window 3 is longer than the input 2",
            "width",
        )
        for text in (
            "对于输入形状为[?,2,30,16]，[3,3,16,8]的'conv2d_4/convolution‘(op：'Conv2D')，"
            "从2减去3导致负尺寸",
            "入力形状 [?,2,30,16], [3,3,16,8] の 'conv2d_4/convolution' (op: 'Conv2D') で "
            "2 から 3 を引くと負の次元",
            "Dimensión negativa causada por restar 3 de 2 para 'conv2d_4/convolution' (op: "
            "'Conv2D') con formas de entrada: [?,2,30,16], [3,3,16,8].",
            "Negative Dimension, verursacht durch Subtraktion von 3 von 2 für "
            "'conv2d_4/convolution' (op: 'Conv2D') mit Eingabeformen: [?,2,30,16], [3,3,16,8].",
        )
    ),
    # A single grey picture in Keras 3, which makes a batch of its rows.
    (
        ON_TORCH + "torch.Tensor(shape=torch.Size([28, 28, 1, 1]), dtype=float32)",
        Kind.NO_FIT,
        {"axis": "width", "fixes": (("add the batch axis", "x = x[np.newaxis]"),)},
        BATCH_MISSING,
        "often the number of channels",
    ),
    (
        ON_TORCH + "torch.Tensor(shape=torch.Size([2, 28, 1, 16]), dtype=float32)",
        Kind.NO_FIT,
        {"axis": "width", "channels": 16},
        "padded input 1",
        BATCH_MISSING,
    ),
    (
        ON_JAX + "jnp.ndarray(shape=(28, 28, 1, 1), dtype=float32)",
        Kind.NO_FIT,
        {"axis": "width", "certainty": "likely"},
        BATCH_MISSING,
        "states no sizes",
    ),
    (
        ON_JAX + "jnp.ndarray(shape=(2, 9, 7, 4), dtype=float32)",
        Kind.NO_FIT,
        {"channels": 4},
        "Height, the input is 9; width, the input is 7",
        "states no sizes",
    ),
    (
        ON_TENSORFLOW + "[28,28,1,1], [3,3,1,4].",
        Kind.NO_FIT,
        {"axis": "width", "layer_name": "conv2d_1"},
        BATCH_MISSING,
        "None of the sizes",
    ),
    (
        "Invalid input shape for input tensor([[[0., 0.]]]). Expected shape (None, 28, 28, 3), but "
        "input has incompatible shape torch.Size([28, 28, 3])",
        Kind.RANK,
        {"expected": (4,), "got": (3,)},
        "the batch axis is missing",
        "pool",
    ),
    # The layer is of Keras: dimension 3 is the channels there.
    (
        "Exception encountered when calling Gate.call().\n\n\x1b[1mThe size of tensor a (8) must "
        "match the size of tensor b (6) at non-singleton dimension 3\x1b[0m\n\nArguments received "
        "by Gate.call():\n  • args=('<KerasTensor shape=(None, 14, 14, 8)>',)",
        Kind.SUM,
        {"expected": (8,), "got": (6,), "failing_axes": ()},
        "differ in dimension 3",
        "width",
    ),
    (
        "Exception encountered when calling Cat.call().\n\n\x1b[1mSizes of tensors must match "
        "except in dimension 3. Expected size 12 but got size 14 for tensor number 1 in the list.",
        Kind.CONCATENATE,
        {},
        "They differ by 2",
        "joined along dimension 3, so",
    ),
    (
        "Every value in `xs` must have the same shape except on the `axis` dim. But found element "
        "of shape (None, 32, 32, 16), which is different from the first element's shape (None, "
        "30, 30, 16).",
        Kind.CONCATENATE,
        {"expected": (30, 30), "got": (32, 32)},
        "30 and 32",
        "channels",
    ),
    # A bare product may be that of attention.
    (
        "TypeError: dot_general requires contracting dimensions to have the same shape, got (96,) "
        "and (64,).",
        Kind.LINEAR,
        {"certainty": "likely"},
        "only a product of two arrays",
        "pool",
    ),
    (
        "Error: Size(120) must match the product of shape 12,12",
        Kind.RESHAPE,
        {},
        "the shape (12, 12) has 144 numbers",
        "rows of 144",
    ),
]


@pytest.mark.parametrize(
    ("text", "kind", "facts", "words", "false"), TEXTS, ids=[text[:40] for text, *_ in TEXTS]
)
def test_kinds_from_the_field(
    text: str, kind: Kind, facts: dict[str, Any], words: str, false: str
) -> None:
    message = pv.decode(text)

    assert message is not None
    assert message.kind is kind
    told = {name: getattr(message, name) for name in facts}
    if "fixes" in facts:
        told["fixes"] = message.fixes[: len(facts["fixes"])]
    assert told == facts
    assert words in str(message)
    assert false not in str(message)


@pytest.mark.parametrize("text", ["从5减去3，得到2。", "al restar 3 de 10 queda 7, op: 'suma'"])
def test_a_subtraction_without_an_operation_is_not_read(text: str) -> None:
    assert pv.decode(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "input->dims->data[3] != filter->dims->data[3] (4 != 3)Node number 1 (CONV_2D) failed",
            'image = image.convert("RGB")',
        ),
        (
            "input->dims->size != 4 (3 != 4)Node number 0 (CONV_2D) failed to prepare.",
            "image = image[np.newaxis]",
        ),
        (
            "error: (-2) Number of input channels should be multiple of 3 but got 1 in function",
            "image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)",
        ),
        (
            "Error in operator conv0: Check failed: dshape.ndim() == 4U (3 vs. 4) : Input data "
            "should be 4D in batch-num_filter-y-x",
            "x = x.expand_dims(axis=0)",
        ),
    ],
    ids=["tflite", "tflite-rank", "opencv", "mxnet"],
)
def test_fixes_in_the_words_of_the_framework(text: str, code: str) -> None:
    message = pv.decode(text)

    assert message is not None
    assert message.fixes[0][1] == code
