"""`read_model` without a framework: test doubles, lists, and objects that are not models."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

import poolviz as pv
from poolviz.reading.graph.backend_notes import backend_notes
from poolviz.reading.graph.network_between import network_between
from poolviz.reading.graph.symbolic_tensor import Batch, SymbolicTensor
from poolviz.reading.model.source_location import SourceFile
from poolviz.reading.model.symbolic_sizes import Measured, sizes_of
from poolviz.reading.model.torch_functions import NotUnderstood, understood
from poolviz.reading.model.torch_model import CONFIG, TorchReader
from tests.support import fake_frameworks as fakes
from tests.support.recorded_architectures import recorded_architectures
from tools.record.networks import architectures


class Recorded(NamedTuple):
    """A chain of layers that was run in a framework."""

    framework: str
    data_format: str
    layers: list[dict[str, Any]]
    run: dict[str, Any]


def _chains() -> list[Any]:
    return [
        pytest.param(
            Recorded(each["framework"], each["data_format"], each["layers"], run),
            id=f"{each['framework']}-{each['name']}-{'x'.join(map(str, run['input_shape']))}",
        )
        for each in recorded_architectures()
        for run in each["runs"]
        if not any("branches" in layer for layer in each["layers"])
    ]


CHAINS = _chains()


def fake_model(recorded: Recorded, monkeypatch: Any) -> Any:
    """The same layers, made of stand-ins; each was built for what really arrived."""
    monkeypatch.setitem(sys.modules, "torch", fakes.TORCH)
    monkeypatch.setitem(sys.modules, "keras", fakes.KERAS)
    layers = []
    shape = [1, *recorded.run["input_shape"]]
    for place, entry in enumerate(recorded.layers):
        if recorded.framework == "pytorch":
            x = SimpleNamespace(shape=shape, dim=lambda shape=shape: len(shape))
            layers.append(architectures._torch_layer(entry, x))
        else:
            made = architectures._keras_layer(entry, len(shape) - 2, recorded.data_format)
            _build(made, entry)
            layers.append(made)
        if place < len(recorded.run["shapes"]):
            shape = [1, *recorded.run["shapes"][place]]
    if recorded.framework == "pytorch":
        return fakes.torch_sequential(*layers)
    return fakes.keras_sequential(*layers)


def _build(layer: Any, entry: dict[str, Any]) -> None:
    """A layer that was built for other channels says so in its `input_spec`."""
    wanted = entry.get("in_channels") or entry.get("in_features") or entry.get("channels")
    if wanted and entry["op"] in ("Conv", "ConvTranspose", "Linear"):
        layer.built = True
        layer.input_spec = SimpleNamespace(axes={-1: wanted})


def test_there_are_many() -> None:
    assert len(CHAINS) > 100


@pytest.mark.parametrize("recorded", CHAINS)
def test_like_the_recorded_framework(recorded: Recorded, monkeypatch: Any) -> None:
    run = recorded.run
    stack = pv.read_model(fake_model(recorded, monkeypatch), run["input_shape"])

    assert stack.not_read == ()
    assert [list(row.output_shape) for row in stack.rows] == run["shapes"]
    assert [row.parameters for row in stack.rows] == run["parameters"]
    if run["error"] is None:
        assert stack.output_shape == tuple(run["shapes"][-1])
    else:
        assert stack.first_failure.error_name == run["error"]["type"]
        assert stack.first_failure.index == run["error"]["layer"]


# --- what counts as a layer of a framework -------------------------------------------------------


def test_a_class_of_the_same_name_is_not_the_layer_of_torch() -> None:
    """It is followed, and without torch that is said."""
    own = type("MaxPool2d", (fakes.TorchModule,), {"__module__": "my_layers"})()
    stack = pv.read_model(fakes.torch_sequential(own), (3, 8, 8))

    assert stack.rows == ()
    assert stack.not_read[0].text == "0: MaxPool2d"


def test_a_subclass_with_a_forward_of_its_own_is_not_the_layer() -> None:
    base = fakes.torch_class("Conv2d")
    kept = type("Named", (base,), {"__module__": "my_layers"})(3, 4, 3)
    changed = type("Changed", (base,), {"__module__": "my_layers", "forward": lambda self, x: x})

    assert pv.read_model(kept, (3, 8, 8)).output_shape == (4, 6, 6)
    assert pv.read_model(fakes.torch_sequential(changed(3, 4, 3)), (3, 8, 8)).rows == ()


def test_an_unknown_layer_ends_the_stack() -> None:
    nn, layers = fakes.TORCH.nn, fakes.KERAS.layers
    torch = fakes.torch_sequential(nn.ReLU(), nn.Bilinear(), nn.MaxPool2d(2), nn.Flatten())
    keras = fakes.keras_sequential(layers.ReLU(), layers.RNN(), layers.MaxPooling2D(2))

    for stack in (pv.read_model(torch, (3, 8, 8)), pv.read_model(keras, (8, 8, 3))):
        assert [row.name for row in stack.rows] == ["ReLU"]
        why = "; the stack ends before it and omits"
        assert "poolviz does not know" in str(stack.not_read[0])
        assert why in str(stack.not_read[0])


def test_wrong_settings_are_said() -> None:
    model = fakes.torch_sequential(fakes.TORCH.nn.MaxPool2d("3"))

    assert "kernel_size must be an int" in str(pv.read_model(model, (3, 8, 8)).not_read[0])


def test_wrappers() -> None:
    inner = fakes.torch_sequential(fakes.TORCH.nn.MaxPool2d(2))
    for name, attribute in (("DataParallel", "module"), ("OptimizedModule", "_orig_mod")):
        wrapper = fakes.torch_class(name, "torch.nn.parallel")()
        setattr(wrapper, attribute, inner)
        assert pv.read_model(wrapper, (3, 8, 8)) == pv.read_model(inner, (3, 8, 8))


def test_a_model_in_itself() -> None:
    model = fakes.torch_sequential(fakes.TORCH.nn.ReLU())
    model._modules["again"] = model
    with pytest.raises(ValueError, match="the model contains itself: again is the model"):
        pv.read_model(model, (3, 8, 8))


def test_names_are_the_paths_of_the_model() -> None:
    nn = fakes.TORCH.nn
    inner = fakes.torch_sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(2))
    stack = pv.read_model(fakes.torch_sequential(inner, nn.Flatten()), (3, 8, 8))

    assert [row.name for row in stack.rows] == ["0.0", "0.1", "1"]


# --- Keras without Keras -------------------------------------------------------------------------


def keras_graph() -> Any:
    """A skip around a pooling layer, as in Keras: every tensor knows the call that made it."""
    layers = fakes.KERAS.layers
    start = SimpleNamespace(name="images")
    conv = _called(layers.Conv2D(4, 3, padding="same"), start)
    pool = _called(layers.MaxPooling2D(3, 1, "same"), conv)
    add = layers.Add()
    made = _called(add, conv, pool)
    model = fakes.keras_class("Functional")()
    model.inputs, model.outputs, model.layers = [start], [made], [add]
    model.input_shape = (None, 8, 8, 3)
    return model


def _called(layer: Any, *inputs: Any) -> Any:
    layer._inbound_nodes = [SimpleNamespace(input_tensors=list(inputs))]
    return SimpleNamespace(_keras_history=(layer, 0, 0), name=layer.name)


def test_a_graph_of_keras() -> None:
    stack = pv.read_model(keras_graph())

    assert stack.input_shape == (8, 8, 3)
    assert [type(row.layer).__name__ for row in stack.rows] == ["Conv", "Pool", "Add"]
    assert [row.name for row in stack.rows] == ["a_Conv2D", "a_MaxPooling2D", "a_Add"]


def test_the_backend_of_keras_decides_inside_a_call() -> None:
    """Run in Keras 3.15.1 on JAX and PyTorch, in the `call` of a subclassed model."""
    layer = pv.Pool(3, framework="keras")
    [note] = backend_notes([layer], (2, 18, 8), channels_last=True)

    assert "JAX or NumPy, called on an array: returns an empty array, 0 × 6" in str(note)
    assert str(note).endswith("Keras on PyTorch, called on an array: raises RuntimeError")
    assert list(backend_notes([layer], (8, 3, 18), channels_last=False)) == []


def test_a_graph_of_keras_with_two_inputs() -> None:
    model = keras_graph()
    model.inputs.append(SimpleNamespace(name="masks"))
    with pytest.raises(ValueError, match=r"takes 2 inputs \(images, masks\)"):
        pv.read_model(model)


def test_data_format_is_that_of_the_layers() -> None:
    layers = fakes.KERAS.layers
    first = [layers.ReLU(), layers.MaxPooling2D(2, data_format="channels_first")]
    stack = pv.read_model(fakes.keras_sequential(*first), (3, 8, 8))

    assert (stack.data_format, stack.output_shape) == ("channels_first", (3, 4, 4))
    assert pv.read_model([layers.MaxPooling2D(2)], (8, 8, 3)).data_format == "channels_last"


# --- input shapes --------------------------------------------------------------------------------


def test_the_input_shape_of_a_built_model() -> None:
    pool = fakes.KERAS.layers.MaxPooling2D(2)
    built = fakes.keras_sequential(pool, input_shape=(None, 8, 8, 3))
    free = fakes.keras_sequential(pool, input_shape=(None, None, None, 3))

    assert pv.read_model(built).input_shape == (8, 8, 3)
    assert pv.read_model(built, (6, 6, 1)).input_shape == (6, 6, 1)
    with pytest.raises(pv.InputShapeNeeded, match=r"read_model\(…, input_shape=\(28, 28, 1\)\)"):
        pv.read_model(free)


def test_the_input_shape_is_needed() -> None:
    with pytest.raises(pv.InputShapeNeeded, match=r"input_shape=\(3, 32, 32\)") as raised:
        pv.read_model(fakes.torch_sequential())

    assert (raised.value.framework, raised.value.data_format) == ("pytorch", "channels_first")


@pytest.mark.parametrize(
    ("shape", "error"),
    [
        ("3, 8, 8", TypeError),
        (8, TypeError),
        ((3, "8"), TypeError),
        ((), ValueError),
        ((3, -1, 8), ValueError),
        ((1, 1, 1, 1, 1), ValueError),
        (None, pv.InputShapeNeeded),
    ],
)
def test_wrong_input_shapes(shape: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="input_shape"):
        pv.read_model(fakes.torch_sequential(fakes.TORCH.nn.ReLU()), shape)


# --- lists, stacks, and what is no model ---------------------------------------------------------


def test_a_stack_stays_as_it_is() -> None:
    stack = pv.Stack([pv.Pool(2)], (3, 8, 8))

    assert pv.read_model(stack) is stack
    assert pv.read_model(stack, (3, 6, 6)) == pv.Stack([pv.Pool(2)], (3, 6, 6))


def test_lists() -> None:
    nn = fakes.TORCH.nn

    assert pv.read_model((nn.MaxPool2d(2), nn.Flatten()), (3, 8, 8)).output_shape == (48,)
    assert pv.read_model([("first", pv.Pool(2)), pv.Flatten()], (3, 8, 8)).rows[0].name == "first"
    assert pv.read_model(pv.Pool(2), (3, 8, 8)).output_shape == (3, 4, 4)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, r"got None \(NoneType\)"),
        (3, r"got 3 \(int\)"),
        ("model.h5", "got the text 'model.h5'. A file has to be loaded"),
        (fakes.TorchModule, r"got the class Module\. Give an object of it: Module\(…\)"),
        (fakes.torch_sequential, r"the function torch_sequential\. Give what it makes"),
        (np.zeros((1, 3, 8, 8)), r"got data of shape \(1, 3, 8, 8\) \(ndarray\)"),
        ({"conv.weight": 1}, "Weights do not say in which order"),
        ([], "got an empty list"),
        (object(), "got an object of object"),
        ([pv.Pool(2), 3], r"of one kind, got an object of Pool at \[0\] and 3 \(int\) at \[1\]"),
    ],
)
def test_no_model(given: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        pv.read_model(given, (3, 8, 8))


def test_nothing_is_imported() -> None:
    code = """
import sys, poolviz as pv
from tests.support import fake_frameworks as fakes
from tools.record.networks import architectures
before = set(sys.modules)
pv.read_model([pv.Pool(2)], (3, 8, 8))
pv.read_model(fakes.torch_sequential(fakes.TORCH.nn.MaxPool2d(2)), (3, 8, 8))
pv.read_model(fakes.keras_sequential(fakes.KERAS.layers.MaxPooling2D(2)), (8, 8, 3))
frameworks = {"torch", "keras", "tensorflow", "jax", "flax", "numpy", "matplotlib", "ipywidgets"}
print(sorted(frameworks & {name.partition(".")[0] for name in sys.modules}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


# --- sizes and functions -------------------------------------------------------------------------


def test_sizes_remember_what_they_are() -> None:
    batch, channels, height, width = sizes_of((3, 9, 7), channels_last=False)

    assert (batch, channels, height, width) == (1, 3, 9, 7)
    assert isinstance(batch, Batch)
    assert type(channels) is int
    assert isinstance((height - width) // 2 + 1, Measured)
    assert isinstance(10 - height, Measured)
    assert type(height / 2) is float


def tensor(*shape: int) -> Any:
    return SymbolicTensor(1, 1, shape, "pytorch")


@pytest.mark.parametrize(
    ("name", "args", "settings", "layers"),
    [
        ("max_pool2d", (2,), {}, (pv.Pool((2, 2)),)),
        ("avg_pool2d", ((Measured(8), Measured(6)),), {}, (pv.GlobalPool("avg"),)),
        ("view", (Batch(1), -1), {}, (pv.Flatten(),)),
        ("view", (-1, 16 * 8 * 6), {}, (pv.Flatten(),)),
        ("reshape", ((1, 4, 4, 8, 6),), {}, (pv.Reshape((4, 4, 8, 6), axis=0),)),
        ("flatten", (1,), {}, (pv.Flatten(),)),
        ("mean", ([2, 3],), {}, (pv.GlobalPool(keepdims=False),)),
        ("mean", (), {"axis": (-1, -2), "keepdims": True}, (pv.GlobalPool(keepdims=True),)),
        ("pad", ((1, 2),), {}, (pv.ZeroPad(((0, 0), (1, 2))),)),
        ("relu", (), {}, (pv.Same("relu"),)),
        ("contiguous", (), {}, ()),
        ("add", (1,), {}, ()),
        ("clamp", (0, 1), {}, ()),
        ("getitem", ((slice(None), slice(None), slice(1, -1)),), {}, (pv.Crop(((1, 1), (0, 0))),)),
        ("getitem", ((..., slice(0, -2)),), {}, (pv.Crop(((0, 0), (0, 2))),)),
    ],
)
def test_functions(name: str, args: Any, settings: Any, layers: Any) -> None:
    assert understood(name, [tensor(16, 8, 6), *args], settings).layers == layers


@pytest.mark.parametrize(
    ("name", "args", "said"),
    [
        ("bucketize", (2, 1), "poolviz does not know bucketize"),
        ("view", (32, -1), "a view with first size 32 mixes the batch with the feature map"),
        ("getitem", (0,), "a slice along the batch axis"),
        (
            "getitem",
            ((slice(None), slice(None), slice(None, None, -2)),),
            "this slice along axis 2",
        ),
    ],
)
def test_what_is_not_understood(name: str, args: Any, said: str) -> None:
    with pytest.raises(NotUnderstood, match=said):
        understood(name, [tensor(16, 8, 6), *args], {})


def test_joins_of_functions() -> None:
    one = tensor(16, 8, 6)

    assert understood("cat", [[one, one], 1], {}).join == "concatenate"
    assert understood("cat", [[one, one]], {"dim": -3}).join == "concatenate"
    assert understood("add", [one, one], {}).join == "add"
    with pytest.raises(NotUnderstood, match="along axis 2, not along the channels"):
        understood("cat", [[one, one], 2], {})


def test_a_sum_is_broadcast() -> None:
    """(3, 8, 1) + (3, 1, 8) is (3, 8, 8), run in PyTorch 2.13.0."""
    reader = TorchReader({}, SourceFile(None), CONFIG, {"x": (3, 8, 8)}, {})
    means = [
        reader.function("adaptive_avg_pool2d", [reader.source, size], {})
        for size in ((None, 1), (1, None))
    ]
    total = reader.function("add", means, {})
    pooled = reader.function("max_pool2d", [total, 8], {})

    assert [each.shape for each in (*means, total, pooled)] == [
        (3, 8, 1),
        (3, 1, 8),
        (3, 8, 8),
        (3, 1, 1),
    ]
    assert network_between(reader.graph, reader.source, [pooled]).not_read == ()


def test_what_raises_first_is_said_also_of_a_layer_whose_result_nothing_uses() -> None:
    for used in (0, 1):
        reader = TorchReader({}, SourceFile(None), CONFIG, {"x": (3, 8, 8)}, {})
        fine = reader.function("max_pool2d", [reader.source, 2], {})
        wrong = reader.function("max_pool2d", [reader.source, 9], {})
        later = reader.function("max_pool2d", [fine, 7], {})
        output = [fine, reader.function("add", [later, wrong], {})][used]
        found = reader.found(reader.source, [output])
        stack = pv.Stack(found.layers, (3, 8, 8), framework="pytorch")

        assert str(stack.first_failure).startswith("Layer 0 (MaxPool 9×9)")
        assert [str(what) for what in found.not_read if "raises here first" in str(what)]


# --- flax.nnx, by stand-ins ----------------------------------------------------------------------


def nnx_layer(kind: str, **held: Any) -> Any:
    """An object like a layer of flax.nnx: its class, module and attributes."""
    module = type("Module", (), {"__module__": "flax.nnx.module"})
    layer = type(kind, (module,), {"__module__": "flax.nnx.nn.linear"})()
    vars(layer).update(held)
    return layer


class _Module:
    """Test double of `flax.nnx.Module`."""


_Module.__module__, _Module.__name__ = "flax.nnx.module", "Module"
nnx = SimpleNamespace(Module=_Module)


class TwoLayers(nnx.Module):  # type: ignore[misc, name-defined]
    def __init__(self) -> None:
        self.conv = nnx_layer(
            "Conv", in_features=1, out_features=4, kernel_size=(3, 3), strides=2, padding="VALID"
        )
        self.head = nnx_layer("Linear", in_features=64, out_features=3, use_bias=True)

    def __call__(self, x: Any) -> Any:
        x = self.conv(x)
        return self.head(x.reshape(x.shape[0], -1))


def test_nnx_by_its_attributes() -> None:
    stack = pv.read_model(TwoLayers(), (9, 9, 1))

    assert [row.output_shape for row in stack.rows] == [(4, 4, 4), (64,), (3,)]
    assert stack.parameters == (9 * 4 + 4) + (64 * 3 + 3)
    assert pv.read_model(TwoLayers(), (11, 11, 1)).first_failure is not None
    assert pv.read_model(TwoLayers().conv, (9, 9, 1)).output_shape == (4, 4, 4)
