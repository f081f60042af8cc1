"""Each number of a message at its place: what is expected, what came, on which axis of which layer.

Texts that frameworks said, and what they mean. Mutants of the patterns (two fields exchanged, a
number, an axis or a layer changed) passed all other tests here.
"""

from __future__ import annotations

from typing import Any

import pytest

from poolviz.reading.messages import decode
from tests.messages.test_round_trips import told

FORMS: list[tuple[str, str | None, dict[str, Any]]] = [
    (
        "Shape must be rank 4 but is rank 3 for '{{node AvgPool2D}} = AvgPool[T=DT_FLOAT, "
        'data_format="NHWC", ksize=[1, 2, 2, 1], padding="VALID", strides=[1, 2, 2, 1]]'
        "(Placeholder)' with input shapes: [?,?,?].",
        "avg",
        {"expected": (4,), "got": (3,)},
    ),
    (
        "{{function_node __wrapped__MaxPool_device_/job:localhost/replica:0/task:0/device:CPU:0}} "
        "tensor_in_shape must have 2 spatial dimensions. 3 0 [Op:MaxPool] name: ",
        "max",
        {"expected": (4,), "got": (3,)},
    ),
    (
        "[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Invalid rank for input: images Got: 3 "
        "Expected: 4 Please fix either the inputs/outputs or the model.",
        "input",
        {"expected": (4,), "got": (3,), "layer_name": "images"},
    ),
    (
        "input->dims->size != 4 (3 != 4)Node number 0 (CONV_2D) failed to prepare.",
        "conv",
        {"expected": (4,), "got": (3,), "framework": "tflite"},
    ),
    (
        'Input 0 of layer "model" is incompatible with the layer: expected shape=(None, 784), '
        "found shape=(1, 28, 28)",
        None,
        {"expected": (2,), "got": (3,)},
    ),
    (
        "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [4]",
        "conv",
        {"expected": (3, 4), "got": (1,)},
    ),
    (
        "The implicit shape can't be a fractional number. Got 1200 / 256",
        "reshape",
        {"expected": (256,), "got": (1200,)},
    ),
    (
        "Invalid target shape in `reshape` op ([1, 400] to [np.int32(1), np.int32(256)]).",
        "reshape",
        {"expected": (256,), "got": (400,)},
    ),
    (
        "spatial dimension 0 has invalid output size -2",
        None,
        {"output_sizes": [-2], "framework": "coreml"},
    ),
    (
        "Error in operator convolution2: [01:02:03] src/operator/convolution-inl.h:450: Check "
        "failed: dilated_ksize_x <= AddPad(dshape[3], param_.pad[1]) (9 vs. 6) kernel size exceed "
        "input",
        "conv",
        {"failing_axes": ("width",), "padded_sizes": [6], "effective_kernel_sizes": [9]},
    ),
    (
        "fractional_max_pool3d_out(): pool time 4 too large relative to input time 6",
        "max",
        {"failing_axes": ("depth",), "kernel_sizes": [4], "input_sizes": [6]},
    ),
    (
        "RuntimeError: Width in the output should be positive.",
        None,
        {"failing_axes": ("width",), "names": ["width"]},
    ),
    (
        "pad should be smaller than or equal to half of kernel size, but got padW = 4, padH = 5, "
        "kW = 7, kH = 9",
        "pool",
        {"failing_axes": ("height", "width"), "kernel_sizes": [9, 7]},
    ),
    (
        "input and filter must have the same depth: 4 vs 3",
        "conv",
        {"expected": (3,), "got": (4,), "channels": 4},
    ),
    (
        "running_mean should contain 3 elements not 8",
        "norm",
        {"expected": (8,), "got": (3,), "channels": 3},
    ),
    (
        "Expected weight to be a vector of size equal to the number of channels in input, but got "
        "weight of shape [8] and input of shape [2, 12, 3, 3]",
        "norm",
        {"expected": (8,), "got": (12,), "channels": 12},
    ),
    (
        "The input must have 3 channels; Received `input_shape=[64, 48, 1]`",
        None,
        {"expected": (3,), "got": (1,), "input_sizes": [64, 48]},
    ),
    (
        "When setting `include_top=True` and loading `imagenet` weights, `input_shape` should be "
        "(224, 224, 3).  Received: input_shape=(128, 224, 3)",
        None,
        {"expected": (224, 224, 3), "got": (128, 224, 3), "input_sizes": [128, 224]},
    ),
    (
        "Depth of output (8) is not a multiple of the number of groups (3) for '{{node Conv3D}} = "
        'Conv3D[T=DT_FLOAT, data_format="NDHWC", dilations=[1, 1, 1, 1, 1], padding="SAME", '
        "strides=[1, 1, 1, 1, 1]](Placeholder, Placeholder_1)' with input shapes: "
        "[?,8,26,21,3], [3,3,3,1,8].",
        "conv",
        {"channels": 3, "input_sizes": [8, 26, 21]},
    ),
    (
        "[ONNXRuntimeError] : 1 : FAIL : Node (/features/0/Gemm) Op (Gemm) [ShapeInferenceError] "
        "Dimension mismatch in unification between 256 and 400",
        "linear",
        {"expected": (256,), "got": (400,)},
    ),
    (
        "ValueError: Shape mismatch: x has 1152 cols (and 64 rows) but y has 800 rows (and 5 cols)",
        "linear",
        {"expected": (800,), "got": (1152,)},
    ),
    (
        "ValueError: dimension mismatch in args to gemm (128,1152)x(800,500)->(128,500)",
        "linear",
        {"expected": (800,), "got": (1152,)},
    ),
    (
        "Input size (28 columns; shape = [5, 28]) is invalid: does not match layer input size "
        "(layer # inputs = 784)",
        "linear",
        {"expected": (784,), "got": (28,)},
    ),
    (
        "inner_product_layer.cpp:64] Check failed: K_ == new_K (9216 vs. 4096) Input size "
        "incompatible with inner product parameters.",
        "linear",
        {"expected": (9216,), "got": (4096,)},
    ),
    (
        "dot_general requires contracting dimensions to have the same shape, got (64,) and (32,).",
        "linear",
        {"expected": (32,), "got": (64,)},
    ),
    (
        "[addmm] Last dimension of first input with shape (2,400) must match second to last "
        "dimension of second input with shape (256,10).",
        "linear",
        {"expected": (256,), "got": (400,), "outputs": 10},
    ),
    (
        "invalid argument 0: Sizes of tensors must match except in dimension 1. Got 17 and 16 in "
        "dimension 2 at /pytorch/aten/src/THC/generic/THCTensorMath.cu:71",
        "concatenate",
        {"expected": (17,), "got": (16,)},
    ),
    (
        "MXNetError: Error in operator join: [13:26:22] ../src/operator/nn/concat.cc:66: Check "
        "failed: shape_assign(&(*in_shape)[i], dshape): Incompatible input shape: expected "
        "[2,-1,15,20], got [2,8,16,20]",
        "concatenate",
        {"expected": (15,), "got": (16,), "failing_axes": ("height",), "input_sizes": [15, 20]},
    ),
    (
        "MXNetError: Error in operator _plus1: [13:26:22] ../src/ndarray/./../operator/tensor/../"
        "elemwise_op_common.h:134: Check failed: assign(&dattr, vec.at(i)): Incompatible attr in "
        "node _plus1 at 1-th input: expected [2,8,15,20], got [2,8,16,20]",
        "sum",
        {"failing_axes": ("height",), "input_sizes": [15, 20]},
    ),
    (
        "Operands could not be broadcast together with shapes [15,20,8] [16,20,8]",
        "sum",
        {"expected": (15,), "got": (16,), "failing_axes": ("height",)},
    ),
    (
        "Operands could not be broadcast together with shapes 2,15,20,8 and 2,16,20,8.",
        "sum",
        {"expected": (15,), "got": (16,), "failing_axes": ("height",)},
    ),
    (
        "{{function_node __wrapped__AddV2_device_/job:localhost/replica:0/task:0/device:CPU:0}} "
        "Incompatible shapes: [4,15,20,8] vs. [4,16,20,8] [Op:AddV2] name: ",
        "sum",
        {"expected": (15,), "got": (16,), "failing_axes": ("height",)},
    ),
    (
        "Inputs have incompatible shapes. Received shapes (40, 8) and (39, 8)",
        "sum",
        {"expected": (40,), "got": (39,), "failing_axes": ("length",)},
    ),
    (
        "output with shape [1, 25, 8] doesn't match the broadcast shape [3, 25, 8]",
        "sum",
        {"expected": (1,), "got": (3,)},
    ),
    (
        "Expected input batch_size (6) to match target batch_size (2).",
        "loss",
        {"expected": (6,), "got": (2,)},
    ),
    (
        "logits and labels must have the same first dimension, got logits shape [32,10] and "
        "labels shape [320]",
        "loss",
        {"expected": (32, 10), "got": (320,)},
    ),
    (
        "Target size (torch.Size([17, 5])) must be the same as input size (torch.Size([17, 8]))",
        "loss",
        {"expected": (8,), "got": (5,)},
    ),
    (
        "A target array with shape (8, 64, 48, 3) was passed for an output of shape (None, 64, "
        "48, 1) while using as loss `binary_crossentropy`.",
        "loss",
        {"expected": (None, 64, 48, 1), "got": (8, 64, 48, 3)},
    ),
    (
        "weight tensor should be defined either for all 3 classes or no classes but got weight "
        "tensor of shape: [5]",
        "loss",
        {"expected": (3,), "got": (5,)},
    ),
    ("Expected more than 1 value per channel when training", "norm", {"framework": "pytorch"}),
]


@pytest.mark.parametrize(("text", "op", "facts"), FORMS, ids=[text[:50] for text, *_ in FORMS])
def test_each_number_is_at_its_place(text: str, op: str | None, facts: dict[str, Any]) -> None:
    message = decode(text)

    assert message is not None
    assert message.op == op
    assert {name: told(message, name) for name in facts} == facts
