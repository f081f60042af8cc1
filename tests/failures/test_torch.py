"""Nothing of a model of PyTorch changes when its error is explained; needs PyTorch."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from typing import Any

import pytest

import poolviz as pv
from poolviz.failures.find_failure import find_failure

torch: Any = pytest.importorskip("torch")
nn = torch.nn


class Counting(nn.Module):  # type: ignore[misc, name-defined]
    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Dropout(), nn.BatchNorm2d(8))
        self.pool = nn.MaxPool2d(40)

    def forward(self, x: Any) -> Any:
        self.calls += 1
        return self.pool(self.body(x))


def failed(model: Any, *inputs: Any) -> BaseException:
    with pytest.raises(Exception) as caught:  # noqa: PT011
        model(*inputs)
    return caught.value


def state(model: Any) -> list[Any]:
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks")
    tensors = [*model.state_dict().items()]
    return [
        [
            (name, module.training, *(len(getattr(module, hook)) for hook in hooks))
            for name, module in model.named_modules()
        ],
        [(name, value.dtype, value.device, value.sum().item()) for name, value in tensors],
        [(parameter.requires_grad, parameter.grad) for parameter in model.parameters()],
        [torch.get_rng_state().tolist(), model.calls, torch.is_grad_enabled()],
        [list(vars(module)) for module in model.modules()],
    ]


@pytest.mark.parametrize("change", ["train", "eval", "double", "bfloat16", "requires_grad_"])
def test_a_model_stays_as_it_is(change: str) -> None:
    model = Counting()
    getattr(model, change)(*([False] if change == "requires_grad_" else []))
    error = failed(model, torch.zeros(2, 3, 30, 30, dtype=model.body[0].weight.dtype))
    before = state(model)

    assert isinstance(pv.explain(error), pv.Stack)
    assert pv.check(model, (3, 30, 30)).ok is False
    assert state(model) == before


def test_nothing_is_kept_of_it() -> None:
    model, images = Counting(), torch.zeros(2, 3, 30, 30)
    watched = [weakref.ref(model), weakref.ref(images), weakref.ref(model.body[0].weight)]
    error = failed(model, images)
    found = find_failure(error)
    del model, images, error
    gc.collect()

    assert found is not None
    assert [each() for each in watched] == [None] * 3


def test_a_thousand_million_parameters_cost_nothing() -> None:
    with torch.device("meta"):
        model = nn.Sequential(nn.Flatten(), nn.Linear(2700, 40_000), nn.Linear(30_000, 30_000))
        images = torch.zeros(2, 3, 30, 30)
    error = failed(model, images)
    tracemalloc.start()
    found = find_failure(error)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert sum(each.numel() for each in model.parameters()) > 10**9
    assert found is not None
    assert found.layer == "model[2]"
    assert peak < 20_000_000


def test_groups_are_left_alone() -> None:
    error = failed(Counting(), torch.zeros(2, 3, 30, 30))

    assert find_failure(ExceptionGroup("several", [error])) is None  # type: ignore[list-item]
