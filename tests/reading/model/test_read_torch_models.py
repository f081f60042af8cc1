"""`read_model` beside PyTorch: every layer's shape, the parameters, and what fails, run for real.

Runs where torch is installed; `tests/data` has what CI checks without it.
"""

from __future__ import annotations

import copy
import random
import warnings
from typing import Any, NamedTuple

import pytest

import poolviz as pv
from poolviz.arithmetic.layers.network_layers import Add, Concatenate, Same

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from tests.support.work import counted  # noqa: E402
from tools.record.networks.torch_examples import MODELS, BasicBlock, LeNet, ResNet  # noqa: E402

CASES = [(name, shape) for name, (_, shapes) in MODELS.items() for shape in shapes]


class Ran(NamedTuple):
    """What PyTorch did: the shapes of every leaf by its path, and where it stopped."""

    shapes: dict[str, list[tuple[int, ...]]]
    output: tuple[int, ...] | None
    parameters: int
    error: str | None
    stopped_in: str | None


def run(model: Any, shape: tuple[int, ...]) -> Ran:
    """One sample of zeros through a copy of the model."""
    model = copy.deepcopy(model).eval()
    shapes: dict[str, list[tuple[int, ...]]] = {}
    entered: list[str] = []

    def enter(name: str) -> Any:
        return lambda *_: entered.append(name)

    def leave(name: str) -> Any:
        def note(module: Any, given: Any, made: Any) -> None:
            entered.pop()
            shapes.setdefault(name, []).append(tuple(made.shape[1:]))

        return note

    for name, module in model.named_modules():
        if not list(module.children()) and name:
            module.register_forward_pre_hook(enter(name))
            module.register_forward_hook(leave(name))
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            output, error = tuple(model(torch.zeros(1, *shape)).shape[1:]), None
        except Exception as raised:
            output, error = None, type(raised).__name__
    count = 0 if error else sum(p.numel() for p in model.parameters())
    return Ran(shapes, output, count, error, entered[-1] if entered else None)


def check(model: Any, shape: tuple[int, ...]) -> pv.Stack:
    ran = run(model, shape)
    stack = pv.read_model(model, shape)
    rows: dict[str, list[tuple[int, ...]]] = {}
    for row in stack.rows:
        if row.name in ran.shapes:
            rows.setdefault(row.name, []).append(row.output_shape)
    named = {name for name, module in model.named_modules() if _has_a_row_of_its_name(module)}

    assert rows == {name: found for name, found in ran.shapes.items() if name in named}
    assert stack.output_shape == ran.output
    if ran.error is None:
        assert stack.ok, stack
    else:
        assert stack.first_failure.error_name == ran.error, stack
        if ran.stopped_in in named:
            assert stack.first_failure.name == ran.stopped_in
    return stack


def _has_a_row_of_its_name(module: Any) -> bool:
    """A layer of PyTorch; an activation or a normalisation is called as its class."""
    is_own = type(module).__module__.startswith("torch.nn.") and not list(module.children())
    shape = (4, 8) if type(module).__name__.endswith("1d") else (4, 8, 8)
    layers = pv.read_model(module, shape).layers if is_own else ()
    return len(layers) == 1 and not isinstance(layers[0], Same)


@pytest.mark.parametrize(("name", "shape"), CASES)
def test_like_pytorch(name: str, shape: tuple[int, ...]) -> None:
    model = MODELS[name][0]()
    stack = check(model, shape)
    stops = [each for each in stack.not_read if "the stack ends" in each.why]

    assert not stops
    if stack.ok and name != "shared":
        assert stack.parameters == run(model, shape).parameters


def test_there_are_many() -> None:
    assert len(CASES) > 60
    assert sum(run(MODELS[name][0](), shape).error is not None for name, shape in CASES) > 25


VISION = (
    "alexnet vgg11_bn resnet18 resnet50 resnext50_32x4d wide_resnet50_2 densenet121 mobilenet_v2 "
    "mobilenet_v3_small mobilenet_v3_large mnasnet0_5 squeezenet1_0 squeezenet1_1 efficientnet_b0 "
    "efficientnet_v2_s regnet_x_400mf regnet_y_400mf inception_v3 googlenet"
)


@pytest.mark.parametrize("name", VISION.split())
def test_torchvision(name: str) -> None:
    models = pytest.importorskip("torchvision.models")
    more = {"init_weights": False} if name in ("inception_v3", "googlenet") else {}
    model = getattr(models, name)(weights=None, **more).eval()
    shape = (3, 299, 299) if name == "inception_v3" else (3, 224, 224)
    with torch.device("meta"):
        twin = copy.deepcopy(model).to("meta")
        expected = tuple(twin(torch.zeros(1, *shape)).shape[1:])
    stack = pv.read_model(model, shape)
    unused = [m for n, m in model.named_children() if n.lower().startswith("aux") and m]

    assert stack.not_read == ()
    assert stack.output_shape == expected
    assert stack.parameters == sum(p.numel() for p in model.parameters()) - sum(
        p.numel() for module in unused for p in module.parameters()
    )
    assert pv.read_model(twin, shape) == stack
    check(model, (3, 20, 20))


# --- nothing is changed --------------------------------------------------------------------------


class Meddling(nn.Module):
    """Changes itself, draws random numbers, and has a hook."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.register_buffer("calls", torch.zeros(1))
        self.seen: list[Any] = []
        self.count = 0

    def forward(self, x: Any) -> Any:
        self.count += 1
        self.calls += 1
        self.conv.weight.data.add_(1)
        self.features = self.conv(x)
        self.seen.append(self.features)
        self.eval()
        noise = torch.rand(4, 1, 1) if random.random() < 2 else None
        return self.norm(self.features * noise)


def test_the_model_stays_as_it_is() -> None:
    model = Meddling().train()
    called = []
    model.conv.register_forward_hook(lambda *_: called.append("hook"))
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    attributes = {name: dict(vars(module)) for name, module in model.named_modules()}
    drawn, number = torch.get_rng_state(), random.getstate()
    stack = pv.read_model(model, (3, 8, 8))

    assert stack.output_shape == (4, 6, 6)
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in weights.items())
    assert {name: dict(vars(module)) for name, module in model.named_modules()} == attributes
    assert model.training
    assert model.seen == called == []
    assert torch.equal(drawn, torch.get_rng_state())
    assert random.getstate() == number
    assert all(parameter.grad is None for parameter in model.parameters())


def test_calls_of_modules_are_usual_again() -> None:
    before = nn.Module.__call__, nn.Module.__getattr__
    pv.read_model(LeNet(), (1, 28, 28))
    with pytest.raises(ValueError, match="2 inputs"):
        pv.read_model(nn.Bilinear(2, 2, 2), (2,)) and pv.read_model(TwoInputs(), (2,))

    assert (nn.Module.__call__, nn.Module.__getattr__) == before


def test_training_gives_the_same_layers() -> None:
    model = ResNet()
    assert pv.read_model(model.train(), (3, 32, 32)) == pv.read_model(model.eval(), (3, 32, 32))


# --- special models ------------------------------------------------------------------------------


class TwoInputs(nn.Module):
    def forward(self, left: Any, right: Any) -> Any:
        return left + right


class Plain(nn.Module):
    def forward(self, x):  # TorchScript does not take Any
        return x + x


class Deciding(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.fc = nn.Linear(4, 2)

    def forward(self, x: Any) -> Any:
        x = self.conv(x)
        if x.mean() > 0:
            x = x * 2
        return self.fc(x.mean((2, 3)))


def test_what_depends_on_the_data_is_said_with_its_line() -> None:
    stack = pv.read_model(Deciding(), (3, 8, 8))
    [what] = stack.not_read

    assert [row.name for row in stack.rows][:1] == ["conv"]
    assert what.text == "if x.mean() > 0:"
    assert stack.source.text.split("\n")[what.line - 1].strip() == what.text


def test_an_unknown_layer_ends_the_stack() -> None:
    stack = pv.read_model(Layers(lambda model, x: torch.fft.rfft2(model.conv(x))), (3, 8, 8))

    assert stack.rows[0].name == "conv"
    assert "the stack ends before it" in str(stack.not_read[0])


class Layers(nn.Module):
    """A convolution, and whatever a function does with it."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.other = nn.Conv2d(3, 4, 3)
        self.lstm = nn.LSTM(4, 4)
        self.function = function

    def forward(self, x: Any) -> Any:
        return self.function(self, x)


def test_what_the_output_does_not_need_is_not_listed() -> None:
    def function(model: Any, x: Any) -> Any:
        x = model.conv(x)
        model.lstm(x)
        return x.relu()

    stack = pv.read_model(Layers(function), (3, 8, 8))
    assert (stack.output_shape, stack.not_read) == ((4, 6, 6), ())


def test_crossing_ways_are_shown_again() -> None:
    def crossing(model: Any, x: Any) -> Any:
        a, b = model.conv(x), model.other(x)
        return torch.cat([torch.cat([a, b], 1), torch.cat([b, a], 1)], 1)

    stack = pv.read_model(Layers(crossing), (3, 8, 8))
    assert "it is shown in each branch that needs it" in str(stack.not_read)
    assert stack.output_shape == (16, 6, 6)


def test_a_copied_map() -> None:
    def joined(model: Any, x: Any) -> Any:
        x = model.conv(x)
        return x + x.mean((2, 3), keepdim=True).expand(-1, -1, 6, 6)

    def alone(model: Any, x: Any) -> Any:
        return model.conv(x.expand(-1, 3, -1, -1))

    check(Layers(joined), (3, 8, 8))
    check(Layers(alone), (1, 8, 8))


def test_lines() -> None:
    stack = pv.read_model(LeNet(), (1, 32, 32))
    text = stack.source.text.split("\n")
    found = [text[stack.source.lines[row.path] - 1].strip() for row in stack.rows]

    assert found[:4] == [
        "x = F.max_pool2d(F.relu(self.conv1(x)), 2)",
        "x = F.max_pool2d(F.relu(self.conv1(x)), 2)",
        "x = F.max_pool2d(F.relu(self.conv1(x)), 2)",
        "x = F.max_pool2d(F.relu(self.conv2(x)), (2, 2))",
    ]
    assert found[-1] == "return F.log_softmax(self.fc3(x), dim=1)"


def test_several_inputs() -> None:
    with pytest.raises(ValueError, match=r"TwoInputs\.forward takes 2 inputs \(left, right\)"):
        pv.read_model(TwoInputs(), (3, 8, 8))


def test_shapes_of_several_inputs() -> None:
    shapes = {"right": (3, 8, 8), "left": (3, 8, 1)}
    for given in ([(3, 8, 1), (3, 8, 8)], shapes):
        assert pv.read_model(TwoInputs(), given).output_shape == (3, 8, 8)
    with pytest.raises(ValueError, match=r"has no input 'top'; its inputs are: left, right"):
        pv.read_model(TwoInputs(), {"top": (3,)})
    with pytest.raises(ValueError, match=r"takes 2 inputs, got 3 shapes"):
        pv.read_model(TwoInputs(), [(3,), (3,), (3,)])


def test_what_is_assumed() -> None:
    model = nn.Sequential(nn.Bilinear(2, 2, 2), nn.Linear(5, 2))

    assert pv.read_model(model, (2,)).ok is None
    assert pv.read_model(model, (2,), assume={"0": (5,)}).output_shape == (2,)
    with pytest.raises(ValueError, match=r'names such as "encoder"'):
        pv.read_model(model, (2,), assume={"0": "five"})


def test_hooks_are_said() -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 4, 3))
    model[0].register_forward_hook(lambda module, given, out: out[..., :9])

    stack = pv.read_model(model, (3, 16, 16))

    assert stack.ok is None
    assert "a hook may change what it returns" in str(stack)


def test_a_map_turned_in_place() -> None:
    class Turned(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(6, 5), nn.Conv1d(5, 3, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y = self.a(x)
            y.transpose_(1, 2)
            return self.b(y)

    assert pv.read_model(Turned(), (4, 6)).output_shapes == ((3, 4),)


def test_a_model_in_itself() -> None:
    model = nn.Sequential(nn.ReLU())
    model.add_module("again", model)
    with pytest.raises(ValueError, match="the model contains itself: again is the model"):
        pv.read_model(model, (3, 8, 8))


def test_a_forward_without_end() -> None:
    class Endless(nn.Module):
        def forward(self, x: Any) -> Any:
            return self(x)

    assert "RecursionError" in str(pv.read_model(Endless(), (3, 8, 8)).not_read)


def test_wrappers() -> None:
    model = LeNet()
    expected = pv.read_model(model, (1, 32, 32))

    assert pv.read_model(nn.DataParallel(model), (1, 32, 32)) == expected
    assert pv.read_model(torch.compile(model), (1, 32, 32)) == expected
    assert pv.read_model(torch.fx.symbolic_trace(model), (1, 32, 32)).output_shape == (10,)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_scripted() -> None:
    plain = nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 2))
    stack = pv.read_model(torch.jit.script(plain), (3, 8, 8))

    assert stack.output_shape == (2,)
    assert stack.parameters == pv.read_model(plain, (3, 8, 8)).parameters
    scripted = torch.jit.script(Plain())
    assert "it is scripted" in str(pv.read_model(scripted, (3, 28, 28)).not_read)


def test_weight_norm_and_meta_device() -> None:
    normed = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3)))
    assert pv.read_model(normed, (3, 8, 8)).output_shape == (4, 6, 6)
    with torch.device("meta"):
        assert pv.read_model(ResNet(), (3, 32, 32)).output_shape == (10,)


def test_an_overridden_forward_is_followed() -> None:
    class Twice(nn.Conv2d):
        def forward(self, x: Any) -> Any:
            return super().forward(super().forward(x))

    check(nn.Sequential(Twice(3, 3, 3)), (3, 8, 8))
    assert pv.read_model(nn.Sequential(Twice(3, 3, 3)), (3, 8, 8)).output_shape == (3, 4, 4)


def test_several_outputs() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 5, 3)

        def forward(self, x: Any) -> Any:
            x = self.a(x)
            return {"out": self.b(x), "features": x}

    stack = pv.read_model(Two(), (3, 8, 8))
    assert stack.output_shapes == ((5, 4, 4), (4, 6, 6))


def test_lists() -> None:
    layers = [nn.Conv2d(3, 8, 3), BasicBlock(8, 8), nn.MaxPool2d(2)]
    stack = pv.read_model(layers, (3, 10, 10))

    assert stack.output_shape == (8, 4, 4)
    assert stack.rows[-1].name == "2"
    assert pv.read_model(nn.ModuleList(layers), (3, 10, 10)).output_shape == (8, 4, 4)
    with pytest.raises(TypeError, match=r"layers of one kind, .* Conv2d at \[0\] .* Pool at \[1\]"):
        pv.read_model([nn.Conv2d(3, 8, 3), pv.Pool(2)], (3, 10, 10))


def test_shared_layers_are_said() -> None:
    [what] = pv.read_model(MODELS["shared"][0](), (4, 6, 6)).not_read

    assert "used more than once" in what.why


def test_numbers_of_the_input_are_said() -> None:
    """A crop that is computed from the sizes holds for this input; a mean over all does not."""
    crops = pv.read_model(MODELS["U-Net that crops"][0](), (1, 64, 64))
    means = pv.read_model(ResNet(), (3, 32, 32))

    assert "depend on the input size" in str(crops.not_read)
    assert means.not_read == ()
    assert any(isinstance(row.layer, pv.GlobalPool) for row in means.rows)


def test_joins() -> None:
    kinds = [type(row.layer) for row in pv.read_model(ResNet(), (3, 32, 32)).rows]
    assert kinds.count(Add) == 6
    kinds = [type(row.layer) for row in pv.read_model(MODELS["U-Net"][0](), (1, 64, 64)).rows]
    assert kinds.count(Concatenate) == 3


@pytest.mark.parametrize("given", [nn.Conv2d, torch.zeros(3, 4), LeNet().state_dict(), torch.relu])
def test_no_model(given: Any) -> None:
    with pytest.raises(TypeError, match="model must be a module of PyTorch"):
        pv.read_model(given, (3, 8, 8))


class Bottleneck(nn.Module):
    def __init__(self, inside: int, width: int) -> None:
        super().__init__()
        sizes = ((inside, width, 1), (width, width, 3), (width, 4 * width, 1))
        self.convs = nn.ModuleList([nn.Conv2d(i, o, k, padding=k // 2) for i, o, k in sizes])
        self.norms = nn.ModuleList([nn.BatchNorm2d(conv.out_channels) for conv in self.convs])
        self.skip = nn.Conv2d(inside, 4 * width, 1)

    def forward(self, x: Any) -> Any:
        y = x
        for conv, norm in zip(self.convs, self.norms, strict=True):
            y = norm(conv(y)).relu()
        return y + self.skip(x)


def _rows_of_bottlenecks(count: int) -> int:
    blocks = [Bottleneck(64 if i == 0 else 128, 32) for i in range(count)]
    model = nn.Sequential(nn.Conv2d(3, 64, 7, 2, 3), nn.MaxPool2d(3, 2, 1), *blocks)
    return len(pv.read_model(model, (3, 224, 224)).rows)


def test_twice_the_model_is_twice_the_work() -> None:
    half, whole = (counted(_rows_of_bottlenecks, count) for count in (8, 16))

    assert (half[0], whole[0]) == (2 + 8 * 11, 2 + 16 * 11)
    assert whole[1] <= 2.2 * half[1]


class Parts(nn.Module):
    """Tensors of the model beside those that are computed."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self.part, self.wide = part, nn.Linear(24, 9)
        self.one, self.seen = nn.Parameter(torch.ones(1, 10, 4)), {}
        self.register_buffer("kept", torch.ones(1, 10, 4))
        self.pos = nn.Embedding(10, 24)
        self.wide.register_forward_hook(self.see)

    def see(self, module: Any, given: Any, made: Any) -> None:
        self.seen["wide"] = made

    def forward(self, x: Any) -> Any:
        if self.part == "caught":
            try:
                return self.wide(x.flatten(1))
            except RuntimeError:
                return x.mean(1)
        if self.part == "positions":
            return self.wide(x + self.pos(torch.arange(x.size(1))))
        own = getattr(self, self.part.removesuffix("s"))
        own = own.expand(x.size(0), -1, -1) if self.part.endswith("s") else own
        return torch.cat([x, own], dim=2)


@pytest.mark.parametrize(
    ("part", "ok", "outputs"),
    [
        ("caught", None, None),
        ("positions", True, ((10, 9),)),
        ("kept", None, None),  # raises for a batch of two
        ("kepts", True, ((10, 28),)),
        ("one", None, None),
    ],
)
def test_tensors_of_the_model_are_what_they_are(part: str, ok: bool | None, outputs: Any) -> None:
    stack = pv.read_model(Parts(part), (10, 24))
    assert stack.ok is ok
    assert outputs in (None, stack.output_shapes)
