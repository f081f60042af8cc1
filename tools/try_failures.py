"""What poolviz makes of the tracebacks of failing programs: the right input shape and layer?

    PYTHONPATH=. python -m tools.try_failures

in an environment with torch, Keras (once for each of KERAS_BACKEND=torch and =jax) and Flax. Each
program raises; what is expected was written down by hand. Prints what is not as expected, then the
counts.

torch 2.13.0, Keras 3.15.1 (backend torch), Flax 0.12.8: 66 of 67 right. With the backend JAX 62:
two programs do not raise, two raise in the loss after an empty map. In each, `reshape` of a JAX
array gets no explanation, because the decoder does not know its message. Keras on TensorFlow
2.21: 24 of 25, one does not raise.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from poolviz.diagnosis.network.stack import Stack
from poolviz.failures.find_failure import find_failure

Program = tuple[str, Callable[[], Any], tuple[int, ...] | None, str]  # None: a message only


def torch_programs() -> Iterator[Program]:
    import torch
    import torch.nn.functional as functional
    from torch import nn

    image = torch.zeros(2, 3, 30, 30)
    shape = (3, 30, 30)

    class Net(nn.Module):
        def __init__(self, head: Any, features: int = 8) -> None:
            super().__init__()
            self.features = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2), head)
            self.fc = nn.Linear(features, 5)

        def forward(self, x: Any) -> Any:
            return self.fc(torch.flatten(self.features(x), 1))

    class Block(nn.Module):
        def __init__(self, pool: Any) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 3, padding=1)
            self.pool = pool

        def forward(self, x: Any) -> Any:
            return self.pool(self.conv(x))

    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Conv2d(3, 3, 3)

        def forward(self, x: Any) -> Any:
            return x + self.a(x)

    class Functional(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 8, 3)

        def forward(self, x: Any) -> Any:
            return functional.max_pool2d(functional.relu(self.conv(x)), 40)

    class Unrelated(nn.Module):
        def forward(self, x: Any) -> Any:
            raise ValueError("no")

    for kind in (nn.MaxPool2d, nn.AvgPool2d):
        yield f"{kind.__name__} in a class", lambda k=kind: Net(k(20))(image), shape, "features[3]"
    for name, layer, where in (
        ("Conv2d kernel", nn.Conv2d(8, 8, 20), "features[3]"),
        ("channels", nn.Conv2d(16, 8, 3), "features[3]"),
        ("batch norm", nn.BatchNorm2d(9), "features[3]"),
        ("dilation", nn.Conv2d(8, 8, 3, dilation=9), "features[3]"),
        ("padding limit", nn.MaxPool2d(2, padding=2), "features[3]"),
        ("reflection", nn.ReflectionPad2d(15), "features[3]"),
        ("linear", nn.MaxPool2d(2), "fc"),
        ("nested", nn.Sequential(nn.Identity(), nn.MaxPool2d(20)), "features[3][1]"),
    ):
        yield name, lambda it=layer: Net(it)(image), shape, where
    for pools in range(5, 8):
        model = nn.Sequential(*[nn.MaxPool2d(2)] * 1, *[nn.MaxPool2d(2) for _ in range(pools)])
        yield f"{pools} poolings", lambda m=model: m(image), shape, "[4]"
    blocks = nn.Sequential(Block(nn.MaxPool2d(3)), Block(nn.MaxPool2d(3)), Block(nn.MaxPool2d(9)))
    yield "blocks", lambda: blocks(image), shape, "blocks[2].pool"
    yield "residual", lambda: nn.Sequential(Residual())(image), shape, ""
    yield "functional", lambda: Functional()(image), shape, ""
    net = Net(nn.MaxPool2d(20))
    yield "evaluation", lambda: net.eval()(image), shape, "net.features[3]"
    yield "without gradients", lambda: torch.no_grad()(net)(image), shape, "net.features[3]"
    yield "by keyword", lambda: net(x=image), shape, "features[3]"
    yield "DataParallel", lambda: nn.DataParallel(net)(image), shape, "features[3]"
    yield "meta", lambda: net.to("meta")(image.to("meta")), shape, "net.features[3]"
    fresh = Net(nn.MaxPool2d(20))
    yield "double", lambda: fresh.double()(image.double()), shape, "fresh.features[3]"
    compiled = torch.compile(Net(nn.MaxPool2d(20)).float(), backend="eager")
    yield "compiled", lambda: compiled(image), shape, "features[3]"
    lone = nn.MaxPool2d(40)
    yield "one layer", lambda: lone(image), shape, "lone"
    yield (
        "one dimension",
        lambda: nn.Sequential(nn.Conv1d(3, 4, 3), nn.MaxPool1d(50))(torch.zeros(2, 3, 30)),
        (3, 30),
        "model[1]",
    )
    yield (
        "volume",
        lambda: nn.Sequential(nn.Conv3d(3, 4, 3), nn.MaxPool3d(20))(torch.zeros(2, 3, 9, 9, 9)),
        (3, 9, 9, 9),
        "model[1]",
    )
    yield (
        "without a batch",
        lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(40))(image[0]),
        shape,
        "model[1]",
    )
    yield (
        "channels last",
        lambda: nn.Sequential(nn.Conv2d(3, 4, 3))(torch.zeros(2, 30, 30, 3)),
        (30, 30, 3),
        "model[0]",
    )
    yield "transposed", lambda: nn.Sequential(nn.ConvTranspose2d(4, 3, 2))(image), shape, "model[0]"

    def loop() -> None:
        data = torch.utils.data.TensorDataset(image, torch.zeros(2).long())
        model = Net(nn.MaxPool2d(20))
        for inputs, _ in torch.utils.data.DataLoader(data, batch_size=1):
            model(inputs)

    yield "in a DataLoader loop", loop, shape, "model.features[3]"

    def target() -> None:
        nn.CrossEntropyLoss()(torch.zeros(2, 5), torch.zeros(3).long())

    yield "loss", target, None, ""
    yield "function alone", lambda: functional.max_pool2d(image, 40), None, ""
    yield "product", lambda: image[0, 0] @ image[0, 0, :3], None, ""
    yield "matrices", lambda: torch.mm(image[0, 0], image[0, 0, :3]), None, ""
    yield "unrelated", lambda: Unrelated()(image), None, "nothing"
    yield "not torch", lambda: 1 // 0, None, "nothing"
    yield "index", lambda: [][0], None, "nothing"  # type: ignore[misc]
    yield "no attribute", lambda: net.nothing, None, "nothing"
    try:
        import lightning
    except ImportError:
        return

    class Lit(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net = Net(nn.MaxPool2d(20))

        def training_step(self, batch: Any, _: int) -> Any:
            return self.net(batch[0]).mean()

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), 0.1)

    def train() -> None:
        data = torch.utils.data.TensorDataset(image)
        lightning.Trainer(
            max_epochs=1, logger=False, enable_checkpointing=False, enable_progress_bar=False
        ).fit(Lit(), torch.utils.data.DataLoader(data))

    yield "Lightning", train, shape, "self.net.features[3]"


def keras_programs() -> Iterator[Program]:
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras
    import numpy as np
    from keras import layers

    image = np.zeros((2, 30, 30, 3), "float32")
    shape = (30, 30, 3)

    class Own(keras.Model):
        def __init__(self, last: Any) -> None:
            super().__init__()
            self.conv, self.last = layers.Conv2D(4, 3), last

        def call(self, x: Any) -> Any:
            return self.last(self.conv(x))

    def compiled(model: Any) -> Any:
        model.compile(loss="mse")
        return model

    def graph(last: Any) -> Any:
        inputs = keras.Input(shape)
        x = layers.Conv2D(4, 3)(inputs)
        y = layers.Add()([x, layers.Conv2D(4, 3, padding="same")(x)])
        return last(y)

    def added(last: Any) -> None:
        model = keras.Sequential([keras.Input(shape), layers.Conv2D(4, 3)])
        model.add(last)

    makers: tuple[tuple[str, Callable[[str], Any]], ...] = (
        ("MaxPooling2D", lambda name: layers.MaxPooling2D(40, name=name)),
        ("AveragePooling2D", lambda name: layers.AveragePooling2D(40, name=name)),
        ("Conv2D", lambda name: layers.Conv2D(4, 40, name=name)),
    )
    labels = np.zeros((2, 1))
    for title, make in makers:
        yield (
            f"{title}, Sequential",
            lambda m=make: keras.Sequential([layers.Conv2D(4, 3), m("last")])(image),
            shape,
            "last",
        )
        yield (
            f"{title}, predict",
            lambda m=make: compiled(keras.Sequential([layers.Conv2D(4, 3), m("last")])).predict(
                image, verbose=0
            ),
            shape,
            "last",
        )
        yield (
            f"{title}, fit",
            lambda m=make: compiled(keras.Sequential([layers.Conv2D(4, 3), m("last")])).fit(
                image, labels, verbose=0
            ),
            shape,
            "last",
        )
        yield f"{title}, own class", lambda m=make: Own(m("last"))(image), shape, "last"
        yield (
            f"{title}, own class, fit",
            lambda m=make: compiled(Own(m("last"))).fit(image, labels, verbose=0),
            shape,
            "last",
        )
        yield f"{title}, symbolic", lambda m=make: m("last")(keras.Input(shape)), shape, "last"
        yield f"{title}, symbolic graph", lambda m=make: graph(m("last")), shape, "last"
        yield f"{title}, add", lambda m=make: added(m("last")), shape, "last"
    yield "unrelated", lambda: layers.Conv2D(-1, 3), None, "nothing"


def flax_programs() -> Iterator[Program]:
    import flax.linen as nn
    import jax
    from flax import nnx
    from jax import numpy as jnp

    image, key = jnp.zeros((2, 30, 30, 3)), jax.random.key(0)

    class Net(nn.Module):
        features: int = 4

        @nn.compact
        def __call__(self, x: Any) -> Any:
            x = nn.Conv(self.features, (3, 3))(x)
            return nn.max_pool(x, (4, 4), strides=(4, 4)).reshape(len(x), 7, 11)

    class Joined(nn.Module):
        @nn.compact
        def __call__(self, x: Any) -> Any:
            return x + nn.max_pool(x, (2, 2), strides=(2, 2))

    class New(nnx.Module):
        def __init__(self) -> None:
            self.conv = nnx.Conv(16, 4, (3, 3), rngs=nnx.Rngs(0))

        def __call__(self, x: Any) -> Any:
            return self.conv(x)

    joined = Joined()
    yield "linen, init", lambda: joined.init(key, image), (30, 30, 3), ""
    yield "linen, apply", lambda: joined.apply({}, image), (30, 30, 3), ""
    yield "linen, reshape", lambda: Net().init(key, image), (30, 30, 3), ""
    yield "nnx, channels", lambda: New()(image), (30, 30, 3), ""


def main() -> None:
    counts = {"right": 0, "message": 0, "wrong": 0}
    for programs in (torch_programs, keras_programs, flax_programs):
        for title, run, shape, layer in programs():
            try:
                run()
            except Exception as error:
                said = judged(error, shape, layer)
            else:
                said = "does not raise"
            kind = said if said in counts else "wrong"
            counts[kind] += 1
            if said != "right":
                print(f"{programs.__name__}, {title}: {said}")
    print(counts)


def judged(error: Exception, shape: tuple[int, ...] | None, layer: str) -> str:
    found = find_failure(error)
    if found is None:
        return (
            "right" if layer == "nothing" else f"nothing on {type(error).__name__}: {error!s:.90}"
        )
    if not isinstance(found.answer, Stack):
        return "right" if shape is None and layer == "" else "message"
    if shape is None or found.answer.input_shape != shape:
        return f"input {found.answer.input_shape} instead of {shape}"
    return "right" if found.layer.endswith(layer) else f"{found.layer} instead of {layer}"


if __name__ == "__main__":
    main()
