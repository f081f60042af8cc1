"""MXNet, TensorFlow.js and TensorFlow Lite."""

from __future__ import annotations

from hypothesis import strategies as st

from poolviz.messages.message import MessageKind as Kind
from tests.messages.wordings.base import (
    NAME,
    SIZE,
    SMALL,
    Wording,
    commas,
    differing,
    listed,
    maps,
    numbers,
    pair,
    shape,
    two,
)

_MX = "Error in operator «name»: [13:26:22] ../src/"
OTHERS = [
    Wording(
        "mxnet",
        "pool",
        _MX + "operator/nn/pooling.cc:192: Check failed: param.kernel[0] <= dshape_nchw[2] + 2 * "
        "param.pad[0]: kernel size («kernel») exceeds input («size» padded to «size»)",
        numbers(size=SIZE, more=st.integers(1, 9), name=NAME).map(
            lambda call: {**call, "kernel": call["size"] + call["more"]}
        ),
        Kind.NO_FIT,
        lambda call: {
            "axis": "height",
            "layer_name": call["name"],
            "kernel_sizes": [call["kernel"]],
            "input_sizes": [call["size"]],
        },
        lambda call: {
            **call,
            "name": call.get("name", "pool3"),
            "size": call.get("size") or call["shape"][2],
        },
    ),
    Wording(
        "mxnet",
        "fc",
        "Error in operator «name»: Shape inconsistent, Provided = [10,«expected»], inferred "
        "shape=(10,«got»)",
        st.tuples(pair("expected", "got"), NAME).map(lambda d: {**d[0], "name": f"fc{d[1]}"}),
        Kind.LINEAR,
        two("expected", "got"),
        lambda call: {"name": "fc1", **call},
    ),
    Wording(
        "mxnet",
        "add",
        _MX + "ndarray/./../operator/tensor/../elemwise_op_common.h:134: Check failed: "
        "assign(&dattr, vec.at(i)): Incompatible attr in node «name» at 1-th input: expected "
        "[«first»], got [«second»]",
        maps(),
        Kind.SUM,
        differing,
        lambda call: {**listed("first", "second")(call), "name": "_plus0"},
    ),
    Wording(
        "tfjs",
        "conv2d",
        "Error in conv2d: depth of input («got») must match input depth for filter «expected».",
        pair("got", "expected"),
        Kind.CHANNELS,
        two("expected", "got"),
        lambda call: {
            "got": call.get("got") or call["shape"][-1],
            "expected": call.get("expected") or call["filter"][-2],
        },
    ),
    Wording(
        "tfjs",
        "add",
        "Operands could not be broadcast together with shapes «first» and «second».",
        maps(),
        Kind.SUM,
        differing,
        listed("first", "second"),
    ),
    Wording(
        "tfjs",
        "matmul",
        "Error in matMul: inner shapes («got») and («expected») of Tensors with shapes 4,«got» "
        "and «expected»,10 and transposeA=false and transposeB=false must match.",
        pair("got", "expected"),
        Kind.LINEAR,
        two("expected", "got"),
    ),
    Wording(
        "tfjs",
        "predict",
        "Error when checking : expected «name»_input to have 4 dimension(s), but got array with "
        "shape [«got»]",
        numbers(got=shape(3), name=st.integers(1, 40).map(lambda n: f"conv2d_Conv2D{n}")),
        Kind.RANK,
        lambda call: {"expected": (4,), "got": (3,), "shapes": (tuple(call["got"]),)},
        lambda call: {"name": call.get("name", "conv2d_Conv2D9"), "got": commas(call["got"])},
        framework="tfjs",
    ),
    Wording(
        "tflite",
        "pool-resized",
        "NumDimensions(input) != 4 («rank» != 4)Node number 0 (MAX_POOL_2D) failed to prepare.",
        numbers(rank=st.sampled_from([1, 2, 3, 5])),
        Kind.RANK,
        lambda call: {"expected": (4,), "got": (call["rank"],)},
        lambda call: {"rank": call.get("rank") or len(call["others"][0])},
    ),
    Wording(
        "tflite",
        "concat-resized",
        "t->dims->data[d] != t0->dims->data[d] («second» != «first»)Node number 0 (CONCATENATION)",
        pair("first", "second"),
        Kind.CONCATENATE,
        two("first", "second"),
        lambda call: (
            call
            if "first" in call
            else {"first": call["others"][0][1], "second": call["others"][1][1]}
        ),
    ),
    Wording(
        "mxnet",
        "concat",
        _MX + "operator/nn/concat.cc:66: Check failed: shape_assign(&(*in_shape)[i], dshape): "
        "Incompatible input shape: expected [«first»], got [«second»]",
        maps(batch=2).map(lambda call: {n: [v[0], v[3], *v[1:3]] for n, v in call.items()}),
        Kind.CONCATENATE,
        differing,
        lambda call: {
            "name": "join",
            "first": commas([call["first"][0], -1, *call["first"][2:]]),
            "second": commas(call["second"]),
        },
    ),
    Wording(
        "mxnet",
        "rank",
        _MX + "operator/nn/convolution.cc:151: Check failed: dshp.ndim() == 4U («rank» vs. 4) : "
        "Input data should be 4D in batch-num_filter-y-x",
        numbers(rank=st.sampled_from([2, 3, 5])),
        Kind.RANK,
        lambda call: {"expected": (4,), "got": (call["rank"],)},
        lambda call: {"name": "conv1", "rank": call.get("rank") or len(call["shape"])},
    ),
    Wording(
        "tfjs",
        "concat",
        "Error in concat4D: Shape of tensors[1] («second») does not match the shape of the rest "
        "(«first») along the non-concatenated axis «axis».",
        maps(),
        Kind.CONCATENATE,
        differing,
        lambda call: {
            **listed("first", "second")(call),
            "axis": call["first"].index(differing(call)["expected"][0]),
        },
    ),
    Wording(
        "tfjs",
        "dense",
        "Input 0 is incompatible with layer «name»: expected axis -1 of input shape to have value "
        "«expected» but got shape 2,«got».",
        st.tuples(pair("got", "expected"), SMALL).map(
            lambda drawn: {**drawn[0], "name": f"dense_Dense{drawn[1]}"}
        ),
        Kind.LINEAR,
        two("expected", "got"),
        lambda call: {"name": "dense_Dense3", **call},
    ),
    Wording(
        "tflite",
        "add-resized",
        "Given shapes, [«first»] and [«second»], are not broadcastable.Node number 0 (ADD) failed",
        maps(),
        Kind.SUM,
        differing,
        lambda call: {
            "first": commas(call.get("first") or call["others"][0]),
            "second": commas(call.get("second") or call["others"][1]),
        },
    ),
    Wording(
        "tflite",
        "conv-resized",
        "input_channel % filter_input_channel != 0 («remainder» != 0)Node number 0 (CONV_2D)",
        numbers(remainder=SIZE),
        Kind.CHANNELS,
        lambda call: {
            "notes": (f"The text states only the remainder of the division, {call['remainder']}.",)
        },
        lambda call: {
            "remainder": call.get("remainder") or call["others"][0][-1] % call["shapes"][0][-1]
        },
    ),
    Wording(
        "tfjs",
        "open-flatten",
        'The shape of the input to "Flatten" is not fully defined (got ,,«channels»). Make sure to '
        'pass a complete "input_shape"',
        numbers(channels=SIZE),
        Kind.OPEN_SIZE,
        lambda call: {"shapes": ((None, None, call["channels"]),)},
        lambda call: {"channels": call.get("channels", 64)},
        "keras",
    ),
]
