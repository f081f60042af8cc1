"""Run Keras' pooling layers on arrays with NumPy as its backend, and record the results.

    FOLDER/bin/python -m tools.record.layers.keras_numpy

with Keras, SciPy and JAX installed (Keras' NumPy backend imports both). The calls are those that
were recorded for Keras on JAX. Writes `tests/data/keras_numpy.json.gz`.
"""

from __future__ import annotations

import gzip
import json
import os
from importlib.metadata import version
from typing import Any

os.environ["KERAS_BACKEND"] = "numpy"

import numpy as np

from poolviz.arithmetic.layers.pool import Pool
from tests.support.variant_runs import NUMPY_FILE, calls

LIKE = "k3jax.keras-eager"


def outcome(layer: Pool, size: tuple[int, ...]) -> Any:
    """Return the spatial shape of the output, or the name of the exception."""
    from keras import layers

    name = {"max": "MaxPooling", "avg": "AveragePooling"}[layer.op]
    kind = getattr(layers, f"{name}{len(size)}D")
    strides = None if layer.stride is None else layer.stride
    try:
        made = kind(layer.kernel_size, strides=strides, padding=_padding(layer))
        return list(np.shape(made(np.zeros((1, *size, 2), np.float32)))[1:-1])
    except Exception as problem:
        return type(problem).__name__


def _padding(layer: Pool) -> Any:
    return "valid" if layer.pads_nothing else layer.padding


def main() -> None:
    named = ("keras", "numpy", "jax", "scipy")
    content = {
        "version": ", ".join(f"{name} {version(name)}" for name in named),
        "outcomes": {id: outcome(layer, size) for id, (layer, size, _) in calls(LIKE).items()},
    }
    NUMPY_FILE.write_bytes(gzip.compress(json.dumps(content).encode(), mtime=0))
    print(len(content["outcomes"]), "calls with", content["version"])


if __name__ == "__main__":
    main()
