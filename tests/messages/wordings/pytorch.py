"""PyTorch."""

from __future__ import annotations

from math import prod

from hypothesis import strategies as st

from poolviz.messages.message import MessageKind as Kind
from tests.messages.wordings.base import (
    SIZE,
    Wording,
    emptied,
    empty_axes,
    indivisible,
    numbers,
    pair,
    reshaped,
    shape,
    two,
)

PYTORCH = [
    Wording(
        "torch",
        "conv_rank",
        "Expected «low»D (unbatched) or «high»D (batched) input to conv«ndim»d, but got input of "
        "size: «shape»",
        st.integers(1, 3).flatmap(
            lambda ndim: numbers(
                ndim=st.just(ndim),
                shape=shape(1, 7).filter(lambda sizes: len(sizes) not in (ndim + 1, ndim + 2)),
            )
        ),
        Kind.RANK,
        lambda call: {
            "expected": (call["ndim"] + 1, call["ndim"] + 2),
            "got": (len(call["shape"]),),
            "shapes": (tuple(call["shape"]),),
        },
        lambda call: {**call, "low": call["ndim"] + 1, "high": call["ndim"] + 2},
    ),
    Wording(
        "torch",
        "norm_rank",
        "expected «wanted»D input (got «rank»D input)",
        numbers(ndim=st.integers(2, 3), rank=st.integers(1, 3)),
        Kind.RANK,
        lambda call: {"expected": (call["ndim"] + 2,), "got": (call["rank"],)},
        lambda call: {**call, "wanted": call["ndim"] + 2},
    ),
    Wording(
        "torch",
        "view",
        "shape '«target»' is invalid for input of size «total»",
        reshaped(),
        Kind.RESHAPE,
        lambda call: {"expected": (call["target"][1],), "got": (prod(call["shape"]),)},
        lambda call: {**call, "total": prod(call["shape"])},
    ),
    Wording(
        "torch",
        "target_batch",
        "Expected input batch_size («outputs») to match target batch_size («targets»).",
        pair("outputs", "targets"),
        Kind.TARGET,
        two("outputs", "targets"),
    ),
    Wording(
        "torch",
        "target_shape",
        "Target size (torch.Size(«target»)) must be the same as input size (torch.Size(«output»))",
        numbers(output=shape(4), target=shape(4)).filter(lambda c: c["output"] != c["target"]),
        Kind.TARGET,
        lambda call: {"expected": tuple(call["output"]), "got": tuple(call["target"])},
    ),
    Wording(
        "torch",
        "classes",
        "Target size (torch.Size([«rows», «labels»])) must be the same as input size "
        "(torch.Size([«rows», «outputs»]))",
        pair("outputs", "labels").flatmap(
            lambda call: st.integers(2, 99).map(lambda rows: {**call, "rows": rows})
        ),
        Kind.CLASSES,
        two("outputs", "labels"),
    ),
    Wording(
        "torch",
        "target_map",
        "size mismatch (got input: «output» , target: «target»",
        numbers(output=shape(4), target=shape(3)).filter(
            lambda c: [c["output"][0], *c["output"][2:]] != c["target"]
        ),
        Kind.TARGET,
        lambda call: {
            "shapes": (
                (call["output"][0], *call["output"][2:]),
                tuple(call["target"]),
            ),
        },
    ),
    Wording(
        "torch",
        "maps_sum",
        "The size of tensor a («first») must match the size of tensor b («second») at "
        "non-singleton dimension «dimension»",
        st.tuples(pair("first", "second"), st.integers(2, 4)).map(
            lambda drawn: {**drawn[0], "dimension": drawn[1]}
        ),
        Kind.SUM,
        two("first", "second"),
    ),
    Wording(
        "torch",
        "maps_expand",
        "The expanded size of the tensor («first») must match the existing size («second») at "
        "non-singleton dimension «dimension»",
        st.tuples(pair("first", "second"), st.integers(2, 4)).map(
            lambda drawn: {**drawn[0], "dimension": drawn[1]}
        ),
        Kind.SUM,
        two("first", "second"),
    ),
    Wording(
        "torch",
        "reflection",
        "Padding size should be less than the corresponding input dimension, but got: padding "
        "(«padding», «padding») at dimension «dimension» of input «shape»",
        st.tuples(shape(4), st.integers(2, 3), st.integers(0, 9)).map(
            lambda drawn: {
                "shape": drawn[0],
                "dimension": drawn[1],
                "padding": drawn[0][drawn[1]] + drawn[2],
            }
        ),
        Kind.REFLECTION,
        lambda call: {
            "axis": ("height", "width")[call["dimension"] - 2],
            "input_sizes": call["shape"][2:],
            "paddings": [call["padding"] if i == call["dimension"] else None for i in range(2, 4)],
        },
        lambda call: {
            **call,
            "dimension": call.get("dimension", len(call["shape"]) - 1),
        },
    ),
    Wording(
        "torch",
        "one_value",
        "Expected more than 1 value per channel when training, got input size torch.Size(«shape»)",
        SIZE.map(lambda channels: {"shape": [1, channels, 1, 1]}),
        Kind.ONE_VALUE,
        lambda call: {"channels": call["shape"][1], "shapes": (tuple(call["shape"]),)},
    ),
    Wording(
        "torch",
        "norm_channels",
        "running_mean should contain «got» elements not «expected»",
        pair("expected", "got"),
        Kind.CHANNELS,
        two("expected", "got"),
    ),
    Wording(
        "torch",
        "unpool_index",
        "Found an invalid max index: «index» (output volumes are of size «half»x«half»)",
        numbers(size=SIZE, index=st.integers(900_000, 999_999), ndim=st.just(2)),
        Kind.UNPOOL,
        lambda call: {"output_sizes": [call["size"] // 2 * 2] * 2},
        lambda call: {"index": 37, **call, "half": call["size"] // 2 * 2},
    ),
    Wording(
        "torch",
        "unpool_shape",
        "Expected shape of indices to be same as that of the input tensor («first») but got "
        "indices tensor with shape: «second»",
        numbers(shapes=st.tuples(shape(4), shape(4)).filter(lambda two: two[0] != two[1])),
        Kind.UNPOOL,
        lambda call: {"shapes": tuple(map(tuple, call["shapes"]))},
        lambda call: {"first": list(call["shapes"][0]), "second": list(call["shapes"][1])},
    ),
    Wording(
        "torch",
        "unpool_size",
        'invalid output_size "(«asked», «asked»)" (dim 0 must be between 8 and 12)',
        numbers(asked=SIZE),
        Kind.UNPOOL,
        lambda call: {"got": (call["asked"], call["asked"])},
    ),
    Wording(
        "torch",
        "fractional",
        "fractional_max_pool2d(): pool height «kernel» too large relative to input height «size»",
        numbers(kernel=st.integers(2, 9), size=SIZE),
        Kind.ARGUMENT,
        lambda call: {"kernel_sizes": [call["kernel"]], "input_sizes": [call["size"]]},
    ),
    Wording(
        "torch",
        "transposed",
        "Given input size per channel: («size» x «size»). Calculated output size per channel: "
        "(«after» x «after»). Output size is too small",
        numbers(size=st.integers(1, 9), after=st.integers(-30, 0)),
        Kind.NO_FIT,
        lambda call: {"input_sizes": [call["size"]] * 2, "output_sizes": [call["after"]] * 2},
    ),
    Wording(
        "torch",
        "linear",
        "mat1 and mat2 shapes cannot be multiplied («rows»x«got» and «features»x«outputs»)",
        st.tuples(pair("got", "features"), SIZE, SIZE).map(
            lambda drawn: {**drawn[0], "rows": drawn[1], "outputs": drawn[2]}
        ),
        Kind.LINEAR,
        lambda call: {
            "expected": (call["features"],),
            "got": (call["got"],),
            "outputs": call["outputs"],
        },
    ),
    Wording(
        "torch",
        "picture",
        "Given groups=1, weight of size [4, «expected», 3, 3], expected input[2, «got», 11, 12] to "
        "have «expected» channels, but got «got» channels instead",
        pair("expected", "got"),
        Kind.CHANNELS,
        two("expected", "got"),
    ),
    Wording(
        "torch",
        "joined",
        "Sizes of tensors must match except in dimension 1. Expected size «first» but got size "
        "«second» for tensor number 1 in the list.",
        pair("first", "second"),
        Kind.CONCATENATE,
        two("first", "second"),
    ),
    Wording(
        "torch",
        "pad_limit",
        "pad should be at most half of effective kernel size, but got pad=«padding», "
        "kernel_size=«kernel» and dilation=«dilation»",
        numbers(kernel=SIZE, more=st.integers(1, 9), dilation=st.integers(1, 4)).map(
            lambda call: {**call, "padding": call["kernel"] // 2 + call["more"]}
        ),
        Kind.PADDING_LIMIT,
        lambda call: {
            "kernel_sizes": [call["kernel"]],
            "paddings": [call["padding"]],
            "dilations": [call["dilation"]],
        },
    ),
    Wording(
        "torch",
        "pad_limit_1d",
        "max_pool1d() padding should be at most half of kernel size, but got padding=«padding» and "
        "kernel_size=«kernel»",
        numbers(kernel=SIZE, more=st.integers(1, 9)).map(
            lambda call: {**call, "padding": call["kernel"] // 2 + call["more"]}
        ),
        Kind.PADDING_LIMIT,
        lambda call: {
            "axis": "length",
            "kernel_sizes": [call["kernel"]],
            "paddings": [call["padding"]],
        },
    ),
    Wording(
        "torch",
        "empty_map",
        "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:"
        "«shape»",
        emptied(),
        Kind.EMPTY_INPUT,
        empty_axes,
    ),
    Wording(
        "torch",
        "empty_adaptive",
        "adaptive_avg_pool2d(): Expected input to have non-zero size for non-batch dimensions, but "
        "input has sizes «shape» with dimension «place» being empty",
        emptied(),
        Kind.EMPTY_INPUT,
        empty_axes,
        lambda call: {**call, "place": call["shape"].index(0)},
    ),
    Wording(
        "torch",
        "unshuffled",
        "pixel_unshuffle expects height to be divisible by downscale_factor, but input.size(-2)="
        "«size» is not divisible by «factor»",
        indivisible(st.integers(2, 32), "size", "factor"),
        Kind.DIVISIBLE,
        lambda call: {**two("factor", "size")(call), "axis": "height"},
    ),
    Wording(
        "torch",
        "shuffled",
        "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of "
        "upscale_factor, but input.size(-3)=«channels» is not divisible by «cells»",
        indivisible(st.integers(2, 9).map(lambda side: side * side), "channels", "cells"),
        Kind.DIVISIBLE,
        two("cells", "channels"),
    ),
    Wording(
        "torch",
        "grouped_norm",
        "Expected number of channels in input to be divisible by num_groups, but got input of "
        "shape «shape» and num_groups=«groups»",
        indivisible(st.integers(2, 64), "channels", "groups").map(
            lambda call: {**call, "shape": [2, call["channels"], 7, 9]}
        ),
        Kind.DIVISIBLE,
        two("groups", "channels"),
    ),
    Wording(
        "torch",
        "interpolated",
        "Input Error: Only 3D, 4D and 5D input Tensors supported (got «rank»D)",
        numbers(rank=st.sampled_from([1, 2, 6])),
        Kind.RANK,
        lambda call: {"expected": (3, 4, 5), "got": (call["rank"],)},
    ),
    Wording(
        "torch",
        "grey_normalised",
        "output with shape «shape» doesn't match the broadcast shape «needed»",
        numbers(shape=shape(2, 2).map(lambda sides: [1, *(side + 7 for side in sides)])),
        Kind.SUM,
        lambda call: {"expected": (1,), "got": (3,), "channels": 1},
        lambda call: {**call, "needed": [3, *call["shape"][1:]]},
    ),
]
