"""About a hundred small architectures, described independently of a framework.

A layer is an object with `op`, the name of a class of poolviz, and its arguments (`op_name` is the
`op` of a pooling layer); `branches` hold layers. `architectures` runs them, the tests turn
them into poolviz layers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Layer = dict[str, Any]
Layers = list[Layer]


# --- the words of the descriptions ---------------------------------------------------------------


def layer(op: str, **arguments: Any) -> Layer:
    return {"op": op, **arguments}


def conv(out_channels: int, kernel_size: Any, **more: Any) -> Layer:
    return layer("Conv", out_channels=out_channels, kernel_size=kernel_size, **more)


def up_conv(out_channels: int, kernel_size: Any, **more: Any) -> Layer:
    return layer("ConvTranspose", out_channels=out_channels, kernel_size=kernel_size, **more)


def pool(kernel_size: Any, stride: Any = None, **more: Any) -> Layer:
    return layer("Pool", kernel_size=kernel_size, stride=stride, **more)


def average(kernel_size: Any, stride: Any = None, **more: Any) -> Layer:
    return pool(kernel_size, stride, op_name="avg", **more)


def linear(out_features: int, in_features: int | None = None) -> Layer:
    return layer("Linear", out_features=out_features, in_features=in_features)


def relu() -> Layer:
    return layer("Same", name="ReLU")


def dropout() -> Layer:
    return layer("Same", name="Dropout")


def norm(channels: int, framework: str) -> Layer:
    each = {"pytorch": 2, "keras": 4}[framework]
    return layer("Same", name="BatchNorm", channels=channels, parameters_per_channel=each)


def flatten() -> Layer:
    return layer("Flatten")


def adaptive(output_size: Any, **more: Any) -> Layer:
    return layer("AdaptivePool", output_size=output_size, **more)


def global_average(**more: Any) -> Layer:
    return layer("GlobalPool", **more)


def join(op: str, *branches: Layers) -> Layer:
    return layer(op, branches=[list(branch) for branch in branches])


# --- the architectures ---------------------------------------------------------------------------

Architecture = tuple[str, str, str, Layers, list[tuple[int, ...]]]
FIRST, LAST = "channels_first", "channels_last"


def architectures() -> Iterator[Architecture]:
    """Name, framework, data format, layers, and the input shapes to run."""
    for make in (
        _classifiers,
        _with_skips,
        _decoders,
        _sequences,
        _volumes,
        _heads,
        _channel_order,
        _single_rules,
    ):
        yield from make()


def _torch(name: str, layers: Layers, *shapes: tuple[int, ...]) -> Architecture:
    return name, "pytorch", FIRST, layers, list(shapes)


def _keras(
    name: str, layers: Layers, *shapes: tuple[int, ...], data_format: str = LAST
) -> Architecture:
    return name, "keras", data_format, layers, list(shapes)


def _vgg(plan: str, framework: str) -> Layers:
    """Digits are a convolution of 2ⁿ channels, P is a pooling layer."""
    padding = 1 if framework == "pytorch" else "same"
    layers: Layers = []
    for letter in plan:
        if letter == "P":
            layers.append(pool(2, 2))
        else:
            layers += [conv(2 ** int(letter), 3, padding=padding), relu()]
    return layers


def _classifiers() -> Iterator[Architecture]:
    lenet = [
        conv(6, 5, in_channels=1),
        relu(),
        average(2, 2),
        conv(16, 5, in_channels=6),
        relu(),
        average(2, 2),
        flatten(),
        linear(120, 400),
        relu(),
        linear(10, 120),
    ]
    yield _torch("lenet", lenet, (1, 32, 32), (1, 28, 28), (3, 32, 32), (1, 12, 12), (1, 32, 31))
    free = [conv(6, 5), average(2), conv(16, 5), average(2), flatten(), linear(120), linear(10)]
    yield _keras("lenet-keras", free, (32, 32, 1), (28, 28, 1), (12, 28, 1), (15, 16, 1))
    alexnet = [
        conv(64, 11, stride=4, padding=2, in_channels=3),
        relu(),
        pool(3, 2),
        conv(192, 5, padding=2),
        relu(),
        pool(3, 2),
        conv(384, 3, padding=1),
        relu(),
        conv(256, 3, padding=1),
        relu(),
        conv(256, 3, padding=1),
        relu(),
        pool(3, 2),
        adaptive(6),
        flatten(),
        dropout(),
        linear(4096, 9216),
    ]
    yield _torch("alexnet", alexnet, (3, 224, 224), (3, 63, 63), (3, 62, 63), (3, 32, 32))
    strict = [entry for entry in alexnet if entry["op"] != "AdaptivePool"]
    yield _torch("alexnet-fixed-head", strict, (3, 224, 224), (3, 227, 227), (3, 200, 224))
    keras_alexnet = [
        conv(96, 11, stride=4),
        pool(3, 2),
        conv(256, 5, padding="same"),
        pool(3, 2),
        conv(384, 3, padding="same"),
        conv(256, 3, padding="same"),
        pool(3, 2),
        flatten(),
        linear(4096),
    ]
    yield _keras(
        "alexnet-keras", keras_alexnet, (227, 227, 3), (67, 67, 3), (66, 70, 3), (32, 32, 3)
    )
    head = [flatten(), linear(512), relu(), linear(10)]
    vgg11, vgg16 = "6P7P88P99P99P", "66P77P888P999P999P"
    for framework, make in (("pytorch", _torch), ("keras", _keras)):
        sizes = [(64, 64), (32, 32), (31, 32), (28, 28), (16, 16)]
        inputs = [(3, *s) if framework == "pytorch" else (*s, 3) for s in sizes]
        small = [
            entry if "out_channels" not in entry else _thin(entry)
            for entry in _vgg(vgg16, framework)
        ]
        yield make(f"vgg11-{framework}", [*_vgg(vgg11, framework), *head], *inputs)
        yield make(f"vgg16-{framework}", small, *inputs)
    saved = [pool(2, 2, padding="same") if e["op"] == "Pool" else e for e in _vgg(vgg16, "keras")]
    yield _keras("vgg16-same-pooling", saved, (16, 16, 3), (1, 1, 3), (33, 7, 3))
    valid: Layers = []
    for channels in (32, 64, 128, 256):
        valid += [conv(channels, 3), relu(), pool(2)]
    yield _torch("valid-convolutions", valid, (1, 28, 28), (1, 46, 46), (1, 45, 46), (1, 16, 60))
    yield _keras("valid-convolutions-keras", valid, (28, 28, 1), (46, 46, 1), (46, 45, 1))
    ceil = [
        pool(3, 2, ceil_mode=True),
        pool(3, 2, padding=1, ceil_mode=True),
        pool(2, ceil_mode=True),
    ]
    yield _torch("ceil-mode", ceil, (4, 9, 10), (4, 2, 2), (4, 7, 1), (4, 1, 1))
    dilated = [
        conv(8, 3, dilation=2),
        pool(3, 1, dilation=3),
        conv(8, 3, dilation=4, padding=4),
        pool(2, 2, padding=1),
    ]
    yield _torch("dilated", dilated, (1, 28, 28), (1, 10, 11), (1, 11, 11), (1, 4, 28))
    yield _keras(
        "dilated-keras",
        [conv(8, 3, dilation=2), conv(8, 3, dilation=4, padding="same"), conv(4, 3, dilation=8)],
        (32, 32, 1),
        (20, 21, 1),
        (21, 21, 1),
    )
    mobile = [
        conv(32, 3, stride=2, padding="same"),
        layer("DepthwiseConv", kernel_size=3, padding="same"),
        norm(32, "keras"),
        conv(64, 1),
        layer("DepthwiseConv", kernel_size=3, stride=2, depth_multiplier=2),
        conv(128, 1, bias=False),
        global_average(),
        linear(10),
    ]
    yield _keras("mobilenet-like", mobile, (32, 32, 3), (5, 6, 3), (4, 6, 3))
    grouped = [conv(8, 3, groups=4), conv(12, 3, groups=4, bias=False)]
    yield _torch("grouped", grouped, (4, 9, 9), (6, 9, 9))
    yield _keras("grouped-keras", grouped, (9, 9, 4), (9, 9, 6))


def _thin(entry: Layer) -> Layer:
    """Return a layer with a sixteenth of the channels; only the sizes matter."""
    return {k: v // 16 if k == "out_channels" else v for k, v in entry.items()}


def _with_skips() -> Iterator[Architecture]:
    def block(channels: int, stride: int, framework: str) -> Layers:
        padding = 1 if framework == "pytorch" else "same"
        main = [
            conv(channels, 3, stride=stride, padding=padding, bias=False),
            norm(channels, framework),
            relu(),
            conv(channels, 3, padding=padding, bias=False),
            norm(channels, framework),
        ]
        skip = [] if stride == 1 else [conv(channels, 1, stride=stride, bias=False)]
        return [join("Add", main, skip), relu()]

    for framework, make in (("pytorch", _torch), ("keras", _keras)):
        padding, edge = (
            (3, {"padding": 1}) if framework == "pytorch" else ("same", {"padding": "same"})
        )
        resnet = [conv(16, 7, stride=2, padding=padding, bias=False), relu(), pool(3, 2, **edge)]
        for channels, stride in ((16, 1), (32, 2), (64, 2), (128, 2)):
            resnet += block(channels, stride, framework) + block(channels, 1, framework)
        sizes = [(64, 64), (33, 40), (1, 1)]
        inputs = [(3, *s) if framework == "pytorch" else (*s, 3) for s in sizes]
        yield make(f"resnet18-{framework}", [*resnet, global_average()], *inputs)
    fixed = [
        conv(64, 7, stride=2, padding=3),
        pool(3, 2, padding=1),
        conv(64, 3, stride=2, padding=1),
        average(7, 1),
    ]
    yield _torch("resnet-7x7-head", fixed, (3, 64, 64), (3, 49, 49), (3, 48, 64), (3, 32, 32))
    lost = [join("Add", [conv(8, 3, padding=1)], [conv(8, 3)])]
    yield _torch("skip-without-padding", lost, (3, 9, 9), (3, 2, 9))
    yield _keras(
        "skip-without-padding-keras",
        [join("Add", [conv(8, 3, padding="same")], [conv(8, 3)])],
        (9, 9, 3),
    )
    yield _torch(
        "skip-other-channels", [join("Add", [conv(8, 1)], [])], (3, 9, 9), (8, 4, 4), (1, 4, 4)
    )
    yield _keras("skip-other-channels-keras", [join("Add", [conv(8, 1)], [])], (9, 9, 3), (9, 9, 1))
    gate = [join("Add", [], [global_average(keepdims=True), conv(3, 1)])]
    yield _torch("gate", gate, (3, 9, 7))
    yield _keras("gate-keras", gate, (9, 7, 3))
    inception = [
        join(
            "Concatenate",
            [conv(16, 1)],
            [conv(8, 1), conv(16, 3, padding="same")],
            [conv(4, 1), conv(8, 5, padding="same")],
            [pool(3, 1, padding=1), conv(8, 1)],
        )
    ]
    yield _torch(
        "inception", [*inception, pool(3, 2), *inception], (3, 28, 28), (3, 2, 3), (3, 3, 3)
    )
    keras_inception = json.loads(json.dumps(inception).replace('"padding": 1', '"padding": "same"'))
    yield _keras("inception-keras", [*keras_inception, pool(3, 2)], (28, 28, 3), (2, 3, 3))
    forgot = [join("Concatenate", [conv(16, 1)], [conv(8, 3)])]
    yield _torch("inception-unpadded", forgot, (3, 28, 28))
    yield _keras("inception-unpadded-keras", forgot, (28, 28, 3))
    dense: Layers = []
    for _ in range(3):
        dense.append(join("Concatenate", [], [relu(), conv(12, 3, padding="same")]))
    dense += [conv(16, 1), average(2, 2)]
    yield _torch("densenet-block", dense, (8, 9, 9), (8, 1, 9))
    yield _keras("densenet-block-keras", dense, (9, 9, 8), (9, 1, 8))


def _unet(depth: int, framework: str, way_up: str, valid: bool = False) -> Layers:
    padding = {"pytorch": 1, "keras": "same"}[framework]
    more = {} if valid else {"padding": padding}

    def level(step: int) -> Layers:
        channels = 4 * 2**step
        double = [conv(channels, 3, **more), relu(), conv(channels, 3, **more), relu()]
        if step == depth:
            return double
        ways = {
            "transposed": [up_conv(channels, 2, stride=2)],
            "upsample": [layer("Upsample", scale_factor=2), conv(channels, 1)],
        }
        inner = [pool(2), *level(step + 1), *ways[way_up]]
        return [*double, join("Concatenate", [], inner), *double]

    return [*level(0), conv(1, 1)]


def _decoders() -> Iterator[Architecture]:
    for framework, make in (("pytorch", _torch), ("keras", _keras)):
        sizes = [(48, 64), (32, 33), (50, 50), (100, 100), (7, 32)]
        inputs = [(3, *s) if framework == "pytorch" else (*s, 3) for s in sizes]
        yield make(f"unet-{framework}", _unet(3, framework, "transposed"), *inputs)
        yield make(f"unet-upsampling-{framework}", _unet(2, framework, "upsample"), *inputs)
    yield _torch("unet-valid", _unet(1, "pytorch", "transposed", valid=True), (1, 40, 40))
    decoder = [
        linear(7 * 7 * 8),
        layer("Reshape", shape=[8, 7, 7]),
        up_conv(16, 4, stride=2, padding=1),
        relu(),
        up_conv(1, 3, stride=2, padding=1, output_padding=1),
    ]
    yield _torch("decoder", decoder, (100,), (1,))
    keras_decoder = [
        linear(7 * 7 * 8),
        layer("Reshape", shape=[7, 7, -1]),
        up_conv(16, 4, stride=2, padding="same"),
        up_conv(8, 5, stride=3),
        up_conv(1, 2, stride=3),
    ]
    yield _keras("decoder-keras", keras_decoder, (100,))
    yield _torch("unflatten-mismatch", [layer("Reshape", shape=[4, 5, 5])], (100,), (101,))
    yield _keras("reshape-mismatch", [layer("Reshape", shape=[5, 5, 4])], (100,), (101,))
    transposed = [
        up_conv(4, 3, stride=2),
        up_conv(4, (3, 2), stride=(1, 3), dilation=(2, 1)),
        up_conv(4, 3, padding=2),
    ]
    yield _torch("transposed", transposed, (2, 4, 5), (2, 1, 1))
    yield _torch("transposed-too-much-padding", [up_conv(4, 3, padding=3)], (2, 4, 5), (2, 5, 5))
    yield _torch("output-padding-limit", [up_conv(4, 3, stride=2, output_padding=2)], (2, 4, 5))
    yield _torch("transposed-channels", [up_conv(4, 3, in_channels=3)], (2, 4, 5))
    for kernel, stride, extra, padding in (
        (3, 2, None, "same"),
        (3, 2, None, "valid"),
        (2, 3, None, "valid"),
        (3, 2, 1, "same"),
        (4, 2, 0, "same"),
        (5, 3, 2, "valid"),
        (1, 3, 0, "valid"),
        (3, 2, 2, "same"),
    ):
        name = f"transposed-keras-{kernel}-{stride}-{extra}-{padding}"
        single = up_conv(4, kernel, stride=stride, output_padding=extra, padding=padding)
        yield _keras(name, [single], (4, 5, 2), (1, 1, 2))
    yield _keras("transposed-dilated-keras", [up_conv(4, 3, dilation=2)], (4, 5, 2))
    yield _keras("transposed-both-keras", [up_conv(4, 3, dilation=2, stride=2)], (4, 5, 2))
    autoencoder = [
        conv(8, 3, stride=2, padding=1),
        conv(16, 3, stride=2, padding=1),
        layer("Upsample", scale_factor=2, mode="linear"),
        conv(8, 3, padding=1),
        layer("Upsample", scale_factor=[2, 3]),
        layer("Upsample", size=[28, 28]),
    ]
    yield _torch("autoencoder", autoencoder, (1, 28, 28), (1, 27, 29))
    cropped = [
        layer("ZeroPad", padding=[[1, 0], [2, 2]]),
        conv(4, 3),
        layer("Crop", cropping=[[1, 0], [2, 2]]),
    ]
    yield _torch("pad-and-crop", cropped, (2, 5, 6), (2, 5, 2))
    yield _keras("pad-and-crop-keras", cropped, (5, 6, 2), (5, 2, 2))


def _sequences() -> Iterator[Architecture]:
    text = [conv(128, [5]), relu(), pool([5]), conv(128, [5]), relu(), pool([5]), conv(128, [5])]
    head = [global_average(op_name="max"), linear(20)]
    yield _keras(
        "text-cnn", [*text, *head], (1000, 100), (149, 100), (148, 100), (50, 100), (4, 100)
    )
    yield _torch("text-cnn-pytorch", text, (100, 1000), (100, 149), (100, 148), (100, 4))
    kim = [
        join(
            "Concatenate",
            *(
                [conv(16, [size]), layer("AdaptivePool", output_size=[1], op_name="max")]
                for size in (3, 4, 5)
            ),
        ),
        flatten(),
        linear(2, 48),
    ]
    yield _torch("text-cnn-branches", kim, (50, 20), (50, 5), (50, 4))
    audio = [
        conv(128, [80], stride=[4], in_channels=1),
        norm(128, "pytorch"),
        relu(),
        pool([4]),
        conv(128, [3]),
        pool([4]),
        conv(256, [3]),
        pool([4]),
        conv(512, [3]),
        pool([4]),
        average([30]),
    ]
    yield _torch("audio-m5", audio, (1, 32000), (1, 16000), (1, 8000), (1, 50))
    vgg_1d = [conv(8, [3], padding="same"), pool([4])] * 4
    yield _keras("vgg-1d-pool-4", vgg_1d, (256, 1), (255, 1), (128, 1))
    wavenet: Layers = []
    for dilation in (1, 2, 4, 8):
        wavenet.append(conv(8, [2], padding="causal", dilation=[dilation]))
    yield _keras(
        "wavenet-like", [*wavenet, conv(4, [3], stride=[2], padding="causal")], (9, 1), (1, 1)
    )
    yield _keras(
        "upsampling-1d", [layer("Upsample", scale_factor=[3]), conv(2, [4])], (1, 5), (2, 5)
    )


def _volumes() -> Iterator[Architecture]:
    c3d = [
        conv(8, [3, 3, 3], padding=1),
        pool([1, 2, 2]),
        conv(16, [3, 3, 3], padding=1),
        pool([2, 2, 2]),
        conv(16, [3, 3, 3], padding=1),
        pool([2, 2, 2]),
        pool([2, 2, 2], [2, 2, 2], padding=[0, 1, 1]),
    ]
    yield _torch("c3d", c3d, (3, 16, 32, 32), (3, 8, 16, 16), (3, 4, 16, 16))
    keras_3d = [
        conv(8, [3, 3, 3]),
        pool([2, 2, 2]),
        conv(16, [3, 3, 3]),
        pool([2, 2, 2]),
        flatten(),
    ]
    yield _keras("volume-keras", keras_3d, (10, 12, 14, 1), (9, 12, 14, 1), (5, 12, 14, 1))
    average_3d = [average([2, 2, 2]), average([3, 3, 3], [1, 1, 1], padding=1)]
    yield _torch("volume-average", average_3d, (2, 6, 6, 6), (2, 4, 6, 6))
    yield _torch("volume-up", [up_conv(2, [2, 2, 2], stride=[2, 2, 2])], (3, 2, 3, 4))


def _heads() -> Iterator[Architecture]:
    body = [conv(8, 3, padding=1), relu(), pool(2)]
    yield _torch(
        "adaptive-head",
        [*body, layer("AdaptivePool", output_size=[7, 7]), flatten(), linear(10, 392)],
        (3, 32, 32),
        (3, 2, 3),
        (3, 1, 3),
    )
    yield _torch(
        "adaptive-keeps", [layer("AdaptivePool", output_size=[None, 3], op_name="max")], (3, 5, 9)
    )
    yield _torch(
        "fixed-features",
        [*body, flatten(), linear(10, 2048)],
        (3, 32, 32),
        (3, 28, 28),
        (3, 64, 16),
    )
    yield _torch("forgot-to-flatten", [*body, linear(10, 2048)], (3, 32, 32))
    yield _torch("linear-on-the-last-axis", [*body, linear(10, 16)], (3, 32, 32))
    yield _torch("pool-after-flatten", [*body, flatten(), pool(2)], (3, 32, 32))
    yield _torch("conv-after-flatten", [*body, flatten(), conv(4, [3, 3])], (3, 32, 32))
    keras_body = [conv(8, 3), relu(), pool(2)]
    yield _keras("dense-per-pixel", [*keras_body, linear(10)], (32, 32, 3), (3, 3, 3))
    yield _keras(
        "dense-built-for-others",
        [*keras_body, flatten(), linear(10, 1800)],
        (32, 32, 3),
        (28, 28, 3),
    )
    yield _keras("pool-after-flatten-keras", [flatten(), pool([2, 2])], (32, 32, 3))
    yield _keras("conv-after-flatten-keras", [flatten(), conv(4, [3, 3])], (32, 32, 3))
    yield _keras("global-after-flatten-keras", [flatten(), global_average()], (32, 32, 3))
    yield _keras("adaptive-keras", [layer("AdaptivePool", output_size=[3, 2])], (4, 5, 2))
    yield _keras(
        "fixed-8x8-head",
        [conv(8, 3, stride=2), conv(8, 3, stride=2), average(8)],
        (35, 35, 3),
        (34, 40, 3),
    )
    yield _torch(
        "fixed-8x8-head-pytorch",
        [conv(8, 3, stride=2), conv(8, 3, stride=2), average(8)],
        (3, 35, 35),
        (3, 32, 32),
    )


def _channel_order() -> Iterator[Architecture]:
    mnist = [conv(32, 3), relu(), pool(2), flatten(), linear(10)]
    same = [conv(32, 3, padding="same"), relu(), pool(2), flatten(), linear(10)]
    yield _keras("mnist", mnist, (28, 28, 1), (1, 28, 28), (3, 32, 32))
    yield _keras("mnist-same", same, (28, 28, 1), (1, 28, 28), (3, 32, 32))
    first = [pool([2, 2]), pool([2, 2])]
    yield _keras("data-format-first", first, (3, 32, 32), (28, 28, 1), data_format=FIRST)
    permuted = [layer("Permute", dims=[2, 3, 1]), pool([2, 2]), pool([2, 2])]
    yield _keras("permuted", permuted, (3, 32, 32))
    cifar = [conv(32, 3, padding="same"), pool(2), conv(64, 3, padding="same"), pool(2)]
    yield _keras("cifar", cifar, (32, 32, 3), (3, 32, 32), (3, 224, 224))
    yield _keras("cifar-first", cifar, (3, 32, 32), (32, 32, 3), data_format=FIRST)
    asked = [conv(32, 3, in_channels=3), relu(), pool(2)]
    yield _torch("conv-for-3-channels", asked, (3, 32, 32), (32, 32, 3), (1, 28, 28))
    yield _keras("conv-built-for-3-channels", asked, (32, 32, 3), (28, 28, 1))
    yield _torch("pool-only", [pool(2), pool(2)], (1, 28, 28), (28, 28, 1))
    yield _torch("norm-for-other-channels", [conv(8, 3), norm(16, "pytorch")], (3, 9, 9))


def _single_rules() -> Iterator[Architecture]:
    """Yield networks for one rule each: rejected arguments and kernels that are too large."""
    yield _torch("same-with-stride", [conv(4, 3, padding="same", stride=2)], (3, 9, 9))
    yield _torch(
        "same-even-kernel", [conv(4, 4, padding="same"), conv(4, 15, padding="same")], (3, 9, 2)
    )
    yield _torch("valid-by-name", [conv(4, 4, padding="valid")], (3, 9, 9))
    yield _torch("groups-do-not-divide", [conv(9, 3, groups=2, in_channels=4)], (4, 9, 9))
    yield _torch("kernel-too-large", [conv(4, 5)], (3, 3, 9), (3, 9, 3), (3, 4, 4), (3, 5, 5))
    yield _torch("kernel-too-large-1d", [conv(4, [5], padding=[1])], (3, 2), (3, 3))
    yield _torch("kernel-too-large-padded", [conv(4, [5, 3], padding=[1, 0])], (3, 2, 9), (3, 3, 3))
    yield _torch("much-padding", [conv(4, 3, padding=7), pool(2)], (3, 1, 1))
    yield _torch("pool-padding-limit", [pool(2, padding=1), pool(3, 1, padding=2)], (3, 4, 4))
    yield _keras("kernel-too-large-keras", [conv(4, 5)], (3, 9, 3), (4, 4, 3), (5, 5, 3))
    yield _keras("stride-and-dilation", [conv(4, 3, stride=2, dilation=2)], (30, 30, 3))
    yield _keras(
        "strided-same",
        [conv(4, 5, stride=2, padding="same"), pool(3, 2, padding="same")],
        (9, 10, 3),
        (1, 2, 3),
    )
    yield _keras("pool-takes-no-numbers", [pool([2, 2], padding=[1, 1])], (9, 10, 3))
