"""Random changes of a widget, as its controls request them."""

from __future__ import annotations

import itertools
import json
from random import Random
from typing import Any

import poolviz as pv
from poolviz.arithmetic.sweep import PARAMETERS

FRAMEWORKS = ("pytorch", "tensorflow", "keras", "jax", "onnxruntime", "mlx", "keras==3.14")
OVERLAYS = ("read counts", "unread cells", "gradient routing", "receptive field")
SHAPES = ("1, 28, 28", "3, 32, 32", "5, 12, 1", "28, 28, 1", "8, 8", "40", "0, 4, 1")
LAYERS = (
    *("Pool((1, 2))", "Conv(8, 3, padding=1)", "nn.MaxPool2d(2)", "keras.layers.Conv2D(4, 3)"),
    *("Flatten()", "Pool(2), Pool(2)", "Linear(3)", "Named('n\"a\\'é', Pool(2))"),
)
TEXTS = (
    "Negative dimension size caused by subtracting 2 from 1 for 'pool1/MaxPool'",
    "a \"b\" 'c'\n\\n \t é 🙈 \x00 \u2028 \ud800 {x} '''\"\"\"",
    "MaxPool2d(3)",
    "from torch import nn\nnet = nn.Sequential(nn.Conv2d(1, 8, 3), nn.MaxPool2d(30))\n",
    "",
)
_serial = itertools.count(1)


def request(view: Any, **content: Any) -> None:
    """Send one message as `send` of requests.js does."""
    view.set_state({"asked": {**json.loads(json.dumps(content)), "n": next(_serial)}})


def act(view: Any, name: str, value: Any = None) -> None:
    request(view, action={"name": name, "value": value})


def edit(widget: Any, random: Random) -> None:
    """Change something; what is refused changes nothing."""
    for kind, edit_one in EDITS.items():
        if isinstance(widget, kind):
            edit_one(widget, random)
            return


# --- layers --------------------------------------------------------------------------------------


def _explorer(w: pv.PoolExplorer, random: Random) -> None:
    state = w.state
    if random.random() < 0.3:
        choices = {
            "fix": range(len(state["fixes"])),
            "example": [name for name, _ in state["examples"]],
            "axes": (1, 2, 3),
        }
        name = random.choice([name for name, values in choices.items() if values])
        act(w, name, random.choice(choices[name]))
        return
    settings = json.loads(json.dumps(state["settings"]))
    name = random.choice([*_SETTINGS, "values"])
    if name == "values" and state["valuesText"]:
        settings["values"] = state["valuesText"].replace("1", "7.5", 1)
    elif name != "values":
        settings[name] = _SETTINGS[name](random, len(settings["input_size"]))
    if settings.get("convolution"):
        _convolution(settings["convolution"], state["weightsText"], random)
    request(w, settings=settings)


def _numbers(low: int, high: int) -> Any:
    return lambda random, ndim: [random.randrange(low, high) for _ in range(ndim)]


def _one_of(*values: Any) -> Any:
    return lambda random, ndim: random.choice(values)


_SETTINGS: dict[str, Any] = {
    "kernel_size": _numbers(1, 9),
    "input_size": _numbers(1, 9),
    "dilation": _numbers(1, 4),
    "stride": lambda random, n: random.choice([None, _numbers(1, 4)(random, n)]),
    "padding": lambda random, n: random.choice(
        ["valid", "same", "same_lower", [[1, 1]] * n, [_numbers(0, 3)(random, 2) for _ in range(n)]]
    ),
    "op": _one_of("max", "avg", "lp"),
    "ceil_mode": _one_of(True, False),
    "count_include_pad": _one_of(None, True, False),
    "norm": _one_of(1, 2, "inf"),
    "divisor_override": _one_of(None, 3),
    "framework": _one_of(*FRAMEWORKS),
    "seed": lambda random, n: random.randrange(5),
    "slice": lambda random, n: random.randrange(3),
    "show": lambda random, n: random.sample(OVERLAYS, random.randrange(3)),
}


def _convolution(given: dict[str, Any], weights: str | None, random: Random) -> None:
    values = {
        "channels": random.randrange(1, 4),
        "out_channels": random.randrange(1, 4),
        "groups": random.randrange(1, 3),
        "preset": random.choice(["random", "blur", "edge", "identity"]),
        "weight_seed": random.randrange(4),
        "kind": random.choice(["conv", "depthwise", "transposed"]),
        "bias": random.choice([True, False]),
        "in_channel": random.randrange(3),
        "out_channel": random.randrange(3),
        "weights": weights and weights.replace("1", "2.5", 1),
    }
    name = random.choice(list(values))
    given[name] = values[name]


# --- the other widgets ---------------------------------------------------------------------------


def _stack(w: pv.StackExplorer, random: Random) -> None:
    view = w.view
    if w.explorer is not None and random.random() < 0.2:
        w.explorer.kernel_size = random.randrange(1, 4)
        return
    values = {
        "fix": range(len(view.state["fixes"])),
        "choose": range(len(view.state["rows"])),
        "input": SHAPES,
        "layer": LAYERS,
        "framework": FRAMEWORKS,
        "data_format": ("channels_first", "channels_last"),
    }
    name = random.choice([name for name, each in values.items() if each])
    act(view, name, random.choice(values[name]))


def _decoder(w: pv.ErrorDecoder, random: Random) -> None:
    if random.random() < 0.4:
        act(w.view, "open", random.choice([True, False]))
    else:
        shape = random.choice(["", "1, 28, 28", "x", "3, 3"])
        act(w.view, "read", {"text": random.choice([w.text, *TEXTS]), "shape": shape})


def _map(w: pv.SizeMap, random: Random) -> None:
    values = {
        "x": PARAMETERS,
        "y": PARAMETERS,
        "axis": range(3),
        "cell": [[i, j] for i in range(6) for j in range(6)],
    }
    if random.random() < 0.4:
        _explorer(w.explorer, random)
    else:
        name = random.choice(list(values))
        act(w.view, name, random.choice(values[name]))


def _comparison(w: pv.FrameworkComparison, random: Random) -> None:
    if random.random() < 0.5:
        _explorer(w.explorer, random)
    else:
        act(w.view, "framework", random.choice(FRAMEWORKS[:-1]))


def _card(w: pv.ExerciseCard, random: Random) -> None:
    """Go on, or take other numbers: answers are not in the line."""
    name = random.choice(["renew", "go"])
    act(w, name, random.randrange(len(w.session.items)) if name == "go" else None)


EDITS: dict[type, Any] = {
    pv.PoolExplorer: _explorer,
    pv.StackExplorer: _stack,
    pv.ErrorDecoder: _decoder,
    pv.SizeMap: _map,
    pv.FrameworkComparison: _comparison,
    pv.ExerciseCard: _card,
}
