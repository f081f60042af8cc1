"""Names of MLX in source code."""

from __future__ import annotations

from poolviz.dialects.common.names import Module, SourceNames
from poolviz.dialects.mlx.layers import CLASSES, FUNCTIONS

NAMES = SourceNames(
    packages=("mlx",),
    modules=(Module(prefix="mlx.", classes=CLASSES, functions=FUNCTIONS),),
    methods=FUNCTIONS,
    bases=frozenset({"Module", "Sequential"}),
    signs=r"\bmlx\b|\bmx\.|\b(?:input|output)_dims\b",
    usual={"mx": "mlx.core", "mlx": "mlx"},
    own={"nn": "mlx.nn"},
    layer_modules=("mlx.nn.",),
    function_path=r"mlx\.",
    array_packages=("mlx",),
    embedding=("num_embeddings", "dims"),
    numbers_layers=True,
)
