"""Names that are used without an import, because a pasted text often begins after it."""

from __future__ import annotations

import re

from poolviz.dialects.keras import layers as keras
from poolviz.dialects.pytorch import layers as torch

_MODULES = {
    "torch": "torch",
    "F": "torch.nn.functional",
    "tf": "tensorflow",
    "keras": "keras",
    "tensorflow": "tensorflow",
    "layers": "keras.layers",
    "models": "keras.models",
    "K": "keras.backend",
    "np": "numpy",
    "numpy": "numpy",
    "math": "math",
    "jnp": "jax.numpy",
    "jax": "jax",
    "nnx": "flax.nnx",
    "flax": "flax",
    "OrderedDict": "collections.OrderedDict",
    "partial": "functools.partial",
    "summary": "torchsummary.summary",
}
_KERAS_ONLY = ("Input", "InputLayer", "Concatenate", "Add", "Multiply", "concatenate", "Model")
_SIGNS = {
    "keras": re.compile(r"\bkeras\b|\b(?:Conv|MaxPool(?:ing)?|AveragePooling)\dD\b|\bDense\("),
    "pytorch": re.compile(r"\btorch\b|\b(?:Conv|MaxPool|AvgPool)\dd\b|\bnn\.Linear\b|\bForward\b"),
    "jax": re.compile(r"\bflax\b|\bjnp\b|@nn\.compact|\bnn\.Dense\b|\bnnx\b|\bnn\.Conv\("),
}
_NN = {"pytorch": "torch.nn", "jax": "flax.linen"}


def likely_framework(text: str) -> str | None:
    """The framework whose words a text has most, None where it has none.

    >>> likely_framework("nn.Conv2d(3, 8, 3)"), likely_framework("print(1)")
    ('pytorch', None)
    """
    counts = {name: len(sign.findall(text)) for name, sign in _SIGNS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else None


def usual_name(name: str, framework: str | None) -> str | None:
    """What a name usually stands for, where nothing in the text says so.

    >>> usual_name("nn", "pytorch"), usual_name("Conv2D", None), usual_name("x", "keras")
    ('torch.nn', 'keras.layers.Conv2D', None)
    """
    if name == "nn":
        return _NN.get(framework or "")
    if name in _MODULES:
        return _MODULES[name]
    is_keras, is_torch = name in keras.CLASSES, name in torch.CLASSES
    if name == "Sequential":
        return {"keras": "keras.Sequential", "pytorch": "torch.nn.Sequential"}.get(framework or "")
    if is_keras and (not is_torch or framework == "keras"):
        return f"keras.layers.{name}"
    if is_torch and (not is_keras or framework == "pytorch"):
        return f"torch.nn.{name}"
    if name in _KERAS_ONLY and framework == "keras":
        return f"keras.layers.{name}" if name != "Model" else "keras.Model"
    return None


_KERAS_HOMES = re.compile(
    r"^(?:tensorflow\.(?:(?:python|compat\.v\d|_api\.v\d)\.)?keras|tf_keras|keras\.(?:src|api))"
    r"(?=\.|$)"
)
_FLAX_HOMES = re.compile(r"^flax\.experimental\.nnx(?=\.|$)")


def home(path: str) -> str:
    """One name for what can be imported under several.

    >>> home("tensorflow.keras.layers"), home("torch.nn")
    ('keras.layers', 'torch.nn')
    """
    return _FLAX_HOMES.sub("flax.nnx", _KERAS_HOMES.sub("keras", path))
