"""Keras 2 and 3."""

from __future__ import annotations

from math import prod

from hypothesis import strategies as st

from poolviz.messages.message import MessageKind as Kind
from tests.messages.wordings.base import (
    NAME,
    SIZE,
    SMALL,
    Facts,
    Wording,
    differing,
    listed,
    maps,
    numbers,
    opened,
    pair,
    shape,
    tuple_,
    two,
)

_LAYER = "Input 0 with name 'None' of layer '«name»' is incompatible with the layer: "
_MODEL = 'Input 0 of layer "«name»" is incompatible with the layer: '


@st.composite
def wrong_rank(draw: st.DrawFn, batch: int = 0) -> Facts:
    ndim = draw(st.integers(1, 3))
    sizes = draw(shape(1, 6).filter(lambda sizes: len(sizes) + batch < ndim + 2))
    return {"ndim": ndim, "shape": sizes, "name": f"conv{ndim}d_{draw(SMALL)}", "op": "conv"}


def named(call: Facts) -> str:
    """Name that Keras gives a layer of a recorded call, or the one that was drawn."""
    return str(call.get("name", f"{call['op']}{call.get('ndim', len(call.get('spatial', ())))}d"))


@st.composite
def input_shapes(draw: st.DrawFn) -> Facts:
    expected = draw(st.lists(SIZE, min_size=3, max_size=3, unique=True))
    got = draw(shape(3))
    got[0] += got[0] == expected[0]
    expected[1] += expected[1] == expected[2]  # a square would be a map with channels first
    return {"expected": expected, "got": [2, *got], "name": draw(NAME)}


KERAS = [
    *(
        Wording(
            file,
            "rank-symbolic",
            layer
            + "expected min_ndim=«wanted», found ndim=«given». Full shape received: («shape»)",
            wrong_rank(batch=1).filter(lambda call: bool(call["shape"])),
            Kind.RANK,
            lambda call: {
                "expected": (call["ndim"] + 2,),
                "got": (len(call["shape"]) + 1,),
                "shapes": ((None, *call["shape"]),),
                "layer_name": named(call),
            },
            lambda call: {
                "name": named(call),
                "wanted": call["ndim"] + 2,
                "given": len(call["shape"]) + 1,
                "shape": ", ".join(map(str, (None, *call["shape"]))),
            },
            "keras",
        )
        for file, layer in (("keras3", _LAYER), ("keras2", _MODEL))
    ),
    Wording(
        "keras2",
        "model-call",
        _MODEL + "expected shape=(«expected»), found shape=«got»",
        input_shapes(),
        Kind.INPUT_SHAPE,
        lambda call: {
            "expected": tuple(call["expected"]),
            "got": tuple(call["got"][1:]),
            "layer_name": call["name"],
        },
        lambda call: {
            "name": "sequential",
            **call,
            "expected": ", ".join(map(str, (None, *call["expected"]))),
            "got": tuple_(call["got"]),
        },
        "keras",
    ),
    Wording(
        "keras3",
        "channels-eager",
        _LAYER + "expected axis -1 of input shape to have value «expected», but received input "
        "with shape «shape»",
        st.tuples(pair("expected", "got"), st.lists(SIZE, min_size=1, max_size=3), SMALL).map(
            lambda drawn: {
                **drawn[0],
                "spatial": drawn[1],
                "name": f"conv{len(drawn[1])}d_{drawn[2]}",
                "op": "conv",
            }
        ),
        Kind.CHANNELS,
        lambda call: {**two("expected", "got")(call), "layer_name": call["name"]},
        lambda call: {
            **call,
            "name": named(call),
            "shape": tuple_([2, *call["spatial"], call["got"]]),
        },
        "keras",
    ),
    Wording(
        "keras3",
        "features",
        _LAYER + "expected axis -1 of input shape to have value «expected», but received input "
        "with shape (None, «got»)",
        st.tuples(pair("expected", "got"), SMALL).map(
            lambda drawn: {**drawn[0], "name": f"dense_{drawn[1]}"}
        ),
        Kind.LINEAR,
        lambda call: {**two("expected", "got")(call), "layer_name": call["name"]},
        lambda call: {"name": "dense", **call},
        "keras",
    ),
    Wording(
        "keras3",
        "application-minimum",
        "Input size must be at least «least»x«least»; Received: input_shape=«shape»",
        numbers(
            least=st.integers(60, 99), shape=st.lists(st.integers(5, 59), min_size=3, max_size=3)
        ),
        Kind.MINIMUM,
        lambda call: {"expected": (call["least"],) * 2, "got": tuple(call["shape"][:2])},
        lambda call: {**call, "least": call.get("least", 32), "shape": str(call["shape"])},
        "keras",
    ),
    Wording(
        "keras3",
        "merge-symbolic",
        "Inputs have incompatible shapes. Received shapes «first» and «second»",
        maps(3, 0),
        Kind.SUM,
        differing,
        listed("first", "second", write=tuple_),
        "keras",
    ),
    Wording(
        "keras3",
        "merge-symbolic",
        "A `Concatenate` layer requires inputs with matching shapes except for the concatenation "
        "axis. Received: input_shape=[(«first»), («second»)]",
        maps(3, 0),
        Kind.CONCATENATE,
        differing,
        opened("first", "second"),
        "keras",
    ),
    Wording(
        "keras3",
        "plus-symbolic",
        "Cannot broadcast shape, the failure dim has value «size», which cannot be broadcasted to "
        "«other». Input shapes are: [«first»] and [«second»].",
        maps(3, 0),
        Kind.SUM,
        differing,
        lambda call: {
            **opened("first", "second")(call),
            "size": differing(call)["expected"][0],
            "other": differing(call)["got"][0],
        },
        "keras",
    ),
    Wording(
        "keras3",
        "loss-batch",
        "Arguments `target` and `output` must have the same shape up until the last dimension: "
        "target.shape=(«rows»,), output.shape=(«outputs», «features»)",
        numbers(rows=SIZE, factor=st.integers(2, 49), features=SIZE),
        Kind.TARGET,
        lambda call: {"expected": (call["rows"] * call["factor"],), "got": (call["rows"],)},
        lambda call: {
            **call,
            "rows": call.get("rows", 8),
            "outputs": call.get("rows", 8) * call["factor"],
        },
        "keras",
    ),
    Wording(
        "keras3",
        "reshape",
        "The total size of the tensor must be unchanged. Received: input_shape=«shape», "
        "target_shape=«target»",
        numbers(shape=shape(3), target=shape(3)).filter(
            lambda call: prod(call["shape"]) != prod(call["target"])
        ),
        Kind.RESHAPE,
        lambda call: {"expected": (prod(call["target"]),), "got": (prod(call["shape"]),)},
        listed("shape", "target", write=tuple_),
        "keras",
    ),
    Wording(
        "keras2",
        "loss",
        "logits and labels must have the same first dimension, got logits shape "
        "[«outputs»,«classes»] and labels shape [«targets»]",
        numbers(targets=SIZE, factor=st.integers(2, 40), classes=SIZE),
        Kind.TARGET,
        lambda call: {
            "expected": (call["targets"] * call["factor"],),
            "got": (call["targets"],),
        },
        lambda call: {
            **call,
            "targets": call.get("targets", 4),
            "outputs": call["targets"] * call["factor"]
            if "targets" in call
            else 4 * prod(call["output"][:-1]),
            "classes": call.get("classes") or call["output"][-1],
        },
        "tensorflow",
    ),
    Wording(
        "keras3",
        "application-channels",
        "The input must have 3 channels; Received `input_shape=«shape»`",
        st.tuples(SIZE, SIZE, SIZE).map(lambda sizes: {"shape": list(sizes)}),
        Kind.CHANNELS,
        lambda call: {"expected": (3,), "got": (call["shape"][2],)},
        framework="keras",
    ),
    Wording(
        "keras2",
        "crop",
        "Argument `cropping` must be greater than the input shape. Received: inputs.shape=«shape», "
        "and cropping=((«cropping», «cropping»), («cropping», «cropping»))",
        numbers(size=SIZE, more=st.integers(0, 9), channels=SIZE).map(
            lambda call: {
                "shape": [call["size"], call["size"], call["channels"]],
                "cropping": (call["size"] + 1) // 2 + call["more"],
            }
        ),
        Kind.EMPTY_INPUT,
        lambda call: {
            "input_sizes": call["shape"][:2],
            "output_sizes": [call["shape"][0] - 2 * call["cropping"]] * 2,
        },
        lambda call: {**call, "shape": tuple_([None, *call["shape"]])},
        "keras",
    ),
    Wording(
        "keras2",
        "open-flatten",
        "The last dimension of the inputs to a Dense layer should be defined. Found None. Full "
        "input shape received: («batch», None)",
        numbers(batch=SIZE),
        Kind.OPEN_SIZE,
        lambda call: {"shapes": ((call["batch"], None),)},
        lambda call: {"batch": call.get("batch")},
        "keras",
    ),
    Wording(
        "keras3",
        "open-flatten",
        "Shapes used to initialize variables must be fully-defined (no `None` dimensions). "
        "Received: shape=(None, «units») for variable path='dense/kernel'",
        numbers(units=SIZE),
        Kind.OPEN_SIZE,
        lambda call: {"shapes": ((None, call["units"]),)},
        lambda call: {"units": call.get("units", 10)},
        "keras",
    ),
    Wording(
        "keras2",
        "channels-first-fit",
        "Default MaxPoolingOp only supports NHWC on device type CPU\n\t "
        "[[{{node sequential/«name»/MaxPool}}]]",
        numbers(name=NAME),
        Kind.LAYOUT,
        lambda call: {"layer_name": call["name"], "data_format": "channels_first", "op": "max"},
        lambda call: {"name": call.get("name", "max_pooling2d")},
        "tensorflow",
    ),
    Wording(
        "keras3",
        "label",
        "Received a label value of «label» which is outside the valid range of [0, «outputs»).",
        numbers(outputs=SIZE, label=st.sampled_from([-1, -100, 1000, 255_255])),
        Kind.CLASSES,
        lambda call: {"expected": (call["outputs"],), "got": (call["label"],)},
        framework="tensorflow",
    ),
    Wording(
        "keras3",
        "classes",
        "Arguments `target` and `output` must have the same shape. Received: target.shape=(None, "
        "«labels»), output.shape=(None, «outputs»)",
        pair("outputs", "labels"),
        Kind.CLASSES,
        two("outputs", "labels"),
        framework="keras",
    ),
]
