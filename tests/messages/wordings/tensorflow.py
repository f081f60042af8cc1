"""TensorFlow and JAX."""

from __future__ import annotations

from math import prod

from hypothesis import strategies as st

from poolviz.messages.message import MessageKind as Kind
from tests.messages.wordings.base import (
    SIZE,
    Wording,
    commas,
    differing,
    listed,
    maps,
    numbers,
    pair,
    reshaped,
    shape,
    tuple_,
    two,
)

TENSORFLOW = [
    Wording(
        "tensorflow221",
        "add-eager",
        "Incompatible shapes: [«first»] vs. [«second»] [Op:AddV2]",
        maps(),
        Kind.SUM,
        differing,
        listed("first", "second"),
        "tensorflow",
    ),
    Wording(
        "tensorflow221",
        "add_n-eager",
        "Inputs to operation AddN of type AddN must have the same size and shape.  Input 0: "
        "[«first»] != input 1: [«second»] [Op:AddN]",
        maps(),
        Kind.SUM,
        differing,
        listed("first", "second"),
        "tensorflow",
    ),
    Wording(
        "tensorflow221",
        "add-graph",
        "Dimensions must be equal, but are «size» and «other» for '{{node add}} = "
        "AddV2[T=DT_FLOAT](Placeholder, Placeholder_1)' with input shapes: [«first»], [«second»].",
        maps(),
        Kind.SUM,
        differing,
        lambda call: {
            "first": "?," + commas(call["first"][1:]),
            "second": commas(call["second"]),
            "size": differing(call)["expected"][0],
            "other": differing(call)["got"][0],
        },
        "tensorflow",
    ),
    Wording(
        "tensorflow221",
        "concat-eager",
        "ConcatOp : Dimension «dimension» in both shapes must be equal: shape[0] = [«first»] vs. "
        "shape[1] = [«second»] [Op:ConcatV2]",
        maps(),
        Kind.CONCATENATE,
        differing,
        lambda call: {
            **listed("first", "second")(call),
            "dimension": next(
                i
                for i, (a, b) in enumerate(zip(call["first"], call["second"], strict=True))
                if a != b and i != call.get("axis", 3)
            ),
        },
        "tensorflow",
    ),
    Wording(
        "tensorflow221",
        "channels-eager",
        "input depth must be evenly divisible by filter depth: «got» vs «expected» [Op:Conv2D]",
        pair("got", "expected"),
        Kind.CHANNELS,
        two("expected", "got"),
        lambda call: {
            "got": call.get("got") or call["shape"][-1],
            "expected": call.get("expected") or call["filters"][-2],
        },
        "tensorflow",
    ),
    Wording(
        "tensorflow221",
        "channels-graph",
        "Depth of input («got») is not a multiple of input depth of filter («expected») for "
        "'{{node conv",
        pair("got", "expected"),
        Kind.CHANNELS,
        two("expected", "got"),
        lambda call: {
            "got": call.get("got") or call["shape"][-1],
            "expected": call.get("expected") or call["filters"][-2],
        },
        "tensorflow",
    ),
    Wording(
        "tensorflow221",
        "reshape-eager",
        "Input to reshape is a tensor with «total» values, but the requested shape requires a "
        "multiple of «features» [Op:Reshape]",
        reshaped().map(lambda call: {**call, "features": call["target"][1]}),
        Kind.RESHAPE,
        lambda call: {"expected": (call["features"],), "got": (prod(call["shape"]),)},
        lambda call: {**call, "total": prod(call["shape"])},
        "tensorflow",
    ),
    Wording(
        "tensorflow221",
        "reshape-fixed-eager",
        "Input to reshape is a tensor with «total» values, but the requested shape has «wanted» "
        "[Op:Reshape]",
        reshaped().map(lambda call: {**call, "wanted": call["target"][1]}),
        Kind.RESHAPE,
        lambda call: {"expected": (call["wanted"],), "got": (prod(call["shape"]),)},
        lambda call: {
            "total": prod(call["shape"]),
            "wanted": call.get("wanted") or call["shape"][0] * call["features"],
        },
        "tensorflow",
    ),
    Wording(
        "tensorflow221",
        "matmul-eager",
        "Matrix size-incompatible: In[0]: [«first»], In[1]: [«second»] [Op:MatMul]",
        numbers(first=shape(2), second=shape(2)).filter(
            lambda call: call["first"][1] != call["second"][0]
        ),
        Kind.LINEAR,
        lambda call: {
            "expected": (call["second"][0],),
            "got": (call["first"][1],),
            "outputs": call["second"][1],
        },
        listed("first", "second"),
        "tensorflow",
    ),
    Wording(
        "tensorflow221",
        "logits-eager",
        "logits and labels must be broadcastable: logits_size=[«logits»] labels_size=[«labels»] "
        "[Op:SoftmaxCrossEntropyWithLogits]",
        st.tuples(pair("outputs", "targets"), SIZE).map(
            lambda drawn: {
                "logits": [drawn[0]["outputs"], drawn[1]],
                "labels": [drawn[0]["targets"], drawn[1]],
            }
        ),
        Kind.TARGET,
        lambda call: {"expected": (call["logits"][0],), "got": (call["labels"][0],)},
        listed("logits", "labels"),
        "tensorflow",
    ),
    Wording(
        "tensorflow221",
        "sparse-logits-eager",
        "`labels.shape` must equal `logits.shape` except for the last dimension. Received: "
        "labels.shape=(«rows»,) and logits.shape=«logits»",
        st.tuples(pair("outputs", "targets"), SIZE).map(
            lambda drawn: {
                "logits": [drawn[0]["outputs"], drawn[1]],
                "labels": [drawn[0]["targets"], drawn[1]],
            }
        ),
        Kind.TARGET,
        lambda call: {"expected": (call["logits"][0],), "got": (call["labels"][0],)},
        lambda call: {"rows": call["labels"][0], "logits": tuple_(call["logits"])},
        "tensorflow",
    ),
    Wording(
        "tensorflow221",
        "label-eager",
        "Received a label value of «label» which is outside the valid range of [0, «outputs»).",
        numbers(outputs=SIZE, label=st.sampled_from([-1, -100, 1000, 255_255])),
        Kind.CLASSES,
        lambda call: {"expected": (call["outputs"],), "got": (call["label"],)},
        framework="tensorflow",
    ),
    Wording(
        "tensorflow221",
        "nchw-avg-eager",
        "Default AvgPoolingOp only supports NHWC on device type CPU [Op:AvgPool]",
        numbers(),
        Kind.LAYOUT,
        lambda call: {"op": "avg", "data_format": "channels_first"},
        framework="tensorflow",
    ),
    Wording(
        "tensorflow221",
        "reflect-eager",
        "paddings must be less than the dimension size: «pad», «pad» not less than «room» "
        "[Op:MirrorPad]",
        numbers(room=SIZE, more=st.integers(0, 9)).map(
            lambda call: {"room": call["room"], "pad": call["room"] + call["more"]}
        ),
        Kind.REFLECTION,
        lambda call: {"paddings": [call["pad"]], "input_sizes": [call["room"]]},
        lambda call: {**call, "room": call.get("room") or call["shape"][1]},
        "tensorflow",
    ),
    Wording(
        "tensorflow215",
        "first-fit",
        "Error when checking input: expected «name»_input to have 4 dimensions, but got array "
        "with shape «got»",
        numbers(got=shape(3), name=st.integers(1, 40).map(lambda n: f"conv2d_{n}")),
        Kind.RANK,
        lambda call: {
            "expected": (4,),
            "got": (3,),
            "shapes": (tuple(call["got"]),),
            "layer_name": f"{call['name']}_input",
        },
        lambda call: {"name": call.get("name", "conv2d"), "got": tuple_(call["got"])},
        "keras",
    ),
]

JAX = [
    Wording(
        "jax",
        "linen-dense",
        'For parameter "kernel" in "/", the given initializer is expected to generate shape '
        "(«got», 10), but the existing "
        "parameter it received has shape («expected», 10).",
        pair("expected", "got"),
        Kind.LINEAR,
        two("expected", "got"),
    ),
    Wording(
        "jax",
        "nnx-linear",
        "dot_general requires contracting dimensions to have the same shape, got («got»,) and "
        "(«expected»,).",
        pair("expected", "got"),
        Kind.LINEAR,
        two("expected", "got"),
    ),
    Wording(
        "jax",
        "nnx-conv",
        "conv_general_dilated lhs feature dimension size divided by feature_group_count must "
        "equal the rhs input feature dimension size, but «got» // 1 != «expected».",
        pair("expected", "got"),
        Kind.CHANNELS,
        two("expected", "got"),
    ),
    Wording(
        "jax",
        "add",
        "add got incompatible shapes for broadcasting: «first», «second».",
        maps(),
        Kind.SUM,
        differing,
        listed("first", "second", write=tuple_),
    ),
    Wording(
        "jax",
        "concatenate",
        "Cannot concatenate arrays with shapes that differ in dimensions other than the one being "
        "concatenated: concatenating along dimension «axis» for shapes «first», «second».",
        maps().map(lambda call: {**call, "axis": 3}),
        Kind.CONCATENATE,
        differing,
        lambda call: {**listed("first", "second", write=tuple_)(call), "axis": call["axis"] % 4},
    ),
    Wording(
        "jax",
        "reshape",
        "cannot reshape array of shape «shape» (size «total») into shape «target»",
        reshaped(),
        Kind.RESHAPE,
        lambda call: {"expected": (call["target"][1],), "got": (prod(call["shape"]),)},
        lambda call: {
            "shape": tuple_(call["shape"]),
            "total": prod(call["shape"]),
            "target": call["target"],
        },
    ),
]
