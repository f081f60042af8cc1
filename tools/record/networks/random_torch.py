"""Source code of small random networks: branches, heads, views, sums, and layers that are replaced.

`pytorch(seed)`, and `keras(seed)` of `random_keras`, give a text and an input shape without
the batch. The generator follows the shape with plain formulas so that most networks run; about a
third contains a mistake: a wrong number of features or channels, branches of different sizes, or a
map that gets too small. The formulas decide nothing else: what a network gives is what its
framework gives.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

MISTAKES = 0.35  # share of networks with a mistake, besides maps that get too small
Shape = tuple[int, ...]


@dataclass(frozen=True)
class RandomModel:
    """The text of a model and the shape of its input, without the batch."""

    seed: int
    framework: str
    text: str
    input_shape: Shape


@dataclass
class _Torch:
    """A PyTorch module while it is written; `shape` is that of the variable `x`."""

    chance: random.Random
    shape: Shape
    can_err: bool
    first_shape: Shape
    made: list[str] = field(default_factory=list)
    run: list[str] = field(default_factory=list)
    count: int = 0

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def slip(self, number: int) -> int:
        """Return the number, or a wrong one where the network may have a mistake."""
        if self.can_err and self.chance.random() < 0.25:
            self.can_err = False
            return max(1, number + self.chance.choice((-1, 1, 2, number, -number // 2)))
        return number

    def layer(self, kind: str, code: str) -> str:
        name = self.name(kind)
        self.made.append(f"self.{name} = {code}")
        return f"self.{name}"


def after(size: int, kernel: int, stride: int, padding: int, dilation: int = 1) -> int:
    """Return the elements of an axis after a window, at least 0."""
    return max(0, (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1)


def _map(shape: Shape, channels: int, *numbers: int) -> Shape:
    return (channels, *(after(size, *numbers) for size in shape[1:]))


# --- steps on a map of PyTorch -------------------------------------------------------------------


def _conv(net: _Torch) -> None:
    kernel, stride = net.chance.choice((1, 3, 3, 5)), net.chance.choice((1, 1, 2))
    padding, out = net.chance.choice((0, kernel // 2)), net.chance.choice((4, 6, 8))
    code = f"nn.Conv2d({net.slip(net.shape[0])}, {out}, {kernel}"
    code += f", stride={stride}" if stride > 1 else ""
    code += f", padding={padding}" if padding else ""
    layer = net.layer("conv", code + ")")
    net.run.append(
        f"x = {net.chance.choice(('F.relu({})', '{}', 'torch.relu({})')).format(layer + '(x)')}"
    )
    net.shape = _map(net.shape, out, kernel, stride, padding)


def _pool(net: _Torch) -> None:
    kernel = net.chance.choice((2, 2, 3))
    stride = net.chance.choice((None, None, 1, 2))
    kind = net.chance.choice(("Max", "Max", "Avg"))
    steps = kernel if stride is None else stride
    given = f"{kernel}" if stride is None else f"{kernel}, stride={stride}"
    if net.chance.random() < 0.5:
        net.run.append(f"x = F.{kind.lower()}_pool2d(x, {given})")
    else:
        net.run.append(f"x = {net.layer('pool', f'nn.{kind}Pool2d({given})')}(x)")
    net.shape = _map(net.shape, net.shape[0], kernel, steps, 0)


def _adaptive(net: _Torch) -> None:
    size = net.chance.choice((1, 2, 3))
    net.run.append(f"x = F.adaptive_avg_pool2d(x, {size})")
    net.shape = (net.shape[0], size, size)


def _plain(net: _Torch) -> None:
    channels = net.shape[0]
    code = net.chance.choice(
        (f"nn.BatchNorm2d({net.slip(channels)})", "nn.ReLU()", "nn.Dropout(0.5)", "nn.Identity()")
    )
    net.run.append(f"x = {net.layer('same', code)}(x)")


def _residual(net: _Torch) -> None:
    channels, stride = net.shape[0], net.chance.choice((1, 1, 1, 2))
    if stride == 2 and not net.can_err:
        stride = 1
    conv = net.layer("res", f"nn.Conv2d({channels}, {channels}, 3, stride={stride}, padding=1)")
    form = net.chance.choice(("x = x + {}", "x = torch.add(x, {})", "x += {}"))
    net.run.append(form.format(f"{conv}(x)"))


def _gate(net: _Torch) -> None:
    channels = net.shape[0]
    conv = net.layer("gate", f"nn.Conv2d({channels}, {net.chance.choice((1, channels))}, 1)")
    net.run.append(
        net.chance.choice(
            (
                f"x = x * torch.sigmoid({conv}(F.adaptive_avg_pool2d(x, 1)))",
                f"x = x * torch.sigmoid({conv}(x))",
                f"x = x * {conv}(x.mean((2, 3), keepdim=True)).sigmoid()",
            )
        )
    )


def _branches(net: _Torch) -> None:
    channels, out = net.shape[0], net.chance.choice((2, 4))
    one = net.layer("left", f"nn.Conv2d({channels}, {out}, 1)")
    kernel = net.chance.choice((3, 5))
    padding = net.slip(kernel // 2)
    two = net.layer("right", f"nn.Conv2d({channels}, {out}, {kernel}, padding={padding})")
    net.run += [f"a = {one}(x)", f"b = {two}(x)"]
    net.run.append(net.chance.choice(("x = torch.cat([a, b], 1)", "x = torch.cat((a, b), dim=1)")))
    net.shape = (2 * out, *net.shape[1:])


def _crop(net: _Torch) -> None:
    if min(net.shape[1:]) > 2:
        net.run.append("x = x[:, :, 1:, :-1]")
        net.shape = (net.shape[0], net.shape[1] - 1, net.shape[2] - 1)


def _up(net: _Torch) -> None:
    if net.chance.random() < 0.5:
        net.run.append("x = F.interpolate(x, scale_factor=2)")
    else:
        out = net.chance.choice((4, 6))
        up = net.layer("up", f"nn.ConvTranspose2d({net.slip(net.shape[0])}, {out}, 2, stride=2)")
        net.run.append(f"x = {up}(x)")
        net.shape = (out, *net.shape[1:])
    net.shape = (net.shape[0], 2 * net.shape[1], 2 * net.shape[2])


def _loop(net: _Torch) -> None:
    channels, count = net.shape[0], net.chance.choice((2, 3))
    blocks = net.layer(
        "blocks",
        "nn.ModuleList(["
        f"nn.Conv2d({channels}, {channels}, 3, padding={net.chance.choice((0, 1, 1))}) "
        f"for _ in range({count})])",
    )
    padded = "padding=1" in net.made[-1]
    net.run += [f"for block in {blocks}:", "    x = F.relu(block(x))"]
    for _ in range(count):
        net.shape = _map(net.shape, channels, 3, 1, int(padded))


def _sequence(net: _Torch) -> None:
    """A Sequential, which may be changed after it is made."""
    channels, out = net.shape[0], net.chance.choice((4, 8))
    body = net.layer(
        "body",
        f"nn.Sequential(nn.Conv2d({channels}, {out}, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))",
    )
    change = net.chance.choice(("", "", "item", "last", "append", "stride", "insert", "delete"))
    kernel, stride = 2, 2
    if change == "item":
        net.made.append(f"{body}[2] = nn.AvgPool2d(3)")
        kernel, stride = 3, 3
    elif change == "last":
        net.made.append(f"{body}[-1] = nn.Identity()")
        kernel, stride = 1, 1
    elif change == "append":
        net.made.append(f"{body}.append(nn.MaxPool2d(3, stride=1))")
    elif change == "stride":
        net.made.append(f"{body}[2].stride = 1")
        stride = 1
    elif change == "insert":
        net.made.append(f"{body}.insert(1, nn.BatchNorm2d({out}))")
    elif change == "delete":
        net.made.append(f"del {body}[2]")
        kernel, stride = 1, 1
    net.run.append(f"x = {body}(x)")
    net.shape = _map((out, *net.shape[1:]), out, kernel, stride, 0)
    if change == "append":
        net.shape = _map(net.shape, out, 3, 1, 0)


def _scale(net: _Torch) -> None:
    """A parameter that is no layer."""
    channels = net.shape[0]
    size = net.chance.choice((f"1, {net.slip(channels)}, 1, 1", f"{channels}, 1, 1", "1"))
    gamma = net.layer("gamma", f"nn.Parameter(torch.ones({size}))")
    net.run.append(net.chance.choice((f"x = {gamma} * x", f"x = x * {gamma}", f"x = x + {gamma}")))


def _chunk(net: _Torch) -> None:
    if net.shape[0] % 2 == 0:
        form = net.chance.choice(
            ("x.chunk(2, dim=1)", "torch.chunk(x, 2, 1)", f"x.split({net.shape[0] // 2}, dim=1)")
        )
        net.run += [f"a, b = {form}", "x = a * torch.sigmoid(b)"]
        net.shape = (net.shape[0] // 2, *net.shape[1:])


def _weights(net: _Torch) -> None:
    out = net.chance.choice((3, 5))
    weight = net.layer("weight", f"nn.Parameter(torch.ones({out}, {net.slip(net.shape[0])}, 3, 3))")
    net.run.append(f"x = F.conv2d(x, {weight}, padding=1)")
    net.shape = (out, *net.shape[1:])


_MAP_STEPS: tuple[tuple[Callable[[_Torch], None], int], ...] = (
    (_conv, 6),
    (_pool, 5),
    (_adaptive, 1),
    (_plain, 2),
    (_residual, 2),
    (_gate, 1),
    (_branches, 2),
    (_crop, 1),
    (_up, 1),
    (_loop, 1),
    (_sequence, 3),
    (_scale, 1),
    (_chunk, 1),
    (_weights, 1),
)


def _flatten(net: _Torch) -> None:
    features = net.shape[0] * net.shape[1] * net.shape[2]
    forms = (
        "x = torch.flatten(x, 1)",
        "x = x.view(x.size(0), -1)",
        "x = x.reshape(x.shape[0], -1)",
        "x = x.flatten(1)",
        f"x = x.view(-1, {net.slip(features)})",
        f"x = x.view(x.size(0), {net.slip(features)})",
        "x = x.mean((2, 3))",
        "x = torch.amax(x, dim=(2, 3))",
    )
    form = net.chance.choice(forms)
    net.run.append(form)
    net.shape = (net.shape[0],) if "mean" in form or "amax" in form else (features,)


def _linear(net: _Torch) -> None:
    out = net.chance.choice((10, 16))
    layer = net.layer("fc", f"nn.Linear({net.slip(net.shape[-1])}, {out})")
    net.run.append(f"x = F.relu({layer}(x))")
    net.shape = (out,)


def _heads(net: _Torch) -> str:
    """Return the last line; perhaps two heads."""
    features = net.shape[-1]
    if net.chance.random() < 0.7 or len(net.shape) > 1:
        return "return x"
    one = net.layer("head", f"nn.Linear({features}, 3)")
    two = net.layer("value", f"nn.Linear({net.slip(features)}, 1)")
    forms = (
        f"return {one}(x), {two}(x)",
        f"return [{one}(x), {two}(x)]",
        f"return {{'policy': {one}(x), 'value': {two}(x)}}",
        f"return torch.cat([{one}(x), {two}(x)], dim=1)",
    )
    return net.chance.choice(forms)


def _probe(net: _Torch) -> list[str]:
    """Move the steps to a method that the constructor calls to count the features."""
    method = ["    def features(self, x):", *(f"        {line}" for line in net.run)]
    sizes = ", ".join(map(str, net.first_shape))
    net.made.append(f"features = self.features(torch.zeros(1, {sizes})).flatten(1).shape[1]")
    layer = net.layer("fc", "nn.Linear(features, 10)")
    net.run = [f"x = {layer}(self.features(x).flatten(1))"]
    net.shape = (10,)
    return [*method, "        return x", ""]


def pytorch(seed: int) -> RandomModel:
    """Return a module of PyTorch, made by `model = Net()`."""
    chance = random.Random(seed)
    shape = (chance.choice((1, 3, 4)), *(chance.choice((8, 12, 16, 20, 28, 32)),) * 2)
    if chance.random() < 0.3:
        shape = (*shape[:2], shape[2] + chance.choice((1, 4)))
    net = _Torch(chance, shape, chance.random() < MISTAKES, shape)
    steps, weights = zip(*_MAP_STEPS, strict=True)
    for step in chance.choices(steps, weights, k=chance.randint(2, 7)):
        if min(net.shape[1:]) < 1:
            break
        step(net)
    methods: list[str] = []
    if chance.random() < 0.15:
        methods = _probe(net)
    elif chance.random() < 0.8:
        _flatten(net)
        for _ in range(chance.randint(0, 2)):
            _linear(net)
    end = _heads(net)
    text = "\n".join(
        (
            "import torch",
            "import torch.nn as nn",
            "import torch.nn.functional as F",
            "",
            "",
            "class Net(nn.Module):",
            "    def __init__(self):",
            "        super().__init__()",
            *(f"        {line}" for line in net.made),
            "",
            *methods,
            "    def forward(self, x):",
            *(f"        {line}" for line in net.run),
            f"        {end}",
            "",
            "",
            "model = Net()",
            "",
        )
    )
    return RandomModel(seed, "pytorch", text, shape)
