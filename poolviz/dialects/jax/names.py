"""Names of JAX and Flax in source code."""

from __future__ import annotations

from poolviz.dialects.common.names import Module, SourceNames
from poolviz.dialects.jax.layers import FUNCTIONS, LINEN, NNX

NAMES = SourceNames(
    packages=("flax", "jax"),
    modules=(
        Module(prefix="flax.linen.", classes=LINEN, functions=FUNCTIONS),
        Module(prefix="flax.nnx.", classes=NNX, functions=FUNCTIONS),
        Module(prefix="jax.", functions=FUNCTIONS),
    ),
    methods=FUNCTIONS,
    bases=frozenset({"Module", "Sequential"}),
    signs=r"\bflax\b|\bjnp\b|@nn\.compact|\bnn\.Dense\b|\bnnx\b|\bnn\.Conv\(|\bnn\.(?:max|avg)_pool\(",
    usual={"jnp": "jax.numpy", "jax": "jax", "nnx": "flax.nnx", "flax": "flax"},
    own={"nn": "flax.linen"},
    aliases={r"^flax\.experimental\.nnx(?=\.|$)": "flax.nnx"},
    ignored_arguments=r"\w+",
    layer_modules=("flax.linen.", "flax.nnx."),
    function_path=r"(?:flax|jax)\.",
    array_packages=("jax",),
    embedding=("num_embeddings", "features"),
    setup="setup",
)
